"""A refusal that an older release stored under a key is answered again as it was, in the shape of today."""

import pytest

from mktcore.checkout import PlacementRefusal
from mktcore.notice import Notice
from mktcore.wire import InvalidDocument, from_json, to_json

FORMER = (
    '{"$type":"checkout.placement-refusal.v1","issues":['
    '{"code":"out-of-stock","line":"l1","message":"3 x Camera wanted, 2 available","remedy":"take 2",'
    '"operands":{"sku":"camera","wanted":3,"available":2}},'
    '{"code":"empty-cart","line":null,"message":"the cart has no lines","remedy":"add a line","operands":{}}]}'
)


def test_issues_of_a_stored_refusal_are_notices_that_read_the_same() -> None:
    refusal = from_json(FORMER, PlacementRefusal)
    assert [str(issue) for issue in refusal.issues] == [
        "line l1: 3 x Camera wanted, 2 available (take 2)",
        "the cart has no lines (add a line)",
    ]
    assert [(issue.code, issue.line) for issue in refusal.issues] == [("out-of-stock", "l1"), ("empty-cart", None)]
    assert refusal.issues[0].operands == {"sku": "camera", "wanted": 3, "available": 2, "line": "l1"}
    assert from_json(to_json(refusal), PlacementRefusal) == refusal


def test_a_notice_of_a_line_reads_as_the_former_issue_did() -> None:
    notice = Notice("out-of-stock", "", "3 x Camera wanted, 2 available", "take 2", {"available": 2}).at_line("l1")
    assert str(notice) == "line l1: 3 x Camera wanted, 2 available (take 2)"
    assert (notice.line, notice.operands) == ("l1", {"available": 2, "line": "l1"})


@pytest.mark.parametrize("issues", ["null", "[1]", '[{"code":"x","line":"l1","operands":[]}]', '[{"code":"x"}]'])
def test_a_damaged_refusal_is_refused(issues: str) -> None:
    with pytest.raises(InvalidDocument, match=r"checkout\.placement-refusal\.v1"):
        from_json(f'{{"$type":"checkout.placement-refusal.v1","issues":{issues}}}', PlacementRefusal)
