"""Faults planted by a program: which of them do the tests let live?

    python -m pip install -e ".[dev,mutation]"
    python tests/long/mutants.py                          # 150 in each of money, totals, promotions, stock
    python tests/long/mutants.py money --count 20         # a quick look
    python tests/long/mutants.py totals --only 31 47      # two of them again, with what changed

A mutant is one small change of one line (another operator, a negated condition, a number one off, a `break` for a
`continue`, ...). Those of a room are drawn with a fixed seed, but for those in annotations, which nothing runs. Each is
tried in a copy of the sources with the tests that ran its line, those of its own room first; the first test that fails
kills it. What lives is printed with its change, and is either a test that is missing or changes nothing: the latter
stand in `equivalent_mutants.txt` with the reason. Exits with 1 where fewer than 95 % of the others are killed.
"""

import argparse
import ast
import difflib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from coverage import CoverageData

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EQUIVALENT = HERE / "equivalent_mutants.txt"
ROOMS = ("money", "totals", "promotions", "stock")
SEED = 2026
WANTED = 0.95
MOST_TESTS = 400
"""Tests tried on one mutant: those of its room come first, and what they let live the others seldom kill."""


@attrs.frozen
class Mutant:
    """One change of one place.

    Attributes:
        number: Its place among those drawn of the room.
        module: Below the sources: `mktcore/money/amount.py`.
        operator: What kind of change.
        occurrence: The how many-th place of the module where that kind can be made.
        line: Where it is.
    """

    number: int
    module: str
    operator: str
    occurrence: int
    line: int

    def mutate(self) -> tuple[str, str]:
        """Return the module's text before and after."""
        before = (ROOT / "src" / self.module).read_text(encoding="utf-8")
        after = mutate_code(before, get_operator(self.operator)(), self.occurrence)
        return before, before if after is None else after

    def describe(self) -> str:
        """Return what changes, in two lines, as `equivalent_mutants.txt` names it."""
        before, after = self.mutate()
        changes = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        lines = [f"{one[0]} {one[1:].strip()}" for one in changes if one[0] in "+-" and one[:3] not in {"+++", "---"}]
        return "\n".join([f"{self.module}", *lines])


def draw_mutants(room: str, count: int) -> list[Mutant]:
    """Draw so many places of a room with a fixed seed, in the order of the sources."""
    found = list(find_places(room))
    chosen = random.Random(SEED).sample(found, min(count, len(found)))  # noqa: S311 - repeatable, not secret
    return [Mutant(number, *place) for number, place in enumerate(sorted(chosen, key=lambda one: (one[0], one[3])), 1)]


def find_places(room: str) -> Iterator[tuple[str, str, int, int]]:
    """Yield every change that can be made in a room, but for those of annotations."""
    place = ROOT / "src" / "mktcore" / room
    for path in sorted(place.rglob("*.py")):
        tree, unrun = get_ast_from_path(path), find_annotations(path.read_text(encoding="utf-8"))
        for name in sorted(operator_names()):
            operator_class = get_operator(name)
            if operator_class.arguments():
                continue
            operator = operator_class()
            starts = [start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node)]
            for occurrence, (line, column) in enumerate(starts):
                if not any(begin <= (line, column) < end for begin, end in unrun):
                    yield path.relative_to(ROOT / "src").as_posix(), name, occurrence, line


def find_annotations(text: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where annotations, aliases of types and lists of decorators' types begin and end."""
    found: list[ast.expr | None] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.AnnAssign | ast.arg):
            found.append(node.annotation)
        elif isinstance(node, ast.FunctionDef):
            found.append(node.returns)
    return [
        ((one.lineno, one.col_offset), (one.end_lineno or one.lineno, one.end_col_offset or 0))
        for one in found
        if one is not None
    ]


def measure_coverage(target: Path) -> CoverageData:
    """Run the tests once, and note which of them ran which line."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "--cov=mktcore"]
    command += [
        "--count-slow",
        "--cov-context=test",
        "--cov-report=",
        "-p",
        "no:cacheprovider",
        "--ignore=tests/docs",
        "tests",
    ]
    environment = {**os.environ, "COVERAGE_FILE": str(target), "COVERAGE_CORE": "ctrace"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    data = CoverageData(str(target))
    data.read()
    return data


def choose_tests(mutant: Mutant, data: CoverageData, room: str) -> list[str]:
    """Return the tests that ran the line, those of the room first; all of the room where it runs on import."""
    lines = data.contexts_by_lineno(str(ROOT / "src" / mutant.module))
    ran = sorted({context.split("|")[0] for context in lines.get(mutant.line, []) if context})
    own = [test for test in ran if test.startswith((f"tests/{room}/", f"tests/properties/test_{room}"))]
    others = [test for test in ran if test not in own]
    return [*own, *others][:MOST_TESTS] or [f"tests/{room}"]


def try_mutant(mutant: Mutant, tests: list[str], *, timeout: float) -> str:
    """Run the tests on a copy of the sources with the change: `killed`, `hung` or `lives`."""
    with tempfile.TemporaryDirectory() as folder:
        sources, listed = Path(folder, "src"), Path(folder, "tests.txt")
        shutil.copytree(ROOT / "src", sources, ignore=shutil.ignore_patterns("__pycache__"))
        (sources / mutant.module).write_text(mutant.mutate()[1], encoding="utf-8")
        listed.write_text("\n".join(tests), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"@{listed}"]
        environment = {**os.environ, "PYTHONPATH": str(sources), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return "hung"
    return "killed" if done.returncode else "lives"


def read_equivalent() -> dict[str, str]:
    """Return the reason of each change that changes nothing, by its description."""
    found: dict[str, str] = {}
    for block in EQUIVALENT.read_text(encoding="utf-8").split("\n\n") if EQUIVALENT.exists() else ():
        lines = block.strip().splitlines()
        if len(lines) > 1:
            found["\n".join(lines[:-1])] = lines[-1].removeprefix("# ")
    return found


def try_room(room: str, mutants: list[Mutant], data: CoverageData, *, workers: int, timeout: float) -> list[Mutant]:
    """Try the mutants of a room, print those that live, and return those that are not known to change nothing."""
    equivalent = read_equivalent()
    living: list[Mutant] = []
    with ThreadPoolExecutor(workers) as pool:
        results = pool.map(lambda one: try_mutant(one, choose_tests(one, data, room), timeout=timeout), mutants)
        for mutant, result in zip(mutants, results, strict=True):
            sys.stderr.write(f"\r{room} {mutant.number}/{len(mutants)}, {len(living)} live ")
            if result == "lives" and mutant.describe() not in equivalent:
                living.append(mutant)
                print(f"\n{room} {mutant.number} line {mutant.line} {mutant.operator}\n{mutant.describe()}", flush=True)
    same = sum(one.describe() in equivalent for one in mutants)
    killed = len(mutants) - same - len(living)
    share = killed / max(len(mutants) - same, 1)
    print(f"\n{room}: {len(mutants)} drawn, {same} change nothing, {killed} killed, {len(living)} live: {share:.1%}")
    return living


def main() -> int:
    """Try every room that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rooms", nargs="*", help=f"of the sources; {', '.join(ROOMS)} unless told otherwise")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of mutants")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which a mutant has hung")
    parser.add_argument("--coverage", type=Path, help="a file to keep what ran which line, or to read it from")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kept = given.coverage or Path(folder, "coverage")
        if kept.exists():
            data = CoverageData(str(kept))
            data.read()
        else:
            data = measure_coverage(kept)
        enough = True
        for room in given.rooms or ROOMS:
            drawn = draw_mutants(room, given.count)
            mutants = [one for one in drawn if given.only is None or one.number in given.only]
            living = try_room(room, mutants, data, workers=given.workers, timeout=given.timeout)
            enough &= len(living) <= (1 - WANTED) * len(mutants)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
