"""Where a relay brings events: a function in this process, or a file of lines."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO, Self

from mktcore.events import Envelope
from mktcore.wire import Codec
from mktcore.wire.json_text import dump_json

__all__ = ["FilePublisher", "InProcessPublisher", "to_event_line"]


def to_event_line(envelope: Envelope, *, codec: Codec) -> bytes:
    """Return an event as one line of JSON without its end: its id, its sequence, and the event under its tag."""
    head = dump_json({"id": envelope.id, "sequence": envelope.sequence})
    # The event's text goes in as the codec wrote it.
    return head[:-1] + b',"event":' + codec.to_json(envelope.event) + b"}"


class InProcessPublisher:
    """Hands each event to functions of this process, one after the other.

    A function that raises refuses the event for all; it comes again, so handlers deduplicate with the inbox. Handlers
    that must not wait for each other are subscribers of their own, each with a relay: see `Subscriptions`.
    """

    def __init__(self, *handlers: Callable[[Envelope], None]) -> None:
        """Start with some handlers."""
        self._handlers = list(handlers)

    def subscribe(self, handler: Callable[[Envelope], None]) -> None:
        """Add a handler."""
        self._handlers.append(handler)

    def send(self, envelope: Envelope) -> None:
        """Hand an event to every handler."""
        for handler in self._handlers:
            handler(envelope)


class FilePublisher:
    """Appends each event to a file as one line of JSON, flushed to the disk before it counts as sent.

    Several processes may append to one file: a line is written in one call, at the end.
    """

    def __init__(
        self, path: Path, *, codec: Codec | None = None, form: Callable[[Envelope], bytes] | None = None
    ) -> None:
        """Open, or create, the file.

        Args:
            path: Where it is.
            codec: How events are written.
            form: Makes the line of an event, without its end; by default its id, its sequence and the event.
        """
        self._form = form or partial(to_event_line, codec=codec or Codec())
        self._file: BinaryIO = path.open("ab", buffering=0)

    def send(self, envelope: Envelope) -> None:
        """Append an event."""
        # In one call: appends of several processes do not mix.
        self._file.write(self._form(envelope) + b"\n")
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
