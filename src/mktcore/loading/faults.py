"""What is wrong with a folder of files: every fault, with its place."""

from typing import ClassVar

import attrs

from mktcore.errors import Problem, Refused

__all__ = ["Faults", "LoadRefused"]

MOST_FAULTS = 1_000


@attrs.define(eq=False, slots=False)
class LoadRefused(Refused):
    """Some rows or files are faulty; nothing was loaded. `problems` names file, line and column of each."""

    code: ClassVar[str] = "loading.refused"
    remedy: ClassVar[str] = "mend every row listed and load the folder again"


@attrs.frozen
class Faults:
    """Collects faults while files are read; past 1,000 it only counts."""

    problems: list[Problem] = attrs.field(factory=list)
    more: list[int] = attrs.field(factory=lambda: [0])

    def add(self, file: str, line: int, column: str, reason: str, remedy: str = "") -> None:
        """Note one fault. Lines count from 1, the header included; 0 speaks of the file."""
        if len(self.problems) >= MOST_FAULTS:
            self.more[0] += 1
            return
        where = ":".join(str(part) for part in (file, line or "", column) if part)
        operands = {"file": file, "line": line, "column": column}
        self.problems.append(Problem("loading.fault", where, reason, remedy, operands))

    def raise_if_any(self) -> None:
        """Refuse the folder when anything was noted, faults in the order of files and lines.

        Raises:
            LoadRefused: There was a fault.
        """
        found = sorted(self.problems, key=lambda problem: (str(problem.operands["file"]), problem.operands["line"]))
        if self.more[0]:
            found.append(Problem("loading.more-faults", "", f"and {self.more[0]} more faults", "mend these first"))
        LoadRefused.raise_if(found)
