"""The commands: load, statuses, status, verify, expire, relay; and the groups schema and export."""

import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

import mktcore as library
from mktcore.adapters.event_publishers import FilePublisher
from mktcore.adapters.event_relay import Relay
from mktcore.adapters.system import SystemIds
from mktcore.command_line.event_lines import Form, LinePublisher, choose_form
from mktcore.command_line.exit_codes import CommandGroup, ExitCode
from mktcore.command_line.export_commands import export
from mktcore.command_line.market_place import MarketPlace
from mktcore.command_line.named_object import find_named
from mktcore.command_line.progress_bar import show_progress
from mktcore.command_line.schema_commands import schema
from mktcore.loading import RowResult, WholeFeed
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.persistence.event_ports import EventQueue, Publisher
from mktcore.status_updates import StatusOutcome

__all__ = ["mktcore"]


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--database", "url", envvar="MKTCORE_DATABASE", default="", help="sqlite:///FILE or postgresql://...")
@click.option("--market", envvar="MKTCORE_MARKET", default="", help="MODULE:NAME of your own marketplace.")
@click.option("--currency", envvar="MKTCORE_CURRENCY", default="", help="Of a new marketplace's prices, such as EUR.")
@click.option("--net", "is_net", is_flag=True, help="A new marketplace's prices are without tax.")
@click.option("--prefix", envvar="MKTCORE_PREFIX", default="mktcore_", help="Begins the name of every table.")
@click.option("--schema", envvar="MKTCORE_SCHEMA", default=None, help="PostgreSQL's schema.")
@click.version_option(library.__version__, prog_name="mktcore")
@click.pass_context
def mktcore(context: click.Context, /, **named: Any) -> None:
    """Run a marketplace from the command line.

    Exit codes: 0 done; 1 done, and the answer is no; 2 it could not be asked; 75 busy, try again.
    """
    context.obj = MarketPlace(**named)


mktcore.add_command(schema)
mktcore.add_command(export)


@mktcore.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--time-zone", default=None, help="On whose clocks dates are days: Europe/Berlin.")
@click.option("--everything-of", "merchants", multiple=True, help="A merchant of whom offers.csv tells everything.")
@click.option("--vanish-limit", default="0.5", help="The part of its offers that may vanish at once: 0.2.")
@click.option("--keep-empty", is_flag=True, help="An empty cell keeps what is stored; <clear> clears it.")
@click.pass_obj
def load(
    place: MarketPlace,
    folder: Path,
    *,
    time_zone: str | None,
    merchants: tuple[str, ...],
    vanish_limit: str,
    keep_empty: bool,
) -> None:
    """Load a FOLDER of CSV files, all of it or nothing; makes the database when it is missing."""
    whole = WholeFeed(merchants, limit=_read_fraction(vanish_limit)) if merchants else None
    with place.open(create=True) as market, show_progress("loading") as report:
        loaded = market.load(folder, time_zone=time_zone, progress=report, whole=whole, keep_empty=keep_empty)
    click.echo(str(loaded))


def _read_fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise click.BadParameter(f"{text!r} is no fraction, such as 0.2") from error


@mktcore.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--merchant", default="", help="Who reports; the operator, where none is named.")
@click.pass_obj
def statuses(place: MarketPlace, file: Path, *, merchant: str) -> None:
    """Let happen what a FILE reports of orders, CSV or JSON lines; prints the rows that did not, and exits with 1."""
    with place.open() as market, show_progress("updating") as report:
        done = market.load_statuses(file, scope=_to_scope(merchant), progress=report, results=_tell_unmoved)
    click.echo(str(done), err=True)
    raise SystemExit(ExitCode.NO if done.refused or done.failed else ExitCode.DONE)


@mktcore.command()
@click.argument("key")
@click.argument("order")
@click.argument("event")
@click.option("--merchant", default="", help="Who reports; the operator, where none is named.")
@click.option("--line", default="", help="Key of the line; with --quantity.")
@click.option("--quantity", default="", help="Pieces of the line; all that the event reaches, where none are told.")
@click.option("--reason", default="", help="Why, for the history.")
@click.option("--fact", "facts", multiple=True, help="NAME=VALUE of the event's action: carrier=DHL.")
@click.pass_obj
def status(place: MarketPlace, /, merchant: str, facts: tuple[str, ...], **fields: str) -> None:
    """Let EVENT happen to an ORDER, under a KEY of your own: the same command as a row of a file."""
    told = dict(fact.partition("=")[::2] for fact in facts)
    with place.open() as market:
        done = market.update_by_hand({**told, **fields}, scope=_to_scope(merchant))
    click.echo(str(done))
    raise SystemExit(ExitCode.DONE if done.result.outcome is StatusOutcome.MOVED else ExitCode.NO)


def _to_scope(merchant: str) -> Scope:
    return Scope.merchant(merchant) if merchant else Scope.operator()


def _tell_unmoved(row: RowResult) -> None:
    if row.result.outcome is not StatusOutcome.MOVED:
        click.echo(str(row))


@mktcore.command()
@click.pass_obj
def verify(place: MarketPlace) -> None:
    """Recompute what must always hold, and print what does not."""
    with place.open() as market, show_progress("verifying") as report:
        findings = market.verify(progress=report)
    for finding in findings:
        click.echo(f"{finding.code} {finding}")
    click.echo(f"{len(findings)} findings", err=True)
    raise SystemExit(ExitCode.NO if findings else ExitCode.DONE)


@mktcore.command()
@click.option("--batch", default=100, type=click.IntRange(1, 10_000), help="Time-outs that are looked at together.")
@click.pass_obj
def expire(place: MarketPlace, batch: int) -> None:
    """Let the time-outs of orders happen that are due."""
    done = 0
    with place.open() as market, show_progress("expiring") as report:
        while looked := market.orders.expire(limit=batch):
            done += looked
            report(done)
    click.echo(f"{done} time-outs")


@mktcore.command()
@click.option("--to", "target", default="-", help="A file that lines are appended to; - for the output.")
@click.option("--publisher", default="", help="MODULE:NAME of your own publisher instead.")
@click.option("--form", type=click.Choice(["json", "cloudevents"]), default="json", help="How a line looks.")
@click.option("--source", default="/mktcore", help="Who tells, in CloudEvents.")
@click.option("--every", type=click.FloatRange(0.01), default=None, help="Go on, looking so often, in seconds.")
@click.pass_obj
def relay(place: MarketPlace, *, target: str, publisher: str, form: str, source: str, every: float | None) -> None:
    """Carry events from the queue to a file, the output, or a publisher: at least once, in order per aggregate."""
    with place.open() as market:
        taking = _choose_publisher(target, publisher, choose_form(form, source))
        relaying = Relay(_find_queue(market), taking, clock=market.clock, ids=SystemIds())
        sent = failed = 0
        with show_progress("relaying") as report:
            while True:
                done = relaying.run_once()
                sent, failed = sent + done.sent, failed + done.failed
                report(sent)
                if every is not None and not done.sent:
                    time.sleep(every)
                elif not done.sent:
                    break
    click.echo(f"{sent} events", err=True)
    raise SystemExit(ExitCode.NO if failed else ExitCode.DONE)


def _find_queue(market: Marketplace) -> EventQueue:
    queue: EventQueue | None = getattr(market.store, "queue", None)
    if queue is None:
        message = "the marketplace's store has no queue"
        raise click.UsageError(message)
    return queue


def _choose_publisher(target: str, publisher: str, form: Form) -> Publisher:
    if publisher:
        return find_named(publisher, Publisher)  # type: ignore[type-abstract]  # whatever has its method
    return LinePublisher(form) if target == "-" else FilePublisher(Path(target), form=form)
