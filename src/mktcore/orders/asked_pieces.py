"""Which pieces of an order somebody was asked about, and what it comes to once that is granted. Pure."""

from collections.abc import Mapping

import attrs

from mktcore.postings import PieceCounts

__all__ = ["find_asked", "grant_asked"]

States = Mapping[str, Mapping[str, int]]
"""The quantity of each line in each state."""


def find_asked(known: States, then: States, canceled: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces of each line that came to rest elsewhere, and are not canceled: somebody is asked.

    Args:
        known: Where pieces were before a cancellation.
        then: Where they are after it.
        canceled: Pieces of each line that it canceled.
    """
    found = {}
    for line, states in then.items():
        before = known.get(line, {})
        moved = sum([max(pieces - before.get(state, 0), 0) for state, pieces in states.items()])
        if moved > canceled.get(line, 0):
            found[line] = moved - canceled.get(line, 0)
    return found


def grant_asked(counts: Mapping[str, PieceCounts], asked: Mapping[str, int]) -> dict[str, PieceCounts]:
    """Return what of each line is where once everything that is asked for is canceled.

    >>> grant_asked({"l1": PieceCounts(open=3, earned=0, canceled=0)}, {"l1": 1})
    {'l1': PieceCounts(open=2, earned=0, canceled=1)}
    """
    return {
        line: attrs.evolve(one, open=one.open - asked.get(line, 0), canceled=one.canceled + asked.get(line, 0))
        for line, one in counts.items()
    }
