"""Every example in the README, the documentation and the docstrings runs and shows what it says."""

import doctest
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

import mktcore

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?:python|pycon)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def find_modules() -> list[str]:
    """Return the modules that show something; looking for examples where no prompt stands takes most of the time."""
    found = pkgutil.walk_packages(mktcore.__path__, "mktcore.")
    return sorted(module.name for module in found if ".migrations" not in module.name and shows_something(module))


def shows_something(module: pkgutil.ModuleInfo) -> bool:
    spec = module.module_finder.find_spec(module.name, None)
    return spec is not None and spec.origin is not None and ">>> " in Path(spec.origin).read_text(encoding="utf-8")


def run_doctest(name: str, text: str, namespace: dict[str, object]) -> None:
    test = doctest.DocTestParser().get_doctest(text, namespace, name, name, 0)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    report: list[str] = []
    runner.run(test, out=report.append, clear_globs=False)
    namespace.update(test.globs)
    assert not runner.failures, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_what_happens(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    namespace: dict[str, object] = {"__name__": "__example__"}
    for number, block in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
        name = f"{page.name}[{number}]"
        if ">>>" in block:
            run_doctest(name, block, namespace)
        else:
            exec(compile(block, name, "exec"), namespace)  # noqa: S102 - the page's own example


@pytest.mark.parametrize("module", find_modules())
def test_docstrings_show_what_happens(module: str) -> None:
    results = doctest.testmod(import_module(module), optionflags=FLAGS)
    assert not results.failed
