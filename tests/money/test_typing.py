"""The types that hosts see, checked by the two checkers from outside the package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # runs two type checkers

SAMPLE = Path(__file__).with_name("typing_from_outside.py")
WRONG = """
from mktcore.money import Money

price = Money.of("1.00", "EUR")
price * 0.19
Money.of(1.5, "EUR")
price + 1
price.minor = 3
"""


def check(command: list[str], folder: Path, code: str) -> tuple[int, str]:
    (folder / "host.py").write_text(code, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "MYPYPATH"}
    arguments = [sys.executable, "-m", *command, "host.py"]
    done = subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


MYPY = ["mypy", "--strict"]
PYRIGHT = ["basedpyright", "--level", "error", "--pythonpath", sys.executable]


@pytest.mark.parametrize("command", [MYPY, PYRIGHT], ids=["mypy", "basedpyright"])
def test_a_host_is_checked_as_it_should_be(command: list[str], tmp_path: Path) -> None:
    pytest.importorskip(command[0])
    code, output = check(command, tmp_path, SAMPLE.read_text(encoding="utf-8"))
    assert code == 0, output
    code, output = check(command, tmp_path, WRONG)
    assert code != 0
    for line in (5, 6, 7, 8):
        assert f"host.py:{line}:" in output, output
