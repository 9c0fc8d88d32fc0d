"""Faults planted by a program: which of them do the tests let live?

    python -m pip install -e ".[dev,mutation]"
    python tests/long/mutants.py                          # 150 in each of money, totals, promotions, stock
    python tests/long/mutants.py money --count 20         # a quick look
    python tests/long/mutants.py totals --only 31 47      # two of them again, with what changed

A mutant is one small change of one line (another operator, a negated condition, a number one off, a `break` for a
`continue`, ...). Those of a room are drawn with a fixed seed, but for those in annotations, which nothing runs; by what
the line says and not by its number, so that a change elsewhere in the room draws the same ones. Each is tried with the
tests that ran its line, the quick ones of its own room first; the first test that fails kills it. What lives is printed
with its change, and is either a test that is missing or changes nothing: the latter stand in `equivalent_mutants.txt`
with the reason. Exits with 1 where fewer than 95 % of the others are killed.

Of 150 of each, 9 of money change nothing, 10 of totals, 4 of promotions and 7 of stock; for each of the others that
lived at first there is a test now.
"""

import argparse
import ast
import difflib
import hashlib
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
from cosmic_ray.ast import ast_nodes, get_ast_from_path
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from mutant_forks import ForkedTrials, Trial
from mutant_trials import BARE, FEW_SECONDS, SLOWER, Changed, Collector, Coverage, run_apart
from parso.tree import Node

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EQUIVALENT = HERE / "equivalent_mutants.txt"
ROOMS = ("money", "totals", "promotions", "stock")
SEED = 2026
WANTED = 0.95
QUICK = 0.5
"""Seconds of a test that is tried among the first."""
OF_ALL = ("tests/errors/", "tests/stored/", "tests/telemetry/test_watching.py")
"""Tests of what holds of every class of a kind: they alone notice much of what is run on import."""
SHORT = 1.0
"""Seconds of a test of another room that is tried at all."""
MOST_TESTS, FEW_TESTS = 100, 50
"""Tests of other rooms tried on one mutant, and on one of a line that is run on import: they seldom kill what lives."""


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

    def find_reason(self, reasons: Mapping[str, str]) -> str | None:
        """Return why it changes nothing, or None: a reason may name the function, where others have the same line."""
        described = self.describe()
        tree = ast.parse(self.mutate()[0])
        around = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.ClassDef)]
        names = [one.name for one in around if one.lineno <= self.line <= (one.end_lineno or 0)]
        placed = described.replace(self.module, f"{self.module} {'.'.join(names)}", 1)
        return reasons.get(placed) or reasons.get(described)


def draw_mutants(room: str, count: int) -> list[Mutant]:
    """Draw so many places of a room with a fixed seed, in the order of the sources.

    Each place has a lot of its own, made of the seed and of what its line says, and the lowest are drawn: what is
    written elsewhere in the room moves no lot, and takes as many places as it has low lots.
    """
    drawn = sorted(find_places(room))[:count]
    inside = sorted((place for _, place in drawn), key=lambda one: (one[0], one[3], one[1], one[2]))
    return [Mutant(number, *place) for number, place in enumerate(inside, 1)]


def find_places(room: str) -> Iterator[tuple[str, tuple[str, str, int, int]]]:
    """Yield every change that can be made in a room with its lot, but for those of annotations."""
    place = ROOT / "src" / "mktcore" / room
    for path in sorted(place.rglob("*.py")):
        text, module = path.read_text(encoding="utf-8"), path.relative_to(ROOT / "src").as_posix()
        tree, unrun, lines = get_ast_from_path(path), find_annotations(text), text.splitlines()
        alike: Counter[tuple[str, str, int]] = Counter()
        for name, occurrence, line, column in find_changes(tree):
            if any(begin <= (line, column) < end for begin, end in unrun):
                continue
            said = lines[line - 1].strip()
            key = (name, said, len(lines[line - 1]) - column)
            alike[key] += 1
            yield draw_lot(module, *key, alike[key]), (module, name, occurrence, line)


def find_changes(tree: Node) -> Iterator[tuple[str, int, int, int]]:
    """Yield every change that can be made in a module: its kind, the how many-th of its kind, and line and column."""
    for name in sorted(operator_names()):
        operator_class = get_operator(name)
        if operator_class.arguments():
            continue
        operator = operator_class()
        starts = [start for node in ast_nodes(tree) for start, _ in operator.mutation_positions(node)]
        for occurrence, (line, column) in enumerate(starts):
            yield name, occurrence, line, column


def draw_lot(*said: object) -> str:
    """Return the lot of a place: the lowest are drawn."""
    return hashlib.sha256(repr((SEED, *said)).encode()).hexdigest()


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


def choose_tests(mutant: Mutant, coverage: Coverage, room: str) -> list[list[str]]:
    """Return the tests that ran the line in three helpings: the room's quick ones, its others, and those of others.

    What runs on import was run by no test in particular; it is tried with all of the room's, then with others'
    quickest, and those of every class of a kind.
    """
    ran = coverage.find_tests(ROOT / "src" / mutant.module, mutant.line)
    found = ran or sorted(coverage.seconds, key=lambda one: coverage.seconds[one])
    own = [test for test in found if test.startswith((f"tests/{room}/", f"tests/properties/test_{room}"))]
    quick = [test for test in own if coverage.seconds[test] < QUICK]
    slow = [test for test in own if test not in set(quick)]
    others = [test for test in found if test not in set(own)]
    if ran:
        short = [test for test in others if coverage.seconds[test] < SHORT]
        return [quick, slow, short[:MOST_TESTS]]
    of_all = [test for test in others if test.startswith(OF_ALL)]
    return [quick, slow, [*others[:FEW_TESTS], *of_all]]


def try_quickly(mutants: list[Mutant], coverage: Coverage, room: str) -> dict[int, int | None]:
    """Try mutants in forks, all that can be, and return the exit code of each by its number; None where it hung."""
    trials = []
    for mutant in mutants:
        tests = [test for tests in choose_tests(mutant, coverage, room) for test in tests]
        limits = {test: FEW_SECONDS + SLOWER * coverage.seconds[test] for test in tests}
        trials.append(Trial(mutant.number, str(ROOT / "src" / mutant.module), mutant.mutate()[1], limits))
    # Without a change nothing is killed: otherwise all that follows would say nothing.
    quickest = sorted({test for trial in trials for test in trial.tests}, key=lambda one: (coverage.seconds[one], one))
    first = Trial(0, trials[0].path, "", dict.fromkeys(quickest[:MOST_TESTS], FEW_SECONDS * SLOWER))
    collected = list_there({test for trial in trials for test in trial.tests})
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "results.jsonl")
        run_apart([*BARE, "-p", "no:xdist", *collected], plugin=ForkedTrials([first, *trials], target))
        found = dict(json.loads(line) for line in target.read_text(encoding="utf-8").splitlines())
    if found.pop(0, 1) != 0:
        sys.exit(f"tests of {room} fail in a fork of the sources as they are")
    return found


def list_there(tests: set[str]) -> list[str]:
    """Return those of some tests that are collected alone, too: names of some depend on what is imported."""
    files = sorted({test.partition("::")[0] for test in tests})
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "collected.txt")
        run_apart([*BARE, "-p", "no:xdist", "--collect-only", *files], plugin=Collector(target))
        return sorted(tests & set(target.read_text(encoding="utf-8").split("\n")))


def try_mutant(mutant: Mutant, coverage: Coverage, room: str) -> str:
    """Run the tests with the change: `killed`, `hung` or `lives`."""
    path = ROOT / "src" / mutant.module
    name = mutant.module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    changed = Changed(name, str(path), mutant.mutate()[1])
    # In one process: half of what a short run takes is its start.
    tests = [test for tests in choose_tests(mutant, coverage, room) for test in tests]
    seconds = FEW_SECONDS + SLOWER * sum(coverage.seconds[test] for test in tests)
    if not tests:
        return "lives"
    code = run_apart([*BARE, "-x", "-p", "no:xdist", *tests], changed=changed, processor_seconds=seconds)
    return "hung" if code is None else "killed" if code else "lives"


def read_equivalent() -> dict[str, str]:
    """Return the reason of each change that changes nothing, by its description."""
    found: dict[str, str] = {}
    for block in EQUIVALENT.read_text(encoding="utf-8").split("\n\n") if EQUIVALENT.exists() else ():
        lines = block.strip().splitlines()
        if len(lines) > 1:
            found["\n".join(lines[:-1])] = lines[-1].removeprefix("# ")
    return found


def try_room(room: str, mutants: list[Mutant], coverage: Coverage, *, workers: int) -> list[Mutant]:
    """Try the mutants of a room, print those that live, and return those that are not known to change nothing."""
    equivalent = read_equivalent()
    living: list[Mutant] = []
    same = 0
    quick = try_quickly(mutants, coverage, room)

    def decide(mutant: Mutant) -> str:
        code = quick.get(mutant.number, 0)
        # Whoever lives is tried again from the start, unless a reason says that it changes nothing.
        known = mutant.number in quick and mutant.find_reason(equivalent)
        return ("lives" if known else try_mutant(mutant, coverage, room)) if code == 0 else "killed"

    with ThreadPoolExecutor(workers) as pool:
        for mutant, result in zip(mutants, pool.map(decide, mutants), strict=True):
            sys.stderr.write(f"\r{room} {mutant.number}/{len(mutants)}, {len(living)} live ")
            place = f"{room} {mutant.number} line {mutant.line} {mutant.operator}\n{mutant.describe()}"
            reason = mutant.find_reason(equivalent)
            if result != "lives" and reason:
                print(f"\nkilled, so it changes something: {place}", flush=True)
            elif result == "lives" and reason:
                same += 1
                print(f"\nchanges nothing: {place}\n# {reason}", flush=True)
            elif result == "lives":
                living.append(mutant)
                print(f"\nlives: {place}", flush=True)
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
    parser.add_argument("--coverage", type=Path, help="a file to keep what ran which line, or to read it from")
    given = parser.parse_args()
    rooms, enough = given.rooms or list(ROOMS), True
    with tempfile.TemporaryDirectory() as folder:
        kept = given.coverage or Path(folder, "coverage")
        coverage = Coverage.read(kept) if kept.exists() else Coverage.measure(kept, rooms, workers=given.workers)
    for room in rooms:
        drawn = draw_mutants(room, given.count)
        mutants = [one for one in drawn if given.only is None or one.number in given.only]
        living = try_room(room, mutants, coverage, workers=given.workers)
        enough &= len(living) <= (1 - WANTED) * len(mutants)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
