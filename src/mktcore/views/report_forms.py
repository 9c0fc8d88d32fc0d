"""Explanations, notices and reports, as people are shown them."""

from collections.abc import Mapping
from typing import Any

import attrs

from mktcore.explain import Explanation
from mktcore.extra import Json
from mktcore.loading.load_status_updates import RowResult, StatusReport
from mktcore.loading.record_writer import LoadReport
from mktcore.notice import Notice, Severity
from mktcore.offers.refresh.refresh_policy import RefreshReport
from mktcore.status_updates import StatusResult
from mktcore.views.form import Form, Later, field, maybe
from mktcore.views.plain_fields import plain_fields
from mktcore.views.shapes import PLAIN, TEXT, WHOLE, Listed, Look, Mapped, Refer, Scalar, Schema

__all__ = ["EXPLANATION", "LOAD_REPORT", "NOTICE", "REFRESH_REPORT", "ROW_RESULT", "STATUS_REPORT", "STATUS_RESULT"]


@attrs.frozen(eq=False)
class _Told:
    """What a notice says, or advises, in the reader's words."""

    advises: bool

    def write(self, value: Notice, look: Look) -> Json:
        return look.texts.advise(value) if self.advises else look.texts.tell(value)

    def describe(self, refer: Refer) -> Schema:
        return TEXT.describe(refer)


_SEVERITY = Scalar(str, {"enum": [one.value for one in Severity]})


def _read_self(value: Any) -> Any:
    return value


def _read_operands(notice: Notice) -> Mapping[str, object]:
    return notice.operands


# As entries of problem details have it, so that a screen reads the issues of a cart and those of a refusal alike.
NOTICE = Form(
    "Notice",
    Notice,
    (
        field("code", TEXT, "Stable name; texts are found by it."),
        maybe("where", TEXT, "Its place; absent for the whole."),
        maybe("line", TEXT, "Key of the line it is about."),
        field("detail", _Told(advises=False), "What is told, for people.", read=_read_self),
        maybe("remedy", _Told(advises=True), "What the reader can do about it.", read=_read_self),
        field("severity", _SEVERITY, "How much it matters."),
        maybe("operands", PLAIN, "The values it speaks of, by name.", read=_read_operands),
    ),
    about="One thing to be told of.",
)
EXPLANATION: Form = Form(
    "Explanation",
    Explanation,
    (
        field("title", TEXT, "What was decided."),
        maybe("value", TEXT, "The decision; absent when only the parts matter."),
        maybe("reason", TEXT, "Why, in one clause."),
        maybe(
            "parts",
            Listed(Later(lambda: EXPLANATION)),
            "What it was made of, in order.",
            read=lambda node: node.parts or None,
        ),
    ),
    about="Why a figure is what it is: one decided thing, and what it was made of.",
)
_COUNTS = Mapped(WHOLE)
LOAD_REPORT = Form(
    "LoadReport",
    LoadReport,
    (
        field("added", _COUNTS, "New records, by kind."),
        field("changed", _COUNTS, "Records that differ from what was stored, by kind."),
        field("removed", _COUNTS, "Records that were dropped, by kind."),
        field("vanished", WHOLE, "Offers that were for sale, and that a feed of everything does not name."),
        field("held", WHOLE, "Prices that wait for approval."),
    ),
)
REFRESH_REPORT = Form(
    "RefreshReport",
    RefreshReport,
    plain_fields(RefreshReport, "asked", "refreshed", "unavailable", "stale", "lost"),
)
STATUS_RESULT = Form(
    "StatusResult",
    StatusResult,
    plain_fields(StatusResult, "key", "order", "outcome", "is_repeated", "problems", forms={Notice: NOTICE}),
)
ROW_RESULT = Form(
    "RowResult", RowResult, plain_fields(RowResult, "place", "result", forms={StatusResult: STATUS_RESULT})
)
STATUS_REPORT = Form(
    "StatusReport",
    StatusReport,
    plain_fields(
        StatusReport,
        *("rows", "moved", "repeated", "refused", "failed", "unmoved"),
        forms={RowResult: ROW_RESULT},
    ),
)
