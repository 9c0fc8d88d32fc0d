import os
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import attrs
import pytest

from matching.shop import SHOP, make_item
from mktcore.matching import Match, MatchCandidate, MatchRecord, RecordMatcher, match_many
from mktcore.matching.match_many import match_all

pytestmark = pytest.mark.slow  # starts processes, and a cluster of them
NAMES = ["Sony Alpha 7 IV", "toner HP q6511a", "spring water 3 l", "photo backpack", "nothing like it"]
ITEMS = [MatchRecord(f"i{number}", f"{NAMES[number % 5]} {number % 13}") for number in range(600)]


@pytest.fixture(scope="module")
def matcher() -> RecordMatcher:
    return RecordMatcher.build(SHOP)


@pytest.fixture(scope="module")
def serially(matcher: RecordMatcher) -> list[Match]:
    return list(match_all(matcher, ITEMS))


@attrs.frozen
class Counted:
    """Leaves a note each time it reaches a process."""

    matcher: RecordMatcher
    notes: Path

    def find(self, record: MatchRecord, limit: int = 5) -> tuple[MatchCandidate, ...]:
        return self.matcher.find(record, limit)

    def match(self, record: MatchRecord, limit: int = 5) -> Match:
        return self.matcher.match(record, limit)

    def __getstate__(self) -> tuple[RecordMatcher, Path]:
        return self.matcher, self.notes

    def __setstate__(self, state: tuple[RecordMatcher, Path]) -> None:
        for name, value in zip(("matcher", "notes"), state, strict=True):
            object.__setattr__(self, name, value)
        with (self.notes / str(os.getpid())).open("a") as notes:
            notes.write("loaded\n")


def open_pool(context: str = "spawn") -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, mp_context=get_context(context))


def test_one_after_the_other_gives_what_single_calls_give(matcher: RecordMatcher, serially: list[Match]) -> None:
    reports: list[int] = []
    matches = list(matcher.match_all(iter(ITEMS), progress=reports.append))
    assert matches == [matcher.match(item) for item in ITEMS] == serially
    assert reports == [250, 500, 600]


def test_processes_give_the_same_answers_and_read_the_index_once_each(
    tmp_path: Path, matcher: RecordMatcher, serially: list[Match]
) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    with open_pool() as pool:
        reports: list[int] = []
        answers = list(match_all(Counted(matcher, notes), ITEMS, pool, progress=reports.append, folder=tmp_path))
        assert answers == serially
        assert reports == [250, 500, 600]
        loads = {path.name: path.read_text().count("loaded") for path in notes.iterdir()}
        assert 1 <= len(loads) <= 2
        assert set(loads.values()) == {1}
        assert str(os.getpid()) not in loads
        assert list(match_all(matcher, ITEMS[:10], pool)) == serially[:10]  # another matcher in the same workers
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]  # the file is gone


def test_threads_share_the_matcher_that_is_there(tmp_path: Path, matcher: RecordMatcher, serially: list[Match]) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert list(match_all(Counted(matcher, tmp_path), ITEMS, pool)) == serially
    assert not list(tmp_path.iterdir())


def test_a_cluster_gives_the_same_answers(matcher: RecordMatcher, serially: list[Match]) -> None:
    distributed: Any = pytest.importorskip("distributed", reason="Dask is not installed")
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        assert list(match_all(matcher, ITEMS, client.get_executor())) == serially


class Inline(Executor):
    """Works when it is asked to."""

    def submit(self, work: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(work(*arguments, **named))
        return future


def test_the_input_is_read_as_a_stream(
    monkeypatch: pytest.MonkeyPatch, matcher: RecordMatcher, serially: list[Match]
) -> None:
    monkeypatch.setattr(match_many, "CHUNK", 10)
    monkeypatch.setattr(match_many, "IN_FLIGHT", 3)
    read: list[str] = []

    def stream() -> Iterator[MatchRecord]:
        for item in ITEMS:
            read.append(item.id)
            yield item

    answers = match_all(matcher, stream(), Inline())
    assert read == []  # nothing is read before somebody asks
    assert next(answers) == serially[0]
    assert len(read) == 30
    assert [next(answers) for _ in range(9)] == serially[1:10]
    assert len(read) == 30


def test_who_stops_asking_stops_the_work(tmp_path: Path, matcher: RecordMatcher) -> None:
    with ThreadPoolExecutor(1) as pool:
        answers = match_all(matcher, ITEMS, pool, folder=tmp_path)
        next(answers)
        answers.close()  # type: ignore[attr-defined]  # a generator
    assert not list(tmp_path.iterdir())


def test_a_matcher_travels(matcher: RecordMatcher) -> None:
    copy: RecordMatcher = pickle.loads(pickle.dumps(matcher))  # noqa: S301 - our own bytes
    item = make_item("Sony Alpha 7 III")
    assert copy.match(item) == matcher.match(item)
