"""Loading what commission depends on beside the order itself: rules, agreements, merchants, volumes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.commissions.agreed_rules import compile_agreement
from mktcore.commissions.commission_book import CommissionBook
from mktcore.commissions.commission_policy import CommissionPolicy
from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionRule
from mktcore.commissions.fee_tax import NO_FEE_TAX, FeeTax, FeeTaxPolicy, MerchantSeat
from mktcore.commissions.volumes import count_volumes
from mktcore.parties import MERCHANTS, Agreement, MerchantProfile
from mktcore.parties.agreements.agreement import find_agreement
from mktcore.parties.organisations.identifiers import IdentifierKind
from mktcore.parties.organisations.legal_profile import PROFILES
from mktcore.persistence import Repositories
from mktcore.persistence.noted_reads import Lookup
from mktcore.stock import MarketUnit

__all__ = ["CommissionFacts", "foresee_commission", "gather_commission_facts"]


@attrs.frozen(kw_only=True)
class CommissionFacts:
    """What the commission of some merchants' sales depends on; two of them are equal when nothing changed.

    Attributes:
        policy: What holds for all commission.
        rules: The marketplace's rules that may be for them, and what was signed with them.
        attributes: What the operator noted of merchants, where rules ask, by merchant.
        fee_taxes: The tax that fees bear, by merchant.
        volumes: What merchants sold in the period, in minor units, by merchant and by id of the rule that counts it.
    """

    policy: CommissionPolicy
    rules: tuple[CommissionRule, ...] = ()
    attributes: Mapping[str, Mapping[str, str]] = attrs.field(factory=dict)
    fee_taxes: Mapping[str, FeeTax] = attrs.field(factory=dict)
    volumes: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict)

    def find_fee_tax(self, merchant: str) -> FeeTax:
        """Return the tax that a merchant's fees bear."""
        return self.fee_taxes.get(merchant, NO_FEE_TAX)

    def to_book(self) -> CommissionBook:
        """Return the rules, ready to be asked."""
        return CommissionBook(self.rules, self.policy)

    def has_same_terms(self, other: "CommissionFacts") -> bool:
        """Tell whether everything but the volumes is the same: those are claimed by guarded writes."""
        return self == attrs.evolve(other, volumes=self.volumes)


def foresee_commission(merchants: Iterable[str]) -> list[Lookup]:
    """Return what `gather_commission_facts` looks up of some merchants, whatever their rules ask."""
    return [Lookup(COMMISSION_RULES, "merchant", frozenset({None, *merchants}))]


def gather_commission_facts(
    unit: MarketUnit,
    agreements: Mapping[str, Iterable[Agreement]],
    *,
    policy: CommissionPolicy,
    ancestors: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> CommissionFacts:
    """Load what commission depends on: a round trip for rules, and more only where they or the policy ask for it.

    Args:
        unit: Under the operator's authority.
        agreements: By merchant, of any time; every merchant that sells is named, with or without.
        policy: What holds for all commission.
        ancestors: The categories that those of the goods lie in.
        now: The instant, UTC.
    """
    merchants = tuple(agreements)
    rules = unit.repository(COMMISSION_RULES).find_where("merchant", [None, *merchants])  # None: of every merchant
    signed = [one for group in agreements.values() for one in [find_agreement(group, now)] if one is not None]
    agreed = [rule for one in signed for rule in compile_agreement(one, ancestors)]
    return CommissionFacts(
        policy=policy,
        rules=(*agreed, *rules),
        attributes=_find_attributes(unit, merchants) if any(rule.where.asks_merchants() for rule in rules) else {},
        fee_taxes={} if policy.fee_tax is None else _find_fee_taxes(unit, merchants, policy.fee_tax),
        volumes=count_volumes(unit.counters, rules, merchants, now=now),
    )


def _find_attributes(unit: Repositories, merchants: Collection[str]) -> dict[str, Mapping[str, str]]:
    found = unit.repository(MERCHANTS).find_many(merchants)
    return {id_: merchant.attributes for id_, merchant in found.items()}


def _find_fee_taxes(unit: Repositories, merchants: Collection[str], policy: FeeTaxPolicy) -> dict[str, FeeTax]:
    profiles = unit.repository(PROFILES).find_many(merchants)
    return {merchant: policy.find(_find_seat(profiles.get(merchant))) for merchant in merchants}


def _find_seat(profile: MerchantProfile | None) -> MerchantSeat:
    if profile is None:
        return MerchantSeat()
    return MerchantSeat(profile.country, profile.find_identifier(IdentifierKind.VAT) is not None)
