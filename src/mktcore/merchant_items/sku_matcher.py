"""Matching merchant items with the marketplace's SKUs: `mktcore.matching` in the catalogue's own nouns."""

from collections.abc import Iterable, Sequence
from functools import singledispatch

import attrs

from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNatures
from mktcore.explain import Explanation
from mktcore.goods import Gtin, Measure, Unit
from mktcore.matching import MatchCandidate, Matching, MatchOutcome, MatchPolicy, MatchRecord, RecordMatcher
from mktcore.matching.compare_identifiers import IdentifierVerdict
from mktcore.merchant_items.merchant_item import MerchantItem

__all__ = ["ItemMatch", "Matcher", "SkuCandidate", "to_match_record"]


@singledispatch
def to_match_record(source: MerchantItem | Sku) -> MatchRecord:
    """Return what a matcher compares of a merchant item, or of a SKU.

    >>> to_match_record(Sku("milk-6", "Milk", unit=Unit.LITRE, unit_multiplier=6)).size == Measure.parse("6 x 1 l")
    True
    """
    raise TypeError(f"neither a MerchantItem nor a Sku: {type(source).__name__}")


@to_match_record.register
def _(source: MerchantItem) -> MatchRecord:
    gtin = Gtin.find(source.gtin)
    return MatchRecord(
        source.id,
        source.name,
        brand=source.brand,
        category=source.category,
        description=source.description,
        gtins=() if gtin is None else (gtin,),
        mpn=source.mpn,
        attributes=source.attributes,
        price=None if source.price is None else source.price.minor,
        currency="" if source.price is None else source.price.currency.code,
        size=Measure.find(source.size),
    )


@to_match_record.register
def _(source: Sku) -> MatchRecord:
    # One piece is what a SKU has when nobody says how much it is: nothing to compare with 500 ml.
    is_measured = source.unit is not Unit.PIECE or source.unit_multiplier != 1
    return MatchRecord(
        source.id,
        source.name,
        brand=source.brand,
        category=source.category,
        description=source.description,
        gtins=source.gtins,
        mpn=source.mpn,
        host_ids=source.host_ids,
        attributes=source.attributes,
        price=None if source.price is None else source.price.minor,
        currency="" if source.price is None else source.price.currency.code,
        size=source.content if is_measured else None,
    )


@attrs.frozen
class SkuCandidate:
    """A SKU that an item may be.

    Attributes:
        sku: Its id.
        score: How sure the matcher is, 0 to 100, with two decimals.
        outcome: What the score leads to by the matcher's policy.
        doubts: Why a person is to look, whatever the scores are: an identifier or a size contradicts.
    """

    sku: str
    score: float
    outcome: MatchOutcome
    doubts: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    _found: MatchCandidate = attrs.field(eq=False, repr=False, kw_only=True)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, as lines of text, the weightiest first."""
        return self._found.reasons

    def explain(self) -> Explanation:
        """Return why it scores what it scores, signal by signal."""
        return self._found.explain()


@attrs.frozen
class ItemMatch:
    """What a matcher says of an item.

    Attributes:
        item: The item.
        outcome: What the best candidate leads to; `REJECT` where there is none.
        candidates: Best first.
    """

    item: MerchantItem
    outcome: MatchOutcome
    candidates: tuple[SkuCandidate, ...] = ()


class Matcher:
    """Proposes SKUs for merchant items; indexes them once, and keeps none of them.

    >>> matcher = Matcher([Sku("a7-4", "Sony Alpha 7 IV body", brand="Sony", gtin="4548736133730"), Sku("bag", "Bag")])
    >>> match = matcher.match(MerchantItem("acme", "A-17", "SONY alpha7 IV", gtin="4548736133730"))
    >>> match.outcome, match.candidates[0].sku
    (<MatchOutcome.APPROVE: 'approve'>, 'a7-4')
    """

    def __init__(
        self,
        skus: Iterable[Sku] = (),
        policy: MatchPolicy | None = None,
        *,
        matching: Matching | None = None,
        natures: GoodsNatures | None = None,
    ) -> None:
        """Index the SKUs, read once as a stream.

        Args:
            skus: The catalogue.
            policy: How signals are judged; the library's own where none is given.
            matching: Instead of both, what matches records: several matchers combined, one with an index of its own.
            natures: What products say of SKUs that do not say it themselves, such as their brand; see `gather_natures`.
        """
        self._natures = GoodsNatures() if natures is None else natures
        records = (to_match_record(self._natures.fill_in(sku)) for sku in skus)
        self.matching: Matching = RecordMatcher.build(records, policy) if matching is None else matching

    def find(self, item: MerchantItem, limit: int = 5) -> tuple[SkuCandidate, ...]:
        """Return at most `limit` SKUs that the item may be, best first; equal scores in the order of ids."""
        return _to_candidates(self.matching.find(to_match_record(item), limit))

    def match(self, item: MerchantItem, limit: int = 5) -> ItemMatch:
        """Return the candidates for an item and what they lead to."""
        found = self.matching.match(to_match_record(item), limit)
        return ItemMatch(item, found.outcome, _to_candidates(found.candidates))

    def score(self, item: MerchantItem, sku: Sku) -> SkuCandidate:
        """Return what one pair scores; the SKU need not be in the catalogue.

        Raises:
            TypeError: What matches records here scores no pairs.
        """
        if not isinstance(self.matching, RecordMatcher):
            raise TypeError("only a matcher over its own index scores pairs")
        scored = self.matching.score(to_match_record(item), to_match_record(self._natures.fill_in(sku)))
        return _to_candidates((scored,))[0]


def _to_candidates(found: Sequence[MatchCandidate]) -> tuple[SkuCandidate, ...]:
    return tuple(
        [SkuCandidate(one.id, one.score, one.outcome, doubts=_list_doubts(one, found), found=one) for one in found]
    )


def _list_doubts(candidate: MatchCandidate, found: Iterable[MatchCandidate]) -> tuple[str, ...]:
    """Return why a person is to look: every identifier in doubt, whoever has it, and a size of the candidate's own."""
    doubted = [one for one in found if one.is_doubtful]
    if candidate.verdict is IdentifierVerdict.OTHER_SIZE and candidate.outcome is not MatchOutcome.REJECT:
        doubted.append(candidate)
    # The first reason tells of identifiers and sizes; one that came from afar has none, but its verdict.
    return tuple([f"{one.id}: {one.reasons[0] if one.reasons else one.verdict}" for one in doubted])
