"""Onboarding requirements: what must be there before a merchant's life takes a step."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, InvalidValue, Refused
from mktcore.notice import Notice
from mktcore.parties.onboarding.membership import Membership, RequirementAnswer
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.parties.organisations.identifiers import IdentifierKind
from mktcore.parties.organisations.legal_profile import MerchantProfile
from mktcore.persistence import Scope

__all__ = [
    "DEFAULT_REQUIREMENTS",
    "FIRST_OFFERS",
    "Requirement",
    "RequirementProof",
    "RequirementsMissing",
    "answer_requirement",
    "compute_from_profile",
    "find_missing",
]


class RequirementProof(StrEnum):
    """How a requirement is met; any can be waived with a reason."""

    COMPUTED = "computed"
    """From what is stored."""
    ATTESTED = "attested"
    """The merchant says so."""
    REVIEWED = "reviewed"
    """The operator looked."""


@attrs.frozen
class Requirement:
    """Something that must be there before a step.

    Attributes:
        id: Its name.
        how: How it is met.
        gates: The event of `MERCHANT_LIFE` that waits for it.
        text: What is asked of the merchant.
    """

    id: str
    how: RequirementProof
    gates: str
    text: str = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if MERCHANT_LIFE.find_event(self.gates) is None:
            raise InvalidValue("Requirement", "gates", self.gates, "an event of the merchant's life")


FIRST_OFFERS = "first-offers"

DEFAULT_REQUIREMENTS = (
    Requirement("vat-number", RequirementProof.COMPUTED, "ask for review", text="a valid VAT number"),
    Requirement("terms", RequirementProof.ATTESTED, "ask for review", text="agree to the marketplace's terms"),
    Requirement("bank-account", RequirementProof.COMPUTED, "approve", text="a valid IBAN"),
    Requirement("documents", RequirementProof.REVIEWED, "approve", text="an extract of the company register"),
    Requirement(FIRST_OFFERS, RequirementProof.COMPUTED, "activate", text="load the first offers"),
)
"""What a marketplace asks unless its host says otherwise."""

_FROM_PROFILE: Mapping[str, IdentifierKind] = {"vat-number": IdentifierKind.VAT, "bank-account": IdentifierKind.IBAN}
"""By requirement, the number that meets it."""


@attrs.define(eq=False, slots=False)
class RequirementsMissing(Refused):
    """A step that waits for requirements; every one that is missing is listed."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.requirements-missing"


def compute_from_profile(
    profile: MerchantProfile | None, *, shared: Collection[IdentifierKind] = frozenset()
) -> dict[str, bool]:
    """Return which of the computed requirements that ship the merchant's profile meets.

    Args:
        profile: The merchant's; None where it has none.
        shared: Numbers that another merchant has too: they meet nothing until the operator looked, and waives it.
    """
    return {
        name: profile is not None and profile.find_identifier(kind) is not None and kind not in shared
        for name, kind in _FROM_PROFILE.items()
    }


def find_missing(
    requirements: Iterable[Requirement],
    membership: Membership,
    computed: Mapping[str, bool],
    *,
    step: str,
    shared: Collection[IdentifierKind] = frozenset(),
) -> tuple[Notice, ...]:
    """Return every requirement that a step waits for and that is neither met nor waived.

    Args:
        requirements: Those of the marketplace.
        membership: With what was attested, reviewed and waived.
        computed: Which computed ones are met; what is absent is not.
        step: An event of the merchant's life.
        shared: Numbers that another merchant has too.
    """
    answered = {(entry.requirement, entry.how) for entry in membership.answers}
    return tuple(
        Notice(
            "parties.requirement-missing",
            requirement.id,
            f"{step!r} waits for: {requirement.text}{_describe_doubt(requirement, shared)}",
            remedy="provide, attest or review it, or let the operator waive it with a reason",
            operands={"requirement": requirement.id, "step": step, "how": str(requirement.how)},
        )
        for requirement in requirements
        if requirement.gates == step
        # A waiver stands for any sort of proof.
        and (requirement.id, "waived") not in answered
        and not (
            computed.get(requirement.id, False)
            if requirement.how is RequirementProof.COMPUTED
            else (requirement.id, str(requirement.how)) in answered
        )
    )


def _describe_doubt(requirement: Requirement, shared: Collection[IdentifierKind]) -> str:
    """Say that a number is there and does not count; not whose it is, which the merchant need not know."""
    is_doubted = requirement.how is RequirementProof.COMPUTED and _FROM_PROFILE.get(requirement.id) in shared
    return "; the operator is to look at the number that was given" if is_doubted else ""


def answer_requirement(
    membership: Membership, requirement: Requirement, how: str, *, by: Scope, now: datetime, reason: str = ""
) -> Membership:
    """Return the membership with an answer to a requirement: attested, reviewed or waived.

    Raises:
        InvalidValue: It is not met in this way, or is waived without a reason.
    """
    if how == "waived" and not reason.strip():
        raise InvalidValue("RequirementAnswer", "reason", reason, "a waiver has a reason")
    if how != "waived" and (how != requirement.how or requirement.how is RequirementProof.COMPUTED):
        raise InvalidValue("RequirementAnswer", "how", how, f"{requirement.id} is {requirement.how}")
    entry = RequirementAnswer(requirement.id, how, by.to_signature(), at=now, reason=reason)
    # Of several answers of one kind the last counts, and is kept alone.
    kept = tuple(one for one in membership.answers if (one.requirement, one.how) != (requirement.id, how))
    return attrs.evolve(membership, answers=(*kept, entry))
