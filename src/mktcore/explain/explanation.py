"""The tree of reasons behind a decided figure."""

from collections.abc import Iterator

import attrs

__all__ = ["Explanation"]


@attrs.frozen
class Explanation:
    """One decided thing: what it is, its value, why, and what it was made of.

    >>> price = Explanation("unit price", "9.00 EUR", "2 or more cost 9.00 EUR each")
    >>> print(Explanation("subtotal", "18.00 EUR", "2 x 9.00 EUR", (price,)).to_text())
    subtotal: 18.00 EUR - 2 x 9.00 EUR
    └─ unit price: 9.00 EUR - 2 or more cost 9.00 EUR each

    Attributes:
        title: What was decided.
        value: The decision, as a person reads it; empty when only the parts matter.
        reason: Why, in one clause.
        parts: What it was made of, in order.
    """

    title: str
    value: str = ""
    reason: str = ""
    parts: tuple["Explanation", ...] = ()

    def to_line(self) -> str:
        """Return this node alone, on one line."""
        head = f"{self.title}: {self.value}" if self.value else self.title
        return f"{head} - {self.reason}" if self.reason else head

    def to_text(self) -> str:
        """Return the whole tree as indented lines, readable in a terminal."""
        return "\n".join(_text_lines(self, "", ""))

    def to_markdown(self) -> str:
        """Return the tree as a nested Markdown list."""
        return "\n".join(_markdown_lines(self, 0))

    def to_mermaid(self) -> str:
        """Return the tree as a Mermaid flow chart, parts pointing at what they make."""
        lines = ["flowchart RL"]
        nodes: list[tuple[Explanation, int | None]] = [(self, None)]
        for number, (node, parent) in enumerate(nodes):  # grows while it is read: breadth first
            text = node.to_line().replace('"', "#quot;")
            lines.append(f'    n{number}["{text}"]')
            if parent is not None:
                lines.append(f"    n{number} --> n{parent}")
            nodes.extend((part, number) for part in node.parts)
        return "\n".join(lines)


def _text_lines(node: Explanation, first: str, rest: str) -> Iterator[str]:
    yield first + node.to_line()
    for part in node.parts[:-1]:
        yield from _text_lines(part, f"{rest}├─ ", f"{rest}│  ")
    for part in node.parts[-1:]:
        yield from _text_lines(part, f"{rest}└─ ", f"{rest}   ")


def _markdown_lines(node: Explanation, depth: int) -> Iterator[str]:
    head = f"**{node.title}**: {node.value}" if node.value else f"**{node.title}**"
    yield "  " * depth + "- " + (f"{head} ({node.reason})" if node.reason else head)
    for part in node.parts:
        yield from _markdown_lines(part, depth + 1)
