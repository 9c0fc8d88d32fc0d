"""How a merchant's life takes its steps, and what its membership says."""

from mktcore.parties.onboarding.use_cases.invite_merchants import Onboarding
from mktcore.parties.onboarding.use_cases.merchant_memberships import MembershipOutcome, Memberships

__all__ = ["MembershipOutcome", "Memberships", "Onboarding"]
