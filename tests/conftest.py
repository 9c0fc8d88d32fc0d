"""Which tests are slow, and Hypothesis profiles.

`default` in every run, `long` for the documented long run (`--hypothesis-profile=long`).
"""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

settings.register_profile("default", max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "long", max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("default")


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Mark as slow many examples, and what runs on a database; modules of races and the like mark themselves."""
    for item in items:
        if _draws_many(item) or _is_on_database(item):
            item.add_marker(pytest.mark.slow)


def _draws_many(item: pytest.Item) -> bool:
    test = getattr(item, "obj", None)
    # Hypothesis runs its state machines as unittest cases, whose method it does not mark.
    return is_hypothesis_test(test) or hasattr(getattr(item, "cls", None), "settings")


def _is_on_database(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    if call is None:
        return False
    # Whole markets have the same tests in memory; what a store promises is looked at on SQLite in a first answer too.
    on_sqlite = any(value == "sqlite" and name != "store" for name, value in call.params.items())
    return on_sqlite or any(value == "postgresql" for value in call.params.values())
