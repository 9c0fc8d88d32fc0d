"""The wheel installs with the core's dependencies alone, and imports quickly."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # builds and installs a wheel

ROOT = Path(__file__).parents[2]
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the sources and install it in an environment of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source / name)
    run(Path(sys.executable), *PIP, "wheel", "--no-deps", "--wheel-dir", str(folder), str(source))
    [wheel] = folder.glob("*.whl")
    run(Path(sys.executable), "-m", "venv", str(folder / "env"))
    python = folder / "env" / "bin" / "python"
    run(python, *PIP, "install", str(wheel))
    return python


def run(python: Path, *arguments: str) -> str:
    return subprocess.run([python, *arguments], check=True, capture_output=True, text=True).stdout


MANY_MODULES = (
    "asyncio, unittest.mock, xmlrpc.server, email.mime.text, http.cookiejar, logging.config, concurrent.futures.process"
    ", multiprocessing.pool, sqlite3, xml.dom.minidom, tarfile, zipfile, pydoc, doctest, pdb, optparse, imaplib"
    ", smtplib, ftplib, ssl"
)
"""What importing is measured against: importing, too. Beside other work it gets dearer as we do; a loop does not."""


def count_bundles(python: Path, code: str, runs: int = 5) -> float:
    """Return what a statement costs beside importing many modules of Python's own; the best of its runs."""
    command = (
        "from time import thread_time\n"
        f"start = thread_time(); import {MANY_MODULES}\n"
        f"between = thread_time(); {code}\n"
        "print((thread_time() - between) / (between - start))"
    )
    return min(float(run(python, "-c", command)) for _ in range(runs))


def test_only_the_cores_dependencies_are_there(python: Path) -> None:
    installed = {line.split("==")[0].lower() for line in run(python, "-m", "pip", "list", "--format=freeze").split()}
    core = {"attrs", "cattrs", "iso4217", "mktcore", "python-dateutil", "python-stdnum"}
    assert core <= installed
    assert installed - core <= {"pip", "setuptools", "six", "typing_extensions", "tzdata"}  # what those need


def test_a_sale_works_there(python: Path) -> None:
    code = (
        "from mktcore import Marketplace, Money\n"
        "market = Marketplace.in_memory(currency='EUR')\n"
        f"market.load({str(ROOT / 'examples' / 'market')!r})\n"
        "from mktcore.carts import Cart, CartLine\n"
        "cart = Cart.of('c1', buyer='b1', lines=[CartLine('l1', sku='camera')])\n"
        "print(market.place(cart, key='k1', scope=market.as_operator()).totals.grand_total)\n"
    )
    assert run(python, "-c", code) == "179.00 EUR\n"


def test_types_are_shipped(python: Path) -> None:
    code = "import mktcore, pathlib; print((pathlib.Path(mktcore.__file__).parent / 'py.typed').is_file())"
    assert run(python, "-c", code) == "True\n"


@pytest.mark.parametrize(
    ("code", "bundles"), [("import mktcore", 0.4), ("from mktcore import Marketplace", 10)], ids=["root", "market"]
)
def test_importing_is_quick(python: Path, code: str, bundles: float) -> None:
    assert count_bundles(python, code) < bundles


def test_importing_the_marketplace_loads_no_package_but_the_cores(python: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); from mktcore import Marketplace\n"
        "loaded = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "names = loaded - set(sys.stdlib_module_names)\n"
        "print(' '.join(sorted(name for name in names if not name.startswith('_sysconfigdata'))))"
    )
    assert set(run(python, "-c", code).split()) <= {
        "attr", "attrs", "cattr", "cattrs", "dateutil", "iso4217", "mktcore", "six", "stdnum", "typing_extensions",
    }  # fmt: skip


def test_importing_the_root_loads_nothing_else(python: Path) -> None:
    code = "import mktcore, sys; print([name for name in sys.modules if name.startswith(('mktcore.', 'attr'))])"
    assert run(python, "-c", code) == "['mktcore.lazy_names']\n"
