"""Explanations: a small tree, rendered three ways."""

from mktcore.explain import Explanation

TREE = Explanation(
    "total",
    "3.00 EUR",
    "the sum of",
    (
        Explanation("first", "1.00 EUR", parts=(Explanation("why", reason='it says "so"'),)),
        Explanation("second", "2.00 EUR", "as given"),
    ),
)


def test_as_text() -> None:
    assert TREE.to_text() == (
        'total: 3.00 EUR - the sum of\n├─ first: 1.00 EUR\n│  └─ why - it says "so"\n└─ second: 2.00 EUR - as given'
    )


def test_as_markdown() -> None:
    assert TREE.to_markdown() == (
        "- **total**: 3.00 EUR (the sum of)\n"
        "  - **first**: 1.00 EUR\n"
        '    - **why** (it says "so")\n'
        "  - **second**: 2.00 EUR (as given)"
    )


def test_as_mermaid() -> None:
    assert TREE.to_mermaid() == (
        "flowchart RL\n"
        '    n0["total: 3.00 EUR - the sum of"]\n'
        '    n1["first: 1.00 EUR"]\n'
        "    n1 --> n0\n"
        '    n2["second: 2.00 EUR - as given"]\n'
        "    n2 --> n0\n"
        '    n3["why - it says #quot;so#quot;"]\n'
        "    n3 --> n1"
    )


def test_alone() -> None:
    assert Explanation("title").to_text() == Explanation("title").to_line() == "title"
