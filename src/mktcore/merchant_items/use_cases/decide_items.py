"""Deciding on items: by hand, in bulk, by policy, and taking a binding back."""

from collections.abc import Sequence

import attrs

from mktcore.access import Permission, check_operator
from mktcore.catalog import CatalogRefused
from mktcore.catalog.store_changes import Signature
from mktcore.errors import MktcoreError
from mktcore.merchant_items.decide_item import StaleDecision
from mktcore.merchant_items.item_decision import Unbind, Verdict
from mktcore.merchant_items.item_policy import ItemPolicy, find_policies, judge_item
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, ItemState, ReceivedItem
from mktcore.merchant_items.ports import CandidateFinder, EndBinding
from mktcore.merchant_items.store_items import store_decision, withhold_twin
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome, check_row_count
from mktcore.persistence import Scope, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["DecideItems"]

MAX_DECIDED = 100
"""Decisions in one call: each is a transaction of its own, so that one row's refusal leaves the others as they are."""


# Without slots, because `MerchantItems` is made of several classes like this one, each with the same fields.
@watched
@attrs.frozen(slots=False)
class DecideItems:
    """The marketplace's decisions on what merchants send.

    Attributes:
        runtime: Where items are kept, what time it is, and how new products and SKUs are called.
        end_binding: Told, in the same transaction, of the merchant and item whose binding ends.
    """

    runtime: Runtime[WritingUnit]
    end_binding: EndBinding | None = attrs.field(default=None, kw_only=True)

    def decide(self, item: str, verdict: Verdict, *, version: int, scope: Scope) -> ReceivedItem:
        """Decide on an item by hand; the operator's. The same decision on the same version again changes nothing.

        Args:
            item: Its id: `ReceivedItem.id`.
            verdict: What is decided.
            version: The version of the item that was looked at.
            scope: The operator.

        Raises:
            StaleDecision: The item changed since that version.
            DecisionImpossible: An item in this state does not take the verdict.
            CatalogRefused: The SKU or product is not there, or the merchant may not sell it.
            NotFound: There is no such item.
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CATALOG)
        return self._decide(item, Decision(verdict, version, scope.to_signature(), at=self.runtime.now()), scope)

    def decide_many(self, decisions: Sequence[tuple[str, Verdict, int]], *, scope: Scope) -> tuple[ItemOutcome, ...]:
        """Decide on up to 100 items (id, verdict, version); each row by itself, and each says what came of it.

        Raises:
            TooManyRows: There are more.
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CATALOG)
        check_row_count(decisions, MAX_DECIDED)
        return tuple(
            [self._decide_row(item, verdict, version=version, scope=scope) for item, verdict, version in decisions]
        )

    def _decide_row(self, item: str, verdict: Verdict, *, version: int, scope: Scope) -> ItemOutcome:
        try:
            return ItemOutcome(item, self.decide(item, verdict, version=version, scope=scope))
        except CatalogRefused as refusal:
            return ItemOutcome(item, problems=refusal.problems)
        except MktcoreError as error:
            return ItemOutcome(item, problems=(error.to_notice(),))

    def unbind(self, item: str, *, version: int, scope: Scope, reason: str = "") -> ReceivedItem:
        """End a binding: price and stock of the item are followed no more, and nobody is asked to decide again.

        Raises like `decide`, with which it can be bound again.
        """
        return self.decide(item, Unbind(reason), version=version, scope=scope)

    def decide_by_policy(
        self, finder: CandidateFinder, *, scope: Scope, merchant: str | None = None, limit: int = 100
    ) -> tuple[ReceivedItem, ...]:
        """Decide on up to `limit` items that nobody decided on, as the policies say; call it until it returns none.

        Several workers may do this at once: an item that changed meanwhile is passed over, and waits for the next call.

        Args:
            finder: Proposes SKUs, such as a `Matcher`.
            scope: The operator.
            merchant: Whose items; None for everybody's.
            limit: How many at most.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        check_operator(scope, Permission.CATALOG)
        state = ItemState.RECEIVED
        where = {"state": state.value} if merchant is None else {"merchant_state": f"{merchant}/{state}"}

        def read(unit: WritingUnit) -> tuple[tuple[ReceivedItem, ...], dict[str, ItemPolicy]]:
            waiting = unit.repository(MERCHANT_ITEMS).page(where, limit=limit).items
            return waiting, find_policies(unit, {found.item.merchant for found in waiting})

        # The matcher works outside of any unit: it may take its time, and each decision names the version it looked at.
        waiting, policies = self.runtime.read(scope.to_operator(), read)
        decided = []
        for found in waiting:
            judged = judge_item(policies[found.item.merchant], finder.find(found.item))
            decision = Decision(
                judged.verdict,
                found.version,
                scope.to_signature(),
                at=self.runtime.now(),
                score=judged.score,
                reasons=judged.reasons,
            )
            try:
                decided.append(self._decide(found.id, decision, scope, is_by_policy=True))
            except StaleDecision:
                continue  # sent again, or decided on by somebody else
        return tuple(decided)

    def _decide(self, item: str, decision: Decision, scope: Scope, *, is_by_policy: bool = False) -> ReceivedItem:
        def write(unit: WritingUnit) -> ReceivedItem:
            signature = Signature(scope, decision.at)
            safe = withhold_twin(unit, item, decision) if is_by_policy else decision
            decided = store_decision(unit, item, safe, signature=signature, ids=self.runtime.ids)
            if self.end_binding is not None and isinstance(decision.verdict, Unbind):
                self.end_binding(unit, decided.item.merchant, decided.item.item_id, at=decision.at)
            return decided

        return self.runtime.run(scope.to_operator(), write)
