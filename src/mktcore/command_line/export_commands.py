"""`mktcore export`: orders as rows, records and events as lines of JSON, and the schemas of events."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from mktcore.command_line.event_lines import choose_form
from mktcore.command_line.exit_codes import CommandGroup
from mktcore.command_line.market_place import MarketPlace
from mktcore.command_line.progress_bar import show_progress
from mktcore.marketplace import Marketplace
from mktcore.orders.order_export import ExportForm
from mktcore.orders.order_stage import OrderStage
from mktcore.persistence import Scope
from mktcore.ports import KINDS
from mktcore.store_inspection import Inspected
from mktcore.wire import to_json
from mktcore.wire.cloud_events import build_event_schemas

__all__ = ["export"]

_TO = click.option("--to", "target", default="-", help="A file that is written anew; - for the output.")
_NAMES = [kind.name for kind in KINDS]


@click.group(cls=CommandGroup)
def export() -> None:
    """Write orders, records, events or schemas."""


@export.command()
@click.argument("kinds", nargs=-1, type=click.Choice(_NAMES), metavar="[KIND]...")
@_TO
@click.pass_obj
def records(place: MarketPlace, kinds: tuple[str, ...], target: str) -> None:
    """Write the records of each KIND (of all, where none is named) as lines of JSON, in the order of ids."""
    with place.open() as market:
        count = _write_lines(_list_records(market, kinds or tuple(_NAMES)), target, "exporting records")
    click.echo(f"{count} records", err=True)


@export.command()
@_TO
@click.option("--form", type=click.Choice([form.value for form in ExportForm]), default="csv", help="How rows look.")
@click.option("--merchant", default="", help="The orders of one merchant, as it sees them.")
@click.option("--stage", type=click.Choice([stage.value for stage in OrderStage]), default=None, help="How far.")
@click.pass_obj
def orders(place: MarketPlace, *, target: str, form: str, merchant: str, stage: str | None) -> None:
    """Write a row for each line of every merchant order: CSV that is safe in a spreadsheet, or lines of JSON."""
    scope = Scope.merchant(merchant) if merchant else Scope.operator()
    where = {} if stage is None else {"stage": stage}
    with place.open() as market, _open(target) as file, show_progress("exporting orders") as report:
        count = market.orders.export(
            lambda text: file.write(text.encode()), scope=scope, form=ExportForm(form), where=where, progress=report
        )
    click.echo(f"{count} orders", err=True)


@export.command()
@_TO
@click.option("--form", type=click.Choice(["json", "cloudevents"]), default="json", help="How a line looks.")
@click.option("--source", default="/mktcore", help="Who tells, in CloudEvents.")
@click.pass_obj
def events(place: MarketPlace, target: str, form: str, *, source: str) -> None:
    """Write every event that is kept as a line of JSON, published or not; the queue stays as it is."""
    with place.open() as market:
        count = _write_lines(_list_events(market, form, source), target, "exporting events")
    click.echo(f"{count} events", err=True)


@export.command()
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), required=True, help="A folder.")
def schemas(folder: Path) -> None:
    """Write the JSON Schema of every event into a folder: TAG.json; needs no database."""
    folder.mkdir(parents=True, exist_ok=True)
    built = build_event_schemas()
    for name, one in built.items():
        (folder / f"{name}.json").write_text(json.dumps(one, indent=2) + "\n", encoding="utf-8")
    click.echo(f"{len(built)} schemas", err=True)


def _list_records(market: Marketplace, kinds: Iterable[str]) -> Iterator[bytes]:
    with market.store.begin(Scope.operator()) as unit:
        for kind in KINDS:
            if kind.name in kinds:
                yield from map(to_json, unit.repository(kind).stream())


def _list_events(market: Marketplace, form: str, source: str) -> Iterator[bytes]:
    if not isinstance(market.store, Inspected):
        message = "this store cannot be looked into"
        raise click.UsageError(message)
    write = choose_form(form, source)
    with market.store.inspect() as inspection:
        for kept in inspection.iterate_events():
            if kept.value is None:
                message = f"event {kept.id} cannot be read: {kept.problem}"
                raise click.ClickException(message)
            yield write(kept.value)


def _write_lines(lines: Iterable[bytes], target: str, what: str) -> int:
    count = 0
    with _open(target) as file, show_progress(what) as report:
        for count, line in enumerate(lines, 1):
            file.write(line + b"\n")
            report(count)
    return count


@contextmanager
def _open(target: str) -> Iterator[BinaryIO]:
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with Path(target).open("wb") as file:
        yield file
