"""A merchant's life on the marketplace and what belongs to it, and the roles of users, as people are shown them."""

from typing import Any

import attrs

from mktcore.access.permissions import ROLES, Role
from mktcore.caller_scope import Scope
from mktcore.parties.onboarding.allowed_activities import ACTIVITIES, Activity
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership, RequirementAnswer
from mktcore.parties.onboarding.use_cases.merchant_memberships import MembershipOutcome
from mktcore.parties.organisations.identifiers import Identifier
from mktcore.parties.organisations.legal_profile import PROFILES, Document, MerchantProfile
from mktcore.parties.relations.relation import RELATIONS, Relation
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS as KIND_OF_RIGHTS
from mktcore.parties.selling_rights.rights import GatedGoods, Recall, SellingRights
from mktcore.processes import Step
from mktcore.views.figure_forms import ACTOR
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.record_access import show_record
from mktcore.views.report_forms import NOTICE
from mktcore.views.shapes import INSTANT, STATE_LABEL, TEXT, Listed, NamedState

__all__ = ["INVITATION", "MEMBERSHIP", "MEMBERSHIP_OUTCOME", "PROFILE", "RELATION", "ROLE", "SELLING_RIGHTS"]


def _name_state(membership: Membership) -> NamedState:
    return NamedState(membership.life.process, membership.state)


# As an instant is not at hand, a suspension that ran out meanwhile still reads as one: `until` says when it ends.
_ACTIVITIES = field(
    "activities",
    Listed(find_label(Activity)),
    "What it may do in this state.",
    read=lambda one: [activity for activity in Activity if activity in ACTIVITIES.get(one.state, ())],
)
_STEP = Form(
    "Step",
    Step,
    (
        maybe("source", TEXT, "The state left; absent at the start."),
        field("target", TEXT, "The state entered."),
        maybe("event", TEXT, "The step; absent at the start."),
        field("at", INSTANT, "When."),
        maybe("by", ACTOR, "Who took it; absent where nobody did."),
        maybe("why", TEXT, "Why."),
    ),
    about="One step of a life.",
)
_ANSWER = Form(
    "RequirementAnswer",
    RequirementAnswer,
    (
        field("requirement", TEXT, "Id of the requirement."),
        field("how", TEXT, "attested, reviewed or waived."),
        field("by", ACTOR, "Who answered."),
        field("at", INSTANT, "When."),
        maybe("reason", TEXT, "Why."),
    ),
)
MEMBERSHIP = Form(
    "Membership",
    Membership,
    (
        field("merchant", TEXT, "Id of the merchant.", read="id"),
        field("state", STATE_LABEL, "Where it is in its life.", read=_name_state),
        field("since", INSTANT, "Since when.", read="life.since"),
        maybe("reason", TEXT, "Why the last step was taken."),
        maybe("until", INSTANT, "When its suspension ends by itself; absent when it does not."),
        _ACTIVITIES,
        *plain_fields(Membership, "all_buyers_can_order"),
        field("history", Listed(_STEP), "Every step, in order."),
        field("answers", Listed(_ANSWER), "Requirements that somebody answered for."),
    ),
    about="A merchant's standing on the marketplace.",
    show=show_record(MEMBERSHIPS),
)


def _show_outcome(outcome: MembershipOutcome, scope: Scope) -> Any:
    shown: Membership = MEMBERSHIP.show(outcome.membership, scope)
    return attrs.evolve(outcome, membership=shown)


MEMBERSHIP_OUTCOME = Form(
    "MembershipOutcome",
    MembershipOutcome,
    (
        field("membership", MEMBERSHIP, "As it stands."),
        field("ignored", Listed(NOTICE), "What the caller may not write, and was ignored."),
    ),
    show=_show_outcome,
)
INVITATION = Form(
    "Invitation",
    Invitation,
    # Its id lets whoever presents it in: the operator alone is shown it, to send it.
    plain_fields(Invitation, "id", "merchant", "address", "expires_at", "accepted_at", "user"),
    show=show_record(INVITATIONS),
)
_PARTS = {
    Identifier: Form("Identifier", Identifier, plain_fields(Identifier, "kind", "country", "number")),
    Document: Form("Document", Document, plain_fields(Document, "id", "title", "reference", "at")),
}
PROFILE = Form(
    "MerchantProfile",
    MerchantProfile,
    plain_fields(MerchantProfile, "id", "legal_name", "country", "identifiers", "documents", forms=_PARTS),
    show=show_record(PROFILES),
)
RELATION = Form("Relation", Relation, plain_fields(Relation, "id", "buyer", "merchant"), show=show_record(RELATIONS))
SELLING_RIGHTS = Form(
    "SellingRights",
    SellingRights,
    plain_fields(
        SellingRights,
        *("id", "owner", "default_merchant", "all_merchants_can_sell", "admitted", "opted_in", "unrestricted"),
        *("recall", "gated"),
        forms={
            Recall: Form("Recall", Recall, plain_fields(Recall, "since", "reason")),
            GatedGoods: Form("GatedGoods", GatedGoods, plain_fields(GatedGoods, "group", "name")),
        },
    ),
    show=show_record(KIND_OF_RIGHTS),
)
ROLE = Form("Role", Role, plain_fields(Role, "id", "party", "permissions"), show=show_record(ROLES))
