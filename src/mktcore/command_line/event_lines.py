"""Events as lines of text."""

import sys
from collections.abc import Callable
from functools import partial

import attrs

from mktcore.adapters.event_publishers import to_event_line
from mktcore.events import Envelope
from mktcore.wire import Codec
from mktcore.wire.cloud_events import to_cloud_event_json

__all__ = ["Form", "LinePublisher", "choose_form"]

Form = Callable[[Envelope], bytes]


def choose_form(name: str, source: str) -> Form:
    """Return what makes a line of an event: "cloudevents", or the library's own form."""
    if name == "cloudevents":
        return partial(to_cloud_event_json, source=source)
    return partial(to_event_line, codec=Codec())


@attrs.frozen(eq=False)
class LinePublisher:
    """Writes each event to the output, and flushes it before it counts as sent.

    Attributes:
        form: Makes its line.
    """

    form: Form

    def send(self, envelope: Envelope) -> None:
        """Write an event."""
        sys.stdout.buffer.write(self.form(envelope) + b"\n")
        sys.stdout.buffer.flush()
