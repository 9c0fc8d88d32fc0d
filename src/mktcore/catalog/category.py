"""Categories: a tree that products and SKUs are sorted into."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.goods.safe_text import MAX_NAME, check_text
from mktcore.ids import check_id
from mktcore.persistence import Kind
from mktcore.persistence.declared_columns import MAX_ORDERED_TEXT
from mktcore.persistence.kinds import EVERY_USER
from mktcore.persistence.ranges import Between

__all__ = [
    "CATEGORIES",
    "CATEGORY_TREES",
    "Category",
    "CategoryCycle",
    "CategoryTree",
    "TreeGuard",
    "UnknownCategory",
    "to_aisle",
    "to_aisle_range",
]

# Deeper is a mistake of whoever feeds the tree; every save walks the path to the top.
MAX_DEPTH = 50


@attrs.define(eq=False, slots=False)
class CategoryCycle(MktcoreError):
    """A category that would lie beneath itself, or deeper than 50 levels."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "catalog.category-cycle"
    remedy: ClassVar[str] = "choose a parent that does not lie beneath the category"
    category: str
    parent: str

    def describe(self) -> str:
        """Name both."""
        return f"category {self.category!r} cannot lie beneath {self.parent!r}"


@attrs.define(eq=False, slots=False)
class UnknownCategory(MktcoreError):
    """A parent that is no category."""

    code: ClassVar[str] = "catalog.unknown-category"
    remedy: ClassVar[str] = "save the parent first, or correct its id"
    category: str

    def describe(self) -> str:
        """Name it."""
        return f"there is no category {self.category!r}"


@attrs.frozen
class Category:
    """A group of goods; the operator's.

    Attributes:
        id: Its id; products and SKUs name it.
        name: As buyers see it.
        parent: Id of the category it lies in; None at the top.
        version: How often it was stored.
    """

    id: str
    name: str
    parent: str | None = None
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("category", self.id)
        check_text("Category", "name", self.name, longest=MAX_NAME, required=True)
        if self.parent is not None:
            check_id("category", self.parent)


def to_aisle(category: str) -> str | None:
    """Return what goods of a category, and of paths of text below it, are found by one after the other.

    >>> to_aisle("photo/lenses"), to_aisle("")
    ('photo/lenses', None)
    """
    return category[:MAX_ORDERED_TEXT] or None


def to_aisle_range(category: str) -> Between:
    """Return where a category's goods are in that order, and those of the paths of text that begin with it.

    A few others may stand between them: `photo-old` comes before `photo/lenses`.
    """
    start = category[: MAX_ORDERED_TEXT - 1]
    # A zero follows the slash. Of what is too long for the column only the begin is known.
    return Between(start, f"{start}0" if start == category else f"{start}\U0010ffff")


CATEGORIES = Kind(
    "category", Category, columns={"parent": lambda category: category.parent}, public=True, reads=EVERY_USER
)


@attrs.frozen
class TreeGuard:
    """Saved with every move of a category: of two that move at once, the second looks at the tree again.

    Attributes:
        id: Of the one there is.
        version: How often a category was moved.
    """

    id: str = "categories"
    version: int = 0


CATEGORY_TREES = Kind("category_tree", TreeGuard)


class CategoryTree:
    """All categories, asked who lies beneath whom.

    >>> tree = CategoryTree([Category("photo", "Photo"), Category("lenses", "Lenses", "photo")])
    >>> tree.find_ancestors("lenses"), sorted(tree.find_descendants("photo"))
    (('photo',), ['lenses'])
    >>> tree.lies_in("lenses", "photo"), tree.lies_in("photo", "lenses")
    (True, False)
    """

    def __init__(self, categories: Iterable[Category]) -> None:
        """Index the categories.

        Raises:
            UnknownCategory: A parent is not among them.
            CategoryCycle: One lies beneath itself, or deeper than 50 levels.
        """
        self.categories: Mapping[str, Category] = {category.id: category for category in categories}
        self._children: dict[str | None, list[str]] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}
        for category in self.categories.values():
            self._children.setdefault(category.parent, []).append(category.id)
            self._climb(category)

    def _climb(self, category: Category) -> None:
        """Note the ancestors of a category, and of those on the way that were not looked at."""
        # A loop and no recursion, over what was not seen before: each category is walked once, however deep.
        path = [category]
        while (parent := path[-1].parent) is not None and parent not in self._ancestors:
            if parent not in self.categories:
                raise UnknownCategory(parent)
            if len(path) >= MAX_DEPTH or parent == category.id:
                raise CategoryCycle(category.id, category.parent or "")
            path.append(self.categories[parent])
        for one in reversed(path):
            self._ancestors[one.id] = () if one.parent is None else (one.parent, *self._ancestors[one.parent])
        if len(self._ancestors[category.id]) >= MAX_DEPTH:
            raise CategoryCycle(category.id, category.parent or "")

    def find_ancestors(self, category: str) -> tuple[str, ...]:
        """Return the ids of the categories that one lies in, the nearest first; none for an unknown one."""
        return self._ancestors.get(category, ())

    def find_descendants(self, category: str) -> frozenset[str]:
        """Return the ids of all categories that lie in one, at any depth."""
        found: list[str] = list(self._children.get(category, ()))
        for one in found:  # grows while it is read
            found += self._children.get(one, ())
        return frozenset(found)

    def find_roots(self) -> tuple[str, ...]:
        """Return the ids of the categories at the top."""
        return tuple(self._children.get(None, ()))

    def lies_in(self, category: str, ancestor: str) -> bool:
        """Tell whether a category is another one, or lies in it."""
        return category == ancestor or ancestor in self._ancestors.get(category, ())
