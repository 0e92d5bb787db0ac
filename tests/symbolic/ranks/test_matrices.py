"""Matrices of exact numbers and matrices known by balls: against python-flint, SymPy and NumPy."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpq_mat

from hessrank.symbolic.budget import OVER, OverBudget, budget
from hessrank.symbolic.errors import InputError, UndecidedError
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.linear_algebra.minor import Minor
from hessrank.symbolic.ranks import ball_rank
from hessrank.symbolic.ranks.ball_matrix import BallMatrix
from hessrank.symbolic.ranks.ball_rank import PRECISIONS, eliminate, rank_lower
from hessrank.symbolic.ranks.matrices import Matrix, SymbolicMatrix

ONE = fmpq(1)
#: Three algebraic numbers of one field, with their values.
FIELD = Field()
ROOT = FIELD.power(fmpq(2), Fraction(1, 2))
EXP = FIELD.function("exp", ONE)


def matrix(rows: Any, field: Field = FIELD) -> Matrix:
    table = tuple(tuple(fmpq(v) if isinstance(v, int) else v for v in row) for row in rows)
    return Matrix(table, (len(rows), len(rows[0]) if rows else 0), field)


def values(m: Matrix) -> list[list[Any]]:
    return [list(row) for row in m.rows]


def whole(rng: random.Random, m: int, n: int) -> list[list[int]]:
    return [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)]


# --- arithmetic ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_products_sums_and_blocks(seed: int) -> None:
    """Of integers, and of the same with √2 in one entry: the product is linear in it."""
    rng = random.Random(seed)
    m, k, n = (rng.randint(1, 4) for _ in "mkn")
    a, b = whole(rng, m, k), whole(rng, k, n)
    exact = (fmpq_mat(a) * fmpq_mat(b)).tolist()
    product = matrix(a) @ matrix(b)
    assert values(product) == exact and product.shape == (m, n) and product.is_rational
    i, j = rng.randrange(m), rng.randrange(k)
    left = matrix(a).rows
    changed = Matrix(
        tuple(
            tuple(v + ROOT if (r, c) == (i, j) else v for c, v in enumerate(row))
            for r, row in enumerate(left)
        ),
        (m, k),
        FIELD,
    )
    assert not changed.is_rational
    expected = [
        [v + (ROOT * b[j][c] if r == i else 0) for c, v in enumerate(row)]
        for r, row in enumerate(exact)
    ]
    assert values(changed @ matrix(b)) == expected and (changed @ matrix(b)).shape == (m, n)
    turned = matrix(b).T @ changed.T
    assert values(turned.T) == expected and turned.shape == (n, m)
    assert values(changed + matrix(a)) == [
        [2 * v + (ROOT if (r, c) == (i, j) else 0) for c, v in enumerate(row)]
        for r, row in enumerate(a)
    ]
    stacked = changed.stacked(matrix(a))
    assert values(stacked) == values(changed) + values(matrix(a)) and stacked.shape == (2 * m, k)
    assert stacked.field is FIELD and stacked.rank().lower >= 1
    rows, columns = [i, 0, i], [j, 0]
    part = changed.block(rows, columns)
    assert values(part) == [[changed.rows[r][c] for c in columns] for r in rows]
    assert part.shape == (3, 2) and part.field is FIELD
    assert values(changed.T) == [list(c) for c in zip(*changed.rows, strict=True)]


def test_products_with_an_empty_side() -> None:
    for m, k, n in ((2, 0, 3), (0, 2, 3), (2, 3, 0)):
        a, b = (
            Matrix(((),) * m if not k else ((ONE,) * k,) * m, (m, k), FIELD),
            Matrix(((),) * k if not n else ((ONE,) * n,) * k, (k, n), FIELD),
        )
        product = a @ b
        assert product.shape == (m, n) and values(product) == [[fmpq(0)] * n] * m
        assert product.rank().upper == 0


def test_shapes_that_do_not_fit() -> None:
    a, b = matrix([[1, 2]]), matrix([[1], [2]])
    with pytest.raises(InputError, match=r"shapes \(1, 2\) and \(1, 2\) do not multiply"):
        a @ a
    with pytest.raises(InputError, match=r"shapes \(1, 2\) and \(2, 1\) do not add"):
        a + b
    with pytest.raises(InputError, match=r"shapes \(1, 2\) and \(2, 1\) do not stack"):
        a.stacked(b)
    with pytest.raises(InputError, match="irrational"):
        matrix([[ROOT]]).fractions()
    assert matrix([[fmpq(-1, 2), 3]]).fractions() == [[Fraction(-1, 2), Fraction(3)]]


def test_two_fields_meet_in_one() -> None:
    """exp(1/2) and exp(1/3) of two fields are powers of one number in a third."""
    a, b = (
        evaluate_in_field(lambda f, k=k: matrix([[f.function("exp", fmpq(1, k)), ONE]], f))
        for k in (2, 3)
    )
    assert a.field is not b.field
    rational = matrix([[2, 3]], Field())
    for one, two in ((a, rational), (rational, a)):
        x, y = one.joined(two)
        assert x.field is y.field is a.field
        assert values(x) == values(one) and values(y) == values(two)
    same = a.joined(a)
    assert same[0] is a and same[1] is a
    x, y = a.joined(b)
    assert x.field is y.field and x.shape == y.shape == (1, 2)
    assert (x.rows[0][0] ** 2 - y.rows[0][0] ** 3) == 0 and x.rows[0][1] == y.rows[0][1] == 1
    assert (a + b).field is (a.stacked(b)).field or (a + b).shape == (1, 2)
    tall = a @ b.T
    assert tall.shape == (1, 1)
    e = tall.field.function("exp", fmpq(5, 6))
    assert tall.rows[0][0] == e + 1
    assert values(a.stacked(b))[0][0] ** 2 == values(a.stacked(b))[1][0] ** 3


def test_equality_looks_at_shape_and_closed_forms() -> None:
    a, other = matrix([[ROOT, 1]]), Field()
    again = matrix([[other.power(fmpq(2), Fraction(1, 2)), 1]], other)
    assert a == again and a != matrix([[ROOT, 2]]) and a != matrix([[ROOT], [1]]) and a != 5
    assert Matrix((), (0, 2), FIELD) != Matrix((), (0, 3), FIELD)
    s = SymbolicMatrix(((symbol("x"), number(1)),), (1, 2))
    assert s == SymbolicMatrix(((symbol("x"), number(1)),), (1, 2)) and s != 5
    assert s != SymbolicMatrix(((symbol("y"), number(1)),), (1, 2))
    assert SymbolicMatrix((), (0, 2)) != SymbolicMatrix((), (0, 3))


# --- forms ---------------------------------------------------------------------------------------


def test_entries_rows_and_forms() -> None:
    m = matrix([[ROOT, 1], [0, fmpq(1, 2)], [2, EXP]])
    assert str(m[0, 0]) == "2**(1/2)" and str(m[2, 1]) == "exp(1)"
    assert m[1] == m.closed_forms()[1] and list(m) == m.closed_forms() and len(m) == 3
    assert m.to_sympy() == sympy.Matrix(
        [[sympy.sqrt(2), 1], [0, sympy.Rational(1, 2)], [2, sympy.E]]
    )
    floats = m.to_numpy()
    assert floats.shape == (3, 2) and floats.dtype == float
    assert floats.tolist() == [[math.sqrt(2), 1.0], [0.0, 0.5], [2.0, math.e]]
    assert Matrix((), (0, 3), FIELD).to_numpy().shape == (0, 3)
    assert m.latex().count(r"\sqrt{2}") == 1 and r"\frac{1}{2}" in m.latex()
    assert str(m) == "[2**(1/2)       1]\n[       0     1/2]\n[       2  exp(1)]"
    assert repr(m).startswith("Matrix(3×2)\n[2**(1/2)") and "\\sqrt{2}" in m._repr_latex_()
    for row, bits in zip(m.at(200), (200,) * 3, strict=True):
        for v in row:
            assert v.rel_accuracy_bits() > bits - 10 or v.is_exact()
    assert m.at(64)[0][0].overlaps(arb(2).sqrt())
    assert m.exact("a name") is m and m.is_exact
    assert Matrix.of(np.array([[ONE, fmpq(2)]], dtype=object), FIELD).shape == (1, 2)


def test_entries_of_many_terms_are_not_written_out() -> None:
    long = EXP
    while len(long.num) + len(long.den) <= 12:
        long = long * (long + 1)
    m = matrix([[long, ROOT]])
    assert m._brief(0, 0) is None and str(m._brief(0, 1)) == "2**(1/2)"
    assert "…" in repr(m) and r"\cdots" in m._repr_latex_()
    assert m._short(long) == "a closed form of many terms" and m._short(ROOT) == "2**(1/2)"
    assert m._short(fmpq(10**38)) == "1" + "0" * 38 and m._short(fmpq(10**39)) == "1" + "0" * 39
    assert m._short(fmpq(10**40)) == "1" + "0" * 36 + "..."
    for terms in (12, 13):
        edge = sum((EXP**k for k in range(terms - 1)), fmpq(0))
        assert len(edge.num) + len(edge.den) == terms
        assert (matrix([[edge]])._brief(0, 0) is None) is (terms > 12)
        assert (matrix([[edge]])._short(edge) == "a closed form of many terms") is (terms > 12)


def test_whether_all_entries_vanish() -> None:
    assert matrix([[0, 0]]).vanishes("r") == (True, "r is zero")
    assert matrix([[0, ROOT]]).vanishes("r") == (
        False,
        "r is not zero: one entry is 2**(1/2)",
    )
    field = Field()
    a = field.function("log", fmpq(2))
    tiny = field.function("erf", fmpq(90)) - 1  # 10^-3520
    assert matrix([[tiny, a]], field).vanishes("r")[0] is False
    open_, why = matrix([[0, tiny]], field).vanishes("r")
    assert open_ is None
    assert why == "r is not zero as a form; no ball separates it from zero"


def test_symbolic_matrices() -> None:
    x = symbol("x")
    s = SymbolicMatrix.of(np.array([[x, 2], [Fraction(1, 2), x * x]], dtype=object))
    assert s.shape == (2, 2) and s[0, 0] == x and s[1] == [number(Fraction(1, 2)), x * x]
    assert list(s) == s.closed_forms() == [[x, number(2)], s[1]] and len(s) == 2
    assert all(isinstance(v, Expr) for row in s for v in row)
    X = sympy.Symbol("x", real=True)
    theirs = s.to_sympy()
    assert theirs.shape == (2, 2) and theirs[1, 0] == sympy.Rational(1, 2)
    assert str(theirs[1, 1]) == str(X**2)
    assert str(s) == "[  x    2]\n[1/2  x*x]"
    assert repr(s).startswith("SymbolicMatrix(2×2)\n[  x") and "x" in s._repr_latex_()
    assert r"\frac{1}{2}" in s.latex()


# --- ranks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_matrix_has_rank_0(shape: tuple[int, int]) -> None:
    found = Matrix(((),) * shape[0], shape, FIELD).rank()
    assert (found.lower, found.upper, found.status, found.shape) == (0, 0, "certified", shape)
    assert found.lower_reason == found.upper_reason == "the matrix is empty"


def test_bounds_and_options_reach_the_rank() -> None:
    rational, irrational = matrix([[1, 2], [2, 4]]), matrix([[ROOT, 2], [1, ROOT]])
    for m in (rational, irrational):
        assert m.rank((1, "proved otherwise")).upper_reason == "proved otherwise"
        for loose in ((2, "proved otherwise"), (3, "proved otherwise")):
            found = m.rank(loose)
            assert found.upper == 1 and "kernel vector" in found.upper_reason
        assert m.rank() is m.rank() and m.rank().shape == (2, 2)
    assert rational.rank(kernel=True).kernel == ((-2, 1),)
    assert rational.rank((1, "proved otherwise"), kernel=True).kernel == ((-2, 1),)
    wide = matrix([[1, 2, 3]])
    assert wide.rank((1, "proved otherwise")).upper_reason == "1 row"
    symmetric = matrix([[0, ROOT], [ROOT, 1]])
    assert symmetric.inertia is symmetric.inertia
    assert (symmetric.inertia.positive, symmetric.inertia.negative) == (1, 1)


# --- matrices known by balls ---------------------------------------------------------------------


def known(rows: list[list[Any]], **more: Any) -> BallMatrix:
    return BallMatrix(lambda bits: rows, (len(rows), len(rows[0]) if rows else 0), **more)


def test_what_balls_do_not_know() -> None:
    b = known([[arb(1)]])
    assert not b.is_rational and not b.is_exact
    for ask in (
        lambda: b.rows,
        lambda: b.field,
        lambda: b.latex(),
        lambda: b.closed_forms(),
        lambda: b.exact(),
    ):
        with pytest.raises(UndecidedError, match="the matrix is known to any precision, but not "):
            ask()
    with pytest.raises(UndecidedError, match="J is known to any precision, but not exactly"):
        b.exact("J")
    with pytest.raises(UndecidedError, match="known to any precision, but not exactly"):
        b.inertia  # noqa: B018
    with pytest.raises(InputError, match="no closed forms: its closed form is too large to carry"):
        b.to_sympy()
    assert repr(known([[arb(1), arb(1)]], why="so")) == "BallMatrix(1×2): so"


def test_the_rank_of_balls() -> None:
    near_zero = arb(0, 1)
    full = known([[arb(1), arb(2)], [arb(3), arb(4)]]).rank()
    assert (full.lower, full.upper, full.status) == (2, 2, "certified")
    assert full.lower_reason == "2 pivots in balls of 128 bits without zero"
    assert full.upper_reason == "the matrix has 2 rows" and full.shape == (2, 2)
    assert full.witness == Minor((1, 0), (1, 0))
    tall = known([[arb(1)], [arb(2)]]).rank()
    assert tall.upper_reason == "it has 1 column" and tall.shape == (2, 1)
    open_ = known([[arb(1), arb(1)], [arb(1), arb(1)]], why="so").rank()
    assert (open_.lower, open_.upper, open_.status) == (1, 2, "undecided")
    assert open_.upper_reason == "the matrix has 2 rows; so, so that no kernel can be verified"
    pattern = known([[arb(1), arb(0)], [near_zero, arb(0)]]).rank()
    assert (pattern.lower, pattern.upper, pattern.status) == (1, 1, "certified")
    assert pattern.upper_reason == "at most 1 nonzero entries share no row or column"
    given = known([[arb(1), arb(1)], [arb(1), arb(1)]]).rank((1, "proved otherwise"))
    assert (given.upper, given.upper_reason) == (1, "proved otherwise")
    loose = known([[arb(1), arb(0)], [arb(1), arb(0)]]).rank((2, "proved otherwise"))
    assert loose.upper_reason == "at most 1 nonzero entries share no row or column"
    zero = known([[arb(1), arb(0)], [arb(1), arb(0)]]).rank((1, "proved otherwise"))
    assert zero.upper_reason == "proved otherwise"
    assert known([[arb(0)] * 2] * 2).rank().status == "certified"
    assert known([[arb(0)] * 2] * 2).rank().upper == 0
    none = known([[arb(1)]]).rank((0, "proved otherwise"))
    assert (none.lower, none.upper, none.upper_reason) == (0, 0, "proved otherwise")


def test_balls_that_refuse_and_balls_out_of_time() -> None:
    def refuses(bits: int) -> Any:
        raise UndecidedError("a test")

    found = BallMatrix(refuses, (2, 3), "so").rank()
    assert (found.lower, found.upper, found.status) == (0, 2, "undecided")
    assert BallMatrix(refuses, (1, 1)).vanishes("r")[0] is None
    with pytest.raises(UndecidedError):
        BallMatrix(refuses, (1, 1)).to_numpy()
    with budget(-1):
        late = known([[arb(1), arb(1)]]).rank()
    assert (late.lower, late.upper) == (0, 1) and late.upper_reason.endswith(OVER)


def logs(R: Any) -> Any:
    a, b = (R.function("log", R.number(Fraction(k))) for k in (2, 3))
    return [[a, b], [a, b]]


def log_balls(bits: int) -> Any:
    with flint.ctx.workprec(bits):
        a, b = arb(2).log(), arb(3).log()
        return [[a, b], [a, b]]


def test_entries_that_can_be_evaluated_in_any_ring() -> None:
    b = BallMatrix(log_balls, (2, 2), "so", logs)
    found = b.rank()
    assert (found.lower, found.upper, found.status) == (1, 1, "certified")
    assert found.upper_reason == "the 2 columns are rational combinations of 2 of them" or (
        "rational combinations of 1 of them" in found.upper_reason
    )
    assert b.to_sympy() == sympy.Matrix([[sympy.log(2), sympy.log(3)]] * 2)
    mixed = BallMatrix(log_balls, (2, 2), "so", lambda R: [[1, logs(R)[0][0]], [Fraction(1, 2), 2]])
    assert mixed.to_sympy() == sympy.Matrix([[1, sympy.log(2)], [sympy.Rational(1, 2), 2]])
    floats = b.to_numpy()
    assert floats.shape == (2, 2) and floats.dtype == float
    assert floats.tolist() == [[math.log(2), math.log(3)]] * 2
    assert BallMatrix(lambda bits: [], (0, 2)).to_numpy().shape == (0, 2)
    asked: list[int] = []

    def late(bits: int) -> Any:
        asked.append(bits)
        if bits < 512:
            raise UndecidedError("a test")
        return [[arb(1) / 3, arb(2)]]

    assert BallMatrix(late, (1, 2)).to_numpy().tolist() == [[1 / 3, 2.0]]
    assert asked == [128, 256, 512]
    asked.clear()
    assert BallMatrix(late, (1, 2)).to_numpy(1000).tolist() == [[1 / 3, 2.0]] and asked == [1000]


def test_what_there_was_no_time_to_enclose_is_not_said_to_be_near_zero() -> None:
    def late(bits: int) -> Any:
        raise OverBudget(OVER)

    with pytest.raises(OverBudget):
        BallMatrix(late, (1, 1)).vanishes("r")


def test_whether_balls_vanish() -> None:
    assert known([[arb(0), arb(1)]]).vanishes("r") == (
        False,
        "r is not zero: an interval around one entry excludes 0",
    )
    assert known([[arb(0), arb(0)]]).vanishes("r") == (
        True,
        "r is zero: at most 0 nonzero entries share no row or column",
    )
    assert known([[arb(0), arb(0, 1)]]).vanishes("r") == (
        None,
        "r is 0 to high precision, and not known exactly: it may be 0 or not",
    )
    precisions: list[int] = []

    def at(bits: int) -> Any:
        precisions.append(bits)
        return [[arb(1) if flint.ctx.prec == bits else arb(0)]]

    assert BallMatrix(at, (1, 1)).vanishes("r")[0] is False and precisions[0] == PRECISIONS[2]


# --- lower bounds by balls -----------------------------------------------------------------------


def near(k: int, asked: list[int] | None = None, more: int = 0) -> Any:
    """(1, 1; 1, 1 + 2⁻ᵏ) with `more` equal rows: regular, and seen to be so beyond k bits."""

    def at(bits: int) -> Any:
        if asked is not None:
            asked.append(bits)
        rows = [[arb(1), arb(1)], [arb(1), arb(1) + arb(fmpq(1, 2**k))]]
        return rows + [[arb(1), arb(1)] for _ in range(more)]

    return at


def test_nothing_to_aim_at() -> None:
    nothing = (0, Minor((), ()), PRECISIONS[0])
    assert rank_lower(near(3), 0) == nothing
    with budget(-1):
        assert rank_lower(near(3), 2) == nothing

    def stops(bits: int) -> Any:
        raise OverBudget("a test")

    assert rank_lower(stops, 2) == nothing


def test_the_minor_that_floats_suggest_is_tried_first() -> None:
    asked: list[int] = []
    assert rank_lower(near(3, asked), 2) == (2, Minor((1, 0), (1, 0)), 128)
    assert asked == [64, 128]

    def coarse(bits: int) -> Any:
        asked.append(bits)
        if bits in (64, 512):
            return [[arb(1, 2**-30), arb(1)], [arb(1), arb(1.25)]]
        if bits == 128:
            raise UndecidedError("a test")
        return [[arb(0, 9), arb(0, 9)], [arb(0, 9), arb(0, 9)]]

    asked.clear()
    assert rank_lower(coarse, 2) == (2, Minor((1, 0), (1, 0)), 512)
    assert asked == [64, 128, 256, 512]


def test_elimination_goes_on_to_more_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    found = rank_lower(near(200, asked), 2)
    assert found == (2, Minor((0, 1), (0, 1)), 256)
    assert asked == [64, 128, 64, 128, 256]
    asked.clear()
    assert rank_lower(near(9999, asked), 2) == (1, Minor((0,), (0,)), 128)
    assert asked == [64, 128, *PRECISIONS]
    # a large matrix: two precisions that bring nothing are enough
    asked.clear()
    assert rank_lower(near(9999, asked, 73), 2) == (1, Minor((0,), (0,)), 128)
    assert len(near(1, None, 73)(64)) * 2 == 150 and asked == [64, 128, *PRECISIONS]
    asked.clear()
    assert rank_lower(near(9999, asked, 74), 2) == (1, Minor((0,), (0,)), 128)
    assert asked == [64, 128, 64, 128]
    # and what would take too many operations is left to the suggestion
    for most, rank in ((8, 2), (7, 1)):
        monkeypatch.setattr(ball_rank, "MAX_ELIMINATION", most)
        assert rank_lower(near(200), 2)[0] == rank


def test_elimination_after_refusals_and_out_of_time() -> None:
    def late(bits: int) -> Any:
        if bits < 512:
            raise UndecidedError("a test")
        return near(200)(bits)

    assert rank_lower(late, 2) == (2, Minor((0, 1), (0, 1)), 512)
    calls: list[int] = []

    def stops(bits: int) -> Any:
        calls.append(bits)
        if len(calls) > 3:
            raise OverBudget("a test")
        return near(200)(bits)

    assert rank_lower(stops, 2) == (1, Minor((0,), (0,)), 128) and len(calls) == 4


def test_the_pivot_of_largest_certain_modulus() -> None:
    """[1, 19] is certain to be at least 1, and less than 2."""
    a = [[arb(10, 9), arb(0)], [arb(0), arb(2)]]
    assert eliminate(a, 2).rows == (1, 0)
    assert eliminate([[arb(-3), arb(1)]], 1).columns == (0,)
