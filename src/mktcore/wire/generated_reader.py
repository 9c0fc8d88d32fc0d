"""The function that reads one class, generated from its fields, as attrs generates the constructor that it calls.

What is read has mostly nothing wrong: so the function looks for one fault, and leaves the object to the careful reading
of `read_object`, which tells all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from mktcore.wire.read_collections import Reader
from mktcore.wire.read_memory import READ_MEMORY

__all__ = ["FieldPlan", "generate_reader"]

_MISSING = object()
_SELF_CHECKED: dict[type, str] = {str: "str", int: "int", bool: "bool"}


@attrs.frozen(eq=False)
class FieldPlan:
    """How one field is read.

    Attributes:
        name: In the document.
        argument: Of the constructor.
        exact: The type of which a JSON value is the value itself, where there is one.
        nullable: Whether null is None.
        reader: Of everything else.
        required: Whether a document must have it.
        keyword: Whether the constructor takes it by name only.
        omitted: What it is when it is left out, or `attrs.NOTHING`.
    """

    name: str
    argument: str
    exact: type | None
    nullable: bool
    reader: Reader
    required: bool
    keyword: bool
    omitted: Any


def generate_reader(
    cls: type,
    plan: Sequence[FieldPlan],
    *,
    careful: Callable[..., object],
    refuse: Callable[[Exception], Exception],
    remember: Callable[[Any], object] | None = None,
) -> Reader:
    """Return the function that reads a class.

    Args:
        cls: What is built.
        plan: Of its fields, in order.
        careful: What reads an object again when something is odd: `careful(data)`, or `careful(data, position, error)`
            of the field that was refused, which is not read again.
        refuse: Makes a refusal of what the class itself raises.
        remember: What reads instead while parts of documents are remembered.
    """
    namespace: dict[str, Any] = {
        "build": cls,
        "careful": careful,
        "refuse": refuse,
        "remember": remember,
        "find_memory": READ_MEMORY.get,
        "MISSING": _MISSING,
    }
    for position, field in enumerate(plan):
        namespace |= {f"r{position}": field.reader, f"d{position}": field.omitted}
    exec(_write_source(plan, remembers=remember is not None), namespace)  # noqa: S102 - made of the class's own fields
    reader: Reader = namespace["read"]
    return reader


def _write_source(plan: Sequence[FieldPlan], *, remembers: bool) -> str:
    lines = ["def read(data):"]
    if remembers:
        lines += ["    if find_memory() is not None:", "        return remember(data)"]
    left_out = [position for position, field in enumerate(plan) if field.omitted is not attrs.NOTHING]
    lines += ["    if type(data) is not dict:", "        return careful(data)", f"    size = {len(plan)}"]
    lines += ["    try:", *_write_lookups(plan), "    except KeyError:", "        return careful(data)"]
    for position in left_out:
        lines += [f"    if f{position} is MISSING:", f"        f{position} = d{position}", "        size -= 1"]
    # The count tells whether a name is strange: all that there should be were found.
    odd = ["len(data) != size", *[_write_check(position, field) for position, field in enumerate(plan) if field.exact]]
    lines += [f"    if {' or '.join(odd)}:", "        return careful(data)"]
    lines += _write_readings(plan)
    arguments = [f"f{n}" for n, field in enumerate(plan) if not field.keyword]
    arguments += [f"{field.argument}=f{n}" for n, field in enumerate(plan) if field.keyword]
    lines += ["    try:", f"        return build({', '.join(arguments)})"]
    return "\n".join([*lines, "    except Exception as error:", "        raise refuse(error) from error"])


def _write_lookups(plan: Sequence[FieldPlan]) -> list[str]:
    lookups = []
    for position, field in enumerate(plan):
        may_lack = field.omitted is not attrs.NOTHING
        look = f"data.get({field.name!r}, MISSING)" if may_lack else f"data[{field.name!r}]"
        lookups.append(f"        f{position} = {look}")
    return lookups or ["        pass"]


def _write_check(position: int, field: FieldPlan) -> str:
    wrong = f"type(f{position}) is not {_SELF_CHECKED[field.exact]}"  # type: ignore[index]  # asked of those that have one
    if field.omitted is not attrs.NOTHING:
        wrong = f"f{position} is not d{position} and {wrong}"
    return f"(f{position} is not None and {wrong})" if field.nullable else f"({wrong})"


def _write_readings(plan: Sequence[FieldPlan]) -> list[str]:
    readings = []
    for position, field in enumerate(plan):
        if field.exact:
            continue
        conditions = [f"f{position} is not None"] if field.nullable else []
        conditions += [f"f{position} is not d{position}"] if field.omitted is not attrs.NOTHING else []
        head = f"        if {' and '.join(conditions)}: " if conditions else "        "
        readings.append(f"{head}at = {position}; f{position} = r{position}(f{position})")
    if not readings:
        return []
    return [
        "    try:",
        *readings,
        "    except Exception as error:",
        "        return careful(data, at, error)",
    ]
