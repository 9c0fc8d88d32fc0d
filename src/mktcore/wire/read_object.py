"""Reading one attrs class from an object: its fields, no others, and its own invariants."""

from itertools import islice
from typing import Any

import attrs
from cattrs import BaseConverter

from mktcore.notice import Notice
from mktcore.wire.annotations import WireField, is_told_by_texts, list_fields, split_null
from mktcore.wire.direct_hook import DirectHook
from mktcore.wire.error_places import locate_notices
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument
from mktcore.wire.generated_reader import FieldPlan, generate_reader
from mktcore.wire.read_collections import Reader
from mktcore.wire.read_memory import READ_MEMORY
from mktcore.wire.read_values import build_reader
from mktcore.wire.refuse_value import refuse_type
from mktcore.wire.registry import Registry

__all__ = ["ClassReader"]

_MISSING = object()
_SELF_CHECKED = {str: str, int: int, bool: bool}
"""Types of which a JSON value is the value itself: such a field is kept without calling a reader."""


class ClassReader(DirectHook):
    """Reads one attrs class: its fields and no others, then builds it, so that its invariants are checked."""

    __slots__ = ("_converter", "_is_begun", "_last", "_plan", "_read", "_read_anew", "_registry", "_type")

    def __init__(self, cls: type, converter: BaseConverter, registry: Registry) -> None:
        """Keep what is needed; the plan is made on the first use, when classes that refer to each other exist."""
        self._type = cls
        self._converter = converter
        self._registry = registry
        self._is_begun = False
        self._plan: tuple[FieldPlan, ...] = ()
        self._read: Reader | None = None
        self._read_anew: Reader = self
        self._last: tuple[object, object] = (None, None)

    def __call__(self, data: object, _: object = None) -> object:
        """Read one value.

        Raises:
            InvalidDocument: It carries every fault of every field.
        """
        return (self._read or self._generate())(data)

    def bind(self) -> Reader:
        """Return the function that reads one value."""
        return self if self._is_begun and self._read is None else self._read or self._generate()

    def _generate(self) -> Reader:
        self._is_begun = True
        self._plan = tuple([self._plan_field(field) for field in list_fields(self._type)])
        # What is stored by itself differs from all others of its kind; parts of it are what repeats.
        is_part = self._registry.find_type(self._type) is None
        self._read_anew = self._generate_reader(None)
        if not self._registry.list_members(self._type) and is_told_by_texts(self._type):
            self._read = self._read_repeating
        else:
            self._read = self._generate_reader(self._read_remembering) if is_part else self._read_anew
        return self._read

    def _generate_reader(self, remember: Reader | None) -> Reader:
        return generate_reader(
            self._type, self._plan, careful=self._read_carefully, refuse=_refuse_build, remember=remember
        )

    def _plan_field(self, field: WireField) -> FieldPlan:
        rest, nullable = split_null(field.annotation)
        return FieldPlan(
            field.name,
            argument=field.argument,
            exact=_SELF_CHECKED.get(rest[0]) if len(rest) == 1 else None,
            nullable=nullable,
            reader=build_reader(field.annotation, self._converter, self._registry),
            required=field.required,
            keyword=field.keyword,
            omitted=field.omitted,
        )

    def _read_repeating(self, data: object) -> object:
        # Whoever signed one move of an order signed most of them, and the value cannot change.
        known, value = self._last
        if known != data or type(data) is not dict:
            value = self._read_anew(data)
            self._last = (data, value)
        return value

    def _read_remembering(self, data: Any) -> object:
        memory = READ_MEMORY.get()
        if memory is None or type(data) is not dict:
            return self._read_anew(data)
        return memory.read(self, data, lambda: self._read_anew(data))

    def _read_carefully(self, data: Any, refused: int = -1, error: Exception | None = None) -> object:
        """Read what has something odd, and tell all that is wrong with it.

        Args:
            data: The object.
            refused: The position of a field whose refusal is known: what nests is not read again at each depth.
            error: That refusal.
        """
        if type(data) is not dict:
            raise refuse_type(data, f"an object ({self._type.__name__})")
        values: list[object] = []
        problems: list[Notice] = []
        left_out = 0
        for position, field in enumerate(self._plan):
            raw = data.get(field.name, _MISSING)
            if raw is _MISSING and field.omitted is not attrs.NOTHING:
                values.append(field.omitted)
                left_out += 1
                continue
            if raw is _MISSING:
                values.append(_MISSING)
                if field.required:
                    problems.append(Notice("wire.missing-field", field.name, "it is missing"))
                continue
            try:
                if position == refused and error is not None:
                    raise error  # noqa: TRY301 - it is told like those that are found now
                values.append(_read_field(field, raw))
            except Exception as found:  # noqa: BLE001 - whatever a reader raises on hostile input is a refusal of it
                problems += locate_notices(found, field.name)
        # The count tells whether a name is strange; only then are names compared.
        if _MISSING in values or problems or len(data) + left_out != len(self._plan):
            problems += self._find_strangers(data)
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return self._build(values)

    def _find_strangers(self, data: dict[Any, Any]) -> list[Notice]:
        names = {field.name for field in self._plan}
        return [
            Notice("wire.unknown-field", str(name)[:80], "there is no such field")
            for name in islice((key for key in data if key not in names), MAX_PROBLEMS)
        ]

    def _build(self, values: list[object]) -> object:
        given = {
            field.argument: value for field, value in zip(self._plan, values, strict=True) if value is not _MISSING
        }
        try:
            return self._type(**given)
        except Exception as error:
            raise _refuse_build(error) from error


def _read_field(field: FieldPlan, raw: object) -> object:
    is_itself = type(raw) is field.exact or (raw is None and field.nullable)
    return raw if is_itself else field.reader(raw)


def _refuse_build(error: Exception) -> InvalidDocument:
    # The class refused the values, or choked on them; on hostile input both are a refusal.
    return InvalidDocument(tuple(locate_notices(error, "")))
