"""The public names of the package: every name in `__all__` of every package's face, read from the source, not imported.

`python tests/docs/public_names.py > tests/docs/public_names_0.1.0.txt` notes those of the present source, and with a
folder as its argument those of another: `git archive 4ca8d96 src | tar -x -C /tmp/was`, then `... /tmp/was/src/mktcore`
made the list of 0.1.0.
"""

import ast
import sys
from pathlib import Path

__all__ = ["SOURCE", "list_names"]

SOURCE = Path(__file__).parents[2] / "src" / "mktcore"


def list_names(source: Path = SOURCE) -> set[str]:
    """Return `mktcore.carts.Cart` for every name of every face below a package's folder."""
    found = set()
    for face in source.rglob("__init__.py"):
        package = ".".join(("mktcore", *face.relative_to(source).parent.parts))
        found |= {f"{package}.{name}" for name in _read_all(face) if not name.startswith("__")}
    return found


def _read_all(face: Path) -> list[str]:
    for node in ast.parse(face.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    return []


if __name__ == "__main__":
    names = list_names(Path(sys.argv[1])) if sys.argv[1:] else list_names()
    sys.stdout.write("".join(f"{name}\n" for name in sorted(names)))
