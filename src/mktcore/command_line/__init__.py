"""`mktcore` on the command line (the extra `cli`)."""

import sys
from collections.abc import Sequence
from importlib import import_module

from mktcore.errors import MissingExtra

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that the arguments name, by default those of the process, and exit with its code."""
    # The command is installed with the library, click only with the extra: who lacks it is told so.
    try:
        commands = import_module("mktcore.command_line.commands")
    except ModuleNotFoundError as error:
        sys.stderr.write(f"mktcore: {MissingExtra('cli', str(error.name))}\n")
        sys.exit(2)
    commands.mktcore(arguments, prog_name="mktcore")
