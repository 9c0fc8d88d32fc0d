"""Identifiers pass the check of their country, or are refused with the reason."""

import pytest

from mktcore.parties import Identifier
from mktcore.parties.organisations.identifiers import InvalidIdentifier, NoSuchIdentifier


@pytest.mark.parametrize(
    ("kind", "text", "country", "expected"),
    [
        ("vat", "DE136695976", "", ("DE", "DE136695976")),
        ("vat", "136695976", "DE", ("DE", "DE136695976")),
        ("vat", "ATU13585627", "AT", ("AT", "ATU13585627")),
        ("vat", "FR 40 303 265 045", "", ("FR", "FR40303265045")),
        ("vat", "GB 980 780 684", "GB", ("GB", "980780684")),
        ("vat", "CHE-107.787.577 IVA", "CH", ("CH", "CHE107787577IVA")),
        ("company", "16.727.230/0001-97", "BR", ("BR", "16727230000197")),
        ("company", "FN 122119m", "AT", ("AT", "122119m")),
        ("company", "552 008 443", "FR", ("FR", "552008443")),
        ("company", "91-1144442", "us", ("US", "911144442")),
        ("iban", "DE89 3704 0044 0532 0130 00", "", ("DE", "DE89370400440532013000")),
        ("bic", "AGRIFRPP882", "", ("", "AGRIFRPP882")),
        ("lei", "213800KUD8LAJWSQ9D15", "", ("", "213800KUD8LAJWSQ9D15")),
    ],
)
def test_a_sound_number_is_kept_without_separators(
    kind: str, text: str, country: str, expected: tuple[str, str]
) -> None:
    found = Identifier.parse(kind, text, country=country)
    assert (found.kind, found.country, found.number) == (kind, *expected)


@pytest.mark.parametrize(
    ("kind", "text", "country"),
    [
        ("vat", "DE136695978", ""),
        ("vat", "DE1", ""),
        ("iban", "DE89 3704 0044 0532 0130 01", ""),
        ("bic", "AGRIF", ""),
        ("lei", "213800KUD8LAJWSQ9D16", ""),
        ("company", "16.727.230/0001-98", "BR"),
        ("iban", "D" * 1000, ""),
        ("vat", "", "DE"),
    ],
)
def test_a_wrong_number_is_refused(kind: str, text: str, country: str) -> None:
    with pytest.raises(InvalidIdentifier) as refused:
        Identifier.parse(kind, text, country=country)
    assert refused.value.kind == kind
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("kind", "country"), [("vat", "ZZ"), ("company", "GB"), ("company", ""), ("vat", "../"), ("vat", "")]
)
def test_a_country_whose_numbers_are_unknown_is_said_to_be(kind: str, country: str) -> None:
    with pytest.raises(NoSuchIdentifier):
        Identifier.parse(kind, "??136695976", country=country)
