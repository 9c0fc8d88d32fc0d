"""The page on the command line: every command of it runs, in order, and prints what it says."""

import doctest
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n# (\S+)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def list_commands(page: str) -> Iterator[tuple[str, str]]:
    """Yield each command and what stands below it."""
    for block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield command, shown


@pytest.mark.slow  # a process for each command
def test_every_command_of_the_page_prints_what_it_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "offers.csv").write_text(
        "offer,merchant,sku,price,stock\nx,acme,camera,dear,1\n", encoding="utf-8"
    )
    for name, text in PYTHON.findall(page):
        (tmp_path / name).write_text(text, encoding="utf-8")
    for one, shown in list_commands(page):
        if one.startswith("cat "):
            (tmp_path / one.removeprefix("cat ")).write_text(shown, encoding="utf-8")
    command = tmp_path / "bin" / "mktcore"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\nfrom mktcore.command_line import main\nmain()\n", encoding="utf-8")
    command.chmod(0o755)
    listed = list(list_commands(page))
    assert len(listed) > 12
    # One shell for all, so that what one command sets the next one has; a line that nobody prints parts their outputs.
    script = "".join(f"{one}\ncode=$?\necho '=====' >&1\n(exit $code)\n" for one, _ in listed)
    environment = {**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT / "src")}
    shell = ["/bin/sh", "-c", f"exec 2>&1\n{script}"]
    done = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    printed = done.stdout.split("=====\n")
    checker = doctest.OutputChecker()
    wrong = [
        f"$ {one}\n{got}"
        for (one, shown), got in zip(listed, printed, strict=False)
        if not checker.check_output(shown, got, FLAGS)
    ]
    assert "".join(wrong) == ""
