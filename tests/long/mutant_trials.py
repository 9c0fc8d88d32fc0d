"""Running tests on sources of which one module is changed, as quickly as may be.

Most of a short run of tests is its start, so processes are forked from one that has imported all but the library; the
changed module is given to the import system in place of its file, so that all others are read compiled as they are. The
quickest tests come first, and a limit of *processor* time, which a busy machine does not change, ends what hangs.
"""

import json
import multiprocessing
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import attrs
import pytest
from coverage import CoverageData

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = ["alembic", "attrs", "cattrs", "hypothesis.stateful", "iso4217", "psycopg", "pytest", "sqlalchemy.orm"]
BARE = [
    "-q",
    "-p",
    "no:cacheprovider",
    "--hypothesis-profile=mutants",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
]
"""What is imported before pytest starts cannot be rewritten by it, which it would warn of."""
FEW_SECONDS = 8.0
"""For the start and the collecting of tests, before any runs."""
SLOWER = 3.0
"""How many times its clean time a test may take before it has hung: clean times are measured by the wall."""
PATIENCE = 20.0
"""How many times its processor time a process may last: others have the processor, or it waits for ever."""

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([*PRELOADED, "__main__"])


@attrs.frozen
class Changed(SourceFileLoader):
    """Loads one module from a text in place of its file's."""

    name: str
    path: str
    text: str

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Answer the import system for the one module."""
        return spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - it loads the one
        """Compile the text; what is compiled already is the file's."""
        return compile(self.text, self.path, "exec", dont_inherit=True)


@attrs.define
class Stopwatch:
    """A plug-in of pytest that notes how long each test takes, but for those that fail: they can judge nothing."""

    target: Path
    seconds: dict[str, float] = attrs.field(factory=dict)
    failed: set[str] = attrs.field(factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        self.failed |= {report.nodeid} if report.failed else set()

    def pytest_sessionfinish(self) -> None:
        passed = {test: seconds for test, seconds in self.seconds.items() if test not in self.failed}
        self.target.write_text(json.dumps(passed), encoding="utf-8")


@attrs.frozen
class Collector:
    """A plug-in of pytest that notes which tests there are."""

    target: Path

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.target.write_text("\n".join(item.nodeid for item in session.items), encoding="utf-8")


@attrs.frozen
class Coverage:
    """Which tests ran which lines, and how long each took."""

    data: CoverageData
    seconds: Mapping[str, float]

    @classmethod
    def read(cls, target: Path) -> "Coverage":
        """Read what `measure` kept."""
        data = CoverageData(str(target))
        data.read()
        return cls(data, json.loads(_name_seconds(target).read_text(encoding="utf-8")))

    @classmethod
    def measure(cls, target: Path, rooms: Sequence[str], *, workers: int) -> "Coverage":
        """Run what is quick of all tests, and what is slow of the rooms' own with few examples.

        Args:
            target: Where it is kept.
            rooms: Whose lines are noted.
            workers: How many processes run tests.
        """
        os.environ.update(COVERAGE_FILE=str(target), COVERAGE_CORE="ctrace")
        command = [
            *BARE,
            "-n",
            str(workers),
            "--dist",
            "loadfile",
            "--count-slow",
            "--cov-context=test",
            "--cov-report=",
        ]
        command += [*(f"--cov=mktcore.{room}" for room in rooms), "--ignore=tests/docs", "-k", "not postgresql"]
        own = [f"tests/{room}" for room in rooms]
        first, second = _name_seconds(target, "first"), _name_seconds(target, "second")
        run_apart([*command, "-m", "not slow", "tests"], plugin=Stopwatch(first))
        run_apart([*command, "--cov-append", "-m", "slow", "tests/properties", *own], plugin=Stopwatch(second))
        seconds = {**json.loads(first.read_text("utf-8")), **json.loads(second.read_text("utf-8"))}
        _name_seconds(target).write_text(json.dumps(seconds), encoding="utf-8")
        return cls.read(target)

    def find_tests(self, module: Path, line: int) -> list[str]:
        """Return the tests that ran a line, the quickest first."""
        contexts = self.data.contexts_by_lineno(str(module)).get(line, [])
        ran = {context.split("|")[0] for context in contexts if context}
        return sorted(ran & self.seconds.keys(), key=lambda one: (self.seconds[one], one))


def _name_seconds(target: Path, run: str = "all") -> Path:
    # Not the name of the coverage and a suffix: such files are parts of it, which it takes in and deletes.
    return target.with_name(f"seconds-{target.name}-{run}.json")


def run_apart(
    arguments: Sequence[str],
    *,
    changed: Changed | None = None,
    plugin: object = None,
    processor_seconds: float | None = None,
) -> int | None:
    """Run tests in a process of their own, and return its exit code, or None where it hung.

    Args:
        arguments: For pytest.
        changed: A module that is not as its file is.
        plugin: Of pytest.
        processor_seconds: After which it has hung.
    """
    process = FORKS.Process(target=_run, args=(tuple(arguments), changed, plugin, processor_seconds))
    process.start()
    process.join(None if processor_seconds is None else processor_seconds * PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
    code = process.exitcode
    return None if code is None or code < 0 else code


def _run(arguments: tuple[str, ...], changed: Changed | None, plugin: object, processor_seconds: float | None) -> None:
    if processor_seconds is not None:
        limit = int(processor_seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))
    os.chdir(ROOT)
    sys.dont_write_bytecode = False  # what one run compiles, all others read; the changed module is never kept
    if changed is not None:
        sys.meta_path.insert(0, changed)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os._exit(int(pytest.main([*arguments], plugins=[] if plugin is None else [plugin])))
