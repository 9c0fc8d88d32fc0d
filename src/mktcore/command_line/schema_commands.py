"""`mktcore schema`: whether the tables are there, making them, and how they are made."""

import click

from mktcore.command_line.exit_codes import CommandGroup, ExitCode, tell
from mktcore.command_line.market_place import MarketPlace, import_sql
from mktcore.errors import MktcoreError
from mktcore.marketplace.open_store import open_store
from mktcore.ports import KINDS

__all__ = ["schema"]

_LACKS = frozenset({"store.schema-outdated", "store.table-taken", "store.layout-too-new"})


@click.group(cls=CommandGroup)
def schema() -> None:
    """Look at the tables, make them, or print how they are made."""


@schema.command()
@click.pass_obj
def check(place: MarketPlace) -> None:
    """Tell whether the database has what this release needs; changes nothing."""
    url = place.find_url(may_be_new=False)
    try:
        _close(open_store(url, (), prefix=place.prefix, schema=place.schema, create=False))
    except MktcoreError as error:
        if error.code not in _LACKS:
            raise
        tell(error)
        raise SystemExit(ExitCode.NO) from error
    click.echo("the schema is that of this release")


@schema.command()
@click.pass_obj
def create(place: MarketPlace) -> None:
    """Make what is missing, and migrate what an older release left, in one transaction."""
    _close(open_store(place.find_url(may_be_new=True), (), prefix=place.prefix, schema=place.schema))
    click.echo("the schema is that of this release")


@schema.command()
@click.option(
    "--dialect", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", help="For which database."
)
@click.pass_obj
def sql(place: MarketPlace, dialect: str) -> None:
    """Print the statements that make the tables of a new marketplace; needs no database."""
    write = import_sql(".schema_text").to_schema_text
    is_postgresql = dialect == "postgresql"
    click.echo(write(KINDS, is_postgresql=is_postgresql, prefix=place.prefix, schema=place.schema), nl=False)


def _close(store: object) -> None:
    close = getattr(store, "close", None)
    if close is not None:
        close()
