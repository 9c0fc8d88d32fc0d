"""How a merchant's life takes its steps, and what its membership says."""

from mktcore.parties.onboarding.use_cases.memberships import MembershipOutcome, Memberships
from mktcore.parties.onboarding.use_cases.onboarding import Onboarding

__all__ = ["MembershipOutcome", "Memberships", "Onboarding"]
