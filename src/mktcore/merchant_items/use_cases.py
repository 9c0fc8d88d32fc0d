"""Merchant items on the marketplace: received, decided on, followed, removed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar, TypeVar

import attrs

from mktcore.access import Permission, PermissionDenied, check_permission
from mktcore.catalog import CatalogRefused
from mktcore.catalog.store_changes import Signature
from mktcore.clock import Clock
from mktcore.errors import MktcoreError, Notice
from mktcore.ids import IdFactory
from mktcore.merchant_items.check_item import ItemRefused, find_item_problems
from mktcore.merchant_items.decide_item import StaleDecision, receive_item
from mktcore.merchant_items.item_policy import ITEM_POLICIES, CandidateFinder, ItemPolicy, find_policies, judge_item
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import (
    MERCHANT_ITEMS,
    Decision,
    ItemState,
    MerchantItem,
    ReceivedItem,
    to_item_key,
)
from mktcore.merchant_items.store_items import ItemsUnit, Received, carry_out, store_received, store_removed
from mktcore.merchant_items.verdict import Unbind, Verdict
from mktcore.money import Currency
from mktcore.parties import MEMBERSHIPS, MERCHANTS, Activity, check_activity
from mktcore.persistence import NotFound, Page, Party, Pause, Retryable, Scope, Store, UniqueViolation, put, run_unit

__all__ = ["ItemOutcome", "MerchantItems", "TooManyRows"]

MAX_RECEIVED = 500
MAX_DECIDED = 100
R = TypeVar("R")


@attrs.define(eq=False, slots=False)
class TooManyRows(MktcoreError):
    """More rows in one call than it takes; nothing was done."""

    code: ClassVar[str] = "catalog.too-many-rows"
    remedy: ClassVar[str] = "send them in several calls"
    limit: int
    actual: int

    def describe(self) -> str:
        """Name both counts."""
        return f"{self.actual} rows in one call, which takes {self.limit}"


@attrs.frozen
class ItemOutcome:
    """What came of one row of a bulk call.

    Attributes:
        id: The id that the item is kept under.
        received: The item as it stands; None when the row was refused.
        reception: What became of what was sent; None for a decision, or a row that was refused.
        problems: Everything that is wrong with the row.
    """

    id: str
    received: ReceivedItem | None = None
    reception: Reception | None = None
    problems: tuple[Notice, ...] = ()


@attrs.frozen
class MerchantItems:
    """What merchants send, and what the marketplace decides on it. Every call takes the scope of who asks.

    Attributes:
        store: Where items are kept.
        clock: Tells the time.
        ids: Makes the ids of new products and SKUs.
        currency: The marketplace's.
        pause: Waits before a unit that lost against another transaction is tried again.
        on_end: Told, in the same transaction, of the merchant and item whose binding ends.
    """

    store: Store[ItemsUnit]
    clock: Clock
    ids: IdFactory
    currency: Currency
    pause: Pause | None = None
    on_end: Callable[[ItemsUnit, str, str, datetime], None] | None = None

    def receive(self, item: MerchantItem, *, scope: Scope) -> ReceivedItem:
        """Take an item that a merchant sends, anew or again; sending the same again changes nothing.

        While nobody decided, it takes the place of what was sent before. A bound item is kept as sent last and told to
        whoever follows its price and stock; its SKU stays as it is. An unbound one is kept, and told to nobody.

        Raises:
            ItemRefused: Everything that is wrong with it, at once.
            ItemDenied: It was denied, and is sent changed.
            NotFound: The caller is another merchant, or there is no such merchant.
            PermissionDenied, ActivityRefused: The caller may not send items.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: ItemsUnit) -> ReceivedItem:
            policy = self._open_for(unit, item.merchant, scope)
            ItemRefused.raise_if(find_item_problems(item, policy.required, self.currency))
            known = unit.repository(MERCHANT_ITEMS).find(item.id)
            received, reception = receive_item(known, item, now=self.clock.now())
            [stored] = store_received(unit, [(known, received, reception)], self._sign(scope))
            return stored

        return self._do(scope, write, raced=MERCHANT_ITEMS.name).view_for(scope)

    def receive_many(self, items: Sequence[MerchantItem], *, scope: Scope) -> tuple[ItemOutcome, ...]:
        """Take up to 500 items at once: those that are right are taken, each other row says what is wrong with it.

        Raises:
            TooManyRows: There are more.
            NotFound, PermissionDenied, ActivityRefused: As for `receive`; nothing was taken.
        """
        check_permission(scope, Permission.CATALOG)
        _check_count(items, MAX_RECEIVED)

        def write(unit: ItemsUnit) -> tuple[ItemOutcome, ...]:
            policies = {name: self._open_for(unit, name, scope) for name in {item.merchant for item in items}}
            known = unit.repository(MERCHANT_ITEMS).find_many([item.id for item in items])
            outcomes: list[ItemOutcome] = []
            changes: list[Received] = []
            seen: set[str] = set()
            for item in items:
                outcome = self._receive_row(item, known.get(item.id), policies[item.merchant], seen)
                outcomes.append(outcome)
                if outcome.received is not None and outcome.reception is not None:
                    changes.append((known.get(item.id), outcome.received, outcome.reception))
            stored = {one.id: one.view_for(scope) for one in store_received(unit, changes, self._sign(scope))}
            return tuple(
                attrs.evolve(one, received=stored[one.id]) if one.received is not None else one for one in outcomes
            )

        return self._do(scope, write, raced=MERCHANT_ITEMS.name)

    def _receive_row(
        self, item: MerchantItem, known: ReceivedItem | None, policy: ItemPolicy, seen: set[str]
    ) -> ItemOutcome:
        problems = tuple(find_item_problems(item, policy.required, self.currency))
        if item.id in seen:
            problems += (
                Notice("catalog.item-twice", "item_id", f"item {item.item_id} is there twice", "send it once"),
            )
        if problems:
            return ItemOutcome(item.id, problems=problems)
        seen.add(item.id)
        try:
            return ItemOutcome(item.id, *receive_item(known, item, now=self.clock.now()))
        except MktcoreError as error:
            return ItemOutcome(item.id, problems=(error.to_notice(),))

    def remove(self, merchant: str, item_id: str, *, scope: Scope) -> ReceivedItem:
        """Note that a merchant no longer sells an item; a binding ends with it, and its history stays.

        Removing twice is harmless. Sent again, it is received like a new one.

        Raises:
            NotFound: There is no such item, or it is another merchant's.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: ItemsUnit) -> ReceivedItem:
            self._open_for(unit, merchant, scope)
            known = unit.repository(MERCHANT_ITEMS).get(to_item_key(merchant, item_id))
            if known.state is ItemState.REMOVED:
                return known
            if self.on_end is not None:
                self.on_end(unit, merchant, item_id, self.clock.now())
            return store_removed(unit, known, self._sign(scope))

        return self._do(scope, write).view_for(scope)

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
        _check_decides(scope)
        return self._decide(item, Decision(verdict, version, scope.to_signature(), self.clock.now()), scope)

    def decide_many(self, decisions: Sequence[tuple[str, Verdict, int]], *, scope: Scope) -> tuple[ItemOutcome, ...]:
        """Decide on up to 100 items (id, verdict, version); each row by itself, and each says what came of it.

        Raises:
            TooManyRows: There are more.
            PermissionDenied: The caller is not the operator, or its user may not.
        """
        _check_decides(scope)
        _check_count(decisions, MAX_DECIDED)
        return tuple([self._try(item, verdict, version, scope) for item, verdict, version in decisions])

    def _try(self, item: str, verdict: Verdict, version: int, scope: Scope) -> ItemOutcome:
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
        _check_decides(scope)
        state = ItemState.RECEIVED
        where = {"state": state.value} if merchant is None else {"merchant_state": f"{merchant}/{state}"}
        with self.store.begin(scope.to_operator()) as unit:
            waiting = unit.repository(MERCHANT_ITEMS).page(where, limit=limit).items
            policies = find_policies(unit, {found.item.merchant for found in waiting})
        decided = []
        for found in waiting:
            judged = judge_item(policies[found.item.merchant], finder.find(found.item))
            by, now = scope.to_signature(), self.clock.now()
            decision = Decision(judged.verdict, found.version, by, now, judged.score, judged.reasons)
            try:
                decided.append(self._decide(found.id, decision, scope))
            except StaleDecision:
                continue  # sent again, or decided on by somebody else
        return tuple(decided)

    def save_policy(self, policy: ItemPolicy, *, scope: Scope) -> ItemPolicy:
        """Store the marketplace's policy, or that of one merchant's items; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            StaleVersion: Somebody else changed it.
        """
        _check_decides(scope)

        return self._do(scope, lambda unit: put(unit, ITEM_POLICIES, policy))

    def get_policy(self, merchant: str, *, scope: Scope) -> ItemPolicy:
        """Return the policy that holds for a merchant's items.

        Raises:
            NotFound: The caller is neither the operator nor this merchant.
        """
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        with self.store.begin(scope.to_operator()) as unit:
            return find_policies(unit, [merchant])[merchant]

    def get(self, item: str, *, scope: Scope) -> ReceivedItem:
        """Return an item, as the operator or its merchant may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        with self.store.begin(scope) as unit:
            return unit.repository(MERCHANT_ITEMS).get(item).view_for(scope)

    def page(
        self, *, scope: Scope, state: ItemState | None = None, after: str | None = None, limit: int = 100
    ) -> Page[ReceivedItem]:
        """Return a page of the caller's items, in one state or in any; the operator sees all."""
        where = {} if state is None else {"state": state.value}
        with self.store.begin(scope) as unit:
            page = unit.repository(MERCHANT_ITEMS).page(where, after=after, limit=limit)
        return Page(tuple(found.view_for(scope) for found in page.items), page.next)

    def _decide(self, item: str, decision: Decision, scope: Scope) -> ReceivedItem:
        def write(unit: ItemsUnit) -> ReceivedItem:
            decided = carry_out(unit, item, decision, Signature(scope, decision.at), self.ids)
            if self.on_end is not None and isinstance(decision.verdict, Unbind):
                self.on_end(unit, decided.item.merchant, decided.item.item_id, decision.at)
            return decided

        return self._do(scope, write)

    def _open_for(self, unit: ItemsUnit, merchant: str, scope: Scope) -> ItemPolicy:
        """Let the merchant and the operator in, while the merchant's life lets it prepare items; return its policy."""
        if not scope.covers(merchant=merchant):
            raise NotFound(MERCHANTS.name, merchant)
        unit.repository(MERCHANTS).get(merchant)
        if scope.party is Party.MERCHANT:
            check_activity(unit.repository(MEMBERSHIPS).find(merchant), Activity.EDIT, self.clock.now())
        return find_policies(unit, [merchant])[merchant]

    def _sign(self, scope: Scope) -> Signature:
        return Signature(scope, self.clock.now())

    def _do(self, scope: Scope, write: Callable[[ItemsUnit], R], *, raced: str = "") -> R:
        """Run a unit; what another one added of the kind `raced` since this one looked is a reason to look again."""

        def work(unit: ItemsUnit) -> R:
            try:
                return write(unit)
            except UniqueViolation as error:
                if error.kind != raced:
                    raise
                raise Retryable(error.describe()) from error

        return run_unit(self.store, scope.to_operator(), work, pause=self.pause)


def _check_decides(scope: Scope) -> None:
    check_permission(scope, Permission.CATALOG)
    if scope.party is not Party.OPERATOR:
        raise PermissionDenied(str(scope.caller), scope.caller.user, str(Permission.CATALOG))


def _check_count(rows: Sequence[object], limit: int) -> None:
    if len(rows) > limit:
        raise TooManyRows(limit, len(rows))
