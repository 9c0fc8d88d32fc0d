"""Data of the host's own on our records: bounded JSON, carried, frozen, shown by party, and never interpreted."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import attrs

from mktcore.errors import InvalidValue, Refused
from mktcore.notice import Notice

__all__ = ["NO_EXTRA", "PARTS", "Extra", "ExtraRefused", "Json"]

MAX_BYTES = 8 * 2**10
"""Of all parts together, as JSON: an order carries one for each of its lines, and is read whole."""
MAX_ENTRIES = 200
"""Keys and items of all parts together: they bound the time that a look at them takes, whatever they hold."""
MAX_DEPTH = 6
MAX_KEY_LENGTH = 60
MAX_TEXT_LENGTH = 2000
MAX_INT = 2**53 - 1
"""Readers of JSON that know floats only, as browsers do, hold every int up to this one exactly."""
MAX_PROBLEMS = 20

Json = bool | int | str | Sequence["Json"] | Mapping[str, "Json"] | None
PARTS = ("everyone", "operator", "merchant", "buyer")
"""Whom a part is for; the last three are the parties, by the names they have in `mktcore.persistence.Party`."""
_OPERATOR = "operator"
_KEEP_IT = "keep it in a record of your own, and its id here"
_REMEDIES = {
    "wrong-type": "write an exact number as text: '19.99'",
    "number-too-large": "write it as text",
    "wrong-key": "begin it with a letter or digit",
    "wrong-text": "leave those characters out",
}


@attrs.define(eq=False, slots=False)
class ExtraRefused(Refused):
    """Host data that is no bounded JSON, or that its writer may not write; every fault with its path."""

    code: ClassVar[str] = "extra.refused"


@attrs.frozen(init=False, repr=False)
class Extra:
    """Data of the host's own: a JSON object for everyone who sees the record, and one for each kind of party.

    What a party is not shown does not exist for it; the operator is shown all. A party writes only what it is shown.

    >>> extra = Extra({"gift": True, "note": "Happy birthday"}, operator={"risk": 12})
    >>> extra.everyone["note"], extra.operator
    ('Happy birthday', {'risk': 12})
    >>> extra.shown_to("buyer")
    Extra(everyone={'gift': True, 'note': 'Happy birthday'})

    Data is equal whatever the order of its keys; 1 and true differ. A part is a copy: changing it changes nothing.
    """

    _texts: tuple[str, ...]

    def __init__(
        self,
        everyone: Mapping[str, Json] | None = None,
        *,
        operator: Mapping[str, Json] | None = None,
        merchant: Mapping[str, Json] | None = None,
        buyer: Mapping[str, Json] | None = None,
    ) -> None:
        """Check and freeze the parts.

        Args:
            everyone: For all parties that are shown the record.
            operator: For the operator alone.
            merchant: For the merchant of the record, and the operator.
            buyer: For the buyer of the record, and the operator.

        Raises:
            ExtraRefused: It holds something else than text, whole numbers, true, false, null, lists and objects of
                them; a key begins with `$`, which the wire keeps for itself; or it is too large or too deep.
        """
        parts = dict(zip(PARTS, (everyone, operator, merchant, buyer), strict=True))
        given = {part: value for part, value in parts.items() if value is not None}
        ExtraRefused.raise_if(_check(given))
        texts = tuple([_to_text(given[part]) if given.get(part) else "" for part in PARTS])
        ExtraRefused.raise_if(_check_size(texts))
        self.__attrs_init__(texts)

    @property
    def everyone(self) -> dict[str, Json]:
        """What all parties that are shown the record are shown."""
        return self._read("everyone")

    @property
    def operator(self) -> dict[str, Json]:
        """What the operator alone is shown."""
        return self._read("operator")

    @property
    def merchant(self) -> dict[str, Json]:
        """What the merchant is shown, and the operator."""
        return self._read("merchant")

    @property
    def buyer(self) -> dict[str, Json]:
        """What the buyer is shown, and the operator."""
        return self._read("buyer")

    def is_empty(self) -> bool:
        """Tell whether it holds nothing."""
        return not any(self._texts)

    def shown_to(self, party: str | None) -> "Extra":
        """Return what a party is shown.

        Args:
            party: `"operator"`, `"merchant"` or `"buyer"`; None for one that the record does not concern.

        Raises:
            InvalidValue: There is no such party.
        """
        shown = _list_shown(party)
        return self._with([text if part in shown else "" for part, text in self.list_parts()])

    def keep_hidden(self, before: "Extra", party: str) -> "Extra":
        """Return what is stored when a party writes this over what was stored: what it is not shown stays.

        >>> stored = Extra({"colour": "red"}, operator={"risk": 12})
        >>> Extra({"colour": "blue"}).keep_hidden(stored, "merchant")
        Extra(everyone={'colour': 'blue'}, operator={'risk': 12})

        Args:
            before: As it was stored; empty for a new record.
            party: Who writes.

        Raises:
            ExtraRefused: It writes a part that it is not shown.
        """
        if self == before:
            return self  # as nearly all are: nothing was there, and nothing is said
        shown = _list_shown(party)
        kept = dict(before.list_parts())
        ExtraRefused.raise_if(
            Notice(
                "extra.not-shown", part, f"a {party} writes only what it is shown", remedy="leave this part out",
                operands={"part": part, "party": str(party)},
            )
            for part, text in self.list_parts()
            if part not in shown and text not in {"", kept[part]}
        )  # fmt: skip
        return self._with([text if part in shown else kept[part] for part, text in self.list_parts()])

    def list_parts(self) -> tuple[tuple[str, str], ...]:
        """Return every part with its canonical JSON text, which is empty where there is nothing."""
        return tuple(zip(PARTS, self._texts, strict=True))

    def to_plain(self) -> dict[str, dict[str, Json]]:
        """Return the parts that hold something, by name."""
        return {part: self._read(part) for part, text in self.list_parts() if text}

    def to_text(self) -> str:
        """Return all of it as one canonical JSON text: equal exactly when two are."""
        return _to_text(self.to_plain())

    def _read(self, part: str) -> dict[str, Json]:
        found: dict[str, Json] = json.loads(self._texts[PARTS.index(part)] or "{}")
        return found

    def _with(self, texts: Iterable[str]) -> "Extra":
        found = Extra.__new__(Extra)
        found.__attrs_init__(tuple(texts))
        return found

    def __repr__(self) -> str:
        return f"Extra({', '.join(f'{part}={value!r}' for part, value in self.to_plain().items())})"


def _list_shown(party: str | None) -> frozenset[str]:
    if party == _OPERATOR:
        return frozenset(PARTS)
    if party is not None and party not in PARTS[1:]:
        raise InvalidValue("Extra", "party", party, f"one of {', '.join(PARTS[1:])}")
    return frozenset({PARTS[0]} if party is None else {PARTS[0], str(party)})


def _to_text(value: Mapping[str, Json]) -> str:
    # `default` serves mappings that are no dicts; everything else was checked.
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=dict)


def _check(parts: Mapping[str, object]) -> Iterable[Notice]:
    checker = _Checker()
    for part, value in parts.items():
        if isinstance(value, Mapping):
            checker.check(value, part, 1)
        else:
            checker.refuse("wrong-type", part, f"an object of JSON values, not a {type(value).__name__}")
    return checker.problems[:MAX_PROBLEMS]


def _check_size(texts: Iterable[str]) -> Iterable[Notice]:
    size = sum(len(text.encode()) for text in texts)
    if size > MAX_BYTES:
        message = f"{size} bytes of JSON, more than {MAX_BYTES}"
        yield Notice("extra.too-long", "", message, remedy=_KEEP_IT, operands={"bytes": size, "limit": MAX_BYTES})


@attrs.define
class _Checker:
    """Walks through values, and stops where they are too many: the time it takes is bounded whatever it is given."""

    entries: int = 0
    problems: list[Notice] = attrs.field(factory=list)

    def refuse(self, code: str, where: str, message: str) -> None:
        self.problems.append(Notice(f"extra.{code}", where, message, _REMEDIES.get(code, _KEEP_IT)))

    def check(self, value: object, where: str, depth: int) -> None:
        if value is None or type(value) is bool:
            return
        if type(value) is int:
            if not -MAX_INT <= value <= MAX_INT:
                self.refuse("number-too-large", where, f"beyond {MAX_INT} either way")
        elif type(value) is str:
            self._check_text(value, where)
        elif not isinstance(value, (list, tuple, Mapping)):
            self.refuse("wrong-type", where, f"a {type(value).__name__} is no exact JSON")
        elif depth > MAX_DEPTH:
            self.refuse("too-deep", where, f"nested deeper than {MAX_DEPTH}")
        elif isinstance(value, Mapping):
            self._check_object(value, where, depth)
        else:
            for position, item in enumerate(value):
                if self._is_full(where):
                    return
                self.check(item, f"{where}[{position}]", depth + 1)

    def _check_object(self, value: Mapping[object, object], where: str, depth: int) -> None:
        for key in value:
            if self._is_full(where):
                return
            if type(key) is not str or not 0 < len(key) <= MAX_KEY_LENGTH or not _is_storable(key):
                self.refuse("wrong-key", where, f"a key is a text of 1 to {MAX_KEY_LENGTH} characters")
            elif key.startswith("$"):
                self.refuse("wrong-key", where, f"the key {key!r} begins with $")
            else:
                self.check(value[key], f"{where}.{key}", depth + 1)

    def _check_text(self, text: str, where: str) -> None:
        if len(text) > MAX_TEXT_LENGTH:
            self.refuse("text-too-long", where, f"{len(text)} characters, more than {MAX_TEXT_LENGTH}")
        elif not _is_storable(text):
            self.refuse("wrong-text", where, "text with NUL or half a surrogate pair, which no store can hold")

    def _is_full(self, where: str) -> bool:
        self.entries += 1
        if self.entries == MAX_ENTRIES + 1:
            self.refuse("too-many", where, f"more than {MAX_ENTRIES} keys and items in all")
        return self.entries > MAX_ENTRIES


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


NO_EXTRA = Extra()
"""A record's own, unless the host says otherwise."""
