"""A host's plain Alembic project, as `alembic init` makes it and the guide says how to change it."""

import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from sqlalchemy import create_engine, inspect, text

from adapters.shops import OPERATOR, place
from markets import EXAMPLE
from mktcore.marketplace import Marketplace
from mktcore.ports import KINDS
from mktcore.sql import SqlStore
from mktcore.sql.migrations import VERSIONS
from persistence.opening import create_database

pytestmark = pytest.mark.slow  # each command is a process

MODELS = """
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, Text
from mktcore.sql import build_metadata
from mktcore.ports import KINDS

metadata = MetaData()
Table("product", metadata, Column("id", Integer, primary_key=True), Column("name", Text))
Table("offer", metadata, Column("id", Integer, primary_key=True), Column("product", ForeignKey("product.id")))
Table("role", metadata, Column("id", Integer, primary_key=True), Column("user", Text))
build_metadata(KINDS, metadata)
"""
LOCATIONS = """path_separator = newline
version_locations =
    %(here)s/migrations/versions
    mktcore.sql.migrations:versions
revision_environment = true
"""
HOOKS = """
from mktcore.sql.migrations.host_revisions import place_revision, render_type
from models import metadata as target_metadata
"""


@attrs.frozen
class Project:
    """A host's project in a folder of its own."""

    folder: Path
    url: str

    def run(self, *arguments: str, is_fine: bool = True) -> str:
        """Run a command of Alembic, and return what it told."""
        command = [sys.executable, "-m", "alembic", *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode == 0) == is_fine, done.stderr
        return done.stdout + done.stderr

    def list_revisions(self) -> list[str]:
        return sorted(path.name.partition("_")[2] for path in (self.folder / "migrations" / "versions").glob("*.py"))

    def list_tables(self) -> set[str]:
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = set(inspect(connection).get_table_names())
        engine.dispose()
        return found

    def execute(self, statement: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    url = f"sqlite:///{tmp_path / 'shop.db'}" if request.param == "sqlite" else create_database()
    project = Project(tmp_path, url)
    project.run("init", "migrations")
    ini = tmp_path / "alembic.ini"
    address = url.replace("%", "%%")
    changed = ini.read_text().replace("path_separator = os\n", LOCATIONS)
    ini.write_text(changed.replace("driver://user:pass@localhost/dbname", address))
    (tmp_path / "models.py").write_text(MODELS)
    environment = tmp_path / "migrations" / "env.py"
    plain = environment.read_text()
    configured = plain.replace("target_metadata = None", HOOKS).replace(
        "connection=connection, target_metadata=target_metadata",
        "connection=connection, target_metadata=target_metadata,"
        " process_revision_directives=place_revision, render_item=render_type",
    )
    assert configured.count("place_revision") == 2
    environment.write_text(configured)
    return project


def test_a_plain_project_migrates_generates_and_sells(project: Project) -> None:
    ours = sorted(VERSIONS.iterdir())
    project.run("upgrade", "heads")
    project.run("revision", "--autogenerate", "-m", "first")
    assert project.list_revisions() == ["first.py"]
    project.run("upgrade", "heads")
    assert {"product", "offer", "role", "mktcore_product", "mktcore_offer", "mktcore_stock"} <= project.list_tables()
    with Marketplace(SqlStore.open(project.url, KINDS, create=False), "EUR") as market:
        market.load(EXAMPLE)
        place(market)
        assert len(market.orders.merchant_orders.page(scope=OPERATOR).items) == 1
        assert market.verify() == ()
    project.run("revision", "--autogenerate", "-m", "second")
    (second,) = (project.folder / "migrations" / "versions").glob("*_second.py")
    assert "op." not in second.read_text()  # nothing is left to do
    project.run("upgrade", "heads")
    project.run("revision", "-m", "third")
    assert project.list_revisions() == ["first.py", "second.py", "third.py"]
    assert "mktcore.adapters" not in second.read_text()
    assert sorted(VERSIONS.iterdir()) == ours


def test_a_new_column_of_the_hosts_follows_the_hosts_own_revisions(project: Project) -> None:
    project.run("upgrade", "heads")
    project.run("revision", "--autogenerate", "-m", "first")
    project.run("upgrade", "heads")
    models = project.folder / "models.py"
    models.write_text(models.read_text().replace('Column("name", Text)', 'Column("name", Text), Column("code", Text)'))
    project.run("revision", "--autogenerate", "-m", "code")
    project.run("upgrade", "heads")
    project.execute("INSERT INTO product (id, name, code) VALUES (1, 'lamp', 'L1')")
    heads = project.run("heads").splitlines()
    assert len([line for line in heads if "effective" not in line and "(head)" in line]) == 1


@pytest.mark.parametrize(
    ("theirs", "name"),
    [
        ("CREATE TABLE mktcore_stock (id integer)", "mktcore_stock"),
        ("CREATE TABLE mktcore_layout (id integer)", "mktcore_layout"),
        ("CREATE VIEW mktcore_inbox AS SELECT 1 AS one", "mktcore_inbox"),
    ],
)
def test_a_table_of_our_name_is_refused_before_anything_is_made(theirs: str, name: str, project: Project) -> None:
    project.execute(theirs)
    before = project.list_tables() - {"alembic_version"}
    told = project.run("upgrade", "heads", is_fine=False)
    assert f"TableTaken: the database has {name} of somebody else's" in told
    assert project.list_tables() - {"alembic_version"} == before
