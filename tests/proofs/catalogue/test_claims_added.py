"""Claims 73 to 93 and theorems T9 to T17: the verdicts that CLAIMS.md believes, the examples that
it names recomputed with SymPy, and the theorems on random landscapes."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from words import plain

import hessrank as hr
from hessrank.proofs.catalogue import CLAIMS, find
from hessrank.proofs.reasoning.claim import Settled
from hessrank.proofs.reasoning.statement import Outcome
from hessrank.specs.writer import dumps
from hessrank.verification import claims_on

#: As written, strong, best: TRUE and FALSE of CLAIMS.md; None where there is no such form.
BELIEVED = {
    73: ("true", None, "true"),
    74: ("refuted", None, "true"),  # TRUE at r = 0, A ≻ 0
    75: ("true", None, None),
    76: ("true", "refuted", None),
    77: ("true", None, None),
    81: ("true", None, None),
    83: ("true", None, None),
    84: ("refuted", None, "true"),  # FALSE where the generic rank is below N
    86: (None, None, "true"),
    87: ("true", None, None),
    88: ("true", None, None),
    89: ("true", None, None),
    90: ("true", "refuted", None),  # TRUE on the input side, FALSE on the other
    91: ("true", None, None),
    92: (None, None, "true"),
    93: ("true", None, None),
}
THEOREMS = ("T9", "T10", "T11", "T12", "T13", "T14", "T15", "T16", "T16-ranks", "T17", "T17-ranks")


@pytest.mark.parametrize("number", BELIEVED)
def test_verdicts_are_the_believed_ones(settled: dict[str, Settled], number: int) -> None:
    found = settled[find(number).id]
    assert (plain(found.as_written), plain(found.strong), plain(found.best)) == BELIEVED[number]


@pytest.mark.parametrize("id", THEOREMS)
def test_theorems_are_proved_with_a_check_and_agree(settled: dict[str, Settled], id: str) -> None:
    found = settled[id]
    assert found.best is not None and found.best.verdict == "true"
    assert len(found.best.confirmations) >= 2 and not found.best.counterexamples


def test_t17_is_sharp_in_the_last_hidden_layer() -> None:
    """relu [2, 2, 2, 1] on six examples: ranks of J and H of the polynomial that L is near θ, by
    SymPy, and L at random points near θ, in floats."""
    theta, names = [-2, 1, 0, 2, 2, 2, 1, -1, 1, 1], sympy.symbols("t0:10")
    x = [[-2, 1], [1, 3], [2, 3], [-3, 3], [-1, -1], [0, 2]]
    y = ["69/4", "109/8", "49/4", "395/12", "5/2", "195/16"]

    def layers(t, point, on):
        """The output, each preactivation kept where on(it) says so."""
        a = [on(t[0] * point[0] + t[1] * point[1]), on(t[2] * point[0] + t[3] * point[1])]
        b = [on(t[4] * a[0] + t[5] * a[1]), on(t[6] * a[0] + t[7] * a[1])]
        return t[8] * b[0] + t[9] * b[1]

    at = dict(zip(names, theta, strict=True))

    def piece(z):
        value = sympy.sympify(z).subs(at)
        assert value != 0
        return z if value > 0 else sympy.Integer(0)

    F = sympy.Matrix([layers(names, point, piece) for point in x])
    L = sum((f - sympy.Rational(v)) ** 2 for f, v in zip(F, y, strict=True))
    J, H = F.jacobian(names).subs(at), sympy.hessian(L, names).subs(at)
    assert sympy.Matrix([L]).jacobian(names).subs(at).is_zero_matrix
    assert (J.rank(), H.rank()) == (5, 6)
    rng = np.random.default_rng(0)
    labels = np.array([float(sympy.Rational(v)) for v in y])

    def loss(t):
        outputs = [layers(t, point, lambda z: np.maximum(z, 0)) for point in x]
        return sum((f - v) ** 2 for f, v in zip(outputs, labels, strict=True))

    least = loss(np.array(theta, dtype=float))
    for scale in (1e-2, 1e-3):
        near = np.array(theta)[:, None] + scale * rng.normal(size=(10, 2000))
        assert (loss(near) >= least - 1e-12 * least).all()
    found = hr.labels(hr.mlp([2, 2, 2, 1], "relu", bias=False), x, theta, "mse")
    assert found.more.exists.value == "true" and int(found.more.rank_hessian) == 6


def test_t16_is_sharp_in_the_number_of_outputs() -> None:
    """CLAIMS.md: linear [3, 2, 3], x = I, y = 2I, W1 = (e₁, e₂), W2 = 2(e₁, e₂): rank J 8, rank
    H 6; recomputed with SymPy from L = ½|W2 W1 − 2I|²."""
    names = [sympy.Matrix(2, 3, lambda i, j: sympy.Symbol(f"a{i}{j}")),
             sympy.Matrix(3, 2, lambda i, j: sympy.Symbol(f"b{i}{j}"))]  # fmt: skip
    F = list(names[1] * names[0] - 2 * sympy.eye(3))
    theta = [*names[0], *names[1]]
    at = dict(zip(theta, [1, 0, 0, 0, 1, 0, 2, 0, 0, 2, 0, 0], strict=True))
    J = sympy.Matrix(F).jacobian(theta).subs(at)
    H = sympy.hessian(sum(f**2 for f in F) / 2, theta).subs(at)
    assert (J.rank(), H.rank()) == (8, 6)
    (here,) = [i.subject for i in find("T16").instances(()) if i.id == "linear [3, 2, 3], K = 3"]
    assert (int(here.rank("jacobian")), int(here.rank("hessian"))) == (8, 6)
    found = claims_on(here, "T16-ranks")["T16-ranks"]["best"]
    assert found is not None and found.outcome is Outcome.NOT_APPLICABLE


small = st.integers(-2, 2)


@settings(deadline=None, max_examples=30)
@given(st.data(), st.sampled_from(["relu", "leaky-relu", "identity"]), st.booleans())
def test_t16_at_critical_points_with_residual(
    data: st.DataObject, activation: str, bias: bool
) -> None:
    """A net of one hidden layer fitted by its output layer: θ with outgoing weights 0 and the mean
    as output; and a single linear piece through least squares."""
    D = data.draw(st.integers(2, 4))
    x = [[data.draw(small), data.draw(small)] for _ in range(D)]
    y = [[data.draw(small)] for _ in range(D)]
    model = hr.mlp([2, 2, 1], activation, bias=bias)
    values = {n: data.draw(small) for n in model.parameters}
    for n in values:
        if n.startswith("w2_"):
            values[n] = 0
    if bias:
        values["b2_1"] = sympy.Rational(sum(v for (v,) in y), D)
    here = hr.Problem(model, hr.Data(x, y)).at({n: str(v) for n, v in values.items()})
    try:
        finding = claims_on(here, "T16-ranks")["T16-ranks"]["best"]
    except hr.HessrankError:
        assume(False)
    assert finding is not None and finding.outcome is not Outcome.FAILS, dumps(here)


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(["relu", "identity", "square", "cube"]), st.booleans())
def test_no_theorem_fails_on_random_landscapes(
    data: st.DataObject, activation: str, fit: bool
) -> None:
    """Every form that is true or cited, at random points, fitted or not."""
    widths = data.draw(st.sampled_from([[1, 1, 1], [2, 2, 1], [1, 2, 2], [2, 1, 1, 1]]))
    model = hr.mlp(widths, activation, bias=data.draw(st.booleans()))
    D = data.draw(st.integers(1, 3))
    x = [[data.draw(small) for _ in range(widths[0])] for _ in range(D)]
    point = {n: data.draw(small) for n in model.parameters}
    loss = data.draw(st.sampled_from(["half-squared", "quartic", "sum-of-squares", "mean-squared"]))
    blank = hr.Problem(model, hr.Data(x, [[0] * widths[-1]] * D), loss).at(point)
    try:
        K = widths[-1]
        flat = [str(v) for row in blank.outputs.fractions() for v in row]
        flat = flat if fit else [str(data.draw(small)) for _ in range(D * K)]
        rows = [flat[i * K : (i + 1) * K] for i in range(D)]
        here = hr.Problem(model, hr.Data(x, rows), loss).at(point)
        found = claims_on(here)
    except hr.HessrankError:
        return
    proved = {c.id: [n for n, f in c.forms.items() if f.proof] for c in CLAIMS}
    for id, forms in found.items():
        for name in proved[id]:
            finding = forms[name]
            assert finding is None or finding.outcome is not Outcome.FAILS, (id, name, dumps(here))
