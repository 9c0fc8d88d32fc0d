"""How a merchant's life takes its steps, and what its membership says."""

from mktcore.parties.onboarding.use_cases.merchant_memberships import MembershipOutcome, Memberships
from mktcore.parties.onboarding.use_cases.onboard_merchants import Onboarding

__all__ = ["MembershipOutcome", "Memberships", "Onboarding"]
