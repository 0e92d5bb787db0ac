"""Spectra along y = F − t·r: against the pencil JᵀAJ + tS in SymPy and NumPy."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

import hessrank as hr
from hessrank.proofs.experiments.off_fit import duplicated_neuron, off_fit

HALF = Fraction(1, 2)


def test_labels_of_half_squared_are_f_minus_t_r() -> None:
    here = duplicated_neuron(1)
    F = here.outputs.to_numpy()[:, 0].astype(float)
    y = np.array([float(row[0].value) for row in here.problem.data.y])
    for step in off_fit(here, (Fraction(0), HALF, Fraction(1))).steps:
        labels = np.array([float(row[0].value) for row in step.here.problem.data.y])
        assert np.allclose(labels, F - float(step.t) * (F - y))


def _pencil(here: hr.Landscape, t: Fraction) -> sympy.Matrix:
    """JᵀAJ + t·Σ r_m∇²F_m from SymPy's own derivatives, of a tanh net at rational e^{2z}."""
    a, b, u, w = sympy.symbols("a b u w")
    x = [1, 2, 3]
    F = [a * sympy.tanh(u * v) + b * sympy.tanh(w * v) for v in x]
    at = {a: 1, b: 2, u: sympy.log(3) / 2, w: sympy.log(3) / 2}
    y = [sympy.Rational(str(row[0].value)) for row in here.problem.data.y]
    total = sympy.zeros(4, 4)
    for f, target in zip(F, y, strict=True):
        g = sympy.Matrix([f.diff(v) for v in at]).subs(at)
        H = sympy.hessian(f, list(at)).subs(at)
        total += g * g.T + sympy.Rational(t.numerator, t.denominator) * ((f.subs(at) - target) * H)
    return sympy.Matrix(4, 4, [sympy.nsimplify(v.rewrite(sympy.exp).simplify()) for v in total])


@pytest.mark.parametrize("sign", [1, -1])
def test_ranks_and_signs_against_sympy(sign: int) -> None:
    here = duplicated_neuron(sign)
    path = off_fit(here)
    assert path.critical
    for step in path.steps[::4]:
        H = _pencil(here, step.t)
        values = np.linalg.eigvalsh(np.array(H.evalf(30).tolist(), dtype=float))
        assert int(step.hessian) == H.rank()
        assert step.inertia is not None
        assert step.inertia.positive == int((values > 1e-9).sum())
        assert step.inertia.negative == int((values < -1e-9).sum())
        assert np.allclose(step.eigenvalues["hessian"], values, atol=1e-9)
        assert step.bound_holds


@pytest.mark.parametrize(
    "loss", ["softmax-cross-entropy", "binary-cross-entropy", "sum-of-squares", "log-cosh"]
)
def test_the_residual_is_t_times_r_for_other_losses(loss: str) -> None:
    y = [["1/3", "2/3"], ["1/4", "3/4"]]
    net = hr.mlp([1, 2], "identity")
    here = hr.Problem(net, hr.Data([[1], [2]], y), loss=loss).at([0, 0, "1/8", 0])
    r = here.loss_gradient.to_numpy().ravel().astype(float)
    for step in off_fit(here, (Fraction(0), HALF)).steps:
        there = step.here.loss_gradient.to_numpy().ravel().astype(float)
        assert np.allclose(there, float(step.t) * r, atol=1e-12)


def test_a_minimum_may_lose_rank_on_the_way() -> None:
    """X2, F = (θ, θ²), r = (0, −1): H(t) = 2 − 2t for sum-of-squares."""
    path = off_fit(hr.read_spec("X2").landscape())
    assert [s.hessian.shown for s in path.steps] == ["1"] * 8 + ["0"]
    assert path.crossings == ((Fraction(7, 8), Fraction(1)),)
    values = [s.eigenvalues["hessian"][0] for s in path.steps]
    assert np.allclose(values, [2 - 2 * float(s.t) for s in path.steps])


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("X8", "perfect fit"),
        ("X13", "one of half-squared"),
        ("weight-decay", "regulariser"),
    ],
)
def test_what_has_no_path_is_refused(spec: str, said: str) -> None:
    with pytest.raises(hr.InputError, match=said):
        off_fit(hr.read_spec(spec).landscape())
