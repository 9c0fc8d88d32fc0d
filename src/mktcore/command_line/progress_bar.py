"""A bar on the error stream, where somebody looks."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["show_progress"]

Report = Callable[..., None]
"""Is called with how much is done, and where it is known, of how much."""


@contextmanager
def show_progress(what: str) -> Iterator[Report]:
    """Show how far it is, where the error stream is a terminal; what is piped on stays clean in any case.

    Args:
        what: Is done.
    """
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        # Until rich 14.3 a bar that is switched off writes an empty line all the same.
        yield _tell_nobody
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int | None = None) -> None:
            progress.update(task, completed=done, total=total)

        yield report


def _tell_nobody(_done: int, _total: int | None = None) -> None:
    """Take a report, and show nothing."""
