"""Where in a document a reader failed: each level of reading puts its own step before what the level below says."""

import attrs
from cattrs import transform_error
from cattrs.errors import BaseValidationError

from mktcore.errors import MktcoreError, Refused
from mktcore.notice import Notice
from mktcore.wire.errors import MAX_PROBLEMS

__all__ = ["locate_notices"]


def locate_notices(error: Exception, step: str) -> list[Notice]:
    """Return what an error says, one step further from the value it stands at."""
    if isinstance(error, Refused):
        return [attrs.evolve(problem, where=_join(step, problem.where)) for problem in error.problems]
    if isinstance(error, MktcoreError):
        return [error.to_notice(step)]
    if isinstance(error, BaseValidationError):  # of a host's own hooks
        return [Notice("wire.refused", step, text) for text in transform_error(error)[:MAX_PROBLEMS]]
    if isinstance(error, RecursionError):
        return [Notice("wire.too-deep", step, "nested too deeply")]
    # Bounded: a host's hook may quote the whole document.
    return [Notice("wire.refused", step, f"{type(error).__name__}: {str(error)[:300]}")]


def _join(step: str, where: str) -> str:
    if not where:
        return step
    return f"{step}{where}" if where.startswith("[") else f"{step}.{where}"
