"""The kit that hosts test with: Hypothesis strategies, and conformance checks for what they implement themselves.

Nothing heavy is imported here; `mktcore.testing.strategies` needs Hypothesis (the extra `testing`).
"""

__all__: list[str] = []
