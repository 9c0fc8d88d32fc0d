"""Which tests are slow, Hypothesis profiles, and the market that most tests run on.

`default` in every run, `long` for the documented long run (`--hypothesis-profile=long`), `mutants` for
planted faults. The market is the example
folder, on the stores that need no server, at a fixed instant.
"""

import gc
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from markets import EXAMPLE, NOON, open_loaded
from mktcore.marketplace import Marketplace
from mktcore.testing.fakes import ManualClock

settings.register_profile("default", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
# Of many planted faults, few examples tell most, and are the same ones every time.
settings.register_profile("mutants", settings.get_profile("default"), max_examples=40, derandomize=True, database=None)
settings.load_profile("default")


YOUNG = 20_000
"""Objects that are made before garbage is looked for; with Python's 700, that is a fifth of loading a market."""
LONGEST = (
    "test_replay_orders.py",
    "test_the_page.py",
    "test_olist.py",
    "test_many_processes.py",
    "test_corruptions.py",
)
"""Files of few tests that take half a minute each."""
MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's folder in memory
ENOUGH = 4 * 2**30
if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH and "TMPDIR" not in os.environ:
    # Databases of tests commit thousands of times. What they promise is held by killing processes, and no test cuts
    # the power: waiting for a disk proves nothing here. Worker processes inherit it.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    """The example marketplace; folders of tests about other rooms have their own."""
    with open_loaded(request.param, tmp_path, clock, EXAMPLE) as market:
        yield market


def pytest_configure(config: pytest.Config) -> None:
    """Let workers take files in the order they are given; keep what was compiled where the environment does not.

    Workers, and the hundreds of processes that tests start, would compile all of it again, each for itself. It is kept
    with pytest's own cache, and not beside the source.
    """
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # by the number of tests, the longest files came last
    is_kept = config.pluginmanager.hasplugin("cacheprovider") and os.access(config.rootpath, os.W_OK)
    if sys.dont_write_bytecode and is_kept:
        kept = str(config.cache.mkdir("bytecode"))
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = kept
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage among the tests themselves: they live as long as the run, however often they are looked at."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--count-slow", action="store_true", help="count the lines that slow tests run, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow many examples, and what runs on a database; modules of races and the like mark themselves.

    Workers take the longest files first, as whoever is left with one at the end lets the others wait.
    """
    for item in items:
        if _draws_many(item) or _is_on_database(item):
            item.add_marker(pytest.mark.slow)
    if hasattr(config, "workerinput"):
        sizes = Counter(item.path for item in items)
        items.sort(key=lambda item: (item.path.name not in LONGEST, -sizes[item.path], str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Count no lines in what is slow: many examples and whole markets take twice as long while lines are counted.

    The coverage that is asked for is reached without them, so it counts tests that show one thing each. What
    nothing quick runs (migrations, a host's transaction) is marked `slow(counted=True)`.
    """
    counting = sys.gettrace()
    if counting is None or _is_counted(item):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(counting)


def _is_counted(item: pytest.Item) -> bool:
    marks = list(item.iter_markers("slow"))
    return not marks or any(mark.kwargs.get("counted") for mark in marks) or item.config.getoption("count_slow")


def _draws_many(item: pytest.Item) -> bool:
    test = getattr(item, "obj", None)
    # Hypothesis runs its state machines as unittest cases, whose method it does not mark.
    return is_hypothesis_test(test) or hasattr(getattr(item, "cls", None), "settings")


def _is_on_database(item: pytest.Item) -> bool:
    if "postgresql" in getattr(item, "fixturenames", ()):
        return True
    call = getattr(item, "callspec", None)
    if call is None:
        return False
    # Whole markets have the same tests in memory; what a store promises is looked at on SQLite in a first answer too.
    on_sqlite = any(value == "sqlite" and name != "store" for name, value in call.params.items())
    return on_sqlite or any(value == "postgresql" for value in call.params.values())
