"""All labels at a point: the known rows, and random label vectors as an independent check.

The rows' verdicts are derived by hand or come from a prototype in plain fractions; H and J are
recomputed from textbook forward passes by automatic differentiation.
"""

from __future__ import annotations

import random
from fractions import Fraction

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, note, settings
from hypothesis import strategies as st

from hessrank.proofs.counterexamples.label_space import label_space
from hessrank.proofs.counterexamples.labels import Labels, labels
from hessrank.proofs.minima.minimum import minimum
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from oracles.textbook import ACTIVATIONS


class Net:
    """Σ a_i σ(w_i x + b_i); for tanh w = log(w)/2 and b = log(b)/2, so that all values are
    rational."""

    def __init__(self, kind, a, w, b, x):
        self.kind, self.a, self.w, self.b, self.x = kind, a, w, b, x

    def model(self):
        h = len(self.a)
        inner = [f"w{i}*x + b{i}" if self.b else f"w{i}*x" for i in range(h)]
        form = {"tanh": "tanh({})", "square": "({})**2", "identity": "({})"}
        call = form.get(self.kind, self.kind + "({})")
        text = " + ".join(f"a{i}*" + call.format(z) for i, z in enumerate(inner))
        letters = "awb" if self.b else "aw"
        return Model.from_expressions([text], [f"{c}{i}" for c in letters for i in range(h)], "x")

    def point(self):
        shown = (lambda q: f"log({q})/2") if self.kind == "tanh" else str
        values = [map(str, self.a), map(shown, self.w), map(shown, self.b or ())]
        return dict(zip(self.model().parameters, (v for part in values for v in part), strict=True))

    def theta(self):
        inner = (lambda q: np.log(q) / 2) if self.kind == "tanh" else float
        return np.array([*map(float, self.a), *map(inner, self.w), *map(inner, self.b or ())])

    def outputs(self, t):
        h, x = len(self.a), np.array(self.x, dtype=float)
        bias = t[2 * h :] if self.b else anp.zeros(h)
        return sum(t[i] * ACTIVATIONS[self.kind](t[h + i] * x + bias[i]) for i in range(h))

    def labels(self) -> Labels:
        return labels(self.model(), self.x, self.point())

    def loss(self, y):
        return lambda t: anp.sum((self.outputs(t) - y) ** 2) / 2


#: name: the net, rank J, rank H > rank J (its rank, False), the same for rank H < rank J.
ROWS = {
    "tanh duplicated": (Net("tanh", [1, 2], [3, 3], None, [1, 2, 3]), 2, 3, False),
    "tanh duplicated, biases": (
        Net("tanh", [1, 2], [3, 3], [2, 2], [-2, -1, 1, 2, 3]),
        3,
        False,
        False,
    ),
    "tanh tripled": (Net("tanh", [1, 2, 3], [3, 3, 3], None, [1, 2, 3, 4]), 2, 4, None),
    "tanh tripled, signs": (
        Net("tanh", [1, 2, -1], [3, 3, 3], None, [1, 2, 3, 4]),
        2,
        False,
        False,
    ),
    "square duplicated": (Net("square", [1, 2], [1, 1], None, [1, 2, 3]), 1, False, False),
    "relu duplicated": (Net("relu", [1, 2], [1, 2], [1, -3], [-3, 1, 2, 3, 5]), 3, False, False),
    "identity": (Net("identity", [1, 2], [1, 1], None, [1, 2, 3]), 1, False, False),
    "tanh [1,1,1]": (Net("tanh", [1], [3], None, [1, 2, 3, 4]), 2, False, 1),
    "tanh [1,1,1], biases": (Net("tanh", [1], [3], [2], [1, 2, 3, -1, -3, -2, 4]), 3, False, 2),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_table(name):
    net, rank_jacobian, more, fewer = ROWS[name]
    found = net.labels()
    assert int(found.rank_jacobian) == rank_jacobian
    for answer, expected in ((found.more, more), (found.fewer, fewer)):
        if expected is None:
            assert answer.exists is Truth.UNDECIDED
        elif expected is False:
            assert answer.exists is Truth.FALSE and answer.labels is None, answer.why
        else:
            assert answer.exists is Truth.TRUE, answer.why
            assert int(answer.rank_hessian) == expected
            _independently(net, answer)


def _independently(net, answer):
    """Gradient, ranks and the minimum by automatic differentiation of the textbook forward pass."""
    y = np.array([float(Fraction(str(row[0]))) for row in answer.labels])
    L, theta = net.loss(y), net.theta()
    assert np.abs(autograd.grad(L)(theta)).max() < 1e-9
    values = np.linalg.eigvalsh(autograd.hessian(L)(theta))
    assert values.min() > -1e-9
    assert (values > 1e-7).sum() == int(answer.rank_hessian)
    rng = np.random.default_rng(0)
    for scale in (1e-1, 1e-2):
        for _ in range(200):
            step = rng.normal(size=len(theta)) * scale / 10
            assert L(theta + step) > L(theta) - 1e-12


def test_square_with_biases_duplicated():
    """K₀ has dimension 3: two rescalings and a shift between the outgoing weights, certified flat
    as symmetries of a network whose output bias is fixed."""
    net = mlp([1, 2, 1], "square", fixed={"b2_1": 0})
    values = {"w1_1_1": 1, "w1_2_1": 1, "b1_1": 1, "b1_2": 1, "w2_1_1": 1, "w2_1_2": 2}
    found = labels(net, [-1, 1, 2, 3, 4], values)
    assert int(found.rank_jacobian) == 2
    assert found.more.exists is Truth.TRUE and int(found.more.rank_hessian) == 3
    same = Net("square", [1, 2], [1, 1], [1, 1], [-1, 1, 2, 3, 4])
    _independently(same, found.more)


@pytest.mark.parametrize("name", [n for n, row in ROWS.items() if False in row[2:] and row[1]])
def test_no_random_label_contradicts_none(name):
    net, rank_jacobian, more, fewer = ROWS[name]
    theta = net.theta()
    F, J = net.outputs(theta), autograd.jacobian(net.outputs)(theta)
    u, s, _ = np.linalg.svd(J)
    assert (s > 1e-9).sum() == rank_jacobian
    second = autograd.jacobian(autograd.jacobian(net.outputs))(theta)
    left = u[:, rank_jacobian:]
    rng, seen = np.random.default_rng(1), 0
    assert left.shape[1] > 0 and F.shape == (len(net.x),)
    for _ in range(4000):
        r = left @ rng.normal(size=left.shape[1]) * 10 ** rng.uniform(-3, 2)
        values = np.linalg.eigvalsh(J.T @ J + np.tensordot(r, second, 1))
        top = np.abs(values).max()
        if values.min() > -1e-10 * top:
            seen += 1
            assert more is not False or (values > 1e-7 * top).sum() <= rank_jacobian
            assert fewer is not False or (values > 1e-13 * top).sum() >= rank_jacobian
    assert seen or "signs" in name or "biases" in name or "relu" in name


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        # H ⪰ 0 and uᵀHu = 0 force Hu = 0 in all coordinates: no gain, though the form is feasible
        (["p", "a**2/2 + p*b"], "p a b"),
        # and so on each smaller face: H(c) has the minor −c₂²
        (["p", "a**2/2 + p*b", "a*b"], "p a b"),
    ],
)
def test_flat_directions_vanish_in_all_coordinates(outputs, names):
    model = Model.from_expressions(outputs, names)
    found = labels(model, [[]], dict.fromkeys(names.split(), 0))
    assert found.more.exists is Truth.FALSE


def test_a_gain_that_only_a_cubic_term_spoils_is_not_given():
    # R(c) = c·diag(1, 0): b is flat to second order, but the cubic b³ has the same factor c
    model = Model.from_expressions(["a**2/2 + b**3"], "a b")
    assert labels(model, [[]], {"a": 0, "b": 0}).more.exists is Truth.FALSE
    assert (
        labels(Model.from_expressions(["a**2/2 + b**4"], "a b"), [[]], {"a": 0, "b": 0}).more.exists
        is not Truth.FALSE
    )


@pytest.mark.parametrize(
    "loss", ["sum-of-squares", "mean-squared", "log-cosh", "binary-cross-entropy"]
)
def test_one_answer_serves_every_loss_with_small_residuals(loss):
    net = ROWS["tanh duplicated"][0]
    found = labels(net.model(), net.x, net.point(), loss)
    assert found.more.exists is Truth.TRUE and int(found.more.rank_hessian) == 3
    assert found.more.here.problem.loss.name == loss
    none = ROWS["tanh tripled, signs"][0]
    assert labels(none.model(), none.x, none.point(), loss).more.exists is Truth.FALSE


def test_weighted_squared():
    net = ROWS["tanh duplicated"][0]
    W = Loss.weighted([[2, 1, 0], [1, 2, 0], [0, 0, 1]])
    found = labels(net.model(), net.x, net.point(), W)
    assert found.more.exists is Truth.TRUE
    indefinite = Loss.weighted([[1, 0, 0], [0, -1, 0], [0, 0, 1]])
    assert labels(net.model(), net.x, net.point(), indefinite).more.exists is Truth.UNDECIDED


def test_softmax_counts_over_the_centred_jacobian():
    # logits (t, t, t): rank PJ = 0 < rank J = 1, so y = p has rank H = 0 (X15)
    same = labels(
        Model.from_expressions(["t", "t", "t"], "t"), [[]], {"t": 0}, "softmax-cross-entropy"
    )
    assert same.fewer.exists is Truth.TRUE and int(same.fewer.rank_hessian) == 0
    # logits (t², 0): r = (r₁, −r₁) with r₁ > 0 bends t: rank H = 1 > rank J = 0
    bent = labels(
        Model.from_expressions(["t**2", "0"], "t"), [[]], {"t": 0}, "softmax-cross-entropy"
    )
    assert bent.more.exists is Truth.TRUE and int(bent.more.rank_hessian) == 1
    assert sum(Fraction(str(v)) for v in bent.more.labels[0]) == 1
    linear = mlp([1, 2, 1], "identity")
    point = dict.fromkeys(linear.parameters, 1)
    one = labels(linear, [1, 2], point, "softmax-cross-entropy")
    assert one.fewer.exists is Truth.TRUE  # one class: L is constant and T16 does not apply


@pytest.mark.parametrize(
    ("outputs", "factors"), [(["t**2"], [1]), (["7*t**2/2", "3*t**2"], [3.5, 3])]
)
def test_labels_of_log_cosh_have_residuals_below_one(outputs, factors):
    # r = ∇ℓ = tanh(o − y): the entries of the first c that is tried are 1, which no labels reach;
    # with r = (1/2, 0), y = −artanh(1/2) = −log(3)/2
    found = labels(Model.from_expressions(outputs, "t"), [[]], {"t": 0}, "log-cosh")
    values = {"(-1/2)*log(3)": -np.log(3) / 2, "0": 0.0}
    y = [values[str(v)] for v in found.more.labels[0]]

    def loss(t):
        return sum(anp.log(anp.cosh(a * t**2 - v)) for a, v in zip(factors, y, strict=True))

    assert abs(autograd.grad(loss)(0.0)) < 1e-12 < autograd.grad(autograd.grad(loss))(0.0)
    assert found.more.exists is Truth.TRUE and int(found.more.rank_hessian) == 1


def test_residuals_that_no_labels_have_are_refused():
    space = label_space(
        labels(Model.from_expressions(["t", "t"], "t"), [[]], {"t": 0}, "log-cosh").here
    )
    for v in (1, -1, 2, -3):
        with pytest.raises(InputError, match="between"):
            space.labels([fmpq(v), fmpq(-v)])


def test_other_losses_are_left_open():
    model = Model.from_expressions("t**2", "t")
    assert labels(model, [[]], {"t": 0}, "quartic").more.exists is Truth.UNDECIDED


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_random_labels_never_contradict_an_answer(seed):
    """Random quadratic maps at 0 and random critical labels: where a label vector makes 0 a
    certified local minimum with another rank than J, the answer is not "none"."""
    rng = random.Random(seed)
    names = "stu"[: rng.randint(1, 3)]
    monomials = [*names, *(f"{a}*{b}" for a in names for b in names)]
    outputs = [
        " + ".join(f"({rng.choice([-2, -1, 0, 0, 0, 1, 2])})*{m}" for m in monomials)
        for _ in range(rng.randint(1, 4))
    ]
    note(f"outputs {outputs}, parameters {names}, at 0")
    model = Model.from_expressions(outputs, list(names))
    found = labels(model, [[]], dict.fromkeys(names, 0))
    rank = int(found.rank_jacobian)
    for answer, above in ((found.more, True), (found.fewer, False)):
        if answer.exists is Truth.TRUE:
            assert minimum(answer.here).local.truth is Truth.TRUE
            assert int(answer.rank_hessian) != rank
            assert (int(answer.rank_hessian) > rank) is above
    space = label_space(found.here)
    for _ in range(12):
        c = [fmpq(rng.randint(-3, 3), rng.choice([1, 2, 5])) for _ in space.residuals]
        here = space.at(space.residual(c))
        H = here.hessian.inertia
        if H.negative or H.rank == rank:
            continue
        if minimum(here).local.truth is Truth.TRUE:
            answer = found.more if H.rank > rank else found.fewer
            assert answer.exists is not Truth.FALSE, answer.why


@pytest.mark.parametrize(
    ("kind", "widths", "theorem"),
    [
        ("relu", [1, 2, 1], "T16"),
        ("identity", [1, 2, 1], "T16"),
        ("leaky-relu", [1, 2, 1], "T16"),
        ("identity", [1, 1, 2, 1], "T17"),
        ("relu", [1, 2, 1, 1], "T17"),
    ],
)
def test_the_theorem_agrees_with_the_inequality(kind, widths, theorem):
    """T16 and T17 answer for networks; the same function as closed forms goes through the
    inequality."""
    rng = random.Random(3)
    for _ in range(4):
        net = mlp(widths, kind)
        at = {n: Fraction(rng.choice([-3, -2, 1, 2]), rng.choice([1, 3])) for n in net.parameters}
        x = [Fraction(v, 7) for v in rng.sample(range(-9, 10), 5)]
        proved = labels(net, x, at)
        assert theorem in proved.more.why and theorem in proved.fewer.why
        plain = Model.from_expressions(net.outputs, net.parameters, net.inputs)
        tried = labels(plain, x, at)
        for answer in (tried.more, tried.fewer):
            assert answer.exists is not Truth.TRUE


@pytest.mark.parametrize("x", [10, 1_000_000])
@pytest.mark.parametrize("widths", [[1, 2], [1, 3]])
def test_labels_of_far_logits_are_undecided_and_no_error(widths: list[int], x: int) -> None:
    """That y = p, for which rank H = rank PJ < rank J, lies in [0, 1] is not seen here."""
    net = mlp(widths, bias=False)
    point = {name: 123456789 if k else "1/1000000007" for k, name in enumerate(net.parameters)}
    found = labels(net, [[x]], point, "softmax-cross-entropy")
    assert found.fewer.exists is Truth.UNDECIDED and "not decided" in found.fewer.why
    assert found.more.exists is not Truth.TRUE
