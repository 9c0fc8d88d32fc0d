"""Which calls a merchant may make in which state of its life: one table of every use case. Data; a test tries it whole.

The check stands where the use case does, on what it has loaded; this says what the checks come to, for the
documentation, and for a host that greys a button out.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from mktcore.parties import Activity
from mktcore.parties.onboarding.allowed_activities import ACTIVITIES

__all__ = ["LISTS", "LIST_VERBS", "USE_CASES", "Bound", "find_states", "to_markdown"]


class Bound(StrEnum):
    """What binds a merchant's call where no activity does."""

    NOTHING = "nothing"
    """It reads what is the merchant's own, or everybody's: in every state, or nobody could look up why."""
    ARGUMENT = "what it names"
    """The step of the merchant's life, or the activity, that it is asked for."""
    PARTY = "the party"
    """It is the operator's, or the buyer's: no merchant makes it in any state."""


_EDIT, _ONBOARD, _FULFIL = Activity.EDIT, Activity.ONBOARD, Activity.FULFIL
_NOTHING, _ARGUMENT, _PARTY = Bound

_VERBS: Mapping[str, Activity | Bound] = {
    "fire": _FULFIL,
    "load_statuses": _FULFIL,
    "update_by_hand": _FULFIL,
    "place": _PARTY,
    "simulate": _PARTY,
    "access.find_roles": _NOTHING,
    "access.remove_role": _PARTY,
    "access.save_role": _PARTY,
    "access.save_user": _EDIT,
    "access.see_related": _NOTHING,
    "agreements.find": _NOTHING,
    "agreements.find_all": _NOTHING,
    "agreements.sign": _PARTY,
    "catalog.add_products": _EDIT,
    "catalog.assign": _EDIT,
    "catalog.find_as_of": _NOTHING,
    "catalog.find_skus": _NOTHING,
    "catalog.get_product": _NOTHING,
    "catalog.get_sku": _NOTHING,
    "catalog.lint": _PARTY,
    "catalog.page_history": _NOTHING,
    "catalog.page_sellable": _NOTHING,
    "catalog.remove_category": _PARTY,
    "catalog.remove_product": _EDIT,
    "catalog.remove_products": _EDIT,
    "catalog.remove_sku": _EDIT,
    "catalog.remove_spec": _EDIT,
    "catalog.roll_back": _EDIT,
    "catalog.save_catalog": _EDIT,
    "catalog.save_category": _PARTY,
    "catalog.save_product": _EDIT,
    "catalog.save_sku": _EDIT,
    "catalog.save_spec": _EDIT,
    "catalog.unassign": _EDIT,
    "channels.remove": _PARTY,
    "channels.save": _PARTY,
    "commissions.archive_rule": _PARTY,
    "commissions.calculate": _NOTHING,
    "commissions.get_rule": _PARTY,
    "commissions.lint": _PARTY,
    "commissions.replay": _PARTY,
    "commissions.save_rule": _PARTY,
    "delivery_methods.remove": _EDIT,
    "delivery_methods.save": _EDIT,
    "feeds.accept": _EDIT,
    "feeds.page_outcomes": _NOTHING,
    "feeds.remove": _EDIT,
    "feeds.stop": _EDIT,
    "forwarded_orders.forward": _FULFIL,
    "items.decide": _PARTY,
    "items.decide_by_policy": _PARTY,
    "items.decide_many": _PARTY,
    "items.allowed": _NOTHING,
    "items.get_policy": _NOTHING,
    "items.receive": _EDIT,
    "items.receive_many": _EDIT,
    "items.remove": _EDIT,
    "items.remove_policy": _PARTY,
    "items.save_policy": _PARTY,
    "items.unbind": _PARTY,
    "ledger.balance": _NOTHING,
    "ledger.expire": _PARTY,
    "ledger.find_funds": _NOTHING,
    "ledger.fold": _PARTY,
    "ledger.get_hold": _NOTHING,
    "ledger.get_transaction": _PARTY,
    "ledger.hold": _PARTY,
    "ledger.page_entries": _NOTHING,
    "ledger.post": _PARTY,
    "ledger.set_limits": _PARTY,
    "ledger.settle": _PARTY,
    "ledger.trial_balance": _NOTHING,
    "ledger.void": _PARTY,
    "offers.close": _EDIT,
    "offers.decide": _PARTY,
    "offers.explain": _NOTHING,
    "offers.find_freshness": _NOTHING,
    "offers.notify": _EDIT,
    "offers.rate": _PARTY,
    "offers.reopen": _EDIT,
    "offers.save": _EDIT,
    "onboarding.allowed": _NOTHING,
    "onboarding.answer_requirement": _ONBOARD,
    "onboarding.find_missing": _NOTHING,
    "onboarding.find_profile": _NOTHING,
    "onboarding.invite": _PARTY,
    "onboarding.move": _ARGUMENT,
    "onboarding.revoke": _PARTY,
    "onboarding.save_profile": _ONBOARD,
    "orders.add_note": _FULFIL,
    "orders.allowed": _NOTHING,
    "orders.allowed_answers": _NOTHING,
    "orders.approve_price": _FULFIL,
    "orders.cancel": _FULFIL,
    "orders.check_price": _FULFIL,
    "orders.deny_price": _FULFIL,
    "orders.export": _NOTHING,
    "orders.hold": _PARTY,
    "orders.release": _PARTY,
    "orders.find_list": _NOTHING,
    "orders.fire": _PARTY,
    "orders.get": _PARTY,
    "orders.get_merchant_order": _NOTHING,
    "orders.migrate": _PARTY,
    "orders.page_failed_timeouts": _PARTY,
    "orders.page_history": _PARTY,
    "orders.page_merchant_order_history": _NOTHING,
    "orders.plan_migration": _PARTY,
    "orders.preview_cancel": _NOTHING,
    "orders.remove_divergence_rule": _EDIT,
    "orders.retry_timeout": _PARTY,
    "orders.update_statuses": _FULFIL,
    "orders.save_divergence_rule": _EDIT,
    "parties.change_membership": _PARTY,
    "parties.check_activity": _ARGUMENT,
    "parties.find_sellers": _PARTY,
    "parties.get_buyer": _PARTY,
    "parties.get_membership": _NOTHING,
    "parties.get_merchant": _NOTHING,
    "parties.lift_recall": _PARTY,
    "parties.opt_in": _EDIT,
    "parties.opt_out": _EDIT,
    "parties.relate": _PARTY,
    "parties.save_buyer": _PARTY,
    "parties.recall": _PARTY,
    "parties.save_selling_rights": _PARTY,
    "parties.unrelate": _PARTY,
    "payment_methods.remove": _PARTY,
    "payment_methods.save": _PARTY,
    "pool_codes.add": _EDIT,
    "pool_codes.remove": _EDIT,
    "prices.assign": _EDIT,
    "prices.find_assignments": _NOTHING,
    "prices.get_schedule": _NOTHING,
    "prices.lint": _NOTHING,
    "prices.remove_schedule": _EDIT,
    "prices.save_schedule": _EDIT,
    "prices.unassign": _EDIT,
    "promotions.lint": _NOTHING,
    "promotions.remove": _EDIT,
    "promotions.save": _EDIT,
    "order_thresholds.remove": _PARTY,
    "order_thresholds.save": _PARTY,
    "shipping_fees.lint": _PARTY,
    "shipping_fees.remove": _PARTY,
    "shipping_fees.save": _PARTY,
    "shipments.expected": _NOTHING,
    "shipments.fire": _FULFIL,
    "shipments.ship": _FULFIL,
    "shipments.track": _FULFIL,
    "stock.change": _EDIT,
    "stock.count": _EDIT,
    "storefront.get": _NOTHING,
    "storefront.page": _NOTHING,
    "storefront.page_of_seller": _NOTHING,
    "storefront.view_of_seller": _NOTHING,
    "taxes.lint": _PARTY,
    "taxes.remove": _PARTY,
    "taxes.remove_buyer": _PARTY,
    "taxes.save": _PARTY,
    "taxes.save_buyer": _PARTY,
}
LISTS: Mapping[str, Bound] = {
    "access.roles": _PARTY,
    "access.users": _NOTHING,
    "agreements": _NOTHING,
    "catalog.catalog_assignments": _NOTHING,
    "catalog.catalog_products": _NOTHING,
    "catalog.catalogs": _NOTHING,
    "catalog.categories": _NOTHING,
    "catalog.products": _NOTHING,
    "catalog.skus": _NOTHING,
    "catalog.specs": _NOTHING,
    "channels": _NOTHING,
    "commissions.rules": _PARTY,
    "delivery_methods": _NOTHING,
    "feeds": _NOTHING,
    "items": _NOTHING,
    "items.policies": _NOTHING,
    "offers": _NOTHING,
    "offers.closures": _NOTHING,
    "offers.guards": _PARTY,
    "offers.held_prices": _NOTHING,
    "offers.ratings": _NOTHING,
    "onboarding.invitations": _PARTY,
    "onboarding.profiles": _NOTHING,
    "order_thresholds": _NOTHING,
    "orders.divergence_rules": _NOTHING,
    "orders.marketplace_orders": _PARTY,
    "orders.merchant_orders": _NOTHING,
    "orders.notes": _NOTHING,
    "orders.price_approvals": _NOTHING,
    "orders.reviews": _PARTY,
    "parties.buyers": _PARTY,
    "parties.memberships": _NOTHING,
    "parties.merchants": _NOTHING,
    "parties.relations": _NOTHING,
    "parties.selling_rights": _NOTHING,
    "payment_methods": _PARTY,
    "pool_codes": _NOTHING,
    "prices.assignments": _NOTHING,
    "prices.schedules": _NOTHING,
    "promotions": _NOTHING,
    "shipments": _NOTHING,
    "forwarded_orders": _NOTHING,
    "shipping_fees": _PARTY,
    "stock.levels": _NOTHING,
    "taxes": _PARTY,
    "taxes.buyers": _PARTY,
}
"""Every list of a `Marketplace`: whether merchants read it at all."""
LIST_VERBS = ("get", "page", "count", "iterate")
USE_CASES: Mapping[str, Activity | Bound] = {
    **_VERBS,
    **{f"{name}.{verb}": bound for name, bound in LISTS.items() for verb in LIST_VERBS},
}
"""Every call of a `Marketplace` that takes a scope: the activity that it is to a merchant, or what else binds it."""


def find_states(use_case: str) -> frozenset[str]:
    """Return the states of its life in which a merchant may make a call.

    >>> sorted(find_states("prices.save_schedule"))
    ['active', 'approved', 'in review', 'registered', 'suspended']
    >>> len(find_states("taxes.save")), len(find_states("orders.merchant_orders.page"))
    (0, 8)

    Args:
        use_case: As `market` has it: `"offers.save"`. What a call that goes by its argument says, is asked of that.
    """
    bound = USE_CASES[use_case]
    if isinstance(bound, Bound):
        return frozenset() if bound is Bound.PARTY else frozenset(ACTIVITIES)
    return frozenset(state for state, activities in ACTIVITIES.items() if bound in activities)


def to_markdown() -> str:
    """Return the table as the documentation prints it: a row for each call that changes something."""
    head = f"| use case | activity | {' | '.join(ACTIVITIES)} |\n|---|---|{'---|' * len(ACTIVITIES)}"
    return "\n".join([head, *_list_rows()])


def _list_rows() -> Iterator[str]:
    for use_case, bound in USE_CASES.items():
        if isinstance(bound, Activity):
            states = find_states(use_case)
            yield f"| `{use_case}` | {bound} | {' | '.join('yes' if one in states else '-' for one in ACTIVITIES)} |"
    yield f"| every call that only reads | - | {' | '.join('yes' for _ in ACTIVITIES)} |"
