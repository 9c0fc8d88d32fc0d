"""What is another's answers as what is not there does: every use case, and every id that it takes."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from access.probe_world import find_scope, open_world
from access.probes import NO_IDS, NO_IDS_HERE, PROBES, TAKEN, Ask, Probe
from mktcore.access import PermissionDenied
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.persistence import NotFound, UniqueViolation

CASES = [(name, other, caller) for name, one in PROBES.items() for other in one.others for caller in one.callers]


@attrs.define
class Asking:
    """Asks in a market that is as it was opened: what was refused changed nothing."""

    folder: Path
    market: Marketplace | None = None

    def ask(self, how: Ask, about: str, caller: str) -> str:
        """Return all that a caller is told, with a question mark where it names what it asked about."""
        market, self.market = self.market or open_world(self.folder), None
        try:
            told = repr(how(market, about, find_scope(market, caller)))
        except MktcoreError as error:
            told = f"{type(error).__name__}: {error} {sorted(vars(error).items(), key=str)}"
            # Of some refusals a key remembers: the next one who asks must not meet it.
            self.market = market if isinstance(error, (NotFound, PermissionDenied, UniqueViolation)) else None
        return told.replace(about, "?")


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Asking:
    return Asking(tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize(("name", "other", "caller"), CASES, ids=map("-".join, CASES))
def test_anothers_is_as_absent(asking: Asking, name: str, other: str, caller: str) -> None:
    one = PROBES[name]
    assert asking.ask(one.ask, other, caller) == asking.ask(one.ask, one.absent, caller)


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
    for face, found in vars(market).items():
        # The store and the clock are the host's own.
        if not face.startswith("_") and attrs.has(type(found)) and type(found).__module__.startswith("mktcore."):
            yield from _list_parameters_of(face, found)


def _list_parameters_of(face: str, found: object) -> Iterator[str]:
    for name, method in inspect.getmembers(type(found), inspect.isfunction):
        if not name.startswith(("_", "as_operator", "as_merchant", "as_buyer")):
            for parameter in list(inspect.signature(method).parameters)[1:]:
                yield f"{face}.{name}.{parameter}"


def test_every_id_of_every_use_case_is_probed() -> None:
    parameters = set(list_parameters())
    probed = {name.partition(":")[0] for name in PROBES}
    ids = {one for one in parameters if one.rpartition(".")[2] not in NO_IDS} | (probed & parameters)
    assert ids - probed == NO_IDS_HERE.keys()
    assert probed | NO_IDS_HERE.keys() <= parameters
    assert {name.partition(":")[0] for name in TAKEN} <= probed


def test_a_probe_can_tell_a_difference(asking: Asking) -> None:
    told = Probe(lambda market, x, scope: market.offers.get(x, scope=scope), ("bolt-lamp",))  # read by everybody
    assert asking.ask(told.ask, "bolt-lamp", "acme") != asking.ask(told.ask, told.absent, "acme")
