"""What holds of every error of the library, whatever it tells."""

from collections.abc import Iterator

import pytest

import mktcore.command_line
import mktcore.connectors
import mktcore.loading
import mktcore.marketplace
import mktcore.sql
import mktcore.views
from mktcore.errors import MktcoreError

ROOMS = (
    mktcore.command_line,
    mktcore.connectors,
    mktcore.loading,
    mktcore.marketplace,
    mktcore.sql,
    mktcore.views,
)
NAMES = [getattr(room, name) for room in ROOMS for name in room.__all__]
"""Asking for what these name imports nearly all there is, whatever other tests imported: names load when asked for."""


def list_errors(base: type[MktcoreError] = MktcoreError) -> Iterator[type[MktcoreError]]:
    for error in base.__subclasses__():
        if error.__module__.startswith("mktcore."):
            yield error
        yield from list_errors(error)


def test_there_are_many() -> None:
    assert len(set(list_errors())) > 100


def _name(error: type[MktcoreError]) -> str:
    return f"{error.__module__}.{error.__qualname__}"


ERRORS: list[type[MktcoreError]] = sorted(set(list_errors()), key=_name)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_equal_to_itself_alone_and_goes_into_a_set(error: type[MktcoreError]) -> None:
    """As any exception does: contexts of raising, sets of failures and caches of handlers count on it."""
    assert error.__eq__ is BaseException.__eq__
    assert error.__hash__ is BaseException.__hash__
