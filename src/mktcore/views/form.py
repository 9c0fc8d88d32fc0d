"""A form: which figures of a value a view shows, under which names, to whom. The one declaration of a type's view."""

import inspect
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

import attrs

from mktcore.extra import Json
from mktcore.persistence import Scope
from mktcore.views.shapes import Look, Refer, Scalar, Schema, Shape

__all__ = ["Field", "Form", "Later", "OneOf", "Reader", "field", "maybe", "show_all", "show_own"]

Reader = Callable[[Any], Any]
_NOTHING: tuple[Json, ...] = (None, "", {})


def show_all(value: Any, scope: Scope) -> Any:  # noqa: ARG001 - as every way of showing
    """Return a value that is the same for everybody who has it."""
    return value


def show_own(value: Any, scope: Scope) -> Any:
    """Return what the caller may see of a value that says so itself."""
    return value.view_for(scope)


@attrs.frozen(eq=False)
class Field:
    """One figure of a view.

    Attributes:
        name: Its name.
        read: Returns it of the value.
        shape: What it looks like.
        about: What it means, in one sentence.
        is_always: It is always there; otherwise it is absent where the value has none, or hides it from the caller.
    """

    name: str
    read: Reader
    shape: Shape
    about: str
    is_always: bool = True

    def describe(self, refer: Refer) -> Schema:
        """Return the schema of the figure."""
        schema = self.shape.describe(refer)
        return {**schema, "description": self.about} if self.about else schema


def field(name: str, shape: Shape, about: str, *, read: Reader | str | None = None) -> Field:
    """Declare a figure that is always there.

    Args:
        name: Its name.
        shape: What it looks like.
        about: What it means.
        read: Returns it of the value, or the path of its attribute; the attribute of its name by default.
    """
    return Field(name, _to_reader(read or name), shape, about=about)


def maybe(name: str, shape: Shape, about: str, *, read: Reader | str | None = None) -> Field:
    """Declare a figure that is left out where the value has none, as where a caller may not see it; else as `field`.

    A text or object that is empty is none.
    """
    return Field(name, _to_reader(read or name), shape, about=about, is_always=False)


def _to_reader(read: Reader | str) -> Reader:
    return attrgetter(read) if isinstance(read, str) else read


@attrs.frozen(eq=False)
class Form:
    """The view of a type, declared once: it writes the values and describes them.

    Attributes:
        name: Of its schema; unlike that of any other form.
        type: The class of its values.
        fields: Its figures, in order.
        about: What it is, in one sentence; the first of its class unless told otherwise.
        show: Returns what a caller may see of a value, or raises `NotFound`.
    """

    name: str
    type: type
    fields: tuple[Field, ...]
    about: str = attrs.field(kw_only=True)
    show: Callable[[Any, Scope], Any] = attrs.field(default=show_all, kw_only=True)
    _plan: tuple[tuple[Any, ...], ...] = attrs.field(init=False, repr=False)

    @about.default
    def _summarise(self) -> str:
        return " ".join((inspect.getdoc(self.type) or "").partition("\n\n")[0].split())

    @_plan.default
    def _make_plan(self) -> tuple[tuple[Any, ...], ...]:
        # Most figures are scalars, which need no look: an order of a hundred lines has thousands of them.
        return tuple(
            (
                *(one.name, one.read, one.shape.to_plain if isinstance(one.shape, Scalar) else None, one.shape.write),
                one.is_always,
            )
            for one in self.fields
        )

    def write(self, value: Any, look: Look) -> dict[str, Json]:
        """Return a value as a plain object; it is what the caller may see already."""
        found: dict[str, Json] = {}
        for name, read, to_plain, write, is_always in self._plan:
            figure = read(value)
            if figure is None and not is_always:
                continue
            shown = write(figure, look) if to_plain is None else to_plain(figure)
            # An empty list is a figure: a set of channels without any is unlike none at all.
            if is_always or shown not in _NOTHING:
                found[name] = shown
        return found

    def describe(self, refer: Refer) -> Schema:
        """Return the reference to its schema."""
        return refer(self)

    def define(self, refer: Refer) -> Schema:
        """Return its schema."""
        return {
            "type": "object",
            "description": self.about,
            "properties": {one.name: one.describe(refer) for one in self.fields},
            "required": [one.name for one in self.fields if one.is_always],
            "additionalProperties": False,
        }


@attrs.frozen(eq=False)
class Later:
    """A shape that is declared further below, or contains itself."""

    find: Callable[[], Shape]

    def write(self, value: Any, look: Look) -> Json:
        """Write the value by the shape."""
        return self.find().write(value, look)

    def describe(self, refer: Refer) -> Schema:
        """Return the shape's schema."""
        return self.find().describe(refer)


@attrs.frozen(eq=False)
class OneOf:
    """A value of one of several types: an object that says in `kind` which it is.

    Attributes:
        forms: By kind.
    """

    forms: Mapping[str, Form]

    def write(self, value: Any, look: Look) -> Json:
        """Write the value by the form of its type, with its kind."""
        kind, form = next((kind, form) for kind, form in self.forms.items() if form.type is type(value))
        return {"kind": kind, **form.write(value, look)}

    def describe(self, refer: Refer) -> Schema:
        """Return the choice between the schemas."""
        return {"anyOf": [refer(_Tagged(kind, form)) for kind, form in self.forms.items()]}


@attrs.frozen
class _Tagged:
    """A form with its kind; equal wherever it is used, so that schemas define it once."""

    kind: str
    form: Form

    @property
    def name(self) -> str:
        return self.form.name

    def define(self, refer: Refer) -> Schema:
        schema = self.form.define(refer)
        properties = {"kind": {"const": self.kind}, **schema["properties"]}
        return {**schema, "properties": properties, "required": ["kind", *schema["required"]]}
