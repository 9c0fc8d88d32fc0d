"""Why a figure is what it is: a small tree, rendered as text, Markdown or Mermaid."""

from mktcore.explain.explanation import Explanation

__all__ = ["Explanation"]
