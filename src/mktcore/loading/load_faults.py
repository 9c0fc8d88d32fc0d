"""What is wrong with a folder of files: every fault, with its place."""

from typing import ClassVar, Self

import attrs

from mktcore.errors import Refused
from mktcore.notice import Notice

__all__ = ["LoadFaults", "LoadRefused"]

MOST_FAULTS = 1_000
"""How many faults of one file are listed; reading the file ends there."""


@attrs.define(eq=False, slots=False)
class LoadRefused(Refused):
    """Some rows or files are faulty; nothing was loaded. `problems` names file, line and column of each."""

    code: ClassVar[str] = "loading.refused"
    remedy: ClassVar[str] = "mend every row listed and load the folder again"


@attrs.define
class LoadFaults:
    """Collects faults while files are read, 1,000 of each file at most: one hopeless file does not hide the others."""

    problems: list[Notice] = attrs.field(factory=list)
    _counts: dict[str, int] = attrs.field(factory=dict)

    def copy(self) -> Self:
        """Return a collection that goes on from here, so that work done twice notes its faults once."""
        return type(self)(list(self.problems), dict(self._counts))

    def take(self) -> list[Notice]:
        """Return what was noted so far, and begin anew: for whoever tells of faults as it goes."""
        taken = self.problems[:]
        self.problems.clear()
        self._counts.clear()
        return taken

    def is_full(self, file: str) -> bool:
        """Tell whether no more faults of this file are listed."""
        return self._counts.get(file, 0) >= MOST_FAULTS

    def add(self, file: str, line: int, reason: str, *, column: str = "", remedy: str = "") -> None:
        """Note one fault. Lines count from 1, the header included; 0 speaks of the file."""
        if self.is_full(file):
            return
        self._counts[file] = self._counts.get(file, 0) + 1
        where = ":".join(str(part) for part in (file, line or "", column) if part)
        operands = {"file": file, "line": line, "column": column}
        self.problems.append(Notice("loading.fault", where, reason, remedy=remedy, operands=operands))

    def raise_if_any(self) -> None:
        """Refuse the folder when anything was noted, faults in the order of files and lines.

        Raises:
            LoadRefused: There was a fault.
        """
        found = sorted(self.problems, key=lambda problem: (str(problem.operands["file"]), problem.operands["line"]))
        full = [file for file in sorted(self._counts) if self.is_full(file)]
        reason = f"{MOST_FAULTS:,} faults are listed; there may be more"
        found += [Notice("loading.more-faults", file, reason, remedy="mend these first") for file in full]
        LoadRefused.raise_if(found)
