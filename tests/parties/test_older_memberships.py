"""A membership stored when a merchant's life was a line of one piece is read, and goes on from where it stood."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from mktcore.marketplace import Marketplace
from mktcore.parties import Membership, Merchant
from mktcore.parties.onboarding.membership import move_membership
from mktcore.persistence import Scope
from mktcore.processes import Standing, Step
from mktcore.wire import InvalidDocument, from_json

OLGA: dict[str, object] = {
    "party": "operator", "id": "", "user": "olga", "on_behalf_of": None, "permissions": None, "merchants": [],
}  # fmt: skip
FORMER: dict[str, object] = {
    "id": "acme",
    "life": {
        "id": "acme",
        "process": "merchant-life",
        "version": 1,
        "portions": [
            {
                "line": "merchant",
                "state": "suspended",
                "quantity": 1,
                "since": "2026-05-05T09:00:00Z",
                "timed_out": [],
            }
        ],
    },
    "history": [
        {
            "line": "merchant",
            "quantity": 1,
            "source": None,
            "target": "active",
            "event": "",
            "at": "2026-05-04T09:00:00Z",
            "by": OLGA,
            "why": "",
        },
        {
            "line": "merchant",
            "quantity": 1,
            "source": "active",
            "target": "suspended",
            "event": "suspend",
            "at": "2026-05-05T09:00:00Z",
            "by": OLGA,
            "why": "late",
        },
    ],
    "all_buyers_can_order": False,
    "until": "2026-05-07T09:00:00Z",
    "answers": [],
    "version": 3,
}
MONDAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)


def read(document: dict[str, object]) -> Membership:
    return from_json(json.dumps({"$type": "parties.membership.v1", **document}), Membership)


def test_a_membership_of_the_first_shape_is_read() -> None:
    by = Scope.operator(user="olga")
    membership = read(FORMER)
    assert membership == Membership(
        "acme",
        Standing("acme", "merchant-life", 1, "suspended", TUESDAY),
        (
            Step(None, "active", "", MONDAY, by, ""),
            Step("active", "suspended", "suspend", TUESDAY, by, "late"),
        ),
        all_buyers_can_order=False,
        until=TUESDAY + timedelta(days=2),
        version=3,
    )
    resumed = move_membership(membership, "resume", now=TUESDAY, by=Scope.operator(), reason="mended")
    assert (resumed.state, resumed.life.since, resumed.reason) == ("active", TUESDAY, "mended")


@pytest.mark.parametrize(
    "damage",
    [{"life": {"id": "acme", "portions": []}}, {"life": None}, {"history": {}}, {"history": [1]}],
    ids=str,
)
def test_a_damaged_one_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(InvalidDocument):
        read({**FORMER, **damage})


def test_a_stored_one_is_found_and_moved(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'market.db'}"
    with Marketplace.open(url, currency="EUR") as market:
        operator = market.as_operator()
        market.onboarding.invite(Merchant("acme", "Acme"), "a@example.org", expires_at=MONDAY, scope=operator)
        values = {"document": json.dumps(FORMER | {"version": 1, "until": None}), "type": "parties.membership.v1"}
        engine = create_engine(url)
        with engine.begin() as connection:
            done = connection.execute(text("UPDATE mktcore_membership SET document = :document, type = :type"), values)
            assert done.rowcount == 1
        engine.dispose()
        moved = market.onboarding.move("acme", "terminate", reason="over", scope=operator)
    assert moved.state == "terminated"
    assert [step.target for step in moved.history] == ["active", "suspended", "terminated"]
    with Marketplace.open(url, currency="EUR") as market:
        assert market.parties.get_membership("acme", scope=market.as_operator()) == moved
