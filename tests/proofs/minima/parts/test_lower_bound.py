"""Bounds of closed forms, squares and inverse design at the edges of their rules; by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from landscapes import at

from hessrank.proofs.minima import lower_bound as module
from hessrank.proofs.minima.inverse_design import left_null_space, with_residual
from hessrank.proofs.minima.lower_bound import _root, attains_its_bound, bounds, zero_set
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import postorder
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.evaluation import total_loss

BOUNDS = [
    ("x*x", "0", None),
    ("tanh(x)*tanh(x)", "0", None),
    ("tanh(x)*tanh(y)", None, None),
    ("x*2", None, None),
    ("tanh(x)*3", "-3", "3"),
    ("sigmoid(x)/2", "0", "1/2"),
    ("sigmoid(x)*(-1/2)", "-1/2", "0"),
    ("x**(-4)", "0", None),
    ("1/x**3", None, None),
    ("x**(-3)", None, None),
    ("sigmoid(x)**2", "0", "1"),
    ("sigmoid(x)**3", "0", "1"),
    ("sigmoid(x)**(1/2)", "0", "1"),
    ("(1/2 + x**2)**2", "1/4", None),
    ("(1/2 + x**2)**(1/2)", "sqrt(2)/2", None),
    ("(1 - x**2)**3", None, "1"),
    ("(x**2 - 2)**3", "-8", None),
    ("(-1 - x**2)**2", "1", None),
    ("(tanh(x) - 3)**4", "16", "256"),
    ("(2 + x**2)**(-1)", "0", None),
    ("(2 - x**2)**(-2)", "0", None),
    ("exp(x)*exp(y)", "0", None),
    ("(1/2 + x**2)*(1/3 + y**2)", "1/6", None),
    ("(x**2 - 5)*(y**2 - 3)", None, None),
    ("x*(1 + y**2)", None, None),
    ("pi + x**2", "pi", None),
    ("x**2 - pi*1", "-pi", None),
    ("log(x**2 - 1)", None, None),
    ("step(x**2 - 1)", "0", "1"),
    ("step(x**2)", "0", "1"),
    ("sign(x**2)", "-1", "1"),
    ("sign(x**2 - 1)", "-1", "1"),
    ("tan(x)", None, None),
    ("cosh(1 + x**2)", "cosh(1)", None),
    ("tanh(1 + x**2)", "tanh(1)", "1"),
    ("tanh(1 - x**2)", "-1", "tanh(1)"),
    ("sin(x**2)", "-1", "1"),
    ("x**2 + log(y)", None, None),
    ("log(y) - x**2", None, None),
    ("3 - exp(x)", None, "3"),
    ("sigmoid(x) + sigmoid(y)", "0", "2"),
    ("(1 - x**2)**2", "0", None),
    ("(-1 - x**2)**(-2)", "0", None),
    ("cosh(-1 - x**2)", "cosh(1)", None),
    ("cosh(x**2 - 1)", "1", None),
    ("cosh(tanh(x) - 2)", "cosh(1)", "cosh(3)"),
    ("abs(-1 - x**2)", "1", None),
    ("abs(tanh(x) - 3)", "2", "4"),
    ("abs(x**2 - 1)", "0", None),
    ("log(cosh(x))", "0", None),
    ("log(cosh(x**2 + 3))", "log(cosh(3))", None),
    ("log(2 + x**2)", "log(2)", None),
    ("log(sigmoid(x))", None, "0"),
    ("log(x**2)", None, None),
    ("log(1 - x**2)", None, "0"),
    ("(x**2 + pi)**2", "pi**2", None),
    ("(x**2 - pi)**2", "0", None),
    ("(exp(1) + x**2)*(pi + y**2)", "exp(1)*pi", None),
    ("(exp(1) - x**2)*(pi + y**2)", None, None),
    ("(pi + x**2)**(1/2)", "sqrt(pi)", None),
]


@pytest.mark.parametrize(("form", "lo", "hi"), BOUNDS)
def test_bounds_at_the_edges_of_the_rules(form: str, lo: str | None, hi: str | None) -> None:
    found = bounds(parse(form, {"x", "y"}))
    for got, want in zip(found, (lo, hi), strict=True):
        if want is None or got is None:
            assert got is None and want is None, (form, found)
        else:
            assert sympy.simplify(sympy.sympify(str(got)) - sympy.sympify(want)) == 0, found


@pytest.mark.parametrize(
    ("form", "point", "attained"),
    [
        ("cosh(x) + 3*(y - 1)**2", {"x": 0, "y": 1}, True),
        ("cosh(x) + 3*(y - 1)**2", {"x": 0, "y": 2}, False),
        ("cosh(x) + 3*(y - 1)**2", {"x": "log(2)", "y": 1}, False),
        ("x**2 + y", {"x": 0, "y": 0}, False),
        ("exp(x**2) + abs(y)", {"x": 0, "y": 0}, True),
        ("sin(x)", {"x": "-pi/2"}, True),
        ("sin(x)", {"x": "pi/2"}, False),
        ("-cosh(x)", {"x": 0}, False),
    ],
)
def test_where_a_bound_is_attained(form: str, point: dict[str, object], attained: bool) -> None:
    found = attains_its_bound(at(form, point))
    assert (found is not None) is attained
    if found is not None:
        assert found.truth is Truth.TRUE and "which θ attains" in found.reason


@pytest.mark.parametrize("side", [-1, 0, 1])
def test_a_bound_at_a_kink_and_none_at_a_jump(side: int) -> None:
    """relu has a value at 0 whatever side is taken; step has none, also where −1 takes that of the
    left."""
    for form in ("relu(x)", "abs(x) + relu(-x)"):
        found = attains_its_bound(at(form, {"x": 0}, side=side))
        assert found is not None and found.truth is Truth.TRUE
    assert attains_its_bound(at("step(x)", {"x": 0}, side=side)) is None


def test_how_large_a_form_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    here = at("x**2 + y**4", {"x": 0, "y": 0})
    size = len(postorder([total_loss(here.problem)]))
    for most, some in ((size, True), (size - 1, False)):
        monkeypatch.setattr(module, "MAX_NODES", most)
        assert (attains_its_bound(here) is not None) is some


@pytest.mark.parametrize(
    ("form", "root"),
    [
        ("x**2", "x"),
        ("(x - y)**4", "x - y"),
        ("x**2*y**6", "x*y"),
        ("x**3", None),
        ("x**(-2)", None),
        ("x**(2/3)", None),
        ("x**(1/2)", None),
        ("x**2*y", None),
        ("x*y**2", None),
        ("x*y", None),
        ("x + y", None),
        ("exp(x)", None),
    ],
)
def test_roots_of_even_powers(form: str, root: str | None) -> None:
    found = _root(parse(form, {"x", "y"}))
    assert (None if found is None else str(found)) == root


@pytest.mark.parametrize(
    ("form", "roots"),
    [
        ("x**2 + y**4", {"x", "y"}),
        ("5 + x**2/2 + 3*y**4", {"x", "y"}),
        ("x**2 + 7 + y**2 + pi", {"x", "y"}),
        ("(x - y)**2*x**2 - 3", {"(x - y)*x"}),
        ("x**2 - y**2", None),
        ("x**2 + 0*y", {"x"}),
        ("x**2 + y", None),
        ("x**2 + (y - 1)**2", None),  # 1 at the point
        ("x**2 + y**4 + x**2*y", None),
        ("3 + 0*x", None),  # no square at all
        ("y**2*2 + x**2*y**4", {"y", "x*y"}),
    ],
)
def test_the_set_where_squares_vanish(form: str, roots: set[str] | None) -> None:
    here = at(form, {"x": 0, "y": 0})
    found = zero_set(here)
    assert (found is None) is (roots is None)
    if found is not None and roots is not None:
        forms = [sympy.expand(sympy.sympify(str(f))) for f in found.problem.model.outputs]
        assert len(forms) == len(roots)
        wanted = [sympy.expand(sympy.sympify(r)) for r in roots]
        assert all(any(f in (w, -w) for w in wanted) for f in forms)
        assert found.problem.model.parameters == ("x", "y")
        assert {n: str(v) for n, v in found.values} == {"x": "0", "y": "0"}


# --- inverse design ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outputs", "x", "point"),
    [
        (["w*p", "w**2*p"], [1, 2], {"w": 3}),
        (["w*p + v", "v*p"], [[1], ["1/2"], [-1]], {"w": 1, "v": 2}),
        (["w*v*p"], [(1,), (2,), (3,)], {"w": 1, "v": 2}),
    ],
)
def test_labels_that_make_a_point_critical(
    outputs: list[str], x: list[object], point: dict[str, object]
) -> None:
    """rᵀJ = 0 and ∇L = Jᵀr = 0 with y = F − r, by SymPy's Jacobian."""
    model = Model.from_expressions(outputs, list(point), "p")
    symbols = sympy.symbols(list(point))
    forms = [sympy.sympify(f) for f in outputs]
    inputs = [sympy.Rational(str(v[0] if isinstance(v, (list, tuple)) else v)) for v in x]
    F = sympy.Matrix([f.subs("p", v) for v in inputs for f in forms])
    there = {s: sympy.Rational(str(point[str(s)])) for s in symbols}
    J = F.jacobian(symbols).subs(there)
    basis = left_null_space(model, x, point)
    assert len(basis) == len(F) - J.rank()
    for vector in basis:
        r = sympy.Matrix([sympy.Rational(str(v)) for v in vector])
        assert (r.T * J).is_zero_matrix and any(r)
        here = with_residual(model, x, point, vector)
        flat = [sympy.Rational(str(v)) for row in here.problem.data.y for v in row]
        assert sympy.Matrix(flat) == F.subs(there) - r
        assert len(here.problem.data.y) == len(x) and here.problem.loss.name == "half-squared"
        assert all(len(row) == len(outputs) for row in here.problem.data.y)
        assert {n: str(v) for n, v in here.values} == {k: str(v) for k, v in point.items()}


def test_inputs_and_residuals_as_they_may_be_written() -> None:
    model = Model.from_expressions("w*p", "w", "p")
    for x in ([1, 2], [[1], [2]], [(1,), (2,)], ["1", "2"], [Fraction(1), "4/2"]):
        here = with_residual(model, x, {"w": 3}, [2, "-1"])
        assert [str(row[0]) for row in here.problem.data.y] == ["1", "7"]
    with pytest.raises(InputError, match="1 residuals, but M = 2"):
        with_residual(model, [1, 2], {"w": 3}, [2])
    with pytest.raises(InputError, match="oops"):
        with_residual(model, [1, 2], {"w": 3}, [2, "oops"])
