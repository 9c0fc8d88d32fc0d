"""What identifiers say: equal ones decide, different ones of one scheme veto."""

from collections.abc import Iterable
from enum import StrEnum

from mktcore.matching.record_profile import Profile
from mktcore.matching.words import is_model_number

__all__ = ["DOUBTFUL", "IdentifierVerdict", "compare_identifiers", "find_shared", "group_identifiers"]


class IdentifierVerdict(StrEnum):
    """What the identifiers of two records say; empty when they say nothing."""

    NONE = ""
    SAME = "same identifier"
    SAME_PART = "same brand and part number"
    DIFFERENT = "different identifiers"
    CONFLICT = "one identifier agrees, another contradicts"
    OTHER_SIZE = "different sizes"
    CONTRADICTED = "an identifier agrees, and something else contradicts"
    SHARED = "several records have this identifier"


DOUBTFUL = frozenset({IdentifierVerdict.CONFLICT, IdentifierVerdict.CONTRADICTED, IdentifierVerdict.SHARED})
"""An identifier agrees, and cannot be trusted: a person looks, whatever else is alike."""


def compare_identifiers(left: Profile, right: Profile) -> IdentifierVerdict:
    """Return what GTINs, the host's numbers, part number with brand, and given sizes say, in this order.

    Part numbers do not veto: merchants write them too freely. Two given sizes do not veto either, but a pair that
    differs in them is never approved without a person.
    """
    same = different = False
    ours, theirs = left.fields.identifiers, right.fields.identifiers
    if ours and theirs:
        others = group_identifiers(theirs)
        for scheme, numbers in group_identifiers(ours).items():
            if scheme in others:
                if numbers.isdisjoint(others[scheme]):
                    different = True
                else:
                    same = True
    if same or different:
        return (
            IdentifierVerdict.CONFLICT
            if same and different
            else IdentifierVerdict.SAME
            if same
            else IdentifierVerdict.DIFFERENT
        )
    # Before part numbers: merchants write those too freely to outweigh two sizes that differ.
    one, other = left.fields.size, right.fields.size
    if one and other and one != other:
        return IdentifierVerdict.OTHER_SIZE
    mpn = left.fields.mpn
    if mpn and mpn == right.fields.mpn and is_model_number(mpn) and not left.brand.isdisjoint(right.brand):
        return IdentifierVerdict.SAME_PART
    return IdentifierVerdict.NONE


def find_shared(verdicts: Iterable[IdentifierVerdict]) -> frozenset[IdentifierVerdict]:
    """Return which verdict of a record's candidates does not tell one of them from another, as several have it.

    >>> find_shared([IdentifierVerdict.SAME, IdentifierVerdict.SAME_PART, IdentifierVerdict.SAME])
    frozenset({<IdentifierVerdict.SAME: 'same identifier'>})
    """
    found = list(verdicts)
    # An identifier outweighs part numbers, which all variants of a thing may have.
    best = IdentifierVerdict.SAME if IdentifierVerdict.SAME in found else IdentifierVerdict.SAME_PART
    return frozenset({best}) if found.count(best) > 1 else frozenset()


def group_identifiers(identifiers: Iterable[str]) -> dict[str, set[str]]:
    """Return numbers by scheme.

    >>> group_identifiers(["gtin:04548736133730", "asin:B00X4WHP5E"])
    {'gtin': {'04548736133730'}, 'asin': {'B00X4WHP5E'}}
    """
    grouped: dict[str, set[str]] = {}
    for identifier in identifiers:
        scheme, _, number = identifier.partition(":")
        grouped.setdefault(scheme, set()).add(number)
    return grouped
