"""Where ranks fall: conditions known from the literature, and the definition itself on a grid.

Two tanh units are redundant where u = ±w, where an inner weight is 0 or an outer one is (Sussmann,
Neural Networks 5, 1992); with three inputs it takes two of the latter, or the former.
"""

from itertools import product

import pytest

from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.rank import rank
from hessrank.symbolic.ranks.rank_locus import rank_locus


def problem(output, parameters, xs):
    model = Model.from_expressions([output], parameters, "x")
    return Problem(model, Data(x=[[x] for x in xs], y=[[0]] * len(xs)))


def shown(locus):
    return {frozenset(map(str, c)) for c in locus.components}


TWO_TANH = problem("a*tanh(u*x) + b*tanh(w*x)", "a b u w", [1, 2, 3])

PROBLEMS = {
    "two tanh units": TWO_TANH,
    "two tanh units on two inputs": problem("a*tanh(u*x) + b*tanh(w*x)", "a b u w", [1, 2]),
    "two exponentials": problem("a*exp(u*x) + b*exp(w*x)", "a b u w", [0, 1, 2, 3]),
    "two sigmoids": problem("a*sigmoid(u*x) + b*sigmoid(w*x)", "a b u w", [1, 2]),
    "one softplus unit": problem("a*softplus(u*x)", "a u", [1, 2]),
    "a product": problem("a*b*x", "a b", [1, 2]),
    "a quadratic unit": problem("a*(u*x + v)**2", "a u v", [0, 1, 2]),
    "a deep linear chain": problem("a*b*c*x", "a b c", [1]),
}


def test_the_locus_of_two_tanh_units():
    assert shown(rank_locus(TWO_TANH)) == {
        frozenset(c)
        for c in (
            {"u = w"},
            {"u = -w"},
            {"w = 0", "a = 0"},
            {"w = 0", "b = 0"},
            {"u = 0", "a = 0"},
            {"a = 0", "b = 0"},
            {"u = 0", "b = 0"},
        )
    }


def test_exponentials_fall_at_equal_rates_or_no_weight():
    """Exponentials of different rates are independent, with their derivatives (confluent
    Vandermonde): the only conditions are a = 0, b = 0 and u = w."""
    locus = rank_locus(PROBLEMS["two exponentials"])
    assert shown(locus) == {frozenset({c}) for c in ("a = 0", "b = 0", "u = w")}
    assert {str(c) for c in locus.hypersurfaces} == {"a = 0", "b = 0", "u = w"}


@pytest.mark.parametrize("name", list(PROBLEMS))
def test_the_rank_falls_exactly_there(name):
    """The definition, on a grid with many special points: the rank at a point is below the generic
    one if and only if all conditions of some component hold."""
    here = PROBLEMS[name]
    locus = rank_locus(here)
    names = here.model.parameters
    for values in product((-1, 0, 1, 2), repeat=len(names)):
        point = dict(zip(names, values, strict=True))
        found = here.at(point).rank("jacobian")
        forms = {n: number(v) for n, v in point.items()}
        falls = any(
            all(rank([substitute([c.difference], forms)]).upper == 0 for c in component)
            for component in locus.components
        )
        assert found.decided
        assert (int(found) < int(locus.generic)) == falls, point


@pytest.mark.parametrize(
    "rows, text",
    [
        ([["exp(u)", 2], [1, "exp(w)"]], "u = -w + log(2)"),
        ([["tanh(u)", "tanh(w)"], ["tanh(2*u)", "tanh(2*w)"]], "u = -w"),
        ([["u", "v"], ["v", "u"]], "u = -v"),
        ([["u**2 - 2", 1], [0, "exp(u)"]], "u**2 - 2 = 0"),
    ],
)
def test_conditions_are_read(rows, text):
    assert text in str(rank_locus(rows))


@pytest.mark.parametrize(
    "rows",
    [[["exp(u)", -2], [1, "exp(w)"]], [["exp(4*u) - exp(2*u) + 1", 0], [0, 1]], [[1, 2]], [[0]]],
)
def test_where_the_rank_never_falls(rows):
    locus = rank_locus(rows)
    assert locus.components == ()
    assert "everywhere" in str(locus)


@pytest.mark.parametrize(
    "rows, part",
    [
        ([["relu(u)", 1]], "piecewise"),
        ([["sin(u)", 1]], "sin, cos and tan"),
        ([[f"x{i}_{j}" for j in range(8)] for i in range(8)], "minors"),
        ([[f"x{i}_{j}" for j in range(30)] for i in range(3)], "minors"),
    ],
)
def test_what_is_refused(rows, part):
    with pytest.raises(InputError, match=part):
        rank_locus(rows)


def test_another_matrix_of_a_problem():
    """H of ½(ab − y)² is [[b², 2ab − y], [2ab − y, a²]]: det = a²b² − (2ab − y)², here y = 0."""
    model = Model.from_expressions(["a*b"], "a b", "x")
    here = Problem(model, Data(x=[[1]], y=[[0]]))
    assert shown(rank_locus(here, "hessian")) == {frozenset({"a = 0"}), frozenset({"b = 0"})}
    with pytest.raises(InputError):
        rank_locus(here, "jacobi")


def test_exponentials_of_rational_numbers_meet_no_rational_number():
    """The minors are eᵛ(1 − u·(eᵘ − 1)), eᵛ(1 − u) and eᵛ(eᵘ − 2): the second wants u = 1, the
    third u = log 2, so they never vanish together (e is irrational)."""
    locus = rank_locus([["1", "u*exp(v)"], ["exp(u) - 1", "exp(v)"], ["1", "exp(v)"]])
    assert locus.components == ()
