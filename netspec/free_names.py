"""Makes names unique by numbers."""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import count

__all__ = ["free_name"]


def free_name(
    name: str, used_names: Container[str] | Callable[[str], bool], *, separator: str = "_", first: int = 1
) -> str:
    """A name, with the lowest number after it that makes it free.

    Args:
        name: the name without a number.
        used_names: the names in use, or whether a name is in use.
        separator: the text between the name and the number.
        first: the first number to try.

    >>> free_name("add", {"add", "add_1"}), free_name("x", {"x"}, separator="", first=2), free_name("y", ())
    ('add_2', 'x2', 'y')
    """
    is_taken = used_names if callable(used_names) else used_names.__contains__
    if not is_taken(name):
        return name
    return next(free for n in count(first) if not is_taken(free := f"{name}{separator}{n}"))
