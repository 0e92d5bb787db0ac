"""A rank locus holds no pole, no impossible constant, and speaks of its piece alone.

Expected loci are determinants worked by hand; a sweep asks `rank` itself at rational points.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import hessrank as hr
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.ranks.rank import closed_forms

CASES = (
    # poles: the determinants are 1, u, u + w, 1/(uw), u − 2w
    ([["1/u", "0"], ["0", "u"]], "the rank is 2 everywhere"),
    ([["1/u", "0"], ["0", "u**2"]], "the rank is 2 everywhere"),
    ([["1/(u-w)", 0], [0, "u**2-w**2"]], "the rank falls below 2 exactly where u = -w"),
    ([["1/u", 0], [0, "1/w"]], "the rank is 2 everywhere"),
    ([["(u-w)/u", "w"], ["1", "u"]], "the rank falls below 2 exactly where u = 2*w"),
    ([["u**2/u"]], "the rank is 1 everywhere"),
    ([["(u**2-1)/(u-1)"]], "the rank falls below 1 exactly where u = -1"),
    ([["1/u", "1/w"], [1, 1]], "the rank falls below 2 exactly where u = w"),
    # constants that are not 0
    ([["pi*u", 0], [0, 1]], "the rank falls below 2 exactly where u = 0"),
    ([["tan(1/2)*u", 1], [1, 0]], "the rank is 2 everywhere"),
    ([["2**(1/2)-1", 0], [0, "u"]], "the rank falls below 2 exactly where u = 0"),
    ([["log(2)*u", 0], [0, "(sqrt(3)-sqrt(2))*w"]],
     "the rank falls below 2 exactly where w = 0, or u = 0"),
    ([["exp(u)+pi", 0], [0, "u-1"]], "the rank falls below 2 exactly where u = 1"),
    # polynomials without real zeros
    ([["u**2+1", "w"], [0, "u"]], "the rank falls below 2 exactly where u = 0"),
    ([["u**2*exp(w)+1"]], "the rank is 1 everywhere"),
    ([["u**2+pi*w**2+exp(1)"]], "the rank is 1 everywhere"),
    ([["u**2*w**2+w**2"]], "the rank falls below 1 exactly where w = 0"),
    ([["u**2+w**2"]], "the rank falls below 1 exactly where u**2 + w**2 = 0"),
)  # fmt: skip


@pytest.mark.parametrize(("matrix", "text"), CASES, ids=lambda v: str(v)[:40])
def test_the_locus(matrix: list[list[object]], text: str) -> None:
    assert str(hr.rank_locus(matrix)) == text


@pytest.mark.parametrize("matrix", [case[0] for case in CASES], ids=lambda v: str(v)[:40])
def test_the_locus_is_where_the_rank_falls(matrix: list[list[object]]) -> None:
    locus = hr.rank_locus(matrix)
    assert locus.components is not None
    forms, _ = closed_forms(matrix)
    grid = [Fraction(k, 2) for k in range(-4, 5)]
    for u in grid:
        for w in grid:
            at = {"u": number(u), "w": number(w)}
            try:
                rank = int(hr.rank([substitute(row, at) for row in forms]))
            except DomainError:
                continue  # the matrix has no value there
            falls = any(
                all(hr.rank([substitute([c.difference], at)]).upper == 0 for c in component)
                for component in locus.components
            )
            assert falls == (rank < int(locus.generic)), (u, w)


@pytest.mark.parametrize("text", ["sqrt(u**2)-u", "sqrt((u-w)**2)+w-u", "log(u**2)-2*log(u)"])
def test_one_piece_is_not_everywhere(text: str) -> None:
    locus = hr.rank_locus([[text]])
    assert locus.piece and "on the piece of the domain around" in str(locus)
    assert "everywhere" not in str(locus)
    assert not hr.rank_locus([["u"]]).piece and not hr.rank_locus([["sqrt(2)*u"]]).piece


#: Entries with roots of u, w > 0, so that the piece around the sample is the whole open quadrant.
ROOTS = (
    "sqrt(u)",
    "u**(1/3)*w",
    "sqrt(u) + sqrt(w)",
    "sqrt(u) + w**2",
    "sqrt(u)*log(u)",
    "u/sqrt(u)",
    "sqrt(u) - sqrt(w)",
    "sqrt(u) + 1",
    "u**(3/2) + u*w",
    "1/sqrt(w) + sqrt(u)",
    "w",
)


@given(st.lists(st.sampled_from(ROOTS), min_size=4, max_size=4))
def test_a_boundary_at_which_a_root_vanishes_belongs_to_the_locus(entries: list[str]) -> None:
    """Asked of `rank` itself, on a grid that holds the boundary u = 0 or w = 0."""
    matrix = [entries[:2], entries[2:]]
    locus = hr.rank_locus(matrix)
    forms, _ = closed_forms(matrix)
    for u in (0, 1, Fraction(1, 4), 2):
        for w in (0, 1, Fraction(1, 4), 2):
            at = {"u": number(u), "w": number(w)}
            try:
                rank = hr.rank([substitute(row, at) for row in forms])
                falls = any(
                    all(hr.rank([substitute([c.difference], at)]).upper == 0 for c in component)
                    for component in locus.components or ()
                )
            except DomainError:
                continue  # the matrix has no value there, or the condition
            assert falls == (int(rank) < int(locus.generic)), (u, w)


#: A guard, and where it has a value (real roots and logarithms of numbers above 0).
GUARDS = {
    "sqrt(w)": lambda w: w >= 0,
    "log(w)": lambda w: w > 0,
    "log(w-1)": lambda w: w > 1,
    "w**(1/3)": lambda w: w >= 0,
    "1/sqrt(w-1)": lambda w: w > 1,
    "sqrt(2*w+3)": lambda w: 2 * w >= -3,
    "log(w)*sqrt(u)": lambda w: w > 0,
}


@pytest.mark.parametrize("zero", [-3, -2, -1, 3, 5])
@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize("size", [1, 2])
def test_zeros_outside_of_the_domain_are_not_listed(guard: str, zero: int, size: int) -> None:
    entry = f"(w-({zero}))*(w-4)*{guard}"
    matrix = [[entry]] if size == 1 else [[entry, "u + sqrt(w)*0"], ["0", f"(u-w)*{guard}"]]
    components = hr.rank_locus(matrix).components
    assert components is not None
    listed = {str(c) for component in components for c in component}
    inside = GUARDS[guard](zero) and (size == 1 or zero >= 0)
    assert (f"w = {zero}" in listed) == inside
    assert "w = 4" in listed


@given(st.lists(st.integers(-4, 4), min_size=2, max_size=7).filter(lambda c: c[0] and any(c[1:])))
def test_a_polynomial_is_listed_where_it_has_a_real_zero(coefficients: list[int]) -> None:
    """By SymPy's count of the real roots."""
    u = sympy.Symbol("u")
    p = sympy.Poly(list(reversed(coefficients)), u)
    locus = hr.rank_locus([[str(p.as_expr())]])
    assert (locus.components != ()) == (p.count_roots() > 0)


#: Matrices on u, v > 0, with minors that vanish outside of it, and what is left by hand.
OUTSIDE = (
    ([["u**2-1", 0], [0, "log(u)"]], {"log(u) = 0"}),
    ([["u**2-1", 0], [0, "sqrt(u)"]], {"u = 0", "u = 1"}),
    ([["(u+2)*(u-3)", 1], [0, "u**(5/2)"]], {"u = 0", "u = 3"}),
    ([["u+1", 0], [0, "log(u)*exp(v)"]], {"log(u) = 0"}),
    ([["u**2-2", 0], [0, "sqrt(u)+1"]], {"u**2 - 2 = 0"}),
    ([["u+2", 1], ["(u+2)*sqrt(u)", "v"]], {"v - u**(1/2) = 0"}),
    ([["v+1"], ["sqrt(v)-u"]], set()),
    ([["v+1"], ["log(v)-u"]], set()),
    ([["u+1", 0], [0, "0*log(u)+v"]], {"v = 0"}),
    ([["(u-1)*(u+1)", "sqrt(u)"], [0, "1/log(u)"]], set()),
)


@pytest.mark.parametrize(("matrix", "expected"), OUTSIDE, ids=[str(m)[:40] for m, _ in OUTSIDE])
def test_nothing_lies_where_the_matrix_has_no_value(matrix, expected) -> None:  # type: ignore[no-untyped-def]
    locus = hr.rank_locus(matrix)
    assert locus.components is not None
    assert {" and ".join(map(str, c)) for c in locus.components} == expected


@pytest.mark.parametrize(
    "matrix",
    [
        [["u**2-1", "u**2-1", "sqrt(u)"], ["sqrt(u)", "u*u", "u**2+u**2"]],
        [["v/(u+1)", "v/(v+1)", "exp(u)-1"], [2, "v/(v+1)", "log(v)"]],
        [["w/(u+1)", "v/(w+1)", "w"], ["w**2-1", "v**2+w**2", "log(v)"]],
    ],
    ids=lambda v: str(v)[:40],
)
def test_a_condition_without_a_value_at_a_solved_one_is_no_error(matrix) -> None:  # type: ignore[no-untyped-def]
    """Asked of `rank` itself, at points of the piece and on its boundary."""
    locus = hr.rank_locus(matrix)
    forms, _ = closed_forms(matrix)
    for u in (0, 1, Fraction(1, 2), 2):
        for v in (1, Fraction(1, 2), 0):
            at = {"u": number(u), "v": number(v), "w": number(u)}
            try:
                rank = int(hr.rank([substitute(row, at) for row in forms]))
            except DomainError:
                continue
            falls = any(
                all(hr.rank([substitute([c.difference], at)]).upper == 0 for c in component)
                for component in locus.components or ()
            )
            assert falls == (rank < int(locus.generic)), (u, v)
