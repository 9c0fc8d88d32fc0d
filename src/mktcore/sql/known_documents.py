"""Documents that were read or written lately: the same text is the same value, so nothing is decoded twice."""

from typing import Any

from mktcore.wire import Codec

__all__ = ["KnownDocuments"]

_MOST = 8_000_000
"""Characters of the texts that are kept, with their values: some 30 MB. Half of it is what was asked for last."""
_Written = tuple[str, str]
"""A type and a document."""


class KnownDocuments:
    """Reads and writes documents of one store, and keeps the values of those that it met last.

    Only the very text is known: one that somebody changed, by hand or through another process, is read like any other.
    Values are shared by all units, as those of a store in memory are: they are frozen. A host's class that is not is
    read anew each time.
    """

    def __init__(self, codec: Codec, most: int = _MOST) -> None:
        """Know nothing yet.

        Args:
            codec: Reads and writes what is not known.
            most: How many characters of texts are kept.
        """
        self._codec = codec
        self._half = most // 2
        # Two halves in place of an order of use: units of several threads meet here, and need no lock for these.
        self._recent: dict[_Written, Any] = {}
        self._former: dict[_Written, Any] = {}
        self._size = 0

    def write_fields(self, value: object) -> _Written:
        """Return the tag and the JSON text of a value, as `Codec.write_fields`."""
        written = self._codec.write_fields(value)
        self._keep(written, value)
        return written

    def read_fields(self, name: str, text: str) -> Any:
        """Return the value of a tag and a JSON text, as `Codec.read_fields`."""
        key = (name, text)
        found = self._recent.get(key)
        if found is not None:
            return found
        found = self._former.get(key)
        if found is None:
            found = self._codec.read_fields(name, text)
        self._keep(key, found)
        return found

    def read_passing(self, name: str, text: str) -> Any:
        """Return the same, and keep nothing: whoever walks all records wants none again, and others their own still."""
        key = (name, text)
        known = self._recent.get(key) or self._former.get(key)
        return self._codec.read_fields(name, text) if known is None else known

    def _keep(self, key: _Written, value: Any) -> None:
        # What may be changed in place hashes by nothing.
        if type(value).__hash__ is None:
            return
        if self._size > self._half:
            self._former, self._recent, self._size = self._recent, {}, 0
        self._recent[key] = value
        self._size += len(key[1])
