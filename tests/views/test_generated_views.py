"""Whatever a value holds: its view fits its schema, and shows nobody what reading the record hides."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import attrs
import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st

from mktcore.access.permissions import PermissionDenied
from mktcore.adapters.memory import MemoryStore
from mktcore.errors import MktcoreError
from mktcore.ledger import Hold, PostedTransaction
from mktcore.ledger.trial_balance import TrialBalance
from mktcore.orders.order import Order
from mktcore.persistence import Kind, NotFound, Page, Party, Scope
from mktcore.storefront import StorefrontEntry, StorefrontPage
from mktcore.views import list_codes, schema_of, view
from mktcore.views.texts import to_english
from views.generated_values import ANSWERS, BOOKS, LOOKERS, RECORDS, entries, list_leaves, orders, records_of

pytestmark = pytest.mark.slow  # whole orders are drawn field by field
QUICK = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.generate],  # whole orders shrink for minutes, and fail on any
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
LONG_ENOUGH = 6
"""Letters of a text that is not met by chance."""
OURS = {to_english(code) for code in list_codes()} | {part for code in list_codes() for part in code.split("/")}


@cache
def validator(cls: Any) -> jsonschema.Draft202012Validator:
    schema = schema_of(cls)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def find_view(value: Any, scope: Scope) -> Any:
    """Return what a caller is shown, or the refusal that it gets instead; it must fit the schema."""
    try:
        shown = view(value, scope)
    except (NotFound, PermissionDenied) as refusal:
        return type(refusal)
    # As it goes over the line: what is no JSON fails here.
    of: Any = type(value)
    validator(of).validate(json.loads(json.dumps(shown, allow_nan=False)))
    return shown


def texts_of(shown: Any) -> set[str]:
    """Return every text of a view, keys too: some are the host's."""
    match shown:
        case str():
            return {shown}
        case Mapping():
            return {str(key) for key in shown}.union(*map(texts_of, shown.values()))
        case list():
            return set().union(*map(texts_of, shown))
        case _:
            return set()


def check_hiding(value: Any, scope: Scope, seen: Any) -> None:
    """Compare a view of the whole with one of what `get` returns, and look for all texts that are only in the whole."""
    # Equal: no figure, whatever it is made of, depends on what `get` hides.
    shown = find_view(value, scope)
    assert shown == find_view(seen, scope)
    hidden = {leaf for leaf in set(list_leaves(value)) - set(list_leaves(seen)) if len(leaf) >= LONG_ENOUGH} - OURS
    assert not hidden & texts_of(shown)


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@QUICK
@given(data=st.data())
def test_a_record_shows_a_caller_what_getting_it_shows(cls: type, data: st.DataObject) -> None:
    value = attrs.evolve(data.draw(records_of(cls)), version=0)
    kind = RECORDS[cls]
    store = MemoryStore([kind])
    try:
        with store.begin(Scope.operator()) as unit:
            unit.repository(kind).add(value)
            unit.commit()
    except MktcoreError:
        reject()  # an id or a column that no store can hold
    for scope in LOOKERS:
        found = get(store, kind, value.id, scope=scope)
        if isinstance(found, type):
            assert find_view(value, scope) is found
        else:
            check_hiding(value, scope, found)


def get(store: MemoryStore, kind: Kind[Any], record: str, *, scope: Scope) -> Any:
    """Return what a store shows a caller of a record, or how it refuses."""
    try:
        with store.begin(scope.caller) as unit:
            return unit.repository(kind).get(record)
    except (NotFound, PermissionDenied) as refusal:
        return type(refusal)


@QUICK
@given(orders(), st.sampled_from(LOOKERS))
def test_an_order_shows_a_caller_what_getting_it_shows(order: Order, scope: Scope) -> None:
    caller = scope.caller
    if caller.party is Party.MERCHANT or caller.id == "b2":
        assert find_view(order, scope) is NotFound
    else:
        check_hiding(order, scope, order.view_for(scope))


@QUICK
@given(entries(), st.sampled_from([*LOOKERS, Scope.visitor()]))
def test_an_entry_of_the_storefront_shows_whom_it_is_for_what_the_page_shows(
    entry: StorefrontEntry, scope: Scope
) -> None:
    page, caller = StorefrontPage((entry,), None), scope.caller
    if caller.party is Party.MERCHANT or (caller.id in {"b2", "?"} and caller.party is Party.BUYER):
        assert find_view(entry, scope) is NotFound
        assert find_view(page, scope) is NotFound
    else:
        check_hiding(entry, scope, entry.view_for(scope))
        check_hiding(page, scope, StorefrontPage((entry.view_for(scope),), None))


@pytest.mark.parametrize("cls", ANSWERS, ids=lambda cls: cls.__name__)
@QUICK
@given(data=st.data())
def test_every_answer_fits_its_schema(cls: type, data: st.DataObject) -> None:
    value = data.draw(ANSWERS[cls])
    assert isinstance(find_view(value, Scope.merchant("acme")), dict)


@pytest.mark.parametrize("cls", BOOKS, ids=lambda cls: cls.__name__)
@QUICK
@given(data=st.data())
def test_the_books_show_a_party_its_own_accounts(cls: type, data: st.DataObject) -> None:
    value = data.draw(BOOKS[cls])
    assert isinstance(find_view(value, Scope.operator()), dict)
    assert find_view(value, LOOKERS[1]) is PermissionDenied
    is_own = cls is TrialBalance or "acme" in str(value.id if isinstance(value, Hold) else value)
    is_own = (is_own or cls is Hold) and cls is not PostedTransaction
    assert isinstance(find_view(value, Scope.merchant("acme")), dict if is_own else type), value
    assert (find_view(value, Scope.buyer("b1")) is NotFound) is (cls is not TrialBalance)


@QUICK
@given(st.lists(records_of(next(cls for cls in RECORDS if cls.__name__ == "MerchantOrder")), max_size=3))
def test_a_page_fits_the_schema_of_pages_and_that_of_pages_of_its_records(parts: list[Any]) -> None:
    page = view(Page(tuple(parts), "cursor" if parts else None), Scope.operator())
    for schema in (Page, Page[type(parts[0]) if parts else next(iter(RECORDS))]):  # type: ignore[misc]  # by their type
        validator(schema).validate(page)
