"""A refusal as problem details for HTTP APIs (RFC 9457): what a host answers, whatever was refused.

@app.exception_handler(MktcoreError)
def answer(request, error):
    found = describe_problem(error)
    return JSONResponse(found.to_document(), found.status, headers=found.headers, media_type=MEDIA_TYPE)
"""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any, Final

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.notice import Notice

__all__ = ["MEDIA_TYPE", "PROBLEM_SCHEMA", "ProblemDetails", "describe_problem"]

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 1
_TITLES: Mapping[ErrorCategory, str] = {
    ErrorCategory.INVALID: "The request says what cannot be",
    ErrorCategory.FORBIDDEN: "Not for this caller",
    ErrorCategory.NOT_FOUND: "There is no such record",
    ErrorCategory.CONFLICT: "Somebody was first",
    ErrorCategory.REFUSED: "Refused as things are now",
    ErrorCategory.RETRY: "Ask again with the same key",
    ErrorCategory.FAULT: "The service is at fault",
}
# What these say is the host's own: its tables, its threads, its settings. It belongs in the log.
_KEPT_INSIDE = {ErrorCategory.FAULT, ErrorCategory.RETRY}


@attrs.frozen
class ProblemDetails:
    """The members of RFC 9457, and ours beside them.

    Attributes:
        type: A URI of the kind of problem: the base that the host gave, and the code.
        title: What kind of problem it is, the same for all of one category.
        status: In HTTP.
        detail: One text, with the operands in it; empty where it is nobody's business but the host's.
        code: Stable name, as `docs/errors.md` lists it.
        category: What whoever asked can do about it.
        remedy: What would mend it; may be empty.
        problems: Everything that is wrong, where several things can be.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    category: ErrorCategory
    remedy: str
    problems: tuple[Notice, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What the answer's head says: for a retry, after how many seconds."""
        return {"Retry-After": str(RETRY_SECONDS)} if self.category is ErrorCategory.RETRY else {}

    def to_document(self) -> dict[str, Any]:
        """Return the JSON object; what is empty is left out. `PROBLEM_SCHEMA` says what it holds."""
        whole = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "category": self.category.value,
            "remedy": self.remedy,
            "problems": [_to_entry(one) for one in self.problems],
        }
        return {name: value for name, value in whole.items() if value not in ("", [])}


def describe_problem(error: MktcoreError, *, base: str = "urn:mktcore:") -> ProblemDetails:
    """Return what a host answers to a refusal.

    >>> from mktcore.ids import InvalidId
    >>> found = describe_problem(InvalidId("cart", "a b"), base="https://example.com/problems/")
    >>> found.status, found.type
    (422, 'https://example.com/problems/ids.invalid')

    Args:
        error: What was raised.
        base: What every problem's URI begins with: a page of the host's that explains them.
    """
    category = error.error_category
    is_told = category not in _KEPT_INSIDE
    return ProblemDetails(
        type=base + error.code,
        title=_TITLES[category],
        status=category.status,
        detail=error.describe() if is_told else "",
        code=error.code,
        category=category,
        remedy=error.remedy if is_told else "",
        problems=error.notices if is_told else (),
    )


def _to_entry(notice: Notice) -> dict[str, Any]:
    entry = {
        "code": notice.code,
        "where": notice.where,
        "detail": notice.message,
        "remedy": notice.remedy,
        "severity": notice.severity.value,
        "operands": {name: _to_plain(value) for name, value in notice.operands.items()},
    }
    return {name: value for name, value in entry.items() if value not in ("", {})}


def _to_plain(value: object) -> Any:
    """Return an operand as JSON has it: numbers, truth and lists as they are, a value by its text."""
    match value:
        case None | bool() | int():
            return value
        case Enum():
            return _to_plain(value.value)
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _to_plain(one) for key, one in value.items()}
        case tuple() | list() | set() | frozenset():
            return [_to_plain(one) for one in (value if isinstance(value, tuple | list) else sorted(value, key=str))]
        case _:
            return str(value)


_TEXT = {"type": "string"}
PROBLEM_SCHEMA: Final[Mapping[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "ProblemDetails",
    "type": "object",
    "required": ["type", "title", "status", "code", "category"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": _TEXT,
        "code": _TEXT,
        "category": {"enum": [one.value for one in ErrorCategory]},
        "remedy": _TEXT,
        "problems": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "detail", "severity"],
                "properties": {
                    "code": _TEXT,
                    "where": _TEXT,
                    "detail": _TEXT,
                    "remedy": _TEXT,
                    "severity": {"enum": ["error", "warning", "info"]},
                    "operands": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
"""JSON Schema of what `ProblemDetails.to_document` returns, for an OpenAPI description."""
