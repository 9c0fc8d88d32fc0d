"""What people read is a host's to say, by code."""

from typing import Any

import pytest

from mktcore.notice import Notice
from mktcore.offers import Offer
from mktcore.orders.default_processes import MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.persistence import Scope
from mktcore.views import Texts, TextsRefused, find_missing_texts, list_codes, view

OPERATOR = Scope.operator()
SHORT = Notice(
    "out-of-stock", "line l1", "3 x Lamp wanted, 2 available", "take 2", operands={"quantity": 3, "available": 2}
)


def test_a_host_says_labels_and_messages_in_its_own_words() -> None:
    german = Texts(
        {
            "condition/new": "Neu",
            "out-of-stock": "nur noch {available} von {quantity} {{Stück}}",
            "out-of-stock/remedy": "nehmen Sie {available}",
        }
    )
    shown: Any = view(Offer("o", "acme", "lamp", schedule="p"), OPERATOR, texts=german)
    assert shown["condition"] == {"code": "new", "text": "Neu"}
    assert shown["approval"] == {"code": "approved", "text": "Approved"}
    told: Any = view(SHORT, OPERATOR, texts=german)
    assert (told["detail"], told["remedy"]) == ("nur noch 2 von 3 {Stück}", "nehmen Sie 2")


def test_what_is_missing_is_said_in_english() -> None:
    for texts in (Texts(), Texts({"out-of-stock": "{sku} is out"})):  # this notice has no SKU
        told: Any = view(SHORT, OPERATOR, texts=texts)
        assert (told["detail"], told["remedy"]) == ("3 x Lamp wanted, 2 available", "take 2")


def test_a_state_has_the_words_of_its_own_process_first() -> None:
    texts = Texts({"state/new": "Neu", "state/merchant-order/new": "Eingegangen"})
    assert texts.name_state("merchant-order", "new") == "Eingegangen"
    assert texts.name_state("marketplace-order", "new") == "Neu"
    assert texts.name_state("marketplace-order", "ready_to-ship") == "Ready to ship"


@pytest.mark.parametrize(
    "template", ["{quantity", "{}", "{0}", "{quantity.__class__}", "{quantity[0]}", "{quantity!r}", "{quantity:>9}"]
)
def test_a_template_that_names_more_than_operands_is_refused(template: str) -> None:
    with pytest.raises(TextsRefused) as refused:
        Texts({"out-of-stock": template, "fine": "{quantity}"})
    assert [problem.where for problem in refused.value.problems] == ["out-of-stock"]


def test_the_lint_lists_what_is_said_in_english() -> None:
    texts = Texts({code: code for code in list_codes() if code != "condition/used"})
    assert [one.where for one in find_missing_texts(texts, list_codes())] == ["condition/used"]
    assert [one.where for one in find_missing_texts(texts, ["out-of-stock"])] == ["out-of-stock"]


def test_the_lint_knows_the_states_of_processes() -> None:
    processes = (MARKETPLACE_PROCESS, MERCHANT_PROCESS)
    texts = Texts({"state/shipped": "Versandt", "state/merchant-order/new": "Eingegangen"})
    missing = {one.where for one in find_missing_texts(texts, (), processes)}
    assert "state/shipped" not in missing
    # The marketplace's process has a state of that name too, which nobody named.
    assert ("state/new" in missing) is any(state.name == "new" for state in MARKETPLACE_PROCESS.states)
    every = {f"state/{state.name}" for process in processes for state in process.states}
    assert missing <= every
    assert len(every - missing) in {1, 2}


def test_labels_of_different_codes_have_different_names() -> None:
    assert len(set(list_codes())) == len(list_codes()) > 30
