"""Laws of ids that merchants give: whatever they write, no two meet, and what is kept is an id."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mktcore.ids import check_id, is_own_id
from mktcore.merchant_items.merchant_item import to_record_id
from mktcore.offers.stock_item_id import read_location, to_stock_item_id

# Often of the few characters by which ids are put together, so that two that could meet are drawn.
OWN_IDS = st.text(max_size=210) | st.text("a:1/@+ ½", max_size=8)
MERCHANTS = st.sampled_from(["a", "a:1", "1:a", "a:", "a:1:a"])


@settings(max_examples=200)
@given(MERCHANTS, OWN_IDS, MERCHANTS, OWN_IDS)
def test_two_items_have_one_record_only_when_they_are_one(one: str, own: str, other: str, theirs: str) -> None:
    first, second = to_record_id(one, own), to_record_id(other, theirs)
    assert (first == second) is ((one, own.strip()) == (other, theirs.strip()))
    assert check_id("merchant_item", first) == first
    assert to_record_id(one, own) == first


@settings(max_examples=200)
@given(OWN_IDS.filter(lambda text: is_own_id(text) and "@" not in text))
def test_the_id_of_a_stock_item_tells_its_location(location: str) -> None:
    item = to_stock_item_id("o1", location)
    assert read_location(item) == location
    if len(item) <= 120:
        assert check_id("stock", item) == item
