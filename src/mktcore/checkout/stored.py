"""What the checkout stores: the answer that is remembered for a key."""

from mktcore.checkout.errors import PlacementRefusal
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]


def _tell_issues_as_notices(old: dict[str, object]) -> dict[str, object]:
    """An issue named its line beside its operands; a notice has it among them, and says its place."""
    issues = old["issues"]
    if not isinstance(issues, list):
        raise TypeError(issues)
    return {"issues": [_tell_issue_as_notice(dict(issue)) for issue in issues]}


def _tell_issue_as_notice(issue: dict[str, object]) -> dict[str, object]:
    line, operands = issue.pop("line"), issue["operands"]
    if not isinstance(operands, dict):
        raise TypeError(operands)
    if line is None:
        return {**issue, "where": ""}
    return {**issue, "where": f"line {line}", "operands": {**operands, "line": line}}


STORED = (Stored("checkout.placement-refusal", 2, PlacementRefusal, upcasters={1: _tell_issues_as_notices}),)
