"""Loading a file of status updates: row by row, in constant memory, each under its own key."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import attrs

from mktcore.loading.status_update_rows import StatusRow, StatusRowReader
from mktcore.persistence import Scope
from mktcore.runtime import Runtime
from mktcore.status_updates import StatusOutcome, StatusResult, UpdateStatuses
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["LoadStatuses", "RowResult", "StatusReport"]

_CHUNK = 500
"""Rows that are read ahead: enough for full transactions where each order has a few rows that follow each other."""
MOST_TOLD = 1_000
"""Rows that a report keeps; whoever wants them all is told of each as it is done."""


@attrs.frozen
class RowResult:
    """What came of one row.

    Attributes:
        place: Where it stands: `statuses.csv:12`.
        result: What came of it.
    """

    place: str
    result: StatusResult

    def __str__(self) -> str:
        told = "; ".join(notice.message for notice in self.result.problems)
        return f"{self.place} {self.result.key} {self.result.outcome}{f': {told}' if told else ''}"


@attrs.frozen
class StatusReport:
    """What came of a file of status updates.

    Attributes:
        rows: Rows in it.
        moved: Of them, those that happened, now or before.
        repeated: Rows whose key was answered before; nothing happened for them now.
        refused: Rows that the process of their order refuses.
        failed: Rows that cannot be understood, or name no order of the caller's; their keys are free.
        unmoved: The first thousand of the rows that did not happen.
    """

    rows: int = 0
    moved: int = 0
    repeated: int = 0
    refused: int = 0
    failed: int = 0
    unmoved: tuple[RowResult, ...] = ()

    def __str__(self) -> str:
        counts = f"{self.moved} moved, {self.refused} refused, {self.failed} failed"
        return f"{self.rows} rows: {counts}; {self.repeated} were answered before"

    def count(self, results: Sequence[RowResult]) -> "StatusReport":
        """Return the report with more rows."""
        outcomes = [one.result.outcome for one in results]
        unmoved = [one for one in results if one.result.outcome is not StatusOutcome.MOVED]
        return StatusReport(
            self.rows + len(results),
            self.moved + outcomes.count(StatusOutcome.MOVED),
            self.repeated + sum(one.result.is_repeated for one in results),
            refused=self.refused + outcomes.count(StatusOutcome.REFUSED),
            failed=self.failed + outcomes.count(StatusOutcome.FAILED),
            unmoved=(*self.unmoved, *unmoved[: MOST_TOLD - len(self.unmoved)]),
        )


@watched
@attrs.frozen
class LoadStatuses:
    """Loads files of status updates.

    Attributes:
        runtime: Where orders are kept.
        orders: Decides on the updates.
    """

    runtime: Runtime[MarketUnit]
    orders: UpdateStatuses

    def load(
        self,
        file: str | Path,
        *,
        scope: Scope,
        progress: Callable[[int], None] | None = None,
        results: Callable[[RowResult], None] | None = None,
    ) -> StatusReport:
        """Let what a file reports happen, row by row; a bad row stops no other, and a file may be sent again.

        The file is CSV with a header, or JSON lines where its name ends with `.jsonl` or `.ndjson`. A row has `key`,
        `order` and `event`; it may have `line` with `quantity`, `reason`, and the facts of the event's action:
        `carrier`, `tracking`, `code`, `expected`. Rows of one order happen in the order of the file.

        Args:
            file: Where it is.
            scope: Who reports; see `UpdateStatuses.update_statuses`.
            progress: Called with the number of rows done so far.
            results: Called with what came of each row.

        Raises:
            LoadRefused: It cannot be read, or its header is not understood; or it goes on with a thousand lines that
                are no rows, where rows before them are done.
            PermissionDenied: The caller's user may change no orders.
            Busy: Others hold the store; rows before are done, and are answered again when the file is sent again.
        """
        report = StatusReport()
        rows = StatusRowReader(self.orders.firing.actions).read_file(Path(file))
        for chunk in _split_chunks(rows):
            done = self._load_chunk(chunk, scope)
            report = report.count(done)
            if results is not None:
                for one in done:
                    results(one)
            if progress is not None:
                progress(report.rows)
        return report

    def update_by_hand(self, fields: Mapping[str, str], *, scope: Scope) -> RowResult:
        """Let one row happen that somebody fills in by hand: its fields by name, as texts."""
        row = StatusRowReader(self.orders.firing.actions).read_fields(fields, "form")
        return self._load_chunk([row], scope)[0]

    def _load_chunk(self, rows: Sequence[StatusRow], scope: Scope) -> list[RowResult]:
        updates = [row.update for row in rows if row.update is not None]
        done = iter(self.orders.update_statuses(updates, scope=scope))
        return [RowResult(row.place, _to_failed(row) if row.update is None else next(done)) for row in rows]


def _split_chunks(rows: Iterator[StatusRow]) -> Iterator[list[StatusRow]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _to_failed(row: StatusRow) -> StatusResult:
    return StatusResult(row.key, row.order, StatusOutcome.FAILED, problems=row.problems)
