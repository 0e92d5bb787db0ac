"""Exact points near floats: every certified box is checked against mpmath, which knows nothing of
balls, and ranks against singular values there."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.__main__ import main
from hessrank.proofs.existence.nearby import Nearby, nearby
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.writer import dumps
from hessrank.symbolic.errors import InputError

XOR = [[0, 0], [0, 1], [1, 0], [1, 1]]
SIGMA: dict[str, Any] = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "square": lambda z: z * z,
    "sin": mpmath.sin,
    "relu": lambda z: z if z > 0 else mpmath.mpf(0),
    "leaky-relu": lambda z: z if z > 0 else z / 100,
    "identity": lambda z: z,
}


def mp_outputs(net: Any, theta: Any, x: Any) -> list[Any]:
    """The textbook forward pass, in mpmath."""
    out = []
    for row in x:
        a, at = [mpmath.mpf(v.numerator) / v.denominator for v in map(Fraction, row)], 0
        for layer in range(1, len(net.widths)):
            m, n = net.widths[layer - 1 : layer + 1]
            W = [theta[at + i * m : at + i * m + m] for i in range(n)]
            at += n * m
            b = theta[at : at + n] if net.bias else [mpmath.mpf(0)] * n
            at += n if net.bias else 0
            z = [
                mpmath.fsum(w * v for w, v in zip(r, a, strict=True)) + c
                for r, c in zip(W, b, strict=True)
            ]
            a = z if layer == len(net.widths) - 1 else [SIGMA[net.activation](v) for v in z]
        out += a
    return out


def mp_jacobian(net: Any, theta: list[Any], x: Any) -> Any:
    """J by central differences of 60 digits."""
    h, columns = mpmath.mpf(10) ** -20, []
    for i in range(len(theta)):
        up, down = list(theta), list(theta)
        up[i] += h
        down[i] -= h
        pair = zip(mp_outputs(net, up, x), mp_outputs(net, down, x), strict=True)
        columns.append([(a - b) / (2 * h) for a, b in pair])
    return mpmath.matrix([list(row) for row in zip(*columns, strict=True)])


def centre_of(found: Nearby) -> list[Any]:
    return [mpmath.mpf(c.numerator) / c.denominator for _, c in found.centre]


def floats(problem: Any, theta: Any) -> Any:
    return problem.at(
        {k: hr.exact(float(v)) for k, v in zip(problem.model.parameters, theta, strict=True)}
    )


def numeric_rank(J: Any) -> int:
    """By singular values of 60 digits; the point is known to 22, the differences to 40."""
    with mpmath.workdps(60):
        s = list(mpmath.svd_r(J, compute_uv=False))
        return sum(v > mpmath.mpf(10) ** -17 * max(s) for v in s)


@st.composite
def planted(draw: Any) -> Any:
    """A net, data that it fits exactly at a known θ, and θ moved by about 10⁻⁶."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    activation = draw(st.sampled_from(["tanh", "sigmoid", "square", "sin", "relu", "leaky-relu"]))
    widths = draw(st.sampled_from([(1, 3, 1), (2, 3, 1), (2, 2, 2), (1, 2, 2, 1), (3, 4, 2)]))
    model = hr.mlp(widths, activation, bias=draw(st.booleans()))
    N = model.network.size
    D = max(1, min(N // 2, 5) // widths[-1])
    x = rng.integers(-8, 9, size=(D, widths[0])) / 4 + rng.random((D, widths[0])) // 0.25 / 8
    theta = rng.normal(size=N)
    with mpmath.workdps(60):
        F = mp_outputs(model.network, [mpmath.mpf(v) for v in theta], x.tolist())
    y = np.array([float(v) for v in F]).reshape(D, widths[-1])
    data = hr.Data(
        [[hr.exact(float(v)) for v in r] for r in x], [[hr.exact(float(v)) for v in r] for r in y]
    )
    loss = draw(st.sampled_from(["half-squared", "mean-squared", "log-cosh"]))
    return hr.Problem(model, data, loss), theta + 1e-6 * rng.normal(size=N), x


@settings(max_examples=25, deadline=None)
@given(planted())
def test_a_certified_fit_is_one_in_mpmath_and_has_the_rank_that_is_claimed(case: Any) -> None:
    problem, theta, x = case
    here = floats(problem, theta)
    note(f"replay as a spec:\n{dumps(here)}")
    found = nearby(here)
    if found.kind != "fit":
        # only where J is (nearly) deficient or a kink is close: never without a reason
        assert found.tried or found.kind == "critical"
        return
    net = problem.model.network
    with mpmath.workdps(60):
        at = centre_of(found)
        F = mp_outputs(net, at, x.tolist())
        y = [mpmath.mpf(v.value.numerator) / v.value.denominator for r in problem.data.y for v in r]
        assert max(abs(a - b) for a, b in zip(F, y, strict=True)) < mpmath.mpf(10) ** -22
        J = mp_jacobian(net, at, x.tolist())
    moved = max(abs(float(a) - b) for a, b in zip(at, theta, strict=True))
    assert moved <= float(found.distance) < 1e-2
    assert found.rank_jacobian.lower <= numeric_rank(J) <= found.rank_jacobian.upper
    assert found.rank_equality.truth is Truth.TRUE
    assert int(found.rank_hessian) == int(found.rank_jacobian)
    frozen = [i for i, n in enumerate(problem.model.parameters) if n not in found.free]
    assert all(at[i] == float(at[i]) for i in frozen)  # frozen at floats


def trained(model: Any, x: Any, y: Any, seed: int, decay: float = 0.0, start: Any = None) -> Any:
    """Least squares by SciPy on the textbook forward pass, in floats."""
    from scipy.optimize import least_squares

    net = model.network
    rho = np.sqrt(2 * decay)

    def error(t: Any) -> Any:
        F = np.array(mp_float(net, t, x)) - np.ravel(y)
        return np.concatenate([F, rho * t]) if decay else F

    t0 = np.random.default_rng(seed).normal(size=net.size) if start is None else np.array(start)
    return least_squares(error, t0, xtol=1e-15, ftol=1e-15, gtol=1e-15, max_nfev=4000)


FLOAT: dict[str, Any] = {
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
}


def mp_float(net: Any, t: Any, x: Any) -> Any:
    a, at = np.array(x, dtype=float), 0
    for layer in range(1, len(net.widths)):
        m, n = net.widths[layer - 1 : layer + 1]
        W = t[at : at + n * m].reshape(n, m)
        at += n * m
        z = a @ W.T
        if net.bias:
            z, at = z + t[at : at + n], at + n
        a = z if layer == len(net.widths) - 1 else FLOAT[net.activation](z)
    return a.ravel()


def test_trained_xor_is_a_theorem() -> None:
    model = hr.mlp([2, 2, 1])
    problem = hr.Problem(model, hr.Data(XOR, [0, 1, 1, 0]))
    reached = certified = 0
    for seed in range(15):
        run = trained(model, XOR, [0, 1, 1, 0], seed)
        if run.cost < 1e-18:
            reached += 1
            found = nearby(floats(problem, run.x))
            certified += (
                found.kind == "fit"
                and int(found.rank_jacobian) == int(found.rank_hessian) == 4
                and found.point == "global minimum"
                and found.fibre_dimension == 5
                and found.learning == (2, 2)
            )
    assert reached > 10 and certified == reached


def test_weight_decay_gives_a_strict_minimum_where_the_ranks_differ() -> None:
    model = hr.mlp([2, 2, 1])
    decay = hr.Problem(model, hr.Data(XOR, [0, 1, 1, 0]), regulariser="l2").regulariser
    problem = hr.Problem(model, hr.Data(XOR, [0, 1, 1, 0]), regulariser=decay * Fraction(1, 100))
    run = trained(model, XOR, [0, 1, 1, 0], 2, decay=0.01)
    found = nearby(floats(problem, run.x))
    assert found.kind == "critical" and found.point == "strict local minimum"
    assert int(found.rank_hessian) == 9 and int(found.rank_jacobian) == 4
    assert found.rank_equality.truth is Truth.FALSE
    with mpmath.workdps(60):
        at = centre_of(found)

        def loss(*t: Any) -> Any:
            F = mp_outputs(model.network, list(t), XOR)
            gap = [a - b for a, b in zip(F, [0, 1, 1, 0], strict=True)]
            return mpmath.fsum(g * g for g in gap) / 2 + mpmath.fsum(v * v for v in t) / 100

        slope = [mpmath.diff(loss, at, tuple(int(i == j) for j in range(9))) for i in range(9)]
        assert max(map(abs, slope)) < mpmath.mpf(10) ** -12


def test_relu_solutions_of_deficient_rank_and_residual_minima() -> None:
    """AND with two relu units: fits of rank 3 and 4, minima with residual; always rank H = rank J
    (T16), and rank J of the float J."""
    model = hr.mlp([2, 2, 1], "relu")
    problem = hr.Problem(model, hr.Data(XOR, [0, 0, 0, 1]))
    seen = set()
    for seed in range(40):
        run = trained(model, XOR, [0, 0, 0, 1], seed)
        found = nearby(floats(problem, run.x))
        if found.exists is None:
            continue
        assert found.rank_equality.truth is Truth.TRUE
        with mpmath.workdps(60):
            J = mp_jacobian(model.network, centre_of(found), XOR)
        assert numeric_rank(J) == int(found.rank_jacobian)
        seen.add((found.kind, int(found.rank_jacobian)))
    assert {("fit", 4), ("critical", 3)} <= seen


def test_linear_gauge() -> None:
    """A deep linear net beyond its rank: Eckart and Young's minimum, with the gauge in ker H."""
    model = hr.mlp([2, 1, 2], "identity", bias=False)
    x, y = [[1, 0], [0, 1]], [[2, 1], [1, 3]]
    problem = hr.Problem(model, hr.Data(x, y))
    run = trained(model, x, y, 0)
    found = nearby(floats(problem, run.x))
    assert found.kind == "critical" and found.point == "local minimum, not strict"
    assert int(found.rank_hessian) == 3 and int(found.rank_jacobian) == 3
    values = np.linalg.svd(np.array(y, dtype=float), compute_uv=False)
    assert run.cost == pytest.approx(values[1] ** 2 / 2)


def test_equal_units_are_found_in_the_reduced_net() -> None:
    """A duplicated unit at a minimum with residual: rank J is that of the small net."""
    x = [[-2], [-1], [0], [1], [2], [3]]
    y = [Fraction(v, 10) for v in (-9, -8, -3, 3, 9, 8)]
    small, large = hr.mlp([1, 1, 1]), hr.mlp([1, 2, 1])
    run = trained(small, x, [float(v) for v in y], 0)
    one = nearby(floats(hr.Problem(small, hr.Data(x, y)), run.x))
    assert one.kind == "critical" and int(one.rank_jacobian) == int(one.rank_hessian) == 4
    w, b, a, c = run.x
    for share in (0.3, -0.5, 0.5):
        theta = [w, w, b, b, share * a, (1 - share) * a, c]
        found = nearby(floats(hr.Problem(large, hr.Data(x, y)), theta))
        assert found.kind == "critical", found
        with mpmath.workdps(60):
            J = mp_jacobian(large.network, centre_of(found), x)
            slope = np.array(mp_gradient(large.network, centre_of(found), x, y), dtype=float)
        assert np.abs(slope).max() < 1e-25
        assert numeric_rank(J) == int(found.rank_jacobian) == 4
        # Fukumizu and Amari: definite for one sign of μ(1 − μ), a saddle for the other
        values = np.linalg.eigvalsh(float_hessian(large.network, centre_of(found), x, y))
        signs = (int(np.sum(values > 1e-9)), int(np.sum(values < -1e-9)))
        assert int(found.rank_hessian) == sum(signs) == 6
        assert found.point == ("not a minimum" if signs[1] else "local minimum, not strict")


def mp_gradient(net: Any, theta: list[Any], x: Any, y: Any) -> list[Any]:
    """∇½|F − y|² by central differences of F."""
    h, F = mpmath.mpf(10) ** -25, mp_outputs(net, theta, x)
    found = []
    for i in range(len(theta)):
        up, down = list(theta), list(theta)
        up[i] += h
        down[i] -= h
        pair = zip(mp_outputs(net, up, x), mp_outputs(net, down, x), strict=True)
        slope = [(a - b) / (2 * h) for a, b in pair]
        gap = [f - mpmath.mpf(t.numerator) / t.denominator for f, t in zip(F, y, strict=True)]
        found.append(mpmath.fsum(g * s for g, s in zip(gap, slope, strict=True)))
    return found


def float_hessian(net: Any, theta: list[Any], x: Any, y: Any) -> np.ndarray:
    """H by differences of the gradient, with 60 digits."""
    with mpmath.workdps(60):
        h, rows = mpmath.mpf(10) ** -12, []
        for i in range(len(theta)):
            up, down = list(theta), list(theta)
            up[i] += h
            down[i] -= h
            pair = zip(mp_gradient(net, up, x, y), mp_gradient(net, down, x, y), strict=True)
            rows.append([float((a - b) / (2 * h)) for a, b in pair])
    return np.array(rows)


def test_repeated_examples_count_once() -> None:
    model = hr.mlp([2, 2, 1])
    x, y = [*XOR, [0, 1], [1, 1]], [0, 1, 1, 0, 1, 0]
    run = trained(model, x, y, 0)
    found = nearby(floats(hr.Problem(model, hr.Data(x, y)), run.x))
    assert found.kind == "fit" and int(found.rank_jacobian) == 4 == int(found.rank_hessian)
    bad = nearby(floats(hr.Problem(model, hr.Data(x, [*y[:4], 0, 0])), run.x))
    assert bad.kind != "fit"


def test_soft_labels_fit_and_lose_one_rank_an_example() -> None:
    model = hr.mlp([2, 3, 2])
    soft = [["1/4", "3/4"], ["1/3", "2/3"], ["1/2", "1/2"], ["1/5", "4/5"]]
    logits = [[0, np.log(3)], [0, np.log(2)], [0, 0], [0, np.log(4)]]
    run = trained(model, XOR, logits, 1)
    found = nearby(floats(hr.Problem(model, hr.Data(XOR, soft), "softmax-cross-entropy"), run.x))
    assert found.kind == "fit" and int(found.rank_hessian) == 4
    assert int(found.rank_jacobian) == 8 and found.rank_equality.truth is Truth.FALSE


@pytest.mark.parametrize(
    ("loss", "K", "labels"),
    [
        ("softmax-cross-entropy", 2, [[0, 1], [1, 0], [1, 0], [0, 1]]),
        ("binary-cross-entropy", 1, [[1], [0], [0], [1]]),
    ],
)
def test_hard_labels_have_no_critical_point(loss: str, K: int, labels: Any) -> None:
    model = hr.mlp([2, 3, K])
    targets = [[8 * (v - 0.5) for v in row] for row in labels]
    run = trained(model, XOR, targets, 3)
    assert run.cost < 1e-12
    found = nearby(floats(hr.Problem(model, hr.Data(XOR, labels), loss), run.x))
    assert found.exists is None and "no critical point" in found.why


def test_hard_labels_that_no_line_separates_have_one() -> None:
    model = hr.mlp([1, 2], "identity")
    data = hr.Data([[0], [1], [2], [3]], [[0, 1], [1, 0], [0, 1], [1, 0]])
    problem = hr.Problem(model, data, "softmax-cross-entropy")
    found = nearby(floats(problem, [0.4, -0.4, -0.6, 0.6]), reach=2)
    assert found.kind == "critical" and found.point == "local minimum, not strict"
    assert int(found.rank_hessian) == 2 and int(found.rank_jacobian) == 4


@pytest.mark.parametrize(
    ("outputs", "start", "kind", "J", "H", "point"),
    [
        (["t**2 + 1"], 1e-7, "critical", 0, 1, "global minimum"),
        (["t", "t**2 - 1/2"], 1e-9, "critical", 1, 0, "global minimum"),
        (["t**2"], 1e-8, "fit", 0, 0, "global minimum"),
        (["t**2 - 2"], 1.414, "fit", 1, 1, "global minimum"),
        (["1 + cos(t)"], 1e-6, "critical", 0, 1, "not a minimum"),
    ],
)
def test_small_landscapes(
    outputs: list[str], start: float, kind: str, J: int, H: int, point: str
) -> None:
    """Ranks by hand: F = t² + 1 has J = 2t, H = 2F at 0; and so on."""
    model = hr.Model.from_expressions(outputs, "t")
    problem = hr.Problem(model, hr.Data([[]], [[0] * len(outputs)]))
    found = nearby(floats(problem, [start]))
    assert (found.kind, found.point) == (kind, point)
    assert (int(found.rank_jacobian), int(found.rank_hessian)) == (J, H)


def test_quartic_fit_has_a_flat_hessian() -> None:
    model = hr.Model.from_expressions(["t**2"], "t")
    found = nearby(floats(hr.Problem(model, hr.Data([[]], [["1/3"]]), "quartic"), [0.57735]))
    assert found.kind == "fit" and int(found.rank_jacobian) == 1 and int(found.rank_hessian) == 0


def test_kinks_are_refused_and_far_points_undecided() -> None:
    relu = hr.Model.from_expressions(["relu(t)"], "t")
    at_kink = nearby(hr.Problem(relu, hr.Data([[]], [[0]])).at({"t": 0}))
    assert at_kink.exists is None and "smooth" in at_kink.why
    close = nearby(floats(hr.Problem(relu, hr.Data([[]], [[0]])), [1e-13]))
    assert close.exists is None
    square = hr.Model.from_expressions(["t"], "t")
    far = nearby(hr.Problem(square, hr.Data([[]], [[100]])).at({"t": 0}))
    assert far.exists is None and "reach" in far.why


def test_dead_nets_fit_zero_with_nothing_to_solve() -> None:
    """All relu units are dead and no bias is left: F = 0 near θ, so J = 0 and H = 0."""
    model = hr.mlp([1, 2, 1], "relu", bias=False)
    problem = hr.Problem(model, hr.Data([[1], [2]], [0, 0]))
    found = nearby(floats(problem, [-0.3, -0.7, 1.1, 2.3]))
    assert found.kind == "fit" and found.point == "global minimum"
    assert int(found.rank_jacobian) == int(found.rank_hessian) == 0
    apart = nearby(floats(hr.Problem(model, hr.Data([[1], [2]], [0, 1])), [-0.3, -0.7, 1.1, 2.3]))
    assert apart.kind == "critical" and int(apart.rank_hessian) == 0


@pytest.mark.parametrize(
    ("output", "loss", "penalty", "start"),
    [
        ("t", "o + log(o)", None, -1.0),  # r = 1 + 1/o is 0 at −1
        ("t", "o - log(o)/2 + (o + 3/2)**2", None, -1.0000001),
        ("t", "o**2", "t**2 + 4*log(t) - 2*t", -1.0),
        ("log(t)**2*0 + t", "o - sqrt(o)*0 + log(o)", None, -1.0),
    ],
)
def test_no_point_where_the_loss_has_no_value(
    output: str, loss: str, penalty: str | None, start: float
) -> None:
    model = hr.Model.from_expressions([output], "t")
    problem = hr.Problem(model, hr.Data([[]], [[0]]), loss, penalty)
    assert nearby(floats(problem, [start])).exists is None


def test_a_regulariser_with_a_kink_is_not_taken_on_one_side() -> None:
    """relu(w·0) is identically 0, |w| has a kink at 0 all the same."""
    model = hr.Model.from_expressions(["relu(w*x) + b"], "w b", "x")
    problem = hr.Problem(model, hr.Data([[0]], [[0]]), regulariser="l1")
    found = nearby(problem.at({"w": 0, "b": 0}))
    assert found.exists is None


def test_a_fit_on_another_piece_is_not_claimed_with_this_ones_relations() -> None:
    """On w > 0 the outputs of relu(w·x) are parallel; where one example dies they are not."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        model = hr.mlp([1, 2, 1], "relu")
        problem = hr.Problem(model, hr.Data([[1], [2], [3]], [1, 2, Fraction(7, 2)]))
        found = nearby(floats(problem, rng.normal(size=7)), reach=10)
        if found.exists:
            with mpmath.workdps(60):
                J = mp_jacobian(model.network, centre_of(found), [[1], [2], [3]])
            assert numeric_rank(J) == int(found.rank_jacobian)


@pytest.mark.parametrize("start", [900.0, -900.0, 1e30])
def test_numbers_beyond_floats_are_no_crash(start: float) -> None:
    model = hr.Model.from_expressions(["exp(t) + t"], "t")
    assert nearby(floats(hr.Problem(model, hr.Data([[]], [[0]])), [start])).why


def test_too_many_parameters_are_refused_before_work() -> None:
    model = hr.mlp([30, 20, 1])
    problem = hr.Problem(model, hr.Data([[0] * 30], [0]))
    with pytest.raises(InputError, match="at most 400"):
        nearby(problem.at(dict.fromkeys(model.parameters, 0)))


def test_the_command_and_its_keys(capsys: pytest.CaptureFixture[str]) -> None:
    for spec in ("X13", "xor-tanh-untrained"):
        assert main(["nearby", spec, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert {
            "exists",
            "kind",
            "radius",
            "distance",
            "rank_jacobian",
            "rank_hessian",
            "rank_equality",
            "point",
            "why",
        } <= set(found)
        assert found["exists"] in (True, None)
        assert main(["nearby", spec]) == 0
        assert "exact" in capsys.readouterr().out
