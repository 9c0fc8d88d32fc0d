"""How a command ends: with a code that scripts can ask, and one short sentence for whoever reads."""

from enum import IntEnum
from typing import Any

import click

from mktcore.errors import MktcoreError, Refused
from mktcore.persistence import Retryable

__all__ = ["CommandGroup", "ExitCode", "tell"]


class ExitCode(IntEnum):
    """What the shell is told."""

    DONE = 0
    NO = 1
    """It was done, and the answer is no: findings, a folder that is refused, a schema that lacks something."""
    MISTAKE = 2
    """It could not be asked: wrong arguments, no database there, a package that is not installed."""
    INTERRUPTED = 130
    BUSY = 75
    """Others hold the database: the same command may go well later."""


def tell(error: BaseException) -> None:
    """Write a refusal to the error stream, with its code."""
    code = f"{error.code}: " if isinstance(error, MktcoreError) else ""
    click.echo(f"mktcore: {code}{error}", err=True)


class CommandGroup(click.Group):
    """Commands whose refusals end in a sentence and a code; only what is a fault of the library leaves a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever read the output has enough: click ends quietly
        except (MktcoreError, OSError) as error:
            tell(error)
            ctx.exit(_judge(error))
        except ExceptionGroup as group:
            refused, broken = group.split(MktcoreError)
            if refused is None or broken is not None:
                raise
            for one in refused.exceptions:
                tell(one)
            ctx.exit(ExitCode.NO)


def _judge(error: Exception) -> ExitCode:
    if isinstance(error, Retryable):
        return ExitCode.BUSY
    return ExitCode.NO if isinstance(error, Refused) else ExitCode.MISTAKE
