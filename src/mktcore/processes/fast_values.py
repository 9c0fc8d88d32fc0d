"""Building frozen values as fast as mutable ones, for the run time's inner path.

A frozen attrs class sets each field through `object.__setattr__`, which would cost more than half of firing an event.
Here a mutable twin with the same slots fills the fields and then becomes the frozen class. Converters, validators and
post-init checks do not run: this is for values whose parts were checked before.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

__all__ = ["make_builder"]

T = TypeVar("T")


def make_builder(cls: type[T]) -> Callable[..., T]:
    """Return a function that builds values of a frozen attrs class (`weakref_slot=False`) from positional fields.

    >>> @attrs.frozen(weakref_slot=False)
    ... class Point:
    ...     x: int
    ...     y: int
    >>> build = make_builder(Point)
    >>> build(1, 2), type(build(1, 2)) is Point, build(1, 2) == Point(1, 2)
    (Point(x=1, y=2), True, True)
    """
    names = [field.name for field in attrs.fields(cls)]  # type: ignore[arg-type]  # T is an attrs class by contract
    arguments = ", ".join(names)
    fill = "".join(f"    self.{name} = {name}\n" for name in names)
    # The twin has the same bases and the same slots of its own, or Python would refuse to let it become the class; a
    # base that is frozen must not freeze the twin.
    source = (
        "class Twin(*cls.__bases__):\n"
        f"    __slots__ = {tuple(vars(cls)['__slots__'])!r}\n"
        "    __setattr__, __delattr__ = object.__setattr__, object.__delattr__\n\n"
        f"def build({arguments}, new=object.__new__, twin=Twin, cls=cls):\n"
        f"    self = new(twin)\n{fill}    self.__class__ = cls\n    return self\n"
    )
    namespace: dict[str, Any] = {"cls": cls}
    exec(source, namespace)  # noqa: S102 - as attrs does: the text is made of the class's own field names
    build: Callable[..., T] = namespace["build"]
    return build
