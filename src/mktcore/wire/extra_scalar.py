"""Host data as JSON: one object of the parts that hold anything, by whom they are shown to."""

from mktcore.errors import Refused
from mktcore.extra import PARTS, Extra, Json
from mktcore.wire.errors import InvalidDocument
from mktcore.wire.refuse_value import refuse_type

__all__ = ["build_extra_schema", "read_extra", "write_extra"]


def read_extra(value: object) -> Extra:
    """Return the host data of an object; its bounds are checked as when the host gave it."""
    if type(value) is not dict:
        raise refuse_type(value, f"an object of {', '.join(PARTS)}")
    unknown = [part for part in value if part not in PARTS]
    if unknown:
        raise InvalidDocument.at(str(unknown[0])[:80], "wire.unknown-field", f"host data is of {', '.join(PARTS)}")
    try:
        return Extra(**value)
    except Refused as error:
        raise InvalidDocument(error.problems) from None


def write_extra(extra: Extra) -> dict[str, dict[str, Json]]:
    """Return host data as plain JSON values."""
    return extra.to_plain()


def build_extra_schema() -> dict[str, object]:
    """Return the JSON Schema of host data."""
    parts = {part: {"type": "object"} for part in PARTS}
    return {"type": "object", "properties": parts, "additionalProperties": False}
