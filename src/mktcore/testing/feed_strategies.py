"""Hypothesis strategies for feeds: rows of a merchant's offers as they are sent, sound ones and faulty ones."""

from collections.abc import Mapping, Sequence
from functools import cache

from hypothesis import strategies as st

from mktcore.money import Currency, Money
from mktcore.offers import Offer

__all__ = ["feed_rows"]

_SOUND_STOCK = ("0", "1", "7", "5000")
_FAULTY = ("many", "-1", "1e3", "12.345678", "٣", "NaN")
"""What is neither a price nor a count: by word, below zero, with an exponent, too fine, of another script."""


@st.composite
def feed_rows(
    draw: st.DrawFn,
    *,
    offers: Sequence[Offer],
    merchant: str = "acme",
    currency: str = "EUR",
    max_new: int = 2,
    faulty: bool = True,
) -> list[Mapping[str, str | None]]:
    """Draw the rows of a feed of one merchant: some of its offers, and some new ones of the same SKUs, each once.

    A column may be absent, None, which tells as little, or empty. They shrink to one row that tells nothing.

    Args:
        draw: Hypothesis's own.
        offers: What is for sale: `sample.offers`.
        merchant: Whose feed it is.
        currency: Of its prices.
        max_new: New offers at most.
        faulty: Whether cells may hold what is no price and no count, and rows name SKUs that are not there.
    """
    skus = sorted({one.sku for one in offers})
    known = [(one.id, one.sku) for one in offers if one.merchant == merchant]
    new = [(f"{merchant}-new-{number}", sku) for number, sku in zip(range(max_new), skus * max_new, strict=False)]
    named = draw(st.lists(st.sampled_from([*known, *new]), min_size=1, unique=True))
    # One row in four that may be wrong names goods that are not there.
    strange = ["sku-of-nobody"] if faulty else []
    return [
        {"offer": offer, "sku": draw(st.sampled_from([sku] * 3 + strange)), **draw(_cells(currency, faulty=faulty))}
        for offer, sku in named
    ]


@cache
def _cells(currency: str, *, faulty: bool) -> st.SearchStrategy[dict[str, str | None]]:
    """Draw what a row tells of its price and its stock."""
    found = Currency.of(currency)
    prices = st.integers(1, 30_000).map(lambda minor: str(Money.from_minor(minor, found).amount))
    wrong = st.sampled_from(_FAULTY) if faulty else st.nothing()
    price = prices | st.just("") | st.none() | wrong
    stock = st.sampled_from(_SOUND_STOCK) | st.just("") | st.none() | wrong
    return st.fixed_dictionaries({}, optional={"price": price, "stock": stock})
