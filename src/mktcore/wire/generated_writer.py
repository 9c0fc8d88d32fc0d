"""The function that writes one class, generated from its fields; what is odd is left to the careful writing.

See `generated_reader`: this is the same the other way round.
"""

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from mktcore.money import Money

__all__ = ["WrittenField", "generate_writer"]

_UNCHANGED: dict[type, str] = {str: "str", int: "int", bool: "bool"}


@attrs.frozen(eq=False)
class WrittenField:
    """How one field is written.

    Attributes:
        name: In the document.
        attribute: Of the value.
        exact: The type of which a value is its own JSON, where there is one.
        is_money: Whether it is an amount and nothing else.
        nullable: Whether None is null.
        omitted: The value that is left out, or `attrs.NOTHING`.
        writer: Of everything else.
    """

    name: str
    attribute: str
    exact: type | None
    is_money: bool
    nullable: bool
    omitted: Any
    writer: Callable[[Any], object]


def generate_writer(
    cls: type, plan: Sequence[WrittenField], *, careful: Callable[..., dict[str, object]]
) -> Callable[[Any], dict[str, object]]:
    """Return the function that writes a class.

    Args:
        cls: What is written, by its very type.
        plan: Of its fields, in order.
        careful: What writes a value again when something is odd: `careful(value)`, or `careful(value, position, error)`
            of the field that was refused, which is not written again.
    """
    namespace: dict[str, Any] = {"cls": cls, "careful": careful, "Money": Money}
    for position, field in enumerate(plan):
        namespace |= {f"w{position}": field.writer, f"d{position}": field.omitted}
    exec(_write_source(plan), namespace)  # noqa: S102 - made of the class's own fields
    writer: Callable[[Any], dict[str, object]] = namespace["write"]
    return writer


def _write_source(plan: Sequence[WrittenField]) -> str:
    lines = ["def write(value):", "    if type(value) is not cls:", "        return careful(value)"]
    lines += [f"    f{position} = value.{field.attribute}" for position, field in enumerate(plan)]
    checks = [_write_check(position, field) for position, field in enumerate(plan) if field.exact or field.is_money]
    lines += [f"    if {' or '.join(checks)}:", "        return careful(value)"] if checks else []
    writings = [_write_writing(position, field) for position, field in enumerate(plan)]
    writings = [one for one in writings if one]
    if writings:
        lines += ["    try:", *writings, "    except Exception as error:", "        return careful(value, at, error)"]
    return "\n".join([*lines, *_write_document(plan)])


def _write_check(position: int, field: WrittenField) -> str:
    wrong = f"type(f{position}) is not {_UNCHANGED[field.exact] if field.exact else 'Money'}"
    return f"(f{position} is not None and {wrong})" if field.nullable else f"({wrong})"


def _write_writing(position: int, field: WrittenField) -> str:
    if field.exact or field.is_money:
        return ""
    writing = f"f{position} = w{position}(f{position})"
    if field.nullable:
        writing = f"f{position} = None if f{position} is None else w{position}(f{position})"
    if field.omitted is attrs.NOTHING:
        return f"        at = {position}; {writing}"
    # By equality, as defaults are: one that was read is another object. Null is never left out.
    kept = f"k{position} = not (f{position} == d{position})" + (f" or f{position} is None" if field.nullable else "")
    return f"        at = {position}; {kept}\n        if k{position}: {writing}"


def _write_document(plan: Sequence[WrittenField]) -> list[str]:
    parts, lines = list[str](), list[str]()
    opening, closing = "    data = {", "}"
    for position, field in enumerate(plan):
        if field.omitted is attrs.NOTHING or field.exact:
            parts.append(f"{field.name!r}: {_write_item(position, field)}")
            continue
        lines.append(f"{opening}{', '.join(parts)}{closing}")
        lines.append(f"    if k{position}: data[{field.name!r}] = {_write_item(position, field)}")
        parts, opening, closing = [], "    data.update({", "})"
    return [*lines, f"{opening}{', '.join(parts)}{closing}", "    return data"]


def _write_item(position: int, field: WrittenField) -> str:
    if not field.is_money:
        return f"f{position}"
    amount = f"{{'minor': f{position}.minor, 'currency': f{position}.currency.code}}"
    return f"None if f{position} is None else {amount}" if field.nullable else amount
