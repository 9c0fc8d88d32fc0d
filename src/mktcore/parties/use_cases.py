"""The parties of a marketplace under one name."""

import attrs

from mktcore.parties.onboarding.use_cases.merchant_memberships import Memberships
from mktcore.parties.organisations.use_cases import Buyers
from mktcore.parties.relations.use_cases import Relations
from mktcore.parties.selling_rights.use_cases import RightsToSell

__all__ = ["Parties"]


@attrs.frozen(slots=False)
class Parties(Buyers, Relations, Memberships, RightsToSell):
    """Who there is, and who may deal with whom: buyers, relations, memberships, the right to sell.

    Every call takes the scope of who asks, and checks its permission.

    Attributes:
        runtime: Where parties are kept, and what time it is.
    """
