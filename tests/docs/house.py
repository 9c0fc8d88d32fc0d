"""The habits of the house, checked: `python tests/docs/house.py` tells what does not keep them."""

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

import attrs

__all__ = ["Offence", "find_offences"]

SOURCE = Path(__file__).parents[2] / "src" / "mktcore"

MAX_FUNCTION = 41
"""Lines of code, without docstring, comments and blank lines."""
MAX_MODULE = 400
MAX_FACE = 20
MAX_POSITIONAL = 3
OPEN_ENDED = frozenset(
    {"max", "min", "zip", "map", "print", "chain", "partial", "submit", "set", "Union", "re.sub", "datetime"}
    | {"select", "and_", "or_", "Table", "create_table", "Index"}
)
"""These take as many values of one sort as there are, another function's own arguments, or a date in its own order; so
does every function of ours with a `*parameter`."""
FOUR_IN_ORDER = {
    "Notice": "code, where, message, remedy: as every notice is told; operands are named",
    "InvalidValue": "type, field, value, reason: as its sentence is told",
    "Explanation": "title, figure, reason, parts: as its line is told",
}
"""Values that the whole house builds with four arguments, always in this order; a fifth is named."""
WHY = "# positional: "
"""A comment that begins so, on the call's first line or right above its statement or function, says why names would
not help."""
NOUNS_IN_ING = frozenset(
    {"boosting", "loading", "matching", "onboarding", "pricing", "rounding", "string", "testing", "listing", "setting"}
)
"""Words of the field that end like an activity, and are things."""
ONE_MEANING = {
    "from_json": "overloads of one function",
    "to_markdown": "the table of its module as a page of the documentation shows it",
    "upgrade": "Alembic's name",
    "downgrade": "Alembic's name",
}
"""Names that several modules define in one sense; any other name of a class or function is defined once in the tree."""
SAMPLES = ("testing/", "command_line/")
"""Clauses and sample records that only a conformance check sees, and commands, whose names are what people type."""
EXTRAS = ("sqlalchemy", "alembic", "psycopg", "defusedxml", "rich", "hypothesis", "mktcore.sql", "iso4217")
"""Imported where they are used: optional packages, the rooms that need them, and a table that takes long to read."""


@attrs.frozen
class Offence:
    """A place that does not keep a habit.

    Attributes:
        habit: Which: `function`, `module`, `face`, `positional`, `name`, `meaning`, `import` or `all`.
        module: Path below `src/mktcore`.
        line: Where in it.
        detail: What is there.
    """

    habit: str
    module: str
    line: int
    detail: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.habit}: {self.detail}"


def find_offences(source: Path = SOURCE) -> list[Offence]:
    """Return every place below a package that does not keep the habits, by module and line."""
    texts = {
        path.relative_to(source).as_posix(): path.read_text(encoding="utf-8") for path in sorted(source.rglob("*.py"))
    }
    trees = {module: ast.parse(text) for module, text in texts.items()}
    variadic = {
        node.name
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.args.vararg
    }
    found: list[Offence] = []
    for module, tree in trees.items():
        offences = _check_module(module, tree, texts[module], variadic=variadic)
        found += sorted(offences, key=lambda one: one.line)
    return [*found, *_find_shared_names(trees)]


def _find_shared_names(trees: Mapping[str, ast.Module]) -> Iterator[Offence]:
    """Yield each public class or function whose name another module gives to something else."""
    homes: dict[str, str] = {}
    for module, tree in trees.items():
        for node in () if module.startswith(SAMPLES) else tree.body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            if node.name not in ONE_MEANING and homes.setdefault(node.name, module) != module:
                yield Offence("meaning", module, node.lineno, f"{node.name} is {homes[node.name]}'s too")


def _check_module(module: str, tree: ast.Module, text: str, *, variadic: AbstractSet[str]) -> Iterator[Offence]:
    lines = text.splitlines()
    if len(lines) > MAX_MODULE:
        yield Offence("module", module, 1, f"{len(lines)} lines, {MAX_MODULE} at most: look for the second idea in it")
    yield from _check_name(module)
    names = _find_exports(tree)
    if names is None:
        yield Offence("all", module, 1, "it has no __all__")
    elif module.endswith("__init__.py") and len(names) > MAX_FACE:
        yield Offence("face", module, 1, f"{len(names)} names, {MAX_FACE} at most: what is rare has a module")
    code = _find_code_lines(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _check_function(module, node, code)
            yield from _check_parameters(module, node, lines)
    yield from _check_calls(module, tree, lines, variadic=variadic)


def _check_name(module: str) -> Iterator[Offence]:
    parts = Path(module).with_suffix("").parts
    word = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
    if "_" not in word and word.endswith("ing") and word not in NOUNS_IN_ING:
        yield Offence("name", module, 1, f"{word} is an activity: name a thing of the field, or verb and object")


def _find_exports(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
            value = getattr(node, "value", None)
            return [ast.unparse(one) for one in value.elts] if isinstance(value, ast.List | ast.Tuple) else []
    return None


def _find_code_lines(text: str) -> set[int]:
    """Return the numbers of lines that hold code: no blanks, comments, nor texts that stand alone."""
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    code: set[int] = set()
    begins = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in skipped:
            begins = begins or token.type == tokenize.NEWLINE
            continue
        if not (begins and token.type == tokenize.STRING):  # a docstring
            code.update(range(token.start[0], token.end[0] + 1))
        begins = False
    return code


def _check_function(module: str, node: ast.FunctionDef | ast.AsyncFunctionDef, code: set[int]) -> Iterator[Offence]:
    length = len(code & set(range(node.lineno, (node.end_lineno or node.lineno) + 1)))
    if length > MAX_FUNCTION:
        yield Offence(
            "function", module, node.lineno, f"{node.name} has {length} lines of code, {MAX_FUNCTION} at most"
        )
    for inner in ast.walk(node):
        if isinstance(inner, ast.ImportFrom | ast.Import):
            names = [inner.module or ""] if isinstance(inner, ast.ImportFrom) else [one.name for one in inner.names]
            for name in names:
                if not name.startswith(EXTRAS):
                    yield Offence("import", module, inner.lineno, f"{name} is imported inside {node.name}")


def _check_parameters(module: str, node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Iterator[Offence]:
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args) if one.arg not in {"self", "cls"}]
    is_ours = not (node.name.startswith("__") or node.args.vararg)  # Python says what a special method is given
    if len(names) > MAX_POSITIONAL and is_ours and WHY not in lines[node.lineno - 2]:
        yield Offence("positional", module, node.lineno, f"{node.name} takes {len(names)} arguments by position")


def _check_calls(module: str, tree: ast.Module, lines: list[str], *, variadic: AbstractSet[str]) -> Iterator[Offence]:
    statements = {
        line: node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not hasattr(node, "body")
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        count = sum(not isinstance(one, ast.Starred) for one in node.args)
        name = ast.unparse(node.func).split("(")[0]
        last = name.rsplit(".", 1)[-1]
        most = MAX_POSITIONAL + (last in FOUR_IN_ORDER)
        if count > most and not {name, last} & OPEN_ENDED and last not in variadic:
            first = statements.get(node.lineno, node.lineno)
            if not any(WHY in lines[line - 1] for line in {node.lineno, max(first - 1, 1), first}):
                yield Offence("positional", module, node.lineno, f"{name} is given {count} arguments by position")


def main() -> None:
    """Print what does not keep the habits."""
    found = find_offences()
    for one in found:
        print(one)  # noqa: T201 - a command prints what it found
    print(f"{len(found)} places do not keep the habits of the house")  # noqa: T201 - as above


if __name__ == "__main__":
    main()
