"""What is another's answers as what is not there does: every use case, and every id that it takes."""

import inspect
from collections.abc import Iterator

import attrs
import pytest

from access.list_probes import LIST_PROBES, NO_LIST_IDS
from access.probe_world import find_scope, open_world
from access.probes import NO_IDS, NO_IDS_HERE, TAKEN, Ask, Probe
from access.probes import PROBES as VERB_PROBES
from mktcore.access import PermissionDenied
from mktcore.access.record_list import ShownList
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.marketplace.calls_by_merchant_state import LIST_VERBS
from mktcore.marketplace.list_table import find_rooms, iterate_lists
from mktcore.persistence import NotFound, UniqueViolation

PROBES = {**VERB_PROBES, **LIST_PROBES}
EXEMPT = {**NO_IDS_HERE, **NO_LIST_IDS}
CASES = [(name, other, caller) for name, one in PROBES.items() for other in one.others for caller in one.callers]


@attrs.define
class Asking:
    """Asks in a market that is as it was opened: what was refused changed nothing."""

    market: Marketplace | None = None

    def ask(self, how: Ask, about: str, caller: str, *, is_read: bool = False) -> str:
        """Return all that a caller is told, with a question mark where it names what it asked about."""
        market, self.market = self.market or open_world(), None
        try:
            told = repr(how(market, about, find_scope(market, caller)))
        except MktcoreError as error:
            told = f"{type(error).__name__}: {error} {sorted(vars(error).items(), key=str)}"
            # Of some refusals a key remembers: the next one who asks must not meet it.
            self.market = market if isinstance(error, (NotFound, PermissionDenied, UniqueViolation)) else None
        if is_read:
            self.market = market
        return told.replace(about, "?")


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking()


@pytest.mark.parametrize(("name", "other", "caller"), CASES, ids=map("-".join, CASES))
def test_anothers_is_as_absent(asking: Asking, name: str, other: str, caller: str) -> None:
    one = PROBES[name]
    told = asking.ask(one.ask, other, caller, is_read=one.is_read)
    assert told == asking.ask(one.ask, one.absent, caller, is_read=one.is_read)


@pytest.mark.parametrize("name", TAKEN)
def test_who_has_an_id_that_is_taken_is_not_told(asking: Asking, name: str) -> None:
    how, own, others = TAKEN[name]
    told = asking.ask(how, others, "acme")
    assert told == asking.ask(how, own, "acme")
    assert told.startswith(UniqueViolation.__name__)


def list_parameters() -> Iterator[str]:
    """Yield each parameter of each use case of a market, as the probes name it."""
    market = Marketplace.in_memory("EUR")
    yield from _list_parameters_of("", market)
    for face, found in find_rooms(market).items():
        # The store and the clock are the host's own.
        if not face.startswith("_") and attrs.has(type(found)) and type(found).__module__.startswith("mktcore."):
            yield from _list_parameters_of(face, found)
    for name, _ in iterate_lists(market):
        yield from (f"{name}.{verb}.where" for verb in ("page", "count", "iterate"))
        yield f"{name}.get.id"


def _list_parameters_of(face: str, found: object) -> Iterator[str]:
    for name, method in inspect.getmembers(type(found), inspect.isfunction):
        # The verbs of a list are listed with all lists.
        is_list = name in LIST_VERBS and issubclass(type(found), ShownList)
        if not is_list and not name.startswith(("_", "as_operator", "as_merchant", "as_buyer")):
            for parameter in list(inspect.signature(method).parameters)[1:]:
                yield f"{face}.{name}.{parameter}"


def test_every_id_of_every_use_case_is_probed() -> None:
    parameters = set(list_parameters())
    probed = {name.partition(":")[0] for name in PROBES}
    ids = {one for one in parameters if one.rpartition(".")[2] not in NO_IDS} | (probed & parameters)
    assert ids - probed == EXEMPT.keys()
    assert probed | EXEMPT.keys() <= parameters
    assert {name.partition(":")[0] for name in TAKEN} <= probed


def test_a_probe_can_tell_a_difference(asking: Asking) -> None:
    told = Probe(lambda market, x, scope: market.offers.get(x, scope=scope), ("bolt-lamp",))  # read by everybody
    assert asking.ask(told.ask, "bolt-lamp", "acme") != asking.ask(told.ask, told.absent, "acme")
