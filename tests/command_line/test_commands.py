"""The command line: what it answers, how it ends, and that a user's mistake leaves neither a traceback nor a trace."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from markets import EXAMPLE
from mktcore.carts import Cart, CartLine
from mktcore.command_line.commands import mktcore
from mktcore.marketplace import Marketplace
from persistence.opening import create_database


def run(*arguments: str) -> Result:
    found = CliRunner().invoke(mktcore, arguments, catch_exceptions=False, standalone_mode=True)
    assert "Traceback" not in found.output
    return found


class Shop:
    """A loaded database, and commands on it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "market.db"
        self.url = f"sqlite:///{self.file}"

    def run(self, *arguments: str) -> Result:
        return run("--database", self.url, *arguments)

    def change(self, statement: str) -> None:
        connection = sqlite3.connect(self.file)
        connection.execute(statement)
        connection.commit()
        connection.close()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    with Marketplace.open(Shop(folder).url, "EUR") as market:
        market.load(EXAMPLE)
    return folder


@pytest.fixture
def shop(loaded: Path, tmp_path: Path) -> Shop:
    shutil.copy(loaded / "market.db", tmp_path / "market.db")
    return Shop(tmp_path)


def test_loading_says_what_changed(shop: Shop) -> None:
    done = shop.run("load", str(EXAMPLE))
    assert (done.exit_code, done.stdout.strip()) == (0, "nothing changed")


def test_a_refused_folder_names_every_cell_and_exits_with_one(shop: Shop, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "offers.csv").write_text("offer,merchant,sku,price,stock\na,acme,camera,dear,1\nb,acme,camera,1.234,1\n")
    done = shop.run("load", str(folder))
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("mktcore: loading.refused: 2 problems\n")
    assert "offers.csv:2:price" in done.stderr
    assert "offers.csv:3:price" in done.stderr


def test_verifying_prints_findings_and_exits_with_one(shop: Shop) -> None:
    assert (shop.run("verify").exit_code, shop.run("verify").stdout) == (0, "")
    shop.change("UPDATE mktcore_stock SET reserved = 3 WHERE item = 'acme-camera'")
    done = shop.run("verify")
    assert done.exit_code == 1
    assert done.stdout.startswith("I10 stock_item acme-camera: ")
    assert done.stderr == "1 findings\n"


def test_time_outs_happen_that_are_due(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "due_shop.py").write_text(
        "from datetime import UTC, datetime\n"
        "from mktcore import Marketplace\n"
        "from mktcore.testing.fakes import ManualClock\n"
        "def open_later():\n"
        f"    return Marketplace.open('sqlite:///{tmp_path}/market.db', 'EUR',"
        " clock=ManualClock(datetime(2030, 1, 1, tzinfo=UTC)))\n",
        encoding="utf-8",
    )
    with Marketplace.open(shop.url, "EUR") as market:
        cart = Cart.of("c1", buyer="b1", lines=[CartLine("l1", sku="camera")])
        order = market.place(cart, key="k1", scope=market.as_operator())
        part = order.merchant_orders[0].id
        for event in ("ship", "deliver"):
            market.fire(part, event, key=event, scope=market.as_operator())
    assert shop.run("expire").stdout == "0 time-outs\n"
    monkeypatch.chdir(tmp_path)
    done = run("--market", "due_shop:open_later", "expire", "--batch", "1")
    assert (done.exit_code, done.stdout) == (0, "1 time-outs\n")


def read_lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_relaying_writes_each_event_once_in_order(shop: Shop, tmp_path: Path) -> None:
    first = shop.run("relay")
    assert (first.exit_code, first.stderr) == (0, "66 events\n")
    lines = read_lines(first.stdout)
    assert len({line["id"] for line in lines}) == 66
    assert {tuple(line) for line in lines} == {("id", "sequence", "event")}
    assert shop.run("relay").stderr == "0 events\n"
    exported = shop.run("export", "events", "--to", str(tmp_path / "all.jsonl"))
    assert exported.stderr == "66 events\n"
    assert len(read_lines((tmp_path / "all.jsonl").read_text(encoding="utf-8"))) == 66


def test_a_publisher_of_the_hosts_own_may_refuse(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publisher = (
        "class Picky:",
        "    def send(self, envelope):",
        "        if 'camera' in envelope.id:",
        "            raise OSError('no')",
    )
    (tmp_path / "own_publisher.py").write_text("\n".join(publisher), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = shop.run("relay", "--publisher", "own_publisher:Picky")
    cameras = sum("camera" in row["id"] for row in read_lines(shop.run("export", "events").stdout))  # type: ignore[operator]  # text
    assert cameras > 1
    assert (done.exit_code, done.stderr) == (1, f"{66 - cameras} events\n")


def test_cloud_events_of_the_relay_name_their_source(shop: Shop) -> None:
    lines = read_lines(shop.run("relay", "--form", "cloudevents", "--source", "/shop/market").stdout)
    assert {(line["specversion"], line["source"]) for line in lines} == {("1.0", "/shop/market")}


def test_records_are_exported_by_kind(shop: Shop) -> None:
    done = shop.run("export", "records", "merchant", "tax_rule")
    tags = [line["$type"] for line in read_lines(done.stdout)]
    assert tags == ["parties.merchant.v1"] * 8 + ["taxes.tax-rule.v1"] * 2
    assert done.stderr == "10 records\n"


def test_schemas_are_exported_without_a_database(tmp_path: Path) -> None:
    done = run("export", "schemas", "--to", str(tmp_path / "schemas"))
    files = sorted((tmp_path / "schemas").iterdir())
    assert (done.exit_code, done.stderr) == (0, f"{len(files)} schemas\n")
    assert "orders.order-placed.v1.json" in [file.name for file in files]
    for file in files:
        Draft202012Validator.check_schema(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize("prefix", ["mktcore_", "shop_"])
def test_a_store_takes_the_printed_tables_for_its_own(prefix: str, tmp_path: Path) -> None:
    printed = run("--prefix", prefix, "schema", "sql", "--dialect", "sqlite").stdout
    connection = sqlite3.connect(tmp_path / "market.db")
    connection.executescript(printed)
    before = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    url = f"sqlite:///{tmp_path / 'market.db'}"
    assert run("--prefix", prefix, "--database", url, "schema", "check").exit_code == 0
    assert run("--prefix", prefix, "--database", url, "--currency", "EUR", "load", str(EXAMPLE)).exit_code == 0
    assert connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before
    connection.close()


@pytest.mark.slow  # needs a server
def test_a_store_in_postgresql_takes_the_printed_tables_for_its_own() -> None:
    psycopg = pytest.importorskip("psycopg")
    url = create_database()
    printed = run("--schema", "trade", "schema", "sql").stdout
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as connection:
        connection.execute(printed)
    assert run("--schema", "trade", "--database", url, "schema", "check").exit_code == 0
    assert run("--schema", "trade", "--database", url, "--currency", "EUR", "load", str(EXAMPLE)).exit_code == 0
    assert run("--database", url, "schema", "check").exit_code == 1


def test_a_check_of_the_schema_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    shop.change("ALTER TABLE mktcore_offer DROP COLUMN document")
    before = shop.file.read_bytes()
    done = shop.run("schema", "check")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("mktcore: store.schema-outdated: the database lacks mktcore_offer.document")
    assert shop.file.read_bytes() == before
    missing = run("--database", f"sqlite:///{tmp_path / 'none.db'}", "schema", "check")
    assert missing.exit_code == 2
    assert not (tmp_path / "none.db").exists()


MISTAKES: list[tuple[Sequence[str], str]] = [
    (("verify",), "command.no-database"),
    (("--database", "sqlite:///{tmp}/none.db", "verify"), "command.no-database"),
    (("--database", "sqlite:///{tmp}/none.db", "load", "{tmp}"), "command.no-currency"),
    (("--database", "mysql://shop:secret@host/db", "verify"), "store.unsupported-database"),
    (("--database", "postgresql://shop:secret@localhost:1/db", "verify"), "store.unreachable"),
    (("--market", "nothing.there:market", "verify"), "command.no-such-object"),
    (("--market", "json:loads2", "verify"), "command.no-such-object"),
    (("--market", "json", "verify"), "command.no-such-object"),
    (("--market", "sys:path", "verify"), "command.no-such-object"),
    (("--database", "{url}", "--currency", "USD", "verify"), "market.price-terms-conflict"),
    (("--database", "{url}", "--prefix", "No Way", "verify"), "store.invalid-naming"),
    (("--database", "{url}", "relay", "--to", "{tmp}/no/such/folder/events"), "No such file"),
    (("--database", "{url}", "load", "{tmp}/nowhere"), "does not exist"),
    (("--database", "{url}", "export", "records", "nothing"), "Invalid value"),
    (("nonsense",), "No such command"),
]


@pytest.mark.parametrize(("arguments", "told"), MISTAKES, ids=[told for _, told in MISTAKES])
def test_a_mistake_is_told_in_a_sentence_and_makes_nothing(
    arguments: Sequence[str], told: str, shop: Shop, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    done = run(*(one.format(tmp=tmp_path, url=shop.url) for one in arguments))
    assert done.exit_code == 2
    assert told in done.stderr
    assert "secret" not in done.output
    assert done.stdout == ""
    assert sorted(tmp_path.iterdir()) == before


def test_a_database_that_others_hold_is_busy(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hasty_shop.py").write_text(
        "from mktcore import Marketplace\n"
        "from mktcore.persistence.retry_policy import RetryPolicy\n"
        f"market = Marketplace.open('{shop.url}', 'EUR', busy_seconds=0.05, retry=RetryPolicy(attempts=1))\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    assert run("--market", "hasty_shop:market", "verify").exit_code == 0
    other = sqlite3.connect(shop.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = run("--market", "hasty_shop:market", "load", str(EXAMPLE))
    other.close()
    assert (done.exit_code, done.stdout) == (75, "")
    assert done.stderr.startswith("mktcore: store.busy: ")


def test_without_the_extra_the_command_says_which_one_to_install() -> None:
    script = "import sys\nsys.modules['click'] = None\nfrom mktcore.command_line import main\nmain(['verify'])\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "mktcore[cli] brings it" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_the_core_does_not_load_click() -> None:
    script = "import sys, mktcore.marketplace; print([one for one in ('click', 'rich') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_status_files_move_orders_and_say_what_did_not(shop: Shop, tmp_path: Path) -> None:
    with Marketplace.open(shop.url, "EUR") as market:
        cart = Cart.of("c1", buyer="buyer-1", lines=[CartLine("l1", "tripod", 2, offer="bolt-tripod")])
        part = market.place(cart, key="c1", scope=market.as_operator()).merchant_orders[0].id
    file = tmp_path / "statuses.csv"
    file.write_text(f"key,order,event,line,quantity,carrier\na,{part},ship,l1,1,DHL\nb,{part},deliver,l1,2,\n")
    done = shop.run("statuses", str(file), "--merchant", "bolt")
    told = "'deliver' reaches 1 of 2 units: there are 1 in 'new', 1 in 'shipped'"
    assert (done.exit_code, done.stdout) == (1, f"statuses.csv:3 b refused: {told}\n")
    assert "2 rows: 1 moved, 1 refused, 0 failed; 0 were answered before" in done.stderr
    by_hand = shop.run("status", "c", part, "deliver", "--fact", "received_by=Ann", "--merchant", "bolt")
    assert (by_hand.exit_code, by_hand.stdout) == (0, "form c moved\n")
    foreign = shop.run("status", "d", part, "ship", "--merchant", "acme")
    assert (foreign.exit_code, foreign.stdout) == (1, f"form d failed: there is no merchant_order '{part}'\n")
    rows = shop.run("export", "orders", "--merchant", "bolt").stdout.splitlines()
    assert rows[0].startswith("reference,number,order,merchant_order,")
    assert rows[1].endswith(",1 new; 1 delivered")
