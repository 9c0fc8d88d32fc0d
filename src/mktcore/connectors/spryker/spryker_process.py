"""`load_process`: a process of this library from Spryker's XML, of orders or of merchants."""

from collections.abc import Collection
from enum import Enum
from pathlib import Path
from typing import ClassVar

import attrs

from mktcore.connectors.spryker.process_assembly import Assembly
from mktcore.connectors.spryker.process_files import read_sources
from mktcore.connectors.spryker.xml_document import UnreadableXml
from mktcore.errors import Refused
from mktcore.notice import Notice
from mktcore.processes import InvalidProcess, Process
from mktcore.processes.elements import Choose, OnFailure, Semantics

__all__ = ["MERCHANT_SEMANTICS", "ORDER_SEMANTICS", "Dialect", "InvalidProcessFile", "load_process"]

ORDER_SEMANTICS = Semantics(Choose.LAST_CONDITION, OnFailure.ISOLATE, strict=False, chain_limit=9)
"""How Spryker runs orders: the last condition that holds wins, a failing command leaves its group in place."""
MERCHANT_SEMANTICS = Semantics(Choose.FIRST, OnFailure.ABORT, strict=False, chain_limit=9)
"""How Spryker runs everything else: the first transition that can be taken is, a failing command stops everything."""


class Dialect(Enum):
    """Spryker's two state machines; they read nearly the same files and run them differently."""

    ORDER = "spryker:oms-01"
    MERCHANT = "spryker:state-machine-01"

    @property
    def semantics(self) -> Semantics:
        """How this dialect runs."""
        return ORDER_SEMANTICS if self is Dialect.ORDER else MERCHANT_SEMANTICS


@attrs.define(eq=False, slots=False)
class InvalidProcessFile(Refused):
    """A process file that Spryker would refuse too, or that is not safe to read; every fault has its place."""

    code: ClassVar[str] = "spryker.invalid-process-file"


def load_process(
    path: str | Path,
    *,
    dialect: Dialect | None = None,
    folder: str | Path | None = None,
    initial: str | None = None,
    finals: Collection[str] | None = None,
    semantics: Semantics | None = None,
    version: int = 1,
) -> Process:
    """Return the process that a Spryker XML file describes, its sub-process files merged in.

    What Spryker reads without a word although it means something else than it says (a state declared twice, an event
    overwritten, a transition with two targets, ...) becomes a finding of the process with its line and column, which
    `verify` repeats. The process is what Spryker makes of the file: transitions it loses are lost here too.

    Args:
        path: The main file.
        dialect: Which of the two machines it is for; None reads it from the namespace of the root.
        folder: Where sub-process files are looked for, and never outside it; None for the folder of `path`.
        initial: Name of the initial state; None for `new`, or else the only state that nothing leads to.
        finals: Names of the final states, which Spryker does not declare; None for those without a transition.
        semantics: How to run it; None for how the dialect does.
        version: Version of the process.

    Raises:
        InvalidProcessFile: A file is missing, outside the folder, unsafe or not well-formed, or names something that
            is not declared. Every fault is listed with its place.
    """
    place = Path(path).resolve()
    home = Path(folder).resolve() if folder is not None else place.parent
    problems: list[Notice] = []
    try:
        root, sources = read_sources(place, home, problems)
    except UnreadableXml as unreadable:
        raise InvalidProcessFile((unreadable.to_notice(),)) from None
    if dialect is None:
        known = {member.value: member for member in Dialect}
        dialect = known.get(root.attributes.get("xmlns", ""))
    assembly = Assembly.of(root, sources, strict_flags=dialect is not Dialect.MERCHANT)
    if dialect is None:
        dialect = Dialect.ORDER
        assembly.note("dialect", root.where, "the namespace names neither dialect", remedy="read as an order process")
    process = assembly.build(initial=initial, finals=finals)
    problems += assembly.problems
    InvalidProcessFile.raise_if(problems)
    assert process is not None, "no process only with problems"  # noqa: S101 - build() says why otherwise
    try:
        return attrs.evolve(
            process, semantics=semantics or dialect.semantics, version=version, findings=assembly.findings
        )
    except InvalidProcess as invalid:  # names that are no names, a version below 1
        raise InvalidProcessFile(invalid.problems) from None
