"""Reading one attrs class from an object: its fields, no others, and its own invariants."""

from itertools import islice
from typing import Any

import attrs
from cattrs import BaseConverter

from mktcore.notice import Notice
from mktcore.wire.annotations import is_told_by_texts, list_fields, split_null
from mktcore.wire.error_places import locate_notices
from mktcore.wire.errors import MAX_PROBLEMS, InvalidDocument
from mktcore.wire.read_collections import Reader
from mktcore.wire.read_memory import READ_MEMORY
from mktcore.wire.read_values import build_reader
from mktcore.wire.refuse_value import refuse_type
from mktcore.wire.registry import Registry

__all__ = ["ClassReader"]

_MISSING = object()
_SELF_CHECKED = {str: str, int: int, bool: bool}
"""Types of which a JSON value is the value itself: such a field is kept without calling a reader."""


class ClassReader:
    """Reads one attrs class: its fields and no others, then builds it, so that its invariants are checked."""

    __slots__ = (
        "_converter",
        "_is_part",
        "_last",
        "_names",
        "_plan",
        "_positional",
        "_registry",
        "_repeats",
        "_type",
    )

    def __init__(self, cls: type, converter: BaseConverter, registry: Registry) -> None:
        """Keep what is needed; the plan is made on the first use, when classes that refer to each other exist."""
        self._type = cls
        self._converter = converter
        self._registry = registry
        self._plan: list[tuple[str, str, type | None, bool, Reader, bool, Any]] | None = None
        self._names: frozenset[str] = frozenset()
        self._positional = False
        self._repeats = False
        self._is_part = False
        self._last: tuple[object, object] = (None, None)

    def _make_plan(self) -> list[tuple[str, str, type | None, bool, Reader, bool, Any]]:
        fields = list_fields(self._type)
        plan = []
        for field in fields:
            rest, nullable = split_null(field.annotation)
            exact = _SELF_CHECKED.get(rest[0]) if len(rest) == 1 else None
            reader = build_reader(field.annotation, self._converter, self._registry)
            plan.append((field.name, field.argument, exact, nullable, reader, field.required, field.omitted))
        self._repeats = not self._registry.list_members(self._type) and is_told_by_texts(self._type)
        # What is stored by itself differs from all others of its kind; parts of it are what repeats.
        self._is_part = self._registry.find_type(self._type) is None
        self._positional = not any(field.keyword for field in fields)
        self._names = frozenset(field.name for field in fields)
        self._plan = plan
        return plan

    def __call__(self, data: object, _: object = None) -> object:
        """Read one value.

        Raises:
            InvalidDocument: It carries every fault of every field.
        """
        plan = self._plan or self._make_plan()
        if type(data) is not dict:
            raise refuse_type(data, f"an object ({self._type.__name__})")
        if not self._repeats:
            memory = READ_MEMORY.get() if self._is_part else None
            return self._read(plan, data) if memory is None else memory.read(self, data, lambda: self._read(plan, data))
        # Whoever signed one move of an order signed most of them, and the value cannot change.
        known, value = self._last
        if known != data:
            value = self._read(plan, data)
            self._last = (data, value)
        return value

    def _read(self, plan: list[tuple[str, str, type | None, bool, Reader, bool, Any]], data: dict[Any, Any]) -> object:
        values: list[object] = []
        problems: list[Notice] = []
        missing, left_out = False, 0
        for name, _argument, exact, nullable, reader, required, omitted in plan:
            raw = data.get(name, _MISSING)
            if type(raw) is exact or (raw is None and nullable):
                values.append(raw)
                continue
            if raw is _MISSING and omitted is not attrs.NOTHING:
                values.append(omitted)
                left_out += 1
                continue
            if raw is _MISSING:
                missing = True
                values.append(_MISSING)
                if required:
                    problems.append(Notice("wire.missing-field", name, "it is missing"))
                continue
            try:
                values.append(reader(raw))
            except Exception as error:  # noqa: BLE001 - whatever a reader raises on hostile input is a refusal of it
                problems += locate_notices(error, name)
        # The count tells whether a name is strange; only then are names compared.
        if missing or problems or len(data) + left_out != len(plan):
            problems += [
                Notice("wire.unknown-field", str(name)[:80], "there is no such field")
                for name in islice((key for key in data if key not in self._names), MAX_PROBLEMS)
            ]
        if problems:
            raise InvalidDocument(tuple(problems[:MAX_PROBLEMS]))
        return self._build(plan, values, missing)

    def _build(self, plan: list[Any], values: list[object], missing: bool) -> object:
        try:
            # By position where it can be: most of reading is building values.
            if self._positional and not missing:
                return self._type(*values)
            return self._type(
                **{entry[1]: value for entry, value in zip(plan, values, strict=True) if value is not _MISSING}
            )
        except Exception as error:
            # The class refused the values, or choked on them; on hostile input both are a refusal.
            raise InvalidDocument(tuple(locate_notices(error, ""))) from error
