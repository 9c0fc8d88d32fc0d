"""The texts that people read, by code: what a host says in its own words, and English for all the rest."""

import string
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, Refused
from mktcore.notice import Notice, Severity
from mktcore.processes import Process

__all__ = ["ENGLISH", "EVENT", "STATE", "Texts", "TextsRefused", "find_missing_texts", "to_english"]

STATE = "state"
"""The group of the states of orders: their processes are a host's own, so no list of them is complete."""
EVENT = "event"
"""The group of the events of processes, as buttons have them."""
_REMEDY = "remedy"
Template = tuple[tuple[str, str | None], ...]
"""Plain text, each with the operand that stands behind it; None at the end."""


@attrs.define(eq=False, slots=False)
class TextsRefused(Refused):
    """Templates that could not be filled in, each with its code."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "views.texts-refused"


@attrs.frozen(init=False)
class Texts:
    """A host's texts by code; what it does not say is said in English.

    A code is that of a notice (`"out-of-stock"`), of its remedy (`"out-of-stock/remedy"`), of a label
    (`"condition/new"`), or of a state of an order (`"state/shipped"`, or of one process only
    `"state/merchant-order/shipped"`). A template may name the operands of its notice in braces.

    >>> german = Texts({"state/shipped": "Versandt", "out-of-stock": "nur noch {available} von {quantity}"})
    >>> german.name_state("merchant-order", "shipped"), german.name_state("merchant-order", "ready-to-ship")
    ('Versandt', 'Ready to ship')

    Raises:
        TextsRefused: A template is malformed, or names something else than an operand.
    """

    templates: Mapping[str, str]
    _parsed: Mapping[str, Template] = attrs.field(repr=False, eq=False)

    def __init__(self, templates: Mapping[str, str] | None = None) -> None:
        """Check and keep the templates.

        Args:
            templates: The host's texts by code; None for English only.
        """
        given = dict(templates or {})
        TextsRefused.raise_if(problem for code, text in given.items() for problem in _check(code, text))
        parsed = {code: _parse(text) for code, text in given.items()}
        self.__attrs_init__(MappingProxyType(given), MappingProxyType(parsed))

    def name(self, group: str, code: str) -> str:
        """Return the label of one of a group of codes: `name("condition", "new")` is "New"."""
        key = f"{group}/{code}"
        return self.templates.get(key) or to_english(key)

    def name_state(self, process: str, state: str) -> str:
        """Return the label of a state of a process: in the process's own words, or in those for all processes."""
        own = self.templates.get(f"{STATE}/{process}/{state}")
        return own or self.name(STATE, state)

    def tell(self, notice: Notice) -> str:
        """Return what a notice says: its own English sentence where there is no other text."""
        return self._fill(notice.code, notice) or notice.message

    def advise(self, notice: Notice) -> str:
        """Return what would mend what a notice tells of; it may be empty."""
        return self._fill(f"{notice.code}/{_REMEDY}", notice) or notice.remedy

    def _fill(self, code: str, notice: Notice) -> str:
        parts = self._parsed.get(code, ())
        # Half a sentence helps nobody: without one of its operands a notice says what it says itself.
        if any(name is not None and name not in notice.operands for _, name in parts):
            return ""
        return "".join(text + ("" if name is None else str(notice.operands[name])) for text, name in parts)


ENGLISH = Texts()
"""Whatever the library says itself."""


@lru_cache(maxsize=4096)
def to_english(key: str) -> str:
    """Return the English label of a code: its last part, as words.

    >>> to_english("approval/waiting"), to_english("state/waiting_for-payment")
    ('Waiting', 'Waiting for payment')
    """
    words = key.rsplit("/", 1)[-1].replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def find_missing_texts(texts: Texts, codes: Iterable[str], processes: Iterable[Process] = ()) -> tuple[Notice, ...]:
    """Return a notice for every code that a host's texts do not say, so that English is shown.

    Args:
        texts: The host's.
        codes: What has to be said: `list_codes()` of this room, and the codes of `docs/errors.md` that people get to
            see.
        processes: Those that the orders of the marketplace go through: every state wants a label.
    """
    missing = [code for code in codes if code not in texts.templates]
    for process in processes:
        for state in process.states:
            key = f"{STATE}/{state.name}"
            if not {key, f"{STATE}/{process.name}/{state.name}"} & texts.templates.keys() and key not in missing:
                missing.append(key)
    return tuple(
        Notice(
            "views.missing-text", code, "no text of the host's: English is shown", remedy="add a template",
            operands={"code": code}, severity=Severity.WARNING,
        )
        for code in missing
    )  # fmt: skip


def _check(code: str, text: str) -> Iterable[Notice]:
    try:
        fields = [found[1:] for found in string.Formatter().parse(text) if found[1] is not None]
    except ValueError as error:
        yield Notice("views.malformed-text", code, str(error), remedy="write {{ for a brace, {name} for an operand")
        return
    for name, layout, conversion in fields:
        # Only a name: what Python's own templates reach besides is the inside of objects.
        if not str(name).isidentifier() or layout or conversion:
            message = f"{{{name}}} is no plain name of an operand"
            yield Notice("views.malformed-text", code, message, remedy="write {name}", operands={"name": name})


def _parse(text: str) -> Template:
    return tuple((literal, name) for literal, name, _, _ in string.Formatter().parse(text))
