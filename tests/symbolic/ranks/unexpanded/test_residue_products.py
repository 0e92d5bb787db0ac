"""Products of matrices of residues: the same as entry by entry, in what they are and what they
bound."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from hessrank.symbolic.linear_algebra.object_matrices import _by_rows
from hessrank.symbolic.ranks.unexpanded.residue_ring import Residue, ResidueRing

#: Rationals with 0 among them, and exponentials of rationals.
numbers = st.tuples(st.sampled_from("qqe"), st.fractions(-3, 3, max_denominator=4))


@given(st.data())
def test_products_are_those_entry_by_entry(data: st.DataObject) -> None:
    ring = ResidueRing(2**61 - 1, random.Random(0), 12)
    m, k, n = (data.draw(st.integers(1, 3)) for _ in range(3))

    def drawn(height: int, width: int) -> list[list[Residue]]:
        rows = []
        for _ in range(height):
            row = []
            for kind, q in data.draw(st.lists(numbers, min_size=width, max_size=width)):
                x = ring.number(Fraction(q))
                row.append(x if kind == "q" else ring.function("exp", x))
            rows.append(row)
        return rows

    a, b = drawn(m, k), drawn(k, n)
    for found, one in zip(Residue.matmul(a, b), _by_rows(a, b), strict=True):
        for x, y in zip(found, one, strict=True):
            assert (x.value, x.exact) == (y.value, y.exact)
            assert x.degree >= y.degree and x.bits >= y.bits
            assert x.exact is not None or x.degree == y.degree
