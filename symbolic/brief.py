"""Values that show themselves in a bounded number of letters, whatever they hold.

In: a dataclass. Out: its `repr`: each field in a few letters, long containers cut after some
entries. What is left out is in the fields.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from reprlib import Repr

#: A repr has about so many letters at most.
LETTERS = 4000


class _Letters(Repr):
    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxtuple = self.maxlist = self.maxdict = self.maxset = self.maxfrozenset = 8
        self.maxstring = self.maxlong = self.maxother = 240


def count(n: int, noun: str) -> str:
    """A number of things.

    >>> count(1, "direction"), count(3, "direction")
    ('1 direction', '3 directions')
    """
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def cut(value: object, letters: int = 40) -> str:
    """The text of a value, its end left out where it is longer.

    >>> cut("a text that is longer than what is shown", 16)
    'a text that is …'
    """
    text = str(value)
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


class Brief:
    """A dataclass with `repr=False` and this base has a bounded repr.

    >>> from dataclasses import dataclass
    >>> @dataclass(repr=False)
    ... class Many(Brief):
    ...     values: tuple[int, ...]
    >>> Many(tuple(range(1000)))
    Many(values=(0, 1, 2, 3, 4, 5, 6, 7, ...))
    """

    def __repr__(self) -> str:
        letters = _Letters()
        shown: list[str] = []
        assert is_dataclass(self)
        for field in fields(self):
            if field.repr:
                shown.append(f"{field.name}={letters.repr(getattr(self, field.name))}")
            if sum(map(len, shown)) > LETTERS:
                return f"{type(self).__name__}({', '.join(shown)[:LETTERS]}…)"
        return f"{type(self).__name__}({', '.join(shown)})"
