"""GTINs as they come: in four lengths, with separators, mistyped, mangled by spreadsheets, or of a shop's own."""

import pytest
from stdnum import ean

from mktcore.goods import Gtin, InvalidGtin
from mktcore.goods.gtin import Restriction


@pytest.mark.parametrize(
    ("text", "digits", "printed"),
    [
        ("73513537", "00000073513537", "73513537"),
        ("036000291452", "00036000291452", "036000291452"),
        ("0 36000 29145 2", "00036000291452", "036000291452"),
        ("4548736133730", "04548736133730", "4548736133730"),
        ("978-0-471-11709-4", "09780471117094", "9780471117094"),
        ("98412345678908", "98412345678908", "98412345678908"),
        (" 10012345678902 ", "10012345678902", "10012345678902"),
    ],
)
def test_all_lengths_come_to_one_form(text: str, digits: str, printed: str) -> None:
    found = Gtin.parse(text)
    assert found.digits == digits
    assert str(found) == printed
    assert Gtin.parse(digits) == found == Gtin.find(text)
    assert ean.is_valid(digits)


def test_the_indicator_of_a_case_is_kept() -> None:
    bottle, case = Gtin.parse("0012345678905"), Gtin.parse("10012345678902")
    assert bottle != case
    assert str(case).startswith("1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is empty"),
        (" - ", "it is empty"),
        ("4548736133731", "its check digit would be 0, not 1"),
        ("36000291452", "11 digits, not 8, 12, 13 or 14"),
        ("014548736133730", "15 digits, not 8, 12, 13 or 14"),
        ("4.54874E+12", "digits only"),
        ("4548736133730.0", "digits only"),
        ("٤٥٤٨٧٣٦١٣٣٧٣٠", "digits only"),  # Arabic digits, which int() would read
        ("00000000000000", "nothing but zeros"),
        ("1" * 1_000_000, "longer than 40 characters"),
    ],
)
def test_what_is_none_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidGtin) as caught:
        Gtin.parse(text)
    assert caught.value.reason == reason
    assert len(caught.value.text) <= 40
    assert Gtin.find(text) is None


@pytest.mark.parametrize("digits", ["4548736133730", "0454873613373x", "04548736133731", "0" * 14])
def test_a_document_cannot_bring_in_another_form(digits: str) -> None:
    with pytest.raises(InvalidGtin):
        Gtin(digits)


@pytest.mark.parametrize(
    ("head", "restriction"),
    [
        ("002", Restriction.CIRCULATION),  # UPC number system 2: weighed goods
        ("004", Restriction.CIRCULATION),
        ("005", Restriction.COUPON),
        ("020", Restriction.CIRCULATION),
        ("029", Restriction.CIRCULATION),
        ("099", Restriction.COUPON),
        ("098", Restriction.COUPON),
        ("0952", Restriction.EXAMPLE),
        ("920", Restriction.CIRCULATION),  # a case of weighed goods
        ("0000000", Restriction.CIRCULATION),  # a shop's own GTIN-8
        ("0000002", Restriction.CIRCULATION),
        ("0000007", None),
        ("003", None),
        ("006", None),
        ("000001", None),
        ("0978", None),
        ("0977", None),
        ("0979", None),
        ("040", None),
        ("050", None),
        ("140", None),
    ],
)
def test_numbers_of_a_shops_own_do_not_decide(head: str, restriction: Restriction | None) -> None:
    body = head.ljust(13, "1")
    found = Gtin(body + ean.calc_check_digit(body))
    assert found.restriction is restriction
    assert found.decides is (restriction is None)
