"""Matching many records, here or on an executor: a process pool, or a cluster's.

An executor that is handed over has started already, so nothing can be given to its workers beforehand. The matcher is
written to a file once; what travels with each chunk of records is the file's name, and each process that meets the name
for the first time reads the file.
"""

import os
import pickle
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from itertools import islice
from pathlib import Path
from threading import Lock

import attrs

from mktcore.matching.match import Match
from mktcore.matching.ports import Matching
from mktcore.matching.record import MatchRecord

__all__ = ["match_all"]

CHUNK = 250
"""Records that travel together."""
IN_FLIGHT = 64
"""Chunks that are handed over before the first answer is awaited: the input is read as a stream."""
_loaded: dict[str, Matching] = {}
_loading = Lock()


def match_all(
    matcher: Matching,
    records: Iterable[MatchRecord],
    executor: Executor | None = None,
    *,
    progress: Callable[[int], None] | None = None,
    limit: int = 5,
    folder: Path | None = None,
) -> Iterator[Match]:
    """Yield the match of each record, in the order of the records; the same with an executor as without.

    The candidates are plain: ask `Matcher.explain` for the reasons of those that matter.

    Args:
        matcher: Anything that matches; with an executor, it must be picklable.
        records: Read as a stream.
        executor: Where the work is done; here and now where none is given.
        progress: Called after each 250 records with how many are done.
        limit: Candidates per record, at most.
        folder: Where the matcher is written for the workers: one that all of them can read. A temporary folder of this
            machine where none is given.
    """
    chunks = _cut(records)
    answers = (
        (_match_here(matcher, chunk, limit) for chunk in chunks)
        if executor is None
        else _match_there(matcher, chunks, executor, limit=limit, folder=folder)
    )
    done = 0
    for matches in answers:
        yield from matches
        done += len(matches)
        if progress is not None:
            progress(done)


def _cut(records: Iterable[MatchRecord]) -> Iterator[list[MatchRecord]]:
    stream = iter(records)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _match_here(matcher: Matching, records: list[MatchRecord], limit: int) -> list[Match]:
    matches = [matcher.match(record, limit) for record in records]
    return [attrs.evolve(match, candidates=tuple(one.to_plain() for one in match.candidates)) for match in matches]


def _match_there(
    matcher: Matching, chunks: Iterator[list[MatchRecord]], executor: Executor, *, limit: int, folder: Path | None
) -> Iterator[list[Match]]:
    waiting: deque[Future[list[Match]]] = deque()
    path = _write(matcher, folder)
    try:
        _loaded[path] = matcher  # threads of this process, and processes forked from it, have it already
        for chunk in chunks:
            waiting.append(executor.submit(_match_chunk, path, chunk, limit))
            if len(waiting) >= IN_FLIGHT:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Whoever stops reading wants no more answers.
        for future in waiting:
            future.cancel()
        _loaded.pop(path, None)
        Path(path).unlink(missing_ok=True)


def _write(matcher: Matching, folder: Path | None) -> str:
    handle, path = tempfile.mkstemp(prefix="mktcore-matcher-", suffix=".pickle", dir=folder)
    with os.fdopen(handle, "wb") as file:
        pickle.dump(matcher, file, protocol=pickle.HIGHEST_PROTOCOL)
    return path


def _match_chunk(path: str, records: list[MatchRecord], limit: int) -> list[Match]:
    """Run in a worker."""
    return _match_here(_load(path), records, limit)


def _load(path: str) -> Matching:
    """Return the matcher of a file, read by the first call of a process; the one before it is forgotten."""
    with _loading:
        matcher = _loaded.get(path)
        if matcher is None:
            # One matcher at a time: a worker that went on to another catalogue would hold both.
            _loaded.clear()
            with Path(path).open("rb") as file:
                matcher = _loaded[path] = pickle.load(file)  # noqa: S301 - written by `_write`, in a file of one owner
        return matcher
