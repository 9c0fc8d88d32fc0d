"""The short form of the long runs: the same commands, fewer rounds. Each command tells its long form."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from persistence.opening import start_postgresql

pytestmark = pytest.mark.slow  # processes race each other, and are killed

LONG = Path(__file__).parents[1] / "long"


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(LONG / command), *arguments]
    environment = dict(os.environ)
    if {"postgresql", "--cursor"} & set(arguments) and "--server" not in arguments:  # which kills its own
        environment["MKTCORE_POSTGRESQL"] = start_postgresql()
    return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False, env=environment)


@pytest.mark.parametrize("host", [(), ("--joined",)], ids=["alone", "joined"])
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_races_for_the_last_pieces_keys_and_limits_are_exact(store: str, host: tuple[str, ...]) -> None:
    done = run("races.py", "--store", store, "--rounds", "1", "--pieces", "40", *host)
    assert (done.returncode, done.stderr) == (0, "")
    assert "every round was exact" in done.stdout


def test_the_same_race_is_lost_by_get_then_save() -> None:
    done = run("races.py", "--naive", "--rounds", "1", "--pieces", "30", "--processes", "6")
    assert done.returncode == 1
    assert "of 30 pieces were sold" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("sqlite", "--kills", "12"),
        ("sqlite", "--kills", "8", "--joined"),
        ("postgresql", "--kills", "4"),
        ("postgresql", "--kills", "4", "--joined"),
        ("postgresql", "--kills", "1", "--server"),
    ],
    ids="-".join,
)
def test_what_was_acknowledged_survives_kill_9(arguments: tuple[str, ...]) -> None:
    done = run("kills.py", "--store", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "every acknowledged commit is there, whole" in done.stdout


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_every_event_is_delivered_in_order(store: str) -> None:
    done = run("outbox.py", "--store", store, "--events", "160")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 delivered again" in done.stdout
    assert "in order, none was lost" in done.stdout


def test_a_cursor_on_ids_loses_events() -> None:
    done = run("outbox.py", "--cursor", "--events", "600")
    assert done.returncode == 1
    assert "events were lost" in done.stdout
