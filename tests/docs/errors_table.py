"""The table of every error code of the package, read from its classes and its source.

`python tests/docs/errors_table.py > docs/errors.md` writes the page anew.
"""

import ast
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import attrs

import mktcore
from mktcore.errors import ErrorCategory, MktcoreError, Refused

SOURCE = Path(mktcore.__file__).parent
HEAD = """# Errors

Every error of this library derives from `MktcoreError` and carries a `code`, its operands as attributes, and a remedy.
Where several things are wrong at once, the error is a `Refused`, whose `problems` have codes of their own; what stands
in the way of placing a cart is a list of issues, what is unwise about a process is found by `verify` (what its reader
finds odd begins with `spryker.`), and what does not hold in a store by `Marketplace.verify`, by the number of the
invariant. Hosts translate and test by code.

The page is made from the source by `python tests/docs/errors_table.py > docs/errors.md`, and a test compares the
two. An ellipsis stands for an operand.
"""
IN_HTTP = """What whoever asked can do about it is its category, `error_category`, and each is a status in HTTP.
`describe_problem` (`mktcore.problem_details`) makes problem details of any of them (RFC 9457); what a `fault` or a
`retry` says is the host's own and stays in its log.
"""
MEANINGS = {
    ErrorCategory.INVALID: "What was asked can never be: another value is needed.",
    ErrorCategory.FORBIDDEN: "Not for this caller.",
    ErrorCategory.NOT_FOUND: "There is no such record, as far as this caller can see.",
    ErrorCategory.CONFLICT: "Somebody or something was first: read again, or use another key.",
    ErrorCategory.REFUSED: "A rule says no, as things are now: mend what it names, or wait.",
    ErrorCategory.RETRY: "Nothing was kept, or it is not known: ask again with the same key.",
    ErrorCategory.FAULT: "The host's: how it set up the marketplace, or what its store or its code does.",
}
SAYS = "its text says"
UNSHIPPED = ("testing", "migrations")
NOTICE = ("code", "where", "message", "remedy")
"""The fields of a notice, as its arguments stand."""
BUILDERS = {"InvalidDocument.at": ("where", "code", "message")}
"""What builds a notice out of its arguments wherever it is called, and how they stand."""


@attrs.frozen(order=True)
class Row:
    """A code, what it means, what mends it, and for an exception what whoever asked can do."""

    code: str
    meaning: str
    remedy: str
    category: str = ""


def list_exceptions() -> list[Row]:
    """Return the exceptions of every module that ships."""
    for module in pkgutil.walk_packages(mktcore.__path__, "mktcore."):
        if not any(f".{part}" in module.name for part in UNSHIPPED):
            import_module(module.name)
    found, waiting = set(), [MktcoreError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("mktcore.") and not kind.__module__.startswith("mktcore.testing"):
            meaning = (kind.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
            remedy = kind.remedy or ("mend every problem listed" if issubclass(kind, Refused) else "")
            found.add(Row(kind.code, f"`{kind.__name__}`: {meaning}", remedy, kind.error_category.value))
    return sorted(found)


def list_values(kind: str, below: Path = SOURCE) -> list[Row]:
    """Return the codes of every `Notice` that the source builds, itself or through a function beside it."""
    found: dict[str, Row] = {}
    built: dict[str, Row] = {}
    for path in sorted(below.rglob("*.py")):
        if not any(part in path.parts for part in UNSHIPPED):
            module = _Module(ast.parse(path.read_text(encoding="utf-8")), kind)
            for row in module.list_rows():
                if row.code not in found or not found[row.code].meaning:
                    found[row.code] = row
            for row in module.list_built():
                # Of several texts under one code the one that leaves the most open says what all of them mean.
                if row.code not in built or built[row.code].meaning.count("…") < row.meaning.count("…"):
                    built[row.code] = row
    return sorted((built | found).values())


def to_markdown() -> str:
    """Return the page."""
    # Those with a dot are refusals; what verifying finds has none.
    verified = [row for row in list_values("Notice", SOURCE / "processes") if "." not in row.code]
    audited = sorted(list_values("Notice", SOURCE / "audit"), key=lambda row: (len(row.code), row.code))  # I2, I10
    known = {row.code for row in (*verified, *audited)}
    problems = [row for row in list_values("Notice") if row.code not in known]
    issues = [row for row in problems if "." not in row.code]  # parties say them as problems, carts as issues
    sections = (
        ("Exceptions", list_exceptions()),
        ("Problems", [row for row in problems if row not in issues]),
        ("Issues of a cart", issues),
        ("What verifying a process, or a migration, finds", verified),
        ("What verifying a store finds", audited),
    )
    tables = [
        f"## {title}\n\n{_to_categories() if rows is sections[0][1] else ''}{_to_table(rows)}"
        for title, rows in sections
    ]
    return "\n".join([HEAD, "\n\n".join(tables)]) + "\n"


def _to_categories() -> str:
    """Return what the column `category` means."""
    lines = [f"| `{one.value}` | {one.status} | {MEANINGS[one]} |" for one in ErrorCategory]
    return "\n".join([IN_HTTP, "| category | status | |", "|---|---|---|", *lines, "", ""])


def _to_table(rows: list[Row]) -> str:
    has_category = any(row.category for row in rows)
    names = ["code", *(["category"] if has_category else []), "meaning", "remedy"]
    lines = [
        [
            f"`{row.code}`",
            *([row.category] if has_category else []),
            _escape(row.meaning) or SAYS,
            _escape(row.remedy) or SAYS,
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" if line else "|---" * len(names) + "|" for line in [names, [], *lines])


def _escape(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("{", "&#123;")


@attrs.frozen
class _Module:
    """One module: the calls that build values of a kind, and the functions that pass a code on to such a call."""

    tree: ast.Module
    kind: str

    def list_rows(self) -> Iterator[Row]:
        passing: dict[str, tuple[ast.FunctionDef, ast.Call]] = {}
        calls = list(self.list_calls())
        for function, call in calls:
            if _name(call) == self.kind and function is not None and _find_parameter(call.args[0], function):
                passing[function.name] = (function, call)
        for function, call in calls:
            is_passing = function is not None and passing.get(function.name, (None, None))[1] is call
            if _name(call) == self.kind and not is_passing:
                yield from self.read(call.args, call, function, {})
            elif _name(call) in passing and call.args:
                target, inner = passing[_name(call)]
                names = [one.arg for one in target.args.args if one.arg != "self"]
                given = dict(zip(names, call.args, strict=False))
                given |= {one.arg: one.value for one in call.keywords if one.arg}
                yield from self.read(inner.args, inner, function, given)

    def list_built(self) -> Iterator[Row]:
        for function, call in self.list_calls():
            names = BUILDERS.get(ast.unparse(call.func))
            if names is not None:
                yield from self.read(call.args, call, function, {}, names=names)

    def look_up(self, code: ast.expr | None) -> ast.expr | None:
        """Return what a constant of the module is, anything else unchanged."""
        if not (isinstance(code, ast.Name) and code.id.isupper()):
            return code
        assigned = [one for one in self.tree.body if isinstance(one, ast.Assign) and code.id in _pair(one)]
        return _pair(assigned[-1])[code.id] if assigned else code

    def list_calls(self) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        waiting: list[tuple[ast.FunctionDef | None, ast.AST]] = [(None, self.tree)]
        while waiting:
            function, node = waiting.pop()
            if isinstance(node, ast.FunctionDef):
                function = node
            if isinstance(node, ast.Call):
                yield function, node
            waiting += [(function, child) for child in ast.iter_child_nodes(node)]

    def read(
        self,
        args: list[ast.expr],
        call: ast.Call,
        function: ast.FunctionDef | None,
        given: Mapping[str, ast.expr],
        names: tuple[str, ...] = NOTICE,
    ) -> Iterator[Row]:
        fields = dict(zip(names, args, strict=False))
        fields |= {one.arg: one.value for one in call.keywords if one.arg}
        meaning, remedy = (_to_text(fields.get(name), function, given) for name in ("message", "remedy"))
        for branch in _list_branches(self.look_up(fields.get("code")), function):
            code = _to_text(branch, function, given)
            if code.strip("…"):
                yield Row(code, meaning.strip("…") and meaning, remedy.strip("…") and remedy)


def _name(call: ast.Call) -> str:
    found = call.func
    return found.id if isinstance(found, ast.Name) else found.attr if isinstance(found, ast.Attribute) else ""


def _list_branches(node: ast.expr | None, function: ast.FunctionDef | None) -> list[ast.expr]:
    """Return both sides of a condition by which a code is chosen, in place or where its name is assigned."""
    assigned = _find_assigned(node, function) if isinstance(node, ast.Name) else None
    chosen = node if assigned is None else assigned
    if isinstance(chosen, ast.IfExp):
        return [*_list_branches(chosen.body, function), *_list_branches(chosen.orelse, function)]
    return [] if node is None else [node]


def _find_parameter(code: ast.expr, function: ast.FunctionDef) -> bool:
    names = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)}
    return bool(names & {one.arg for one in function.args.args})


def _to_text(node: ast.expr | None, function: ast.FunctionDef | None, given: Mapping[str, ast.expr]) -> str:
    """Return the text an expression makes, with an ellipsis for what is known at run time only."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_to_text(part, function, given) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        known = isinstance(node.value, ast.Name) and node.value.id in given
        return _to_text(node.value, function, given) if known else "…"
    if isinstance(node, ast.Name) and node.id in given:
        return _to_text(given[node.id], function, {})
    assigned = _find_assigned(node, function) if isinstance(node, ast.Name) else None
    if assigned is not None:
        return _to_text(assigned, None, given)
    return "…" if node is not None else ""


def _find_assigned(node: ast.Name, function: ast.FunctionDef | None) -> ast.expr | None:
    """Return what a name was given last before it is used, None where that is not in the function."""
    found = [] if function is None else [one for one in ast.walk(function) if isinstance(one, ast.Assign)]
    before = [one for one in found if node.id in _pair(one) and one.lineno <= node.lineno]
    return _pair(max(before, key=lambda one: one.lineno))[node.id] if before else None


def _pair(assigned: ast.Assign) -> dict[str, ast.expr]:
    target, value = assigned.targets[0], assigned.value
    if isinstance(target, ast.Name):
        return {target.id: value}
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return {one.id: to for one, to in zip(target.elts, value.elts, strict=True) if isinstance(one, ast.Name)}
    return {}


if __name__ == "__main__":
    sys.stdout.write(to_markdown())
