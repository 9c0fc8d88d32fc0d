"""Drawings: what they tell apart, and that they read back."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mktcore.merchant_items.life import ITEM_LIFE
from mktcore.orders import INTERACTION, MARKETPLACE_PROCESS, MERCHANT_PROCESS
from mktcore.orders.default_processes import Flag
from mktcore.orders.price_approvals.price_approval import APPROVAL_LIFE
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.processes import Process, ProcessEvent, State, Transition, Trigger, bind, bind_portions

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs" / "images"
DRAWN = Process(
    "drawn",
    states=[
        State("new", flags=[Flag.RESERVED]),
        State("paid", "Bezahlt", flags=[Flag.HIDDEN]),
        State('odd "name" <&>#`\\', final=True),
        State("end", final=True),
    ],
    events=[
        ProcessEvent("pay"),
        ProcessEvent("check", Trigger.ON_ENTER),
        ProcessEvent("expire", Trigger.TIMEOUT, after=timedelta(minutes=90)),
        ProcessEvent("remind", Trigger.TIMEOUT, deadline="friday"),
        ProcessEvent("answer", Trigger.INTERNAL),
        ProcessEvent("soon", Trigger.TIMEOUT, after=timedelta(seconds=61)),
    ],
    transitions=[
        Transition("new", "paid", "pay", guard="enough", command="charge", choice="approved", happy=True),
        Transition("paid", "end", "check", guard="fine", happy=True),
        Transition("new", "end", "expire"),
        Transition("new", "end", "soon"),
        Transition("new", "end", "remind", command="mail"),
        Transition("paid", 'odd "name" <&>#`\\', "answer"),
    ],
)


def dot_edges(text: str) -> dict[str, str]:
    """Return the attributes of each edge between states, by its label."""
    return {m[1].strip(): m[0] for m in re.finditer(r's\d+ -> s\d+ \[label="(.*?)", .*\];', text)}


def test_graphviz_tells_happy_manual_time_out_on_enter_and_internal_apart() -> None:
    edges = dot_edges(DRAWN.to_graphviz())
    pay, check = edges[r"pay [enough] \n / charge then [approved]"], edges["check [fine] (on entering)"]
    late, answer = (
        edges[r"expire (after 90 min) \n soon (after 61 s) \n remind (when friday) \n / mail"],
        edges["answer"],
    )
    styles = [re.search(r"style=(\w+)", edge)[1] for edge in (pay, check, late, answer)]  # type: ignore[index]  # each has one
    assert styles == ["solid", "dashed", "dotted", "solid"]
    colours = {re.search(r' color="(#\w+)"', edge)[1] for edge in (pay, check, late, answer)}  # type: ignore[index]  # each has one
    assert len(colours) == 4
    assert ["penwidth=3.0" in edge for edge in (pay, check, late, answer)] == [True, True, False, False]


def test_graphviz_shows_what_states_are() -> None:
    text = DRAWN.to_graphviz()
    assert r's0 [label="new", fillcolor="#f3f4f6"]' in text
    assert r's1 [label="paid\n(Bezahlt)", fillcolor="white", style="rounded,filled,dashed"]' in text
    assert 's3 [label="end", fillcolor="white", peripheries=2]' in text
    assert "start0 -> s0" in text
    assert text.count("penwidth=") == text.count("penwidth")
    assert "by hand: solid" in text
    assert "message" not in text


def test_mermaid_tells_the_same_apart() -> None:
    lines = DRAWN.to_mermaid().splitlines()
    assert lines[0] == "flowchart TD"
    assert '    s0(["new"])' in lines
    assert '    s3[["end"]]' in lines
    assert '    s0 ==>|"pay [enough]<br/>/ charge then [approved]"| s1' in lines
    assert "    linkStyle 0 stroke:#1d4ed8,color:#1d4ed8,stroke-width:4px" in lines
    assert "    linkStyle 1 stroke:#15803d,color:#15803d,stroke-dasharray:7 4,stroke-width:4px" in lines
    assert "    class s0 reserved" in lines
    assert "    class s1 hidden" in lines


def test_names_that_would_break_out_of_a_label_are_escaped() -> None:
    assert '    s2[["odd #quot;name#quot; #lt;#amp;#gt;#35;#96;\\"]]' in DRAWN.to_mermaid().splitlines()
    assert r's2 [label="odd \"name\" <&>#`\\"' in DRAWN.to_graphviz()


def test_the_way_of_one_order_is_highlighted_with_where_it_is() -> None:
    machine = bind_portions(MERCHANT_PROCESS)
    started = machine.start("o", {"l1": 3}, now=NOON)
    shipped = machine.fire(started.subject, "ship", quantities={"l1": 1}, now=NOON)
    history = [*started.moves, *shipped.moves]
    text = MERCHANT_PROCESS.to_graphviz(history=history, subject=shipped.subject)
    assert r'label="New\n2 here", fillcolor="#fde047", penwidth=2.5' in text
    assert r'label="Shipped\n1 here"' in text
    thick = re.findall(r's\d+ -> s\d+ \[label="(.*?)".*penwidth=5\.0', text)
    assert thick == [" ship "]
    mermaid = MERCHANT_PROCESS.to_mermaid(history=history, subject=shipped.subject).splitlines()
    assert "    class s0 here" in mermaid
    assert "    linkStyle 0 stroke:#1d4ed8,color:#1d4ed8,stroke-width:6px" in mermaid
    moved_on = MERCHANT_PROCESS.to_graphviz(history=history)
    assert 'label="New", fillcolor="#dbeafe", penwidth=1.5' in moved_on


def test_the_way_of_one_subject_is_highlighted_with_where_it_stands() -> None:
    machine = bind(MERCHANT_LIFE)
    started = machine.start("acme", now=NOON)
    registered = machine.fire(started.standing, "register", now=NOON)
    history = [*started.steps, *registered.steps]
    text = MERCHANT_LIFE.to_graphviz(history=history, subject=registered.standing)
    assert r'label="registered\nhere", fillcolor="#fde047", penwidth=2.5' in text
    assert 'label="invited", fillcolor="#dbeafe", penwidth=1.5' in text
    assert re.findall(r's\d+ -> s\d+ \[label="(.*?)".*penwidth=5\.0', text) == [" register "]


def test_two_processes_are_drawn_with_their_messages() -> None:
    diagram = INTERACTION.to_diagram(MARKETPLACE_PROCESS, MERCHANT_PROCESS)
    links = [arrow for arrow in diagram.arrows if arrow.kind == "link"]
    assert len(links) == len(INTERACTION.links)
    text = diagram.to_graphviz()
    assert text.count("constraint=false") == len(links)
    assert "message: dashed" in text
    mermaid = diagram.to_mermaid()
    assert '    subgraph g0["marketplace-order v2"]' in mermaid
    assert mermaid.count("    end") == 2


PICTURES = {
    "marketplace-process": MARKETPLACE_PROCESS.to_graphviz,
    "merchant-process": MERCHANT_PROCESS.to_graphviz,
    "merchant-life": MERCHANT_LIFE.to_graphviz,
    "merchant-item": ITEM_LIFE.to_graphviz,
    "price-approval": APPROVAL_LIFE.to_graphviz,
    "processes-together": lambda: INTERACTION.to_diagram(MARKETPLACE_PROCESS, MERCHANT_PROCESS).to_graphviz(),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_in_the_docs_are_those_of_the_processes(name: str) -> None:
    assert (DOCS / f"{name}.dot").read_text() == PICTURES[name]() + "\n"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed (Debian: apt-get install graphviz)")
@pytest.mark.parametrize("text", [DRAWN.to_graphviz(), PICTURES["processes-together"]()], ids=["odd", "together"])
def test_graphviz_accepts_the_drawing(text: str) -> None:
    run = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=False)  # noqa: S607 - found above
    assert run.returncode == 0
    assert not run.stderr
    assert b"</svg>" in run.stdout
