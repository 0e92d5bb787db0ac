"""rank and generic_rank: what they accept, what they refuse, and ranks known by construction."""

from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from hessrank.symbolic.errors import DomainError, InputError, UndecidedError
from hessrank.symbolic.expressions.exchange.from_sympy import from_sympy
from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.generic_rank import GenericRank, generic_rank
from hessrank.symbolic.ranks.rank import rank

SINGULAR = [[1, 2], [2, 4]]


@pytest.mark.parametrize(
    "matrix",
    [
        SINGULAR,
        tuple(map(tuple, SINGULAR)),
        np.array(SINGULAR),
        np.array(SINGULAR, dtype=np.int8),
        np.array(SINGULAR, dtype=object),
        np.array([[Fraction(1, 3), Fraction(2, 3)], [1, 2]], dtype=object),
        [[np.int64(1), np.int64(2)], [2, 4]],
        flint.fmpz_mat(SINGULAR),
        flint.fmpq_mat(SINGULAR),
        [[flint.fmpz(1), flint.fmpq(2)], [2, 4]],
        sympy.Matrix(SINGULAR),
        sympy.ImmutableMatrix(SINGULAR),
        sympy.SparseMatrix(SINGULAR),
        [[sympy.Integer(1), 2], [sympy.Rational(1, 2), "1"]],
        [["1/2", "0.5"], [1, 1]],
        [["sqrt(2)", 2], [1, "sqrt(2)"]],
        sympy.Matrix([[sympy.sqrt(2), 2], [1, sympy.sqrt(2)]]),
        sympy.Matrix([[sympy.sinh(1), sympy.cosh(1)], [sympy.tanh(1), 1]]),
        sympy.Matrix([[sympy.E, 1], [sympy.exp(2), sympy.E]]),
    ],
    ids=lambda m: type(m).__name__,
)
def test_what_is_accepted(matrix):
    found = rank(matrix)
    assert (int(found), found.status) == (1, "certified")


@pytest.mark.parametrize(
    "matrix, shape",
    [
        ([], (0, 0)),
        ([[], []], (2, 0)),
        (np.zeros((0, 3), dtype=int), (0, 3)),
        (np.zeros((3, 0), dtype=int), (3, 0)),
        (sympy.zeros(0, 4), (0, 4)),
        (sympy.zeros(4, 0), (4, 0)),
        (flint.fmpz_mat(0, 2), (0, 2)),
        (np.zeros((0, 3), dtype=object), (0, 3)),
    ],
)
def test_empty_matrices_have_rank_0(matrix, shape):
    found = rank(matrix)
    assert int(found) == 0
    assert found.shape == shape


@pytest.mark.parametrize("entry, r", [(0, 0), (7, 1), ("pi", 1), ("log(1)", 0), ("cos(pi/2)", 0)])
def test_one_by_one(entry, r):
    assert int(rank([[entry]])) == r


@pytest.mark.parametrize(
    "matrix, part",
    [
        ([[0.5]], "binary float"),
        ([[float("nan")]], "binary floats"),
        ([[float("inf")]], "binary floats"),
        ([["nan"]], "nan"),
        ([["inf", 1]], "inf"),
        ([["oo"]], "oo"),
        (np.array([[0.5]]), "binary floats"),
        (np.array([[np.nan]]), "not exact"),
        (np.array([1, 2]), "two dimensions"),
        (np.zeros((1, 1, 1), dtype=int), "two dimensions"),
        (np.array([[True]]), "bool"),
        ([[True]], "True"),
        ([[None]], "None"),
        ([[1 + 2j]], "exact number"),
        ([[1, 2], [3]], "row 1 has 1"),
        (5, "list of rows"),
        ("abc", "list of rows"),
        ([1, 2], "list of rows"),
        (None, "list of rows"),
        ([["x"]], "generic_rank"),
        ([["x", "1"], ["import os", 1]], "not an expression"),
        (sympy.Matrix([[sympy.Symbol("x")]]), "generic_rank"),
        (sympy.Matrix([[sympy.Float(0.5)]]), "floating-point"),
        (sympy.Matrix([[sympy.nan]]), "NaN"),
        (sympy.Matrix([[sympy.oo]]), "Infinity"),
        (sympy.Matrix([[sympy.zoo]]), "ComplexInfinity"),
        (sympy.Matrix([[sympy.gamma(sympy.Rational(1, 3))]]), "gamma"),
        (
            sympy.Matrix([[sympy.CRootOf(sympy.Symbol("x") ** 5 - sympy.Symbol("x") + 1, 0)]]),
            "not a real number or function",
        ),
        (sympy.MatrixSymbol("A", 2, 2), "matrix"),
        (flint.nmod_mat(1, 1, [3], 7), "nmod_mat"),
        (flint.arb_mat([[1]]), "arb_mat"),
        ([[sympy.pi ** (10**9)]], "exponents"),
    ],
    ids=str,
)
def test_what_is_refused(matrix, part):
    with pytest.raises(InputError, match=part):
        rank(matrix)


@pytest.mark.parametrize(
    "text",
    [
        "1/0",
        "log(0)",
        "log(-1)",
        "sqrt(-2)",
        "1/(sqrt(2) - sqrt(2))",
        "log(cos(pi/2))",
        "tan(pi/2)",
        "1/(log(4) - 2*log(2))",
    ],
)
def test_what_has_no_value_is_a_domain_error(text):
    with pytest.raises(DomainError):
        rank([[text, 1]])


def test_thousand_digit_entries():
    n = 10**1000 + 7
    assert int(rank([[n, n + 1], [n + 1, n + 2]])) == 2
    assert int(rank([[Fraction(1, n), Fraction(2, n)], [1, 2]])) == 1
    for name in ("sqrt", "log", "exp"):
        value = f"{name}(1/{n})" if name == "exp" else f"{name}({n})"
        assert int(rank([[value, 1], [1, 1]])) == 2
        assert int(rank([[value, value], [1, 1]])) == 1


def test_an_undecided_rank_has_bounds():
    """cos 50π/101 = −cos 51π/101, in a field too large to carry, hidden within an exponential."""
    found = rank([["exp(cos(50*pi/101) + cos(51*pi/101))", 1], [1, 1]])
    assert (found.lower, found.upper, found.status) == (1, 2, "undecided")
    with pytest.raises(UndecidedError):
        int(found)


def test_options_reach_the_rational_rank():
    assert rank(SINGULAR, kernel=True).kernel == ((-2, 1),)


EXPRESSIONS = st.recursive(
    st.sampled_from(["1/2", "2", "pi", "sqrt(3)", "exp(1)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({' '.join(t)})"),
        st.tuples(st.sampled_from(["tanh", "sin", "cosh", "exp", "erf"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
    ),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(text=EXPRESSIONS)
def test_there_and_back_through_sympy(text):
    """An expression and its image from SymPy have equal values by SymPy's own evaluation."""
    e = parse(text)
    there = to_sympy(e)
    back = from_sympy(there)
    assert abs(sympy.N(there, 30) - sympy.N(to_sympy(back), 30)) < sympy.Float(10) ** -20 * (
        1 + abs(sympy.N(there, 30))
    )


@pytest.mark.parametrize(
    "f",
    [
        sympy.sec,
        sympy.csc,
        sympy.cot,
        sympy.sech,
        sympy.csch,
        sympy.coth,
        sympy.asinh,
        sympy.atanh,
        sympy.Abs,
        sympy.tan,
    ],
)
def test_sympy_functions_keep_their_value(f):
    z = sympy.sqrt(2) / 3
    ours = evaluate([from_sympy(f(z))], _Numeric(), {})[0]
    assert abs(ours - sympy.N(f(z), 30)) < sympy.Float(10) ** -25


class _Numeric:
    """SymPy's floating-point evaluation of our own nodes."""

    def number(self, q):
        return sympy.N(sympy.Rational(q.numerator, q.denominator), 40)

    def power(self, value, exponent):
        return value ** sympy.Rational(exponent.numerator, exponent.denominator)

    def function(self, name, *args):
        return sympy.N(getattr(sympy, {"abs": "Abs"}.get(name, name))(*args), 40)


# --- generic rank ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, r, source",
    [
        ([["x", "x**2"], ["x**2", "x**3"]], 1, "a multiple"),
        ([["tanh(2*w)*(1 + tanh(w)**2)", "2*tanh(w)"], [1, 1]], 1, "A&S 4.5.33"),
        ([["exp(x)", "exp(x + 1)"], [1, "exp(1)"]], 1, "exp(x + 1) = e·exp(x)"),
        ([["exp(x)", "exp(sqrt(2)*x)"], ["exp(y)", "exp(sqrt(2)*y)"]], 2, "different rates"),
        (
            [
                ["sin(x + y)", "sin(x)", "cos(x)"],
                ["sin(2*x + y)", "sin(2*x)", "cos(2*x)"],
                ["sin(3*x + y)", "sin(3*x)", "cos(3*x)"],
            ],
            2,
            "A&S 4.3.16",
        ),
        (
            [
                ["log(x*y)", "log(x)", "log(y)"],
                ["log(x*z)", "log(x)", "log(z)"],
                ["log(2*x)", "log(x)", "log(2)"],
            ],
            2,
            "column 1 = column 2 + column 3",
        ),
        ([["x", "y"], ["y", "z"]], 2, "det = xz − y²"),
        ([["x - x", 0]], 0, "zero"),
        ([[1, 2], [2, 4]], 1, "no symbol at all"),
        ([["erf(x)", "erf(-x)"], [1, -1]], 1, "erf is odd"),
        ([["exp(exp(x))", "exp(2*exp(x))"], [1, "exp(exp(x))"]], 1, "exp 2z = (exp z)²"),
    ],
)
def test_generic_ranks(rows, r, source):
    found = generic_rank(rows)
    assert (int(found), found.status) == (r, "certified"), source
    assert isinstance(found, GenericRank)
    assert found.to_json()["kind"] == "generic"


def test_the_generic_rank_is_the_largest_one():
    """X8's model: rank 3 at almost every θ, 2 at the duplicated neuron."""
    model = Model.from_expressions(["a*tanh(u*x) + b*tanh(w*x)"], "a b u w", "x")
    here = Problem(model, Data(x=[[1], [2], [3]], y=[[0], [0], [0]]))
    assert int(generic_rank(here.jacobian)) == 3
    assert int(here.at({"a": 1, "b": 2, "u": "1/2", "w": "1/2"}).rank("jacobian")) == 2
    assert int(here.at({"a": 1, "b": 2, "u": "1/2", "w": "1/3"}).rank("jacobian")) == 3


@pytest.mark.parametrize(
    ("rows", "bounds"),
    [
        ([["sin(10**30)", 1]], (1, 1)),
        ([["tanh(10**6)", 1], [1, 1]], (2, 2)),
        ([["exp(-10**9)", "exp(-10**9)"], [1, 1]], (1, 1)),
        ([["sin(10**30)", "x"], [1, 1]], (2, 2)),
        ([["exp(x)**900", 1, "x"], ["exp(x)**900", 1, "x"]], (1, 1)),
        ([["x*sin(10**30)", "x"], ["sin(10**30)", 1]], (1, 1)),
        ([["x*tanh(10**30)", "x*tanh(9**30)"], ["tanh(10**30)", "tanh(9**30)"]], (1, 2)),
    ],
)
def test_functions_too_large_to_expand_have_bounds(rows, bounds):
    """The rank at a sample bounds from below, the shape from above; both hold the true rank."""
    found = generic_rank(rows)
    assert bounds[0] <= found.upper and found.lower <= bounds[1]
    assert found.lower == bounds[0], found
    assert found.upper == bounds[1], found


def test_roots_and_logarithms_belong_to_a_piece_of_their_domain():
    rows = [["sqrt(x**2)", "x"], [1, 1]]
    assert int(generic_rank(rows, near={"x": 2})) == 1
    assert int(generic_rank(rows, near={"x": -2})) == 2
    assert int(generic_rank([["log(-x)", 1]])) == 1
    with pytest.raises(UndecidedError):
        generic_rank([["log(-x**2 - 1)", 1]])


@pytest.mark.parametrize("name", ["relu", "abs", "step", "sign"])
def test_piecewise_entries_are_refused(name):
    with pytest.raises(InputError, match="piecewise"):
        generic_rank([[f"{name}(x)", 1]])


def test_sympy_symbols():
    x, y = sympy.symbols("x y")
    assert int(generic_rank(sympy.Matrix([[x, y], [x**2, x * y]]))) == 1
    assert int(generic_rank(sympy.Matrix([[sympy.tanh(x), 1], [1, sympy.coth(x)]]))) == 1


@settings(max_examples=25, deadline=None)
@given(
    u=st.tuples(*[st.sampled_from(["x", "y", "tanh(x)", "exp(y)", "x + y", "1"])] * 3),
    v=st.tuples(*[st.sampled_from(["x", "tanh(y)", "exp(x)", "2", "x*y"])] * 3),
)
def test_an_outer_product_has_generic_rank_one(u, v):
    assert int(generic_rank([[f"({a})*({b})" for b in v] for a in u])) == 1


@pytest.mark.parametrize("constant", ["log(-2)", "log(sin(4))", "sqrt(sin(4))", "tan(pi/2)"])
def test_a_constant_without_a_value_has_no_generic_rank(constant: str) -> None:
    for entry in (f"u + {constant}", f"u*{constant}", f"u*0*{constant}"):
        with pytest.raises(DomainError):
            generic_rank([[entry]])


@pytest.mark.parametrize("scale", ["", "*sqrt(2)", "*tanh(1)"])
@pytest.mark.parametrize("decimal", ["1.00001", "0.314712", "20.01", "-7.7123", "123456.789"])
@pytest.mark.parametrize(
    ("rows", "size"),
    [
        (["exp({z})", "exp(2*{z})", "1", "exp({z})"], 1),
        (["tanh(2*{z})", "2*tanh({z})", "1", "1 + tanh({z})**2"], 1),
        (["sigmoid(3*{z})", "exp(3*{z})", "1", "1 + exp(3*{z})"], 1),
        (["sin(2*{z})", "sin({z})", "2*cos({z})", "1"], 1),
        (["cos(2*{z})", "1", "1 - 2*sin({z})**2", "1"], 1),
        (["exp({z})", "exp(2*{z})", "1", "exp({z}/2)"], 2),
        (["tanh(2*{z})", "tanh({z})", "1", "1 + tanh({z})**2"], 2),
    ],
)
def test_small_multiples_of_a_long_decimal_are_small_powers(decimal, scale, rows, size):
    """The functional equations at z = 1.00001, at z = 1.00001·√2, …: what matters is how large the
    multiples of z are, not how many digits z has."""
    a, b, c, d = (entry.format(z=f"({decimal}{scale})") for entry in rows)
    found = rank([[a, b], [c, d]])
    assert (found.lower, found.upper, found.status) == (size, size, "certified"), found
