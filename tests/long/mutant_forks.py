"""Trying many mutants on tests that are collected once: each in a fork in which the changed functions have new code.

It is ten times as fast as starting anew, and not the last word: what was computed and kept on import is of the sources
as they are. So whoever lives here is tried again from the start, as is what no function holds.
"""

import gc
import json
import os
import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType

import attrs
import pytest

__all__ = ["ForkedTrials", "Trial", "find_changes"]

_FUNCTION = 0x1
"""The flag of code that is a function's, and not a class's or module's."""


@attrs.frozen
class Trial:
    """A mutant, and on what it is tried.

    Attributes:
        number: Its place among those drawn of the room.
        path: Of the module.
        text: The changed module; empty for a trial without a change.
        tests: Which tests, in order, and after how many processor seconds each of them has hung.
    """

    number: int
    path: str
    text: str
    tests: Mapping[str, float]


@attrs.define
class ForkedTrials:
    """A plug-in of pytest that runs no test itself, and notes what became of each mutant.

    Neighbours die by the same tests: those that killed before come first, the latest before others.

    Attributes:
        trials: What is tried.
        target: The file that gets a line of each: its number, and the exit code; null where it hung.
    """

    trials: Sequence[Trial]
    target: Path
    _killed_at: dict[str, int] = attrs.field(factory=dict, init=False)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        with self.target.open("w", encoding="utf-8") as lines:
            for trial in self.trials:
                try:
                    changes = find_changes(trial) if trial.text else {}
                except SyntaxError:  # nothing can import it
                    lines.write(json.dumps([trial.number, 1]) + "\n")
                    continue
                ordered = sorted(trial.tests, key=lambda test: -self._killed_at.get(test, -1))
                wanted = [items[test] for test in ordered if test in items]
                if changes is not None and wanted:
                    code, killer = _fork(session, wanted, changes, trial=trial)
                    self._killed_at |= {killer: trial.number} if killer else {}
                    lines.write(json.dumps([trial.number, code]) + "\n")
                    lines.flush()
        return True


def find_changes(trial: Trial) -> dict[tuple[str, int], CodeType] | None:
    """Return the new code of functions by name and line; None where something else changed, such as a default."""
    texts = (Path(trial.path).read_text(encoding="utf-8"), trial.text)
    known, changed = (compile(text, trial.path, "exec", dont_inherit=True) for text in texts)
    if _describe_body(known) != _describe_body(changed):
        return None
    functions, others = dict(_list_functions(known)), dict(_list_functions(changed))
    if functions.keys() != others.keys():
        return None
    found = {key: code for key, code in others.items() if code != functions[key]}
    # What has no name, on this level, ran on import.
    return None if not found or any(name.endswith(">") for name, _ in found) else found


def _list_functions(code: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    for const in code.co_consts:
        if isinstance(const, CodeType) and const.co_flags & _FUNCTION:
            yield (const.co_qualname, const.co_firstlineno), const
        elif isinstance(const, CodeType):
            yield from _list_functions(const)


def _describe_body(code: CodeType) -> tuple[object, ...]:
    consts = [repr(one) if not isinstance(one, CodeType) else _describe_inner(one) for one in code.co_consts]
    return (code.co_code, code.co_names, consts)


def _describe_inner(code: CodeType) -> object:
    return code.co_qualname if code.co_flags & _FUNCTION else _describe_body(code)


def _fork(
    session: pytest.Session, items: list[pytest.Item], changes: Mapping[tuple[str, int], CodeType], *, trial: Trial
) -> tuple[int | None, str]:
    """Return the exit code of a fork that runs the tests, None where it hung, and which test failed."""
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            _exchange(changes, trial.path)
            code = _run_items(session, items, trial.tests, telling=telling)
        finally:
            os._exit(code)
    os.close(telling)
    result = _await(child, time.monotonic() + 20 * sum(trial.tests.values()))
    with os.fdopen(told, encoding="utf-8") as killer:
        return result, killer.read()


def _await(child: int, until: float) -> int | None:
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else None
        if time.monotonic() > until:
            os.kill(child, 9)
            os.waitpid(child, 0)
            return None
        time.sleep(0.02)


def _exchange(changes: Mapping[tuple[str, int], CodeType], path: str) -> None:
    for one in gc.get_objects():
        if type(one) is FunctionType and one.__code__.co_filename == path:
            new = changes.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
            if new is not None:
                one.__code__ = new


def _run_items(session: pytest.Session, items: list[pytest.Item], limits: Mapping[str, float], *, telling: int) -> int:
    for place, item in enumerate(items):
        # A limit of each test: one of all would let a hung one take what all may.
        limit = int(time.process_time() + limits[item.nodeid]) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        following = items[place + 1] if place + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            os.write(telling, item.nodeid.encode())
            return 1
    return 0
