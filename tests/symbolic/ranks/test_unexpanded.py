"""Ranks at decimal points, where nothing is expanded: free letters, residues, balls.

The independent ways: ranks by singular values in mpmath at 120 digits, relations known from
textbooks, and the numeric engine.
"""

from __future__ import annotations

import random
from fractions import Fraction

import mpmath
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.symbolic.errors import DomainError
from hessrank.symbolic.expressions.expression import evaluate as evaluate_in
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.ranks.unexpanded.free_forms import FreeField, free_upper
from hessrank.symbolic.ranks.unexpanded.residue_rank import residue_bounds
from hessrank.symbolic.ranks.unexpanded.residue_ring import Refine, ResidueRing

PRIME = 2**61 - 1
FUNCTIONS = ("exp", "tanh", "sigmoid", "sin", "cos", "softplus", "log", "erf", "sqrt")
MPMATH = {
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log(1 + mpmath.exp(z)),
}


def mp_rank(rows: list[list[mpmath.mpf]]) -> int:
    """The rank by singular values at 120 digits: they are above 1e-40 or below 1e-90."""
    with mpmath.workdps(120):
        values = [float(mpmath.log10(s + mpmath.mpf(10) ** -110)) for s in singular(rows)]
    assert all(v > -40 or v < -90 for v in values)
    return sum(v > -40 for v in values)


def singular(rows: list[list[mpmath.mpf]]) -> list[mpmath.mpf]:
    return list(mpmath.svd_r(mpmath.matrix(rows), compute_uv=False))


# --- the named matrices, and others of their kind -----------------------------------------------


@pytest.mark.parametrize(
    ("row", "rank"),
    [
        (["1", "exp(20.01)"], 1),
        (["exp(0.3147)", "exp(1.2345)"], 1),
        (["tanh(0.3147)", "sigmoid(-7.7123)"], 1),
        (["log(1.0037)", "erf(0.3147)", "softplus(2.7182)"], 1),
    ],
)
def test_equal_and_proportional_rows_of_decimals(row: list[str], rank: int) -> None:
    twice = [f"2*({entry})" for entry in row]
    for other in (row, twice):
        found = hr.rank([row, other])
        assert int(found) == rank and found.status == "certified"
        found = hr.rank([list(pair) for pair in zip(row, other, strict=True)])
        assert int(found) == rank and found.status == "certified"


def test_a_sum_of_other_columns() -> None:
    rows = [
        [f"exp({q})", f"tanh({q})", f"exp({q}) - 3*tanh({q})"] for q in ("0.3147", "-5.021", "9")
    ]
    found = hr.rank(rows)
    assert int(found) == 2 and found.status == "certified"


def test_free_letters_bound_from_above_only() -> None:
    """[[e, e²], [1, e]] with both free has rank 2, at the point 1."""

    def rows(f):
        e, square = (f.function("exp", fmpq(k)) for k in (1, 2))
        return [[e, square], [fmpq(1), e]]

    assert free_upper(rows, (2, 2)) is None  # nothing less than 2 with free letters
    assert int(hr.rank([["exp(1)", "exp(2)"], [1, "exp(1)"]])) == 1
    # the same with exponents beyond what is multiplied out
    found = hr.rank([["exp(20.01)", "exp(40.02)"], [1, "exp(20.01)"]])
    assert int(found) == 1 and found.status in ("certified", "probabilistic")
    found = hr.rank([["tanh(2.0002)*(1 + tanh(1.0001)**2)", "2*tanh(1.0001)"], [1, 1]])
    assert int(found) == 1
    found = hr.rank([["sin(0.6294)", "2*sin(0.3147)"], ["cos(0.3147)", 1]])
    assert int(found) == 1
    found = hr.rank([["tanh(2.0002)*(1 + tanh(1.0001)**2)", "2*tanh(1.0002)"], [1, 1]])
    assert int(found) == 2 and found.status == "certified"


def test_softmax_of_two_decimal_logits() -> None:
    model = hr.Model.from_expressions(outputs=["a", "b"], parameters="a b", inputs="")
    problem = hr.Problem(model, hr.Data([[]], [[1, 0]]), "softmax-cross-entropy")
    here = problem.at({"a": "0.3147", "b": "-0.7712"})
    for name in ("loss-hessian", "gauss-newton", "hessian"):
        found = here.rank(name)
        assert int(found) == 1 and found.status == "certified"


def test_a_duplicated_neuron_at_a_decimal() -> None:
    """X8 at u = w = 0.3147: rank J is that of two columns."""
    model = hr.Model.from_expressions(["a*tanh(u*x) + b*tanh(w*x)"], "a b u w", "x")
    here = hr.Problem(model, hr.Data([1, 2, 3], [0, 0, 0])).at(
        {"a": 1, "b": 2, "u": "0.3147", "w": "0.3147"}
    )
    J = here.rank("jacobian")
    assert int(J) == 2 and J.status == "certified"
    assert int(here.rank("gauss-newton")) == 2


@pytest.mark.parametrize("dead", ["w2_1_1", "w2_1_2"])
def test_rows_that_share_their_one_nonzero_column(dead: str) -> None:
    """[2,2,1] tanh with W2 = [[0, 5/4]]: three rows of H share a column, so rank H = 7 of 9."""
    net = hr.mlp([2, 2, 1], "tanh")
    point = dict.fromkeys(net.parameters, "5/4")
    point |= {"w1_1_1": "1/2", "w1_2_1": "1/3", "w1_2_2": -1, "b1_1": "1/5", dead: 0}
    data = hr.Data([[1, 2], [0, 1], [1, 1], ["1/2", 3]], [1, 0, 0, 2])
    found = hr.Problem(net, data).at(point).rank("hessian")
    assert (found.lower, found.upper, found.status) == (7, 7, "certified")


# --- entries that do not exist ------------------------------------------------------------------


@pytest.mark.parametrize(
    "entry",
    [
        "1/(exp(0.3147) - exp(0.3147))",
        "1/(exp(20.01)*exp(20.01) - exp(40.02))",
        "log(-0.3147)",
        "log(tanh(-0.3147))",
    ],
)
def test_no_bound_where_an_entry_does_not_exist(entry: str) -> None:
    matrix = [[entry, "exp(0.3147)"], [entry, "exp(0.3147)"]]
    try:
        found = hr.rank(matrix)
    except DomainError:
        return
    assert not found.decided  # nothing is claimed of a matrix that is not known to exist


# --- against mpmath -----------------------------------------------------------------------------

decimals = st.integers(-3000, 3000).filter(bool).map(lambda n: Fraction(n, 1000))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bounds_hold_for_random_matrices_with_planted_relations(data: st.DataObject) -> None:
    """Columns f_i(q), and combinations of them that vanish by a textbook identity."""
    rows, values = [], []
    plant = data.draw(st.sampled_from(["power", "double", "angle", "log", "none"]))
    name = data.draw(st.sampled_from([f for f in FUNCTIONS if f not in ("log", "sqrt")]))
    for _ in range(3):
        q, s = data.draw(decimals), data.draw(decimals)
        extra = {
            "power": (f"exp({q})*exp({s})", f"exp({q + s})"),
            "double": (f"2*tanh({q})/(1 + tanh({q})**2)", f"tanh({2 * q})"),
            "angle": (f"2*sin({q})*cos({q})", f"sin({2 * q})"),
            "log": (f"softplus({q}) - softplus(-({q}))", f"{q}"),
            "none": (f"exp({q})", f"tanh({s})"),
        }[plant]
        rows.append([*extra, f"{name}({s})"])
        values.append([evaluate(text) for text in rows[-1]])
    expected = mp_rank(values)
    found = hr.rank(rows)
    assert found.lower <= expected <= found.upper, rows
    assert found.decided, (rows, found)


def evaluate(text: str) -> mpmath.mpf:
    """The value at 120 digits."""
    with mpmath.workdps(120):
        return evaluate_in([parse(text, set(), "test")], Mpmath(), {})[0]


class Mpmath:
    """The ring of mpmath's numbers."""

    @staticmethod
    def number(q: Fraction) -> mpmath.mpf:
        return mpmath.mpf(q.numerator) / q.denominator

    @staticmethod
    def power(base: mpmath.mpf, exponent: Fraction) -> mpmath.mpf:
        return base ** (mpmath.mpf(exponent.numerator) / exponent.denominator)

    @staticmethod
    def function(name: str, *args: mpmath.mpf) -> mpmath.mpf:
        return (MPMATH.get(name) or getattr(mpmath, name))(*args)


# --- the two rings ------------------------------------------------------------------------------


def values_of(ring, name: str, z: Fraction):
    plus, minus = (ring.number(q) for q in (z, -z))
    return ring.function(name, plus), ring.function(name, minus)


def is_zero(value) -> bool:
    return value == 0 if not hasattr(value, "value") else value.value == 0


@pytest.mark.parametrize("make", [FreeField, lambda: ResidueRing(PRIME, random.Random(1), 1000)])
@pytest.mark.parametrize("z", [Fraction(3147, 1000), Fraction(-1, 2), Fraction(20)])
def test_textbook_identities_hold_in_both_rings(make, z: Fraction) -> None:
    ring = make()
    for name, relation in {
        "exp": lambda a, b: a * b - 1,
        "sigmoid": lambda a, b: a + b - 1,
        "softplus": lambda a, b: a - b - ring.number(z),
        "cos": lambda a, b: a - b,
        "cosh": lambda a, b: a - b,
        **dict.fromkeys(("tanh", "sin", "tan", "sinh", "erf"), lambda a, b: a + b),
    }.items():
        assert is_zero(relation(*values_of(ring, name, z))), name
    (c, _), (s, _), (t, _) = (values_of(ring, n, z) for n in ("cos", "sin", "tan"))
    assert is_zero(c * c + s * s - 1) and is_zero(t * c - s)
    (c, _), (s, _) = (values_of(ring, n, z) for n in ("cosh", "sinh"))
    assert is_zero(c * c - s * s - 1)
    # and what is no identity is not 0
    a, b = values_of(ring, "tanh", z)
    assert not is_zero(a - b) and not is_zero(a * a - 1) and not is_zero(c - s)


def test_independence_is_claimed_of_exponentials_of_rationals_alone() -> None:
    for name, expected in {
        "exp": True,
        "tanh": True,
        "sin": True,
        "softplus": False,
        "erf": False,
    }.items():
        ring = ResidueRing(PRIME, random.Random(0), 10)
        ring.function(name, ring.number(Fraction(3, 10)))
        assert ring.independent is expected
    ring = ResidueRing(PRIME, random.Random(0), 10)
    ring.function("exp", ring.function("exp", ring.number(Fraction(3, 10))))
    assert not ring.independent
    with pytest.raises(Refine):
        ring.function("exp", ring.number(Fraction(1, 7)))


def test_residues_find_the_rank_of_forms() -> None:
    """Vandermonde's matrix in e^{q_i} is regular for distinct q_i, of rank 3 for two equal."""
    points = [Fraction(n, 1000) for n in (3147, -12, 991, 5)]

    def rows(points):
        def entries(ring):
            found = []
            for q in points:
                e = ring.function("exp", ring.number(q))
                found.append([ring.number(1), e, e * e, e * e * e])
            return found

        return entries

    full = residue_bounds(rows(points), (4, 4))
    assert full.rank == 4 and full.independent
    less = residue_bounds(rows([*points[:3], points[0]]), (4, 4))
    assert less.rank == 3 and less.failure_log2 < -100


# --- natural problems ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["natural", "duplicated-unit", "repeated-example", "zero-outgoing"]
)
@pytest.mark.parametrize("activation", ["tanh", "softplus", "gelu", "sin"])
def test_natural_problems_are_decided_and_agree_with_the_measured_rank(
    kind: str, activation: str
) -> None:
    from benchmarks.natural_problems import problem

    for seed, (loss, hidden) in enumerate(
        [
            ("half-squared", [2, 2]),
            ("softmax-cross-entropy", [1, 3]),
            ("binary-cross-entropy", [1, 4]),
        ]
    ):
        here, spec = problem(activation, loss, hidden, seed, kind)
        for name in ("jacobian", "hessian"):
            found = here.rank(name)
            assert found.decided, (spec, found)
            measured = here.numeric_rank(name)
            assert measured.ambiguous or measured.lower <= int(found) <= measured.upper, spec
