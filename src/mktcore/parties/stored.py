"""What parties store and publish."""

from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.legal_profile import PROFILES, MerchantProfile
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.relations.events import RelationChanged
from mktcore.parties.relations.relation import RELATIONS, Relation
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, SellingRights
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]


def _let_a_merchant_stand(old: dict[str, object]) -> dict[str, object]:
    """A life was a subject with one line of one piece; now it is a standing, and its history has no lines."""
    life, history = old["life"], old.get("history", [])
    if not isinstance(life, dict) or not isinstance(history, list):
        return old  # not a membership: the reader says what is wrong, and where
    [portion] = life["portions"]
    standing = {name: portion[name] for name in ("state", "since", "timed_out") if name in portion}
    standing |= {"subject": life["id"], "process": life["process"], "version": life["version"]}
    steps = [{name: value for name, value in move.items() if name not in {"line", "quantity"}} for move in history]
    return {**old, "life": standing, "history": steps}


def _agree_on_no_rate(old: dict[str, object]) -> dict[str, object]:
    """An agreement that said nothing of commission was kept with a rate of zero, which nobody read."""
    terms = old.get("commission")
    if not isinstance(terms, dict) or terms.get("by_category") or terms.get("fixed") is not None:
        return old
    is_zero = str(terms.get("rate", "0")).strip("0.") == ""
    return {**old, "commission": {**terms, "rate": None}} if is_zero else old


STORED = (
    Stored("parties.merchant", 1, Merchant, kind=MERCHANTS),
    Stored("parties.buyer", 1, Buyer, kind=BUYERS),
    Stored("parties.relation", 1, Relation, kind=RELATIONS),
    Stored("parties.membership", 2, Membership, kind=MEMBERSHIPS, upcasters={1: _let_a_merchant_stand}),
    Stored("parties.selling-rights", 1, SellingRights, kind=SELLING_RIGHTS),
    Stored("parties.agreement", 2, Agreement, kind=AGREEMENTS, upcasters={1: _agree_on_no_rate}),
    Stored("parties.merchant-profile", 1, MerchantProfile, kind=PROFILES),
    Stored("parties.invitation", 1, Invitation, kind=INVITATIONS),
    Stored("parties.agreement-signed", 1, AgreementSigned),
    Stored("parties.relation-changed", 1, RelationChanged),
    Stored("parties.membership-changed", 1, MembershipChanged),
    Stored("parties.selling-rights-changed", 1, SellingRightsChanged),
)
