"""Ids of things: who makes them, and which text may be one."""

import re
from typing import ClassVar, Protocol

import attrs

from mktcore.errors import MktcoreError

__all__ = ["IdFactory", "InvalidId", "check_id"]

MAX_ID_LENGTH = 120
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}")


class IdFactory(Protocol):
    """Makes ids for new things.

    Every call returns a text never returned before, also across processes; ids made later should sort later, which
    keeps indexes compact, but nothing relies on it.
    """

    def new_id(self, kind: str) -> str:
        """Return a fresh id for a thing of `kind`, such as `"order"`; the kind may become its prefix."""
        ...


@attrs.define(eq=False, slots=False)
class InvalidId(MktcoreError):
    """A text that cannot be an id."""

    code: ClassVar[str] = "ids.invalid"
    remedy: ClassVar[str] = (
        "start with a letter or digit, go on with letters, digits and . _ : / @ + -, 120 characters at most"
    )
    kind: str
    text: str

    def describe(self) -> str:
        """Name the kind and the text."""
        shown = self.text if len(self.text) <= 40 else f"{self.text[:40]}… ({len(self.text)} characters)"  # noqa: PLR2004 - a line's worth
        return f"{shown!r} cannot be the id of a {self.kind}"


def check_id(kind: str, text: str) -> str:
    """Return `text` when it can be an id.

    >>> check_id("merchant", "acme")
    'acme'

    Raises:
        InvalidId: It is empty, too long, or holds white space or other characters that do not travel well.
    """
    if not isinstance(text, str) or not _ID.fullmatch(text):
        raise InvalidId(kind, str(text))
    return text
