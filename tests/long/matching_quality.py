"""How good matching is on public benchmarks: `python tests/long/matching_quality.py` prints the table.

For each set, the pairs of its validation part (of the WDC sets, of the only part there is) are judged by the default
policy, and, where the set has a training part, by a policy calibrated on that. `--only SET ...` asks for some sets.
`--refit` fits the default policy anew to the training parts of three sets and writes it into the package. Validation
parts are read for the table and for nothing else.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parents[1]))

from matching.benchmark_sets import DESIGN_SETS, UNSEEN_SETS, load_set
from mktcore.matching.calibrate_policy import Quality, calibrate, find_edge, measure_quality
from mktcore.matching.decision_forest import Forest, parse_tree
from mktcore.matching.gradient_boosting import Boosting, fit_trees
from mktcore.matching.match_policy import load_default_policy
from mktcore.matching.pair_signals import DIRECTIONS, MISSING, SIGNALS

DEFAULT_POLICY = Path(__file__).parents[2] / "src" / "mktcore" / "matching" / "default_policy.json"
BOOSTING = Boosting(rounds=200)
FOLDS = 2
Example = tuple[int, list[int], bool]
"""Fold, signals, label."""


def print_table(names: list[str]) -> None:
    print(f"{'set':<16} {'policy':<11} {'pairs':>6} {'precision':>9} {'recall':>7} {'F1':>6} {'seconds':>8}  held back")
    for name in names:
        started = perf_counter()
        benchmark = load_set(name)
        matcher = benchmark.open_matcher()
        quality = measure_quality(matcher, benchmark.validation)
        print_row(name, "default", quality, perf_counter() - started)
        if benchmark.train:
            started = perf_counter()
            calibration = calibrate(matcher, benchmark.train)
            quality = measure_quality(matcher.with_policy(calibration.policy), benchmark.validation)
            held = f"F1 {100 * calibration.quality.f1:.1f} on {calibration.quality.pairs} pairs"
            print_row(name, "calibrated", quality, perf_counter() - started, held)


def print_row(name: str, policy: str, quality: Quality, seconds: float, held: str = "") -> None:
    figures = f"{100 * quality.precision:9.1f} {100 * quality.recall:7.1f} {100 * quality.f1:6.1f} {seconds:8.1f}"
    print(f"{name:<16} {policy:<11} {quality.pairs:>6} {figures}  {held}", flush=True)


def list_examples() -> Iterator[Example]:
    """Yield the training pairs of three sets: with both rivals known, with the catalogue's only, and with none."""
    for name in DESIGN_SETS:
        benchmark = load_set(name)
        matcher = benchmark.open_matcher()
        for pair in benchmark.train:
            fold = crc32(f"{name} {pair.left.id} {pair.right.id}".encode()) % FOLDS
            signals = matcher.compare(pair.left, pair.right)
            yield fold, signals, pair.same
            yield fold, [*signals[:-1], MISSING], pair.same
            yield fold, [*signals[:-2], MISSING, MISSING], pair.same


def refit() -> None:
    examples = list(list_examples())
    print(f"{len(examples)} examples")
    odds: list[tuple[int, bool]] = []
    for fold in range(FOLDS):
        shown = [example for example in examples if example[0] != fold]
        fitted = fit_trees([row for _, row, _ in shown], [same for *_, same in shown], BOOSTING, directions=DIRECTIONS)
        forest = Forest(parse_tree(tree, len(SIGNALS)) for tree in fitted.trees)
        odds += [(fitted.base + forest.add_up(row), same) for turn, row, same in examples if turn == fold]
        print(f"fold {fold + 1} of {FOLDS} fitted", flush=True)
    fitted = fit_trees(
        [row for _, row, _ in examples], [same for *_, same in examples], BOOSTING, directions=DIRECTIONS
    )
    lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in fitted.trees)
    head = f'"signals": {json.dumps(SIGNALS)},\n"base": {fitted.base},\n"edge": {find_edge(odds)}'
    DEFAULT_POLICY.write_text(f'{{{head},\n"trees": [\n{lines}\n]}}\n', encoding="ascii")
    load_default_policy.cache_clear()
    print(f"{len(fitted.trees)} trees written to {DEFAULT_POLICY.name}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[*DESIGN_SETS, *UNSEEN_SETS], metavar="SET")
    parser.add_argument("--refit", action="store_true")
    arguments = parser.parse_args()
    if arguments.refit:
        refit()
    print_table(arguments.only)


if __name__ == "__main__":
    main()
