"""Sphinx builds this folder: `sphinx-build -W docs docs/_build`."""

from mktcore import __version__

project = "mktcore"
author = "The mktcore developers"
release = __version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = f"mktcore {__version__}"
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
suppress_warnings = ["ref.python"]  # one name may be exported from a package and defined in its module
