"""Loading a marketplace from a folder of CSV files: all of it, or nothing."""

from pathlib import Path

import attrs

from mktcore.catalog import CATEGORIES
from mktcore.catalog.store_changes import Signature, find_guard, save_guard
from mktcore.loading.csv_rows import EmptyCells
from mktcore.loading.files import FILES
from mktcore.loading.files.offers import count_stock
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.merge_prices import price_offers
from mktcore.loading.read_folder import read_folder
from mktcore.loading.record_writer import LoadReport, NoteOutcome, Progress, RecordWriter
from mktcore.loading.stored_references import check_owners, check_stored_references
from mktcore.loading.whole_feed import VanishedOffers, WholeFeed, find_vanished, let_return, let_vanish
from mktcore.loading.written_instants import find_zone
from mktcore.money import Currency
from mktcore.offers import OFFERS
from mktcore.offers.events import OffersLoaded
from mktcore.offers.price_guards.hold_prices import PriceHolder, stop_selling
from mktcore.persistence import Retryable, Scope, UniqueViolation
from mktcore.runtime import Runtime
from mktcore.stock import MarketUnit
from mktcore.telemetry import watched

__all__ = ["LoadFolder"]

_FINDERS = {definition.word: definition.find for file in FILES for definition in file.defines}


@watched
@attrs.frozen
class LoadFolder:
    """Loads folders.

    Attributes:
        runtime: Where the marketplace is kept (loading is the operator's), and when stock was counted.
        currency: The marketplace's currency.
        holder: Holds merchants' prices that guards do not let pass; None holds none.
    """

    runtime: Runtime[MarketUnit]
    currency: Currency
    holder: PriceHolder | None = None

    def load(
        self,
        folder: str | Path,
        *,
        time_zone: str | None = None,
        progress: Progress | None = None,
        user: str | None = None,
        whole: WholeFeed | None = None,
        empty_cells: EmptyCells = EmptyCells.CLEAR,
        outcomes: NoteOutcome | None = None,
    ) -> LoadReport:
        """Read every file of the folder, and store what it says; loading again updates what changed.

        A record that the folder no longer names stays, but for the taxes of a category and the price breaks of an
        offer: where the folder tells these, it tells all of them. The `stock` of an offer is a new count of the pieces
        on hand. Merchants' prices that price guards do not let pass are held, and the rest is stored; see
        `market.offers.held_prices`.

        Args:
            folder: Where the files are; see `mktcore.loading.FILES`.
            time_zone: On whose clocks dates are days, and times without an offset are times: a name in the IANA data
                base. None refuses both, for they name no instant then.
            progress: Called as records are stored; it begins anew when the load lost against another transaction.
            user: The operator's user who loads; the history of what is catalogued names it.
            whole: Merchants of whom `offers.csv` tells everything: what they sold and it does not name has no stock, or
                is unavailable where nobody counts it; see `WholeFeed`. None, the default, is of nobody.
            empty_cells: What an empty cell of a stored record means in the files that tell parts of records (products,
                SKUs, offers): that there is no value, or nothing, as a column that is not there.
            outcomes: Called once all is stored, with what became of each record.

        Raises:
            InvalidValue: There is no such time zone.
            LoadRefused: Some rows or files are faulty; every one is listed, and nothing was loaded.
            Retryable: It lost against other transactions again and again; nothing was loaded.
        """
        faults = LoadFaults()
        contents = read_folder(Path(folder), self.currency, faults, zone=find_zone(time_zone), empty_cells=empty_cells)
        request = _Request(progress or _ignore, user, whole, keeps_outcomes=outcomes is not None)
        # Files are read once; each attempt to store starts from the faults of reading, lest its own are noted twice.
        writer = self.runtime.retry(lambda: self._store(contents, faults.copy(), request))
        if outcomes is not None:
            for outcome in writer.outcomes:
                outcomes(outcome)
        return writer.report()

    def _store(self, contents: FolderContents, faults: LoadFaults, request: "_Request") -> RecordWriter:
        try:
            with self.runtime.store.begin(Scope.operator()) as unit:
                # Before the categories are read: a change of the tree in between is lost against, not missed.
                guard = find_guard(unit)
                vanished = find_vanished(unit, contents, request.whole, faults=faults)
                writer = self._write(unit, self._check(unit, contents, faults), vanished, request=request)
                if contents.records(CATEGORIES):
                    save_guard(unit, guard)
                unit.commit()
                return writer
        except UniqueViolation as error:
            # What a folder names once and the store did not have: another load added it since it was looked for.
            raise Retryable(error.describe()) from error

    def _check(self, unit: MarketUnit, contents: FolderContents, faults: LoadFaults) -> FolderContents:
        """Return what is to be stored, or refuse the folder."""
        check_stored_references(unit, contents.references.values(), _FINDERS, faults=faults)
        for file in FILES:
            if file.check is not None:
                file.check(unit, contents, faults)
        # Prices are laid over stored ones, which asks for sound references: so here is a first stop.
        faults.raise_if_any()
        priced = price_offers(unit, contents, self.currency, faults=faults)
        check_owners(unit, contents.owners, faults)
        faults.raise_if_any()
        return priced

    def _write(
        self, unit: MarketUnit, contents: FolderContents, vanished: VanishedOffers, *, request: "_Request"
    ) -> RecordWriter:
        signature = Signature(Scope.operator(user=request.user), self.runtime.now(), "loaded from a folder")
        writer = RecordWriter(
            unit=unit,
            signature=signature,
            progress=request.progress,
            total=contents.count(),
            keeps_outcomes=request.keeps_outcomes,
            holder=self.holder,
        )
        for file in FILES:
            if file.write is not None:
                file.write(writer, contents)
        let_return(unit, contents.records(OFFERS))
        let_vanish(unit, vanished, at=signature.at)
        stop_selling(unit, writer.held, now=signature.at)
        # Last, as sales wait for the locks on stock items: they are held for no longer than they must.
        count_stock(writer, contents)
        writer.empty_stock(vanished.list_counts())
        writer.note_vanished([offer.id for offer in vanished.offers])
        unit.publish([OffersLoaded(subject="folder", at=signature.at)])
        return writer


@attrs.frozen
class _Request:
    """How a folder is loaded."""

    progress: Progress
    user: str | None
    whole: WholeFeed | None
    keeps_outcomes: bool


def _ignore(done: int, total: int) -> None:
    """Report to nobody."""
