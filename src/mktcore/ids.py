"""Ids of things: who makes them, and which text may be one.

There are two kinds. An id that the host chooses travels in addresses, file names and other ids, so few characters may
be in it. A party's *own* id of something is what its system has always called it, and is taken as it is written.
"""

import re
from hashlib import sha256
from typing import ClassVar, Protocol

import attrs

from mktcore.errors import MktcoreError

__all__ = [
    "IdFactory",
    "InvalidId",
    "InvalidOwnId",
    "check_id",
    "check_own_id",
    "is_id",
    "is_own_id",
    "link_ids",
    "to_own_id",
]

MAX_ID_LENGTH = 120
MAX_OWN_ID_LENGTH = 200
"""Characters in a party's own id of something."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,119}")
_WIDE_BLANKS = re.compile(r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
"""Blanks that Python holds for not printable, and that spreadsheets and other scripts put between words."""


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
    if not is_id(text):
        raise InvalidId(kind, str(text))
    return text


def is_id(text: object) -> bool:
    """Tell whether a text can be an id that a host chooses.

    >>> is_id("acme"), is_id("5291 (FPT)")
    (True, False)
    """
    return isinstance(text, str) and _ID.fullmatch(text) is not None


@attrs.define(eq=False, slots=False)
class InvalidOwnId(InvalidId):
    """A text that cannot be a party's own id of something."""

    code: ClassVar[str] = "ids.invalid-own"
    remedy: ClassVar[str] = f"give 1 to {MAX_OWN_ID_LENGTH} printable characters"


def check_own_id(kind: str, text: str) -> str:
    """Return `text` when it can be a party's own id of something: 1 to 200 printable characters of any script.

    Two are the same when every character is: case counts, and so does how an accent is encoded, as nobody here knows
    what the party's system makes of them. Blanks are part of it, but for those at its ends; see `to_own_id`.

    >>> check_own_id("merchant item", "30612190-5233-8  16½")
    '30612190-5233-8  16½'

    Raises:
        InvalidOwnId: It is empty, too long, begins or ends with a blank, or holds what nobody can see.
    """
    if not is_own_id(text):
        raise InvalidOwnId(kind, text if isinstance(text, str) else repr(text))
    return text


def is_own_id(text: object) -> bool:
    """Tell whether a text can be a party's own id of something; see `check_own_id`.

    >>> is_own_id("5291 (FPT)"), is_own_id(" A-17")
    (True, False)
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_OWN_ID_LENGTH:
        return False
    return text == text.strip() and _WIDE_BLANKS.sub(" ", text).isprintable()


def to_own_id(text: str) -> str:
    """Return a party's own id of something without blanks around it, which files bring along and nobody means."""
    return text.strip() if isinstance(text, str) else text


def link_ids(first: str, second: str) -> str:
    """Return the id of what links two things, unlike that of any other two, however long their ids are.

    >>> link_ids("summer", "camera")
    '6:summer:camera'
    """
    # The length tells where the first id ends, because ids may hold colons.
    readable = f"{len(first)}:{first}:{second}"
    if len(readable) <= MAX_ID_LENGTH:
        return readable
    # No readable one begins with a letter.
    return f"link:{sha256(readable.encode()).hexdigest()}"
