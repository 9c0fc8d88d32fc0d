"""Spryker's process files, in both dialects, with every oddity they are known for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mktcore.connectors.spryker import MERCHANT_SEMANTICS, ORDER_SEMANTICS, Dialect, InvalidProcessFile, load_process
from mktcore.connectors.spryker.intervals import parse_interval
from mktcore.orders.default_processes import Flag
from mktcore.processes import Process, State, Transition, Trigger, bind_portions, verify
from mktcore.processes.elements import Semantics
from mktcore.processes.machine import DONE
from yardstick import check_cost

FILES = Path(__file__).parent / "spryker_files"
NOW = datetime(2026, 5, 4, tzinfo=UTC)

STATES = '<states><state name="new"/><state name="end"/></states>'
EVENTS = '<events><event name="go" manual="true"/></events>'
GO = "<transition><source>new</source><target>end</target><event>go</event></transition>"
BODY = f"{STATES}<transitions>{GO}</transitions>{EVENTS}"


def wrap(body: str, *, more: str = "", xmlns: str = "spryker:oms-01", head: str = "") -> str:
    """Return a file with one main process; line 2 holds everything inside it, line 3 whatever comes after."""
    main = f'<process name="Main" main="true">{body}</process>'
    return f'{head}<statemachine xmlns="{xmlns}">\n{main}\n{more}</statemachine>'


def load(folder: Path, text: str, **files: str) -> Process:
    (folder / "Main.xml").write_text(text)
    for name, content in files.items():
        (folder / f"{name}.xml").write_text(content)
    return load_process(folder / "Main.xml")


def findings(process: Process) -> dict[str, str]:
    return {finding.code: finding.where for finding in process.findings}


def refused(folder: Path, text: str, **files: str) -> dict[str, str]:
    with pytest.raises(InvalidProcessFile) as invalid:
        load(folder, text, **files)
    return {problem.code: problem.where for problem in invalid.value.problems}


class TestOrderDialect:
    process = load_process(FILES / "order" / "Shop01.xml")

    def test_states_with_flags_and_display_names(self) -> None:
        states = {state.name: state for state in self.process.states}
        assert list(states) == [
            "new", "authorised", "waiting", "shipped", "refused", "closed", "back - asked", "back - received"
        ]  # fmt: skip
        assert states["new"].flags == {Flag.RESERVED, Flag.CANCELLABLE, Flag.AMENDABLE}
        assert states["new"].display == "oms.state.new"
        assert states["authorised"].flags == {Flag.RESERVED, Flag.HIDDEN}
        assert states["waiting"].flags == {Flag.RESERVED, Flag.AWAITS_EXPORT}
        assert states["shipped"].flags == {Flag.INVOICEABLE}
        assert states["refused"].flags == {Flag.NOT_INVOICED}
        assert {name for name, state in states.items() if state.final} == {"refused", "closed"}
        assert self.process.initial == "new"

    def test_events_with_every_attribute(self) -> None:
        events = {event.name: event for event in self.process.events}
        assert events["authorise"].on == {Trigger.ON_ENTER}
        assert events["ship"].on == {Trigger.MANUAL}
        assert events["close"].on == {Trigger.MANUAL, Trigger.TIMEOUT}
        assert events["close"].after == timedelta(days=14)
        assert events["back - receive"].deadline == "Shop/WorkingDays"
        assert events["check conditions"].on == {Trigger.INTERNAL}

    def test_transitions_run_the_command_and_then_choose_by_condition(self) -> None:
        first, second, waiting, *_ = self.process.transitions
        assert first == Transition(
            "new", "authorised", "authorise", command="Shop/Authorise", choice="Shop/IsAuthorised", happy=True
        )
        assert second == Transition("new", "refused", "authorise", command="Shop/Authorise")
        assert waiting == Transition("authorised", "waiting", "check conditions", choice="Shop/IsExported", happy=True)

    def test_it_runs_as_spryker_runs_orders(self) -> None:
        assert self.process.semantics == ORDER_SEMANTICS
        machine = bind_portions(
            self.process,
            commands={"Shop/Authorise": lambda _: DONE, "Shop/Ship": lambda _: DONE},
            conditions={"Shop/IsAuthorised": lambda firing: firing.facts, "Shop/IsExported": lambda _: True},
            deadlines={"Shop/WorkingDays": lambda firing: firing.now},
        )
        assert machine.start("o", {"l": 1}, now=NOW, facts=True).subject.states() == {"l": {"authorised": 1}}
        assert machine.start("o", {"l": 1}, now=NOW, facts=False).subject.states() == {"l": {"refused": 1}}

    def test_what_is_odd_about_it_is_noted_with_line_and_column(self) -> None:
        assert findings(self.process) == {
            "spryker.no-event": "Shop01.xml:39:13",
            "spryker.timeout-and-processor": "Parts/Return_01.xml:16:13",
        }


def test_the_merchant_dialect_with_files_named_without_their_ending() -> None:
    process = load_process(FILES / "merchant" / "Merchant.xml")
    assert process.semantics == MERCHANT_SEMANTICS
    assert process.initial == "created"
    assert process.findings == ()
    assert process.states[1] == State("new", flags=["our own flag"])
    assert Transition("shipped", "refunded", "refund") in process.transitions
    assert [finding.code for finding in verify(process)] == ["no-default"]


def test_dialect_semantics_initial_finals_folder_and_version_can_be_given() -> None:
    process = load_process(
        str(FILES / "merchant" / "Merchant.xml"),
        dialect=Dialect.ORDER,
        folder=FILES,
        initial="new",
        finals=["closed"],
        semantics=Semantics(),
        version=4,
    )
    assert (process.initial, process.version, process.semantics) == ("new", 4, Semantics())
    assert [state.name for state in process.states if state.final] == ["closed"]
    assert [finding.code for finding in process.findings] == ["spryker.unknown-flag"]


class TestOddities:
    def test_a_state_declared_again_in_a_part_loses_its_transitions(self, tmp_path: Path) -> None:
        body = (
            '<states><state name="new"/><state name="refunded"/><state name="closed"/></states><transitions>'
            "<transition><source>new</source><target>refunded</target><event>refund</event></transition>\n"
            "<transition><source>refunded</source><target>closed</target><event>go</event></transition></transitions>"
            f"{EVENTS}<subprocesses><process>Part</process></subprocesses>"
        )
        part = wrap('<states><state name="refunded"/></states><events><event name="refund"/></events>')
        part = part.replace(' main="true"', "")
        process = load(tmp_path, wrap(body, more='<process name="Part" file="Part.xml"/>'), Part=part)
        assert findings(process) == {
            "spryker.duplicate-state": "Part.xml:2:30",
            "spryker.lost-transition": "Main.xml:3:1",
        }
        assert [transition.target for transition in process.transitions] == ["refunded"]
        codes = [finding.code for finding in verify(process)]
        assert "dead-end" in codes
        assert "spryker.lost-transition" in codes

    def test_a_state_declared_twice_in_one_process_keeps_the_last(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace('<state name="end"/>', '<state name="end"/><state name="end" display="E"/>'))
        process = load(tmp_path, text)
        assert process.states[1].display == "E"
        assert list(findings(process)) == ["spryker.duplicate-state"]
        assert len(process.transitions) == 1

    def test_of_two_events_the_last_definition_wins(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace("</events>", '\n<event name="go" onEnter="true"/></events>'))
        process = load(tmp_path, text)
        assert process.events[0].on == {Trigger.ON_ENTER}
        assert findings(process) == {"spryker.duplicate-event": "Main.xml:3:1"}

    def test_only_the_first_of_two_targets_counts(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace("</target>", "</target>\n<target>new</target>"))
        process = load(tmp_path, text)
        assert process.transitions[0].target == "end"
        assert findings(process) == {"spryker.several-targets": "Main.xml:3:1"}

    def test_two_targets_and_no_event_are_both_noted(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace("<event>go</event>", "<target>new</target>"))
        assert set(findings(load(tmp_path, text))) == {"spryker.several-targets", "spryker.no-event"}

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('manual="true"', 'manual="1"', "spryker.not-a-bool"),
            ('manual="true"', 'manual="true" colour="red"', "spryker.unknown-attribute"),
            ("<events>", "<sounds/><events>", "spryker.unknown-element"),
            ('<event name="go"', '<event manual="true"/><event name="go"', "spryker.no-name"),
            ('manual="true"', 'timeout="1 month"', "spryker.inexact-timeout"),
            ('<state name="new"/>', '<state name="new"><flag>shiny</flag></state>', "spryker.unknown-flag"),
        ],
    )
    def test_what_means_nothing_is_noted(self, tmp_path: Path, old: str, new: str, code: str) -> None:
        process = load(tmp_path, wrap(BODY.replace(old, new)))
        assert code in findings(process)
        assert findings(process)[code].startswith("Main.xml:2:")

    def test_a_process_that_is_not_listed_is_noted(self, tmp_path: Path) -> None:
        more = '<process name="Lost"><states><state name="lost"/></states></process><noise/>'
        found = findings(load(tmp_path, wrap(BODY, more=more)))
        assert found == {"spryker.unlisted-process": "Main.xml:3:1", "spryker.unknown-element": "Main.xml:3:69"}

    def test_of_several_main_processes_the_last_wins(self, tmp_path: Path) -> None:
        more = '<process name="Other" main="true"><subprocesses><process>Main</process></subprocesses></process>'
        process = load(tmp_path, wrap(BODY, more=more))
        assert process.name == "Other"
        assert findings(process) == {"spryker.several-main": "Main.xml:2:1"}

    def test_an_unknown_namespace_is_read_as_an_order_process(self, tmp_path: Path) -> None:
        process = load(tmp_path, wrap(BODY, xmlns="spryker:other"))
        assert process.semantics == ORDER_SEMANTICS
        assert findings(process) == {"spryker.dialect": "Main.xml:1:1"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("<source>new", "<source>nowhere", "spryker.unknown-source"),
            ("<target>end", "<target>nowhere", "spryker.unknown-target"),
            ("<source>new</source>", "", "spryker.unknown-source"),
            ("<event>go</event>", "<event>gone</event>", "spryker.unknown-event"),
            ('<state name="end"/>', '<state name="end"/><state/>', "spryker.no-name"),
            ('manual="true"', 'timeout="whenever"', "spryker.timeout"),
            ("<events>", "<subprocesses><process>None</process></subprocesses><events>", "spryker.unknown-process"),
        ],
    )
    def test_what_cannot_be_is_refused_with_its_place(self, tmp_path: Path, old: str, new: str, code: str) -> None:
        found = refused(tmp_path, wrap(BODY.replace(old, new)))
        assert found[code].startswith("Main.xml:2:")

    def test_every_fault_is_listed_at_once(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace("<source>new", "<source>x").replace("<event>go", "<event>y"))
        assert set(refused(tmp_path, text)) == {"spryker.unknown-source", "spryker.unknown-event"}

    def test_a_file_without_a_main_process(self, tmp_path: Path) -> None:
        assert refused(tmp_path, wrap(BODY).replace(' main="true"', "")) == {"spryker.no-main-process": "Main.xml:2:1"}
        assert refused(tmp_path, "<statemachine/>")["spryker.no-main-process"] == ""

    def test_a_place_to_start_that_nobody_can_tell(self, tmp_path: Path) -> None:
        text = wrap(BODY.replace('"new"', '"a"').replace(">new<", ">a<").replace('"end"/>', '"end"/><state name="b"/>'))
        assert refused(tmp_path, text) == {"spryker.no-initial": "initial"}
        with pytest.raises(InvalidProcessFile, match="no state 'mars'"):
            load_process(tmp_path / "Main.xml", initial="mars")
        with pytest.raises(InvalidProcessFile, match="no state 'mars'"):
            load_process(tmp_path / "Main.xml", initial="a", finals=["mars"])
        with pytest.raises(InvalidProcessFile, match="never left"):
            load_process(tmp_path / "Main.xml", initial="a", finals=["a"])
        with pytest.raises(InvalidProcessFile, match="version"):
            load_process(tmp_path / "Main.xml", initial="a", version=0)

    @pytest.mark.parametrize("file", ["../Part.xml", "/etc/passwd", "a/../../Part", "http://example.com/x", "a\\..\\b"])
    def test_files_outside_the_folder(self, tmp_path: Path, file: str) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (tmp_path / "Part.xml").write_text(wrap(BODY))
        found = refused(home, wrap(BODY, more=f'<process name="Part" file="{file}"/>'))
        assert found == {"spryker.file-outside": "Main.xml:3:1"}

    def test_a_link_that_leads_outside_the_folder(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir()
        (tmp_path / "Secret.xml").write_text(wrap(BODY))
        (home / "Part.xml").symlink_to(tmp_path / "Secret.xml")
        found = refused(home, wrap(BODY, more='<process name="Part" file="Part.xml"/>'))
        assert found == {"spryker.file-outside": "Main.xml:3:1"}

    def test_files_that_are_not_there_or_not_readable(self, tmp_path: Path) -> None:
        more = '<process name="Part" file="Part.xml"/><process name="Bad" file="Bad.xml"/>'
        found = refused(tmp_path, wrap(BODY, more=more), Bad="<statemachine>\n  <process>")
        assert found == {"spryker.file-missing": "Main.xml:3:1", "spryker.unreadable-xml": "Bad.xml:2:12"}
        with pytest.raises(InvalidProcessFile, match="cannot be read"):
            load_process(tmp_path / "None.xml")

    @pytest.mark.parametrize("file", ["*.xml", "**.xml", "[a-z]", "x" * 300, " "])
    def test_names_that_no_file_has(self, tmp_path: Path, file: str) -> None:
        found = refused(tmp_path, wrap(BODY, more=f'<process name="Part" file="{file}"/>'))
        assert found == {"spryker.file-missing": "Main.xml:3:1"}

    def test_a_file_is_found_anywhere_below_the_folder_by_the_end_of_its_path(self, tmp_path: Path) -> None:
        (tmp_path / "deep" / "Parts").mkdir(parents=True)
        part = '<statemachine><process><states><state name="found"/></states></process></statemachine>'
        (tmp_path / "deep" / "Parts" / "P.xml").write_text(part)
        process = load(tmp_path, wrap(BODY, more='<process name="Part" file="Parts/P.xml"/>'))
        assert process.find_state("found") is not None

    def test_a_file_that_names_itself_is_read_once(self, tmp_path: Path) -> None:
        more = '<process name="Main" file="Main.xml"/>'
        assert "spryker.several-main" in findings(load(tmp_path, wrap(BODY, more=more)))

    def test_too_many_files(self, tmp_path: Path) -> None:
        more = "".join(f'<process name="P{n}" file="Part.xml"/>' for n in range(101))
        found = refused(tmp_path, wrap(BODY, more=more), Part="<statemachine/>")
        assert "spryker.too-many-files" in found


BOMBS = {
    "billion laughs": '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    "quadratic": f'<!DOCTYPE b [<!ENTITY a "{"x" * 10_000}">]>',
    "external entity": '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE b [<!ENTITY % a SYSTEM "http://example.com/a.dtd"> %a;]>',
    "external type": '<!DOCTYPE b SYSTEM "http://example.com/b.dtd">',
    "empty type": "<!DOCTYPE statemachine>",
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_and_entities_are_refused(tmp_path: Path, bomb: str) -> None:
    found = refused(tmp_path, wrap(BODY.replace("new", "&a;", 1), head=BOMBS[bomb]))
    assert list(found) == ["spryker.unreadable-xml"]


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no element found"),
        ("<statemachine>", "no element found"),
        ("<process/>", "not <statemachine>"),
        ("<statemachine>" * 30, "deep"),
        ("<a>" + "<b/>" * 200_001 + "</a>", "elements"),
        ("<a>" + " " * 4_000_001 + "</a>", "bytes"),
        ('<?xml version="1.0" encoding="utf-99"?><a/>', "decoded"),
        ("<a>&#xD800;</a>", "character"),
    ],
)
def test_what_is_not_sane_xml_is_refused_quickly(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "Main.xml").write_text(text)

    def refuse() -> None:
        with pytest.raises(InvalidProcessFile, match=reason):
            load_process(tmp_path / "Main.xml")

    check_cost(refuse, yards=1_000)


def test_long_text_in_many_pieces_is_read_in_linear_time(tmp_path: Path) -> None:
    def read(lines: int) -> None:
        text = wrap(BODY.replace("<source>new", "<source>" + "\n" * lines + "new"))
        assert load(tmp_path, text).initial == "new"

    check_cost(lambda: read(1_000_000), yards=1_000)  # joining the pieces one by one would take minutes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 minute", timedelta(minutes=30)),
        ("2 hours", timedelta(hours=2)),
        ("1 day 12 hours", timedelta(days=1, hours=12)),
        ("+3 days", timedelta(days=3)),
        ("1 week, 2 days", timedelta(days=9)),
        ("45sec", timedelta(seconds=45)),
    ],
)
def test_intervals(text: str, expected: timedelta) -> None:
    assert parse_interval(text) == (expected, True)


@pytest.mark.parametrize(
    "text", ["", "0 days", "-1 day", "day", "5", "next monday", "1 day ago", "9" * 200, "999999999 years"]
)
def test_what_is_no_interval(text: str) -> None:
    assert parse_interval(text) is None
