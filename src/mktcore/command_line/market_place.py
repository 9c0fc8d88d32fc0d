"""Which marketplace a command is about, and how it is opened."""

from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import attrs

from mktcore.command_line.named_object import find_named
from mktcore.errors import ErrorCategory, MissingExtra, MktcoreError
from mktcore.market_policy import find_price_terms
from mktcore.marketplace import Marketplace
from mktcore.marketplace.open_store import open_store
from mktcore.persistence import Scope

__all__ = ["CurrencyUnknown", "DatabaseMissing", "MarketPlace", "import_sql"]

_SQLITE = "sqlite:///"


@attrs.define(eq=False, slots=False)
class DatabaseMissing(MktcoreError):
    """A command without a database, or with a file that is not there."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "command.no-database"
    remedy: ClassVar[str] = "give --database sqlite:///FILE or postgresql://...; `mktcore schema create` makes it"
    url: str

    def describe(self) -> str:
        """Name the file."""
        return f"there is no database {self.url}" if self.url else "no database is named"


@attrs.define(eq=False, slots=False)
class CurrencyUnknown(MktcoreError):
    """A database in which no marketplace has been opened yet, so that its currency stands nowhere."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FAULT
    code: ClassVar[str] = "command.no-currency"
    remedy: ClassVar[str] = "give --currency EUR, once: the database keeps it"

    def describe(self) -> str:
        """Say what is missing."""
        return "the currency of its prices is not known"


@attrs.frozen(kw_only=True)
class MarketPlace:
    """Where a marketplace is.

    Attributes:
        url: Its database; empty where the host's own marketplace is named.
        market: `MODULE:NAME` of the host's own marketplace, or of a function that opens it; empty for a plain one.
        currency: Of its prices; empty for what the database keeps.
        is_net: Whether a new one's prices are without tax.
        prefix: Begins the name of every table.
        schema: PostgreSQL's schema.
    """

    url: str
    market: str
    currency: str
    is_net: bool
    prefix: str
    schema: str | None

    def open(self, *, create: bool = False) -> Marketplace:
        """Open it as the host opens it, or plainly.

        Args:
            create: Make the tables that are missing, and migrate old ones: what no other command does unasked.

        Raises:
            NamedObjectMissing: The host's name leads nowhere.
            DatabaseMissing: There is none.
            CurrencyUnknown: It is new.
            MktcoreError: What `Marketplace.open` raises.
        """
        if self.market:
            return find_named(self.market, Marketplace)
        url = self.find_url(may_be_new=create)
        if not self.currency and _is_missing(url):  # known before anything is made
            raise CurrencyUnknown
        store = open_store(url, (), prefix=self.prefix, schema=self.schema, create=create)
        with store.begin(Scope.operator()) as unit:
            terms = find_price_terms(unit)
        if terms is None and not self.currency:
            raise CurrencyUnknown
        currency = self.currency or (terms.currency if terms else "")
        includes_tax = terms.prices_include_tax if terms is not None and not self.is_net else not self.is_net
        return Marketplace(store, currency, prices_include_tax=includes_tax)

    def find_url(self, *, may_be_new: bool) -> str:
        """Return the address of the database.

        Raises:
            DatabaseMissing: There is none: opening a file of SQLite would make it.
        """
        if not self.url or (_is_missing(self.url) and not may_be_new):
            raise DatabaseMissing(self.url)
        return self.url


def _is_missing(url: str) -> bool:
    return url.startswith(_SQLITE) and not Path(url.removeprefix(_SQLITE)).exists()


def import_sql(module: str) -> Any:
    """Return a module of the stores in SQL.

    Raises:
        MissingExtra: The extra `sql` is not installed.
    """
    try:
        return import_module(f"mktcore.sql{module}")
    except ModuleNotFoundError as error:
        raise MissingExtra("sql", str(error.name)) from error
