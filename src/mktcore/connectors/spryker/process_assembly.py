"""Putting one process together from the elements of all its files, as Spryker does, and saying where that is odd."""

from collections.abc import Collection, Sequence

import attrs

from mktcore.connectors.spryker.intervals import parse_interval
from mktcore.connectors.spryker.process_files import SourceFile
from mktcore.connectors.spryker.xml_document import Element
from mktcore.notice import Notice
from mktcore.orders.default_processes import Flag
from mktcore.processes import InvalidProcess, Process, ProcessEvent, State, Transition, Trigger

__all__ = ["CHECK_CONDITIONS", "Assembly"]

CHECK_CONDITIONS = "check conditions"
"""The event that transitions without one get: the program fires it, as Spryker's `check-condition` command does."""

_FLAGS = {
    "exclude from customer": Flag.HIDDEN,
    "exclude from invoice": Flag.NOT_INVOICED,
    "ready for invoice": Flag.INVOICEABLE,
    "waiting for export": Flag.AWAITS_EXPORT,
    "cancellable": Flag.CANCELLABLE,
    "amendable": Flag.AMENDABLE,
}
_KNOWN: dict[str, tuple[set[str], set[str]]] = {
    "process": ({"name", "main", "file", "prefix"}, {"states", "transitions", "events", "subprocesses"}),
    "states": (set(), {"state"}),
    "transitions": (set(), {"transition"}),
    "events": (set(), {"event"}),
    "subprocesses": (set(), {"process"}),
    "state": ({"name", "display", "reserved"}, {"flag"}),
    "transition": ({"happy", "condition"}, {"source", "target", "event"}),
    "event": ({"name", "onEnter", "manual", "timeout", "timeoutProcessor", "command"}, set()),
}
"""For each element, the attributes and the children that mean something."""


@attrs.frozen(eq=False)
class _Command:
    """An event with what this library keeps elsewhere: its command, and where it was declared."""

    event: ProcessEvent
    command: str | None
    where: str


@attrs.frozen(eq=False)
class _Home:
    """A state as Spryker finds it at run time, the process where it finds it, and the one that got its transitions."""

    state: State
    source: SourceFile
    owner: SourceFile


@attrs.define(eq=False)
class Assembly:
    """One process being put together.

    Attributes:
        sources: Every process, in the order in which they were merged.
        problems: What makes it no process at all.
        findings: What is odd.
    """

    sources: Sequence[SourceFile]
    strict_flags: bool
    problems: list[Notice] = attrs.field(factory=list)
    findings: list[Notice] = attrs.field(factory=list)

    @classmethod
    def of(cls, root: Element, sources: Sequence[SourceFile], *, strict_flags: bool) -> "Assembly":
        """Return the assembly of these processes, with what is odd about their elements noted."""
        assembly = cls(sources, strict_flags)
        for child in root.children:
            if child.name != "process":
                assembly.note("unknown-element", child.where, f"<{child.name}> means nothing here", remedy="remove it")
        for source in sources:
            assembly.check_element(source.element)
        return assembly

    def note(self, code: str, where: str, message: str, *, remedy: str = "") -> None:
        """Note something odd."""
        self.findings.append(Notice(f"spryker.{code}", where, message, remedy=remedy))

    def refuse(self, code: str, where: str, message: str, *, remedy: str = "") -> None:
        """Note something that cannot be."""
        self.problems.append(Notice(f"spryker.{code}", where, message, remedy))

    def check_element(self, element: Element) -> None:
        """Note attributes and children that mean nothing, all the way down."""
        attributes, children = _KNOWN[element.name]
        for name in element.attributes:
            # What declares the schema stands in every file.
            if name not in attributes and not name.startswith(("xmlns", "xsi:")):
                self.note("unknown-attribute", element.where, f"{name!r} of <{element.name}> means nothing")
        for child in element.children:
            if child.name not in children:
                self.note("unknown-element", child.where, f"<{child.name}> means nothing in <{element.name}>")
            elif child.name in _KNOWN and element.name not in {"subprocesses", "transition"}:
                self.check_element(child)

    def build(self, *, initial: str | None, finals: Collection[str] | None) -> Process | None:
        """Return the process, or None with `problems` saying why there is none."""
        main = self._find_main()
        homes = self._read_states(main)
        commands = self._read_events()
        transitions, left = self._read_transitions(homes, commands)
        events = [known.event for known in commands.values()]
        if any(transition.event == CHECK_CONDITIONS for transition in transitions):
            events.append(ProcessEvent(CHECK_CONDITIONS, Trigger.INTERNAL))
        first = self._find_initial(initial, list(homes), transitions)
        # Spryker marks no final states: what nothing leaves is taken for one.
        ending = frozenset(homes) - left if finals is None else frozenset(finals)
        for name in sorted(ending - homes.keys()):
            self.refuse("unknown-state", "finals", f"there is no state {name!r}")
        if self.problems or main is None or first is None:
            return None
        try:
            return Process(
                main.name,
                states=[attrs.evolve(home.state, final=name in ending) for name, home in homes.items()],
                events=events,
                transitions=transitions,
                initial=first,
            )
        except InvalidProcess as invalid:
            self.problems += invalid.problems
            return None

    def _find_main(self) -> SourceFile | None:
        mains = [source for source in self.sources if _is_true(source.element, "main")]
        if not mains:
            where = self.sources[0].element.where if self.sources else ""
            self.refuse("no-main-process", where, "no process is the main one", remedy='mark one with main="true"')
            return None
        for extra in mains[:-1]:
            self.note("several-main", extra.element.where, f"{mains[-1].name!r} is the main process too, and wins")
        # As in Spryker, where each replaces the one before it.
        return mains[-1]

    def _visible(self, main: SourceFile | None) -> list[SourceFile]:
        """Return the processes Spryker looks in at run time: the main one, then those it lists."""
        if main is None:
            return list(self.sources)
        by_name: dict[str, SourceFile] = {source.name: source for source in self.sources}
        listed: list[SourceFile] = [main]
        for group in main.element.find_all("subprocesses"):
            for child in group.children:
                found = by_name.get(child.text)
                if found is None:
                    self.refuse("unknown-process", child.where, f"there is no process {child.text!r}")
                else:
                    listed.append(found)
        names = {source.name for source in listed}
        for source in self.sources:
            if source.name not in names and not source.element.attributes.get("file"):
                message = f"{main.name!r} does not list {source.name!r}; Spryker would not find its states"
                self.note("unlisted-process", source.element.where, message, remedy="list it in <subprocesses>")
                listed.append(source)
        return listed

    def _read_states(self, main: SourceFile | None) -> dict[str, _Home]:
        """Return the states as Spryker finds them at run time.

        A state's transitions are attached to the last process that declares it; at run time the first of those that
        the main process looks in is found. When the two differ, the transitions are lost.
        """
        declared: dict[str, list[_Home]] = {}
        for source in self.sources:
            for element in _grandchildren(source.element, "states", "state"):
                state = self._read_state(source, element)
                if state is None:
                    continue
                found = declared.setdefault(state.name, [])
                if found:
                    message = f"state {state.name!r} was declared in {found[0].source.name!r} already"
                    self.note("duplicate-state", element.where, message, remedy="keep one")
                found.append(_Home(state, source, source))
        looked_in = {id(source): position for position, source in enumerate(self._visible(main))}
        homes: dict[str, _Home] = {}
        for name, found in declared.items():
            # Of several in one process the last counts, so the search for the first process runs backwards.
            seen = min(reversed(found), key=lambda home: looked_in.get(id(home.source), len(looked_in)))
            homes[name] = _Home(seen.state, seen.source, found[-1].source)
        return homes

    def _read_state(self, source: SourceFile, element: Element) -> State | None:
        name = source.rename(element.attributes.get("name", "").strip())
        if not name:
            self.refuse("no-name", element.where, "a state without a name")
            return None
        flags = []
        if self._is_true(element, "reserved"):
            flags.append(Flag.RESERVED.value)
        for child in element.find_all("flag"):
            flag = _FLAGS.get(child.text)
            if flag is None and self.strict_flags:
                self.note("unknown-flag", child.where, f"{child.text!r} is no flag that Spryker knows")
            flags.append(flag.value if flag else child.text)
        return State(name, element.attributes.get("display", ""), flags=[flag for flag in flags if flag])

    def _read_events(self) -> dict[str, _Command]:
        """Return the events by name; of several definitions the last one wins."""
        found: dict[str, _Command] = {}
        for source in self.sources:
            for element in _grandchildren(source.element, "events", "event"):
                name = source.rename(element.attributes.get("name", "").strip())
                if not name:
                    self.note("no-name", element.where, "an event without a name is passed over")
                    continue
                if name in found:
                    message = f"event {name!r} replaces its definition at {found[name].where}"
                    self.note("duplicate-event", element.where, message, remedy="keep one")
                event = self._read_event(name, element)
                found[name] = _Command(event, element.attributes.get("command") or None, element.where)
        return found

    def _read_event(self, name: str, element: Element) -> ProcessEvent:
        on = set()
        if self._is_true(element, "manual"):
            on.add(Trigger.MANUAL)
        if self._is_true(element, "onEnter"):
            on.add(Trigger.ON_ENTER)
        timeout, processor = element.attributes.get("timeout"), element.attributes.get("timeoutProcessor")
        after = None
        # The processor computes the time, and nobody reads the attribute then.
        if processor:
            on.add(Trigger.TIMEOUT)
            if timeout:
                message = f"the timeout {timeout!r} is left to the processor {processor!r}"
                self.note("timeout-and-processor", element.where, message)
        elif timeout:
            parsed = parse_interval(timeout)
            if parsed is None:
                self.refuse("timeout", element.where, f"{timeout!r} is no interval", remedy="write it like '2 hours'")
            else:
                on.add(Trigger.TIMEOUT)
                after = parsed[0]
                if not parsed[1]:
                    self.note("inexact-timeout", element.where, f"{timeout!r} is taken as {after.days} days")
        # What neither a person, nor entering, nor the clock fires is the program's.
        return ProcessEvent(name, on or {Trigger.INTERNAL}, after=after, deadline=processor or None)

    def _read_transitions(
        self, homes: dict[str, _Home], commands: dict[str, _Command]
    ) -> tuple[list[Transition], set[str]]:
        """Return the transitions that survive, and the states that were meant to be left."""
        found: list[Transition] = []
        left: set[str] = set()
        for source in self.sources:
            for element in _grandchildren(source.element, "transitions", "transition"):
                transition = self._read_transition(source, element, homes=homes, commands=commands)
                if transition is None:
                    continue
                left.add(transition.source)
                home = homes[transition.source]
                if home.source is home.owner:
                    found.append(transition)
                    continue
                message = (
                    f"the way from {transition.source!r} to {transition.target!r} is lost: {home.owner.name!r} has"
                )
                message += f" it, and the state is looked up in {home.source.name!r}"
                self.note("lost-transition", element.where, message, remedy="declare the state once")
        return found, left

    def _read_transition(
        self, source: SourceFile, element: Element, *, homes: dict[str, _Home], commands: dict[str, _Command]
    ) -> Transition | None:
        ends = {}
        for role in ("source", "target", "event"):
            texts = list(element.find_all(role))
            for extra in texts[1:]:
                self.note(f"several-{role}s", extra.where, f"only the first <{role}> counts, not {extra.text!r}")
            ends[role] = source.rename(texts[0].text) if texts else ""
        if not ends["event"]:
            self.note("no-event", element.where, f"a transition without an event waits for {CHECK_CONDITIONS!r}")
        known = True
        for role, names in (("source", homes), ("target", homes), ("event", commands)):
            name = ends[role]
            if name not in names and (role != "event" or name):
                kind = "event" if role == "event" else "state"
                self.refuse(f"unknown-{role}", element.where, f"there is no {kind} {name!r}", remedy="declare it")
                known = False
        if not known:
            return None
        command = commands[ends["event"]].command if ends["event"] else None
        return Transition(
            ends["source"],
            ends["target"],
            ends["event"] or CHECK_CONDITIONS,
            command=command,
            choice=element.attributes.get("condition") or None,
            happy=self._is_true(element, "happy"),
        )

    def _find_initial(self, wanted: str | None, states: Sequence[str], transitions: Sequence[Transition]) -> str | None:
        if wanted is not None and wanted not in states:
            self.refuse("unknown-state", "initial", f"there is no state {wanted!r}")
            return None
        entered = {transition.target for transition in transitions if transition.target != transition.source}
        # Nothing marks the start: it is "new", as most call it, or the one state that nothing enters.
        fresh = [name for name in states if name not in entered]
        if wanted is None and "new" in states and (len(fresh) != 1 or "new" in fresh):
            wanted = "new"
        if wanted is None and len(fresh) == 1:
            wanted = fresh[0]
        if wanted is None:
            message = "nothing says where it starts"
            self.refuse("no-initial", "initial", message, remedy=f"name one: {', '.join(map(repr, fresh[:5]))}")
        return wanted

    def _is_true(self, element: Element, name: str) -> bool:
        value = element.attributes.get(name, "")
        if value not in {"", "true", "false"}:
            self.note("not-a-bool", element.where, f"{name}={value!r} is read as false", remedy="write true or false")
        return value == "true"


def _is_true(element: Element, name: str) -> bool:
    return element.attributes.get(name) == "true"


def _grandchildren(process: Element, group: str, name: str) -> list[Element]:
    return [child for element in process.find_all(group) for child in element.find_all(name)]
