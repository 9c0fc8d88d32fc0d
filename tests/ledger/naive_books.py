"""The ledger as a few dicts, written from what it promises: it judges the stores, and shares no code with them.

Accounts are texts, amounts are minor units, debits positive; an instant is a number of hours.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

Line = tuple[str, int]
_SPENDS = {"available": 1, "prepaid": 1, "merchant_debt": -1, "buyer_debt": 1}
"""The sign of what brings an account nearer to its limit; all others have none."""
_GROWS = {"clearing": 1, "merchant_debt": 1, "buyer_debt": 1}
"""The accounts that are told positive when debits exceed credits."""


class NaiveBooks:
    """Everything that was posted and held, in lists; every answer is counted anew."""

    def __init__(self) -> None:
        self.posted: dict[str, tuple[int, tuple[Line, ...], tuple[str, ...]]] = {}
        self.holds: dict[str, dict[str, Any]] = {}
        self.allowances: dict[str, int] = {}

    def balance(self, account: str, at: int | None = None) -> int:
        """Return a balance as it is told."""
        sign = 1 if _name(account) in _GROWS else -1
        return sign * self.sum(account, at)

    def sum(self, account: str, at: int | None = None) -> int:
        lines = [line for hour, given, _ in self.posted.values() if at is None or hour <= at for line in given]
        return sum(minor for where, minor in lines if where == account)

    def held(self, account: str) -> int:
        live = [one for one in self.holds.values() if one["state"] == "live"]
        sides = [(one["debit"], one["amount"]) for one in live] + [(one["credit"], -one["amount"]) for one in live]
        return sum(max(0, minor * _SPENDS.get(_name(where), 0)) for where, minor in sides if where == account)

    def room(self, account: str) -> int:
        return self.allowances.get(account, 0) - self.held(account) - self.sum(account) * _SPENDS[_name(account)]

    def post(self, given: Iterable[tuple[str, int, tuple[Line, ...], tuple[str, ...]]]) -> Any:
        """Return "conflict", "link", or what falls short: (account, available, asked), in order."""
        asked: dict[str, tuple[int, tuple[Line, ...], tuple[str, ...]]] = {}
        for key, hour, lines, linked in given:
            body = (hour, lines, linked)
            if asked.setdefault(key, body) != body or self.posted.get(key, body) != body:
                return "conflict"
        new = {key: body for key, body in asked.items() if key not in self.posted}
        if any(link not in self.posted and link not in new for _, _, linked in new.values() for link in linked):
            return "link"
        short = self._find_short([line for _, lines, _ in new.values() for line in lines])
        if not short:
            self.posted |= new
        return short

    def _find_short(self, lines: Iterable[Line]) -> list[tuple[str, int, int]]:
        net: Counter[str] = Counter()
        for account, minor in lines:
            net[account] += minor
        asked = {one: minor * _SPENDS.get(_name(one), 0) for one, minor in net.items()}
        return sorted(
            (one, max(self.room(one), 0), minor) for one, minor in asked.items() if minor > 0 and minor > self.room(one)
        )

    def hold(self, key: str, debit: str, credit: str, amount: int, *, until: int | None) -> Any:
        """Return "conflict", or what falls short."""
        body = {"debit": debit, "credit": credit, "amount": amount, "until": until}
        if key in self.holds:
            return [] if all(self.holds[key][name] == body[name] for name in body) else "conflict"
        sides = ((debit, amount), (credit, -amount))
        needs = {one: minor * _SPENDS.get(_name(one), 0) for one, minor in sides}
        short = sorted(
            (one, max(self.room(one), 0), minor) for one, minor in needs.items() if 0 < minor > self.room(one)
        )
        if not short:
            self.holds[key] = {**body, "state": "live", "settled": None}
        return short

    def settle(self, key: str, transaction: str, hour: int, lines: tuple[Line, ...]) -> str:
        """Return "done", "ended", "exceeded" or "conflict"."""
        one, body = self.holds.get(key), (hour, lines, ())
        if one is None or (one["state"] != "live" and (one["state"] != "settled" or transaction not in self.posted)):
            return "ended"
        moved = max(minor for _, minor in lines)
        if sorted(lines) != sorted([(one["debit"], moved), (one["credit"], -moved)]) or moved > one["amount"]:
            return "exceeded"
        if one["state"] == "settled":
            return "done" if self.posted[transaction] == body else "conflict"
        if transaction in self.posted:
            return "conflict"
        one.update(state="settled", settled=moved)
        self.posted[transaction] = body
        return "done"

    def end(self, keys: Iterable[str], state: str) -> list[str]:
        ended = [key for key in keys if key in self.holds and self.holds[key]["state"] == "live"]
        for key in ended:
            self.holds[key]["state"] = state
        return ended

    def find_due(self, now: int, limit: int) -> list[str]:
        due = [
            (one["until"], key)
            for key, one in self.holds.items()
            if one["state"] == "live" and one["until"] is not None and one["until"] <= now
        ]
        return [key for _, key in sorted(due)[:limit]]

    def list_entries(self, account: str) -> list[tuple[int, str, int]]:
        found = [
            (hour, f"{key}@{place:03}", minor)
            for key, (hour, lines, _) in self.posted.items()
            for place, (where, minor) in enumerate(lines)
            if where == account
        ]
        return sorted(found)

    def totals(self) -> Mapping[str, int]:
        accounts = {where for _, lines, _ in self.posted.values() for where, _ in lines}
        return {one: self.sum(one) for one in accounts}


def _name(account: str) -> str:
    return account.split("/")[1]
