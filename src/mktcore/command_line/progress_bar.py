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
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)

        def report(done: int, total: int | None = None) -> None:
            progress.update(task, completed=done, total=total)

        yield report
