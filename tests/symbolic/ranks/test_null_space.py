"""Null spaces over a field: equal, opposite and vanishing rows and columns leave nothing to divide,
and the basis spans what SymPy's does."""

from __future__ import annotations

import random

import pytest
import sympy

from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.field import evaluate_in_field
from hessrank.symbolic.linear_algebra.elimination import kernel, reduced
from hessrank.symbolic.ranks.null_space import left_null_space, null_space

ENTRIES = ("0", "1", "-1", "2", "exp(1)", "-exp(1)", "exp(2) + 1", "sqrt(2)", "1/3")


def drawn(seed: int) -> list[list[str]]:
    """Rows and columns repeated, with either sign, or 0."""
    rng = random.Random(seed)
    m, n = rng.randint(1, 3), rng.randint(1, 3)
    rows = [[rng.choice(ENTRIES) for _ in range(n)] for _ in range(m)]

    def more(vectors: list[list[str]], width: int) -> list[list[str]]:
        for _ in range(rng.randint(0, 2)):
            sign = rng.choice(["", "-", "0*"])
            vectors.insert(
                rng.randint(0, len(vectors)), [f"{sign}({v})" for v in rng.choice(vectors)]
            )
        return vectors

    columns = [list(c) for c in zip(*more(rows, n), strict=True)]
    return [list(r) for r in zip(*more(columns, len(rows)), strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_bases_as_sympy_has_them(seed: int) -> None:
    texts = drawn(seed)
    width = len(texts[0])
    A = sympy.Matrix([[sympy.sympify(t) for t in row] for row in texts])

    def build(field: object) -> tuple[list[list[str]], int]:
        rows = [evaluate([parse(t, set()) for t in row], field, {}) for row in texts]
        basis = null_space(rows, width, field)  # type: ignore[arg-type]
        left = left_null_space(rows, width, field)  # type: ignore[arg-type]
        shown: list[list[Exact]] = [[str(field.expr(v)) for v in b] for b in basis]  # type: ignore[attr-defined]
        return shown, len(left)

    basis, left = evaluate_in_field(build)
    vectors = [sympy.Matrix([sympy.sympify(v.replace("^", "**")) for v in b]) for b in basis]
    rank = A.applyfunc(sympy.nsimplify).rank(simplify=True)
    assert (len(vectors), left) == (width - rank, A.rows - rank), texts
    for v in vectors:
        assert all(abs(sympy.N(e, 40)) < 1e-30 for e in A * v), texts
    if vectors:
        assert sympy.Matrix.hstack(*vectors).rank(simplify=True) == len(vectors)


@pytest.mark.parametrize("seed", range(40))
def test_the_basis_is_that_of_the_reduced_echelon_form(seed: int) -> None:
    """Whatever is merged first: each vector has 1 at a column of its own, 0 at those of others."""
    texts = drawn(seed)
    width = len(texts[0])

    def build(field: object) -> bool:
        rows = [evaluate([parse(t, set()) for t in row], field, {}) for row in texts]
        table, pivots = reduced(rows, width)
        return null_space(rows, width, field) == kernel(table, pivots, width)  # type: ignore[arg-type]

    assert evaluate_in_field(build), texts
