"""Every change that can be made to a store behind its back: what an audit misses must be what nothing else tells.

PYTHONPATH=src:tests python tests/long/corruptions.py                        # on every store; exits with 1
PYTHONPATH=src:tests python tests/long/corruptions.py --store memory         # on one
PYTHONPATH=src:tests python tests/long/corruptions.py --write                # write tests/audit/untold.txt anew
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from audit.corrupted_market import open_corrupted
from audit.corruptions import find_missed, is_tried, list_corruptions
from audit.untold import STORES, list_untold, write_untold
from persistence.opening import create_database


def try_store(name: str) -> tuple[set[str], set[str]]:
    """Return which changes were tried on a store, and which of them an audit misses."""
    with tempfile.TemporaryDirectory() as folder:
        url = {"memory": "memory://", "sqlite": f"sqlite:///{Path(folder) / 'market.db'}"}.get(name)
        with open_corrupted(url or create_database()) as market:
            corruptions = [one for one in list_corruptions(market.store) if is_tried(market.store, one)]
            begun = time.monotonic()
            missed = find_missed(market, corruptions)
            assert market.verify() == ()
            print(
                f"{name}: {len(corruptions)} changes, {len(missed)} missed, {time.monotonic() - begun:.0f} s",
                flush=True,
            )
            return {one.name for one in corruptions}, missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=STORES)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = {name: try_store(name) for name in STORES if arguments.store in {None, name}}
    if arguments.write:
        write_untold(found)
        return 0
    is_right = True
    for name, (tried, missed) in found.items():
        listed = list_untold(name) & tried
        is_right = is_right and missed == listed
        print(f"{name}: missed and not listed {sorted(missed - listed)}; listed and found {sorted(listed - missed)}")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
