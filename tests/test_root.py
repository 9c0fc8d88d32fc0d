"""The root of the package: two names and a version, loaded when they are asked for."""

import pytest

import mktcore
from mktcore.marketplace import Marketplace
from mktcore.money import Money


def test_the_names_are_those_of_their_modules() -> None:
    assert (mktcore.Marketplace, mktcore.Money) == (Marketplace, Money)
    assert dir(mktcore) == ["Marketplace", "Money", "__version__"]


def test_any_other_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Market'"):
        mktcore.Market  # noqa: B018 - reading it is the test
