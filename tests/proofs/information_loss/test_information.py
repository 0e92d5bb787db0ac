"""Information loss (T5), null spaces (T6), rescaling (T8), and copies of a solution.

Independent sources: exact dual numbers in plain Fractions, written here, for F and J; SymPy for
ranks, null spaces and expansions; autograd for tanh; counting by sets for orbits.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import erf

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hessrank.proofs.catalogue.information.proofs import any_labels, merged_linear
from hessrank.proofs.fibres import symmetries
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.information_loss import information as info
from hessrank.proofs.information_loss import units
from hessrank.proofs.information_loss.cuts import cut_through, cuts
from hessrank.proofs.reasoning.truth import Truth
from hessrank.symbolic.errors import InputError, KinkError
from hessrank.symbolic.expressions.expression import number
from hessrank.symbolic.fields.field import Field
from hessrank.symbolic.models.layers import Network
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.ranks.null_space import left_null_space, null_space

# --- an independent network, in Fractions with dual numbers ------------------------------------


class Dual:
    """a + Σ b_i ε_i."""

    def __init__(self, value, slope):
        self.value, self.slope = value, slope

    def __add__(self, other):
        return Dual(
            self.value + other.value, [a + b for a, b in zip(self.slope, other.slope, strict=True)]
        )

    def __mul__(self, other):
        return Dual(
            self.value * other.value,
            [
                self.value * b + other.value * a
                for a, b in zip(self.slope, other.slope, strict=True)
            ],
        )


def _zero(N):
    return Dual(Fraction(0), [Fraction(0)] * N)


def _activated(name, z, N):
    if name == "relu":
        return z if z.value > 0 else _zero(N)
    return {"identity": lambda: z, "square": lambda: z * z, "cube": lambda: z * z * z}[name]()


def dual_run(net: Network, theta, x):
    """(F, J) as Fractions, example-major."""
    N = len(theta)
    params = [Dual(v, [Fraction(int(i == j)) for j in range(N)]) for i, v in enumerate(theta)]
    F, J = [], []
    for row in x:
        a = [Dual(Fraction(v), [Fraction(0)] * N) for v in row]
        at = 0
        for l, (m, n) in enumerate(itertools.pairwise(net.widths), 1):
            z = []
            for i in range(n):
                total = params[at + n * m + i] if net.bias else _zero(N)
                for j in range(m):
                    total = total + params[at + i * m + j] * a[j]
                z.append(total)
            at += n * m + (n if net.bias else 0)
            a = z if l == len(net.widths) - 1 else [_activated(net.activation, v, N) for v in z]
        F += [v.value for v in a]
        J += [v.slope for v in a]
    return F, J


def fractions_of(vector):
    return [Fraction(int(v.p), int(v.q)) for v in vector]


def times(J, v):
    return [sum(a * b for a, b in zip(row, v, strict=True)) for row in J]


def kernel_bound(here):
    """N minus the span of all directions: an upper bound of rank J."""
    found = [
        *symmetries.null_space_directions(here),
        *symmetries.symmetry_directions(here),
        *symmetries.duplicate_directions(here),
    ]
    return here.problem.N - symmetries.span(here, found)


def through_classes(cut):
    """[J_< | E·B], with B = ∂g/∂θ_> of the tail alone on one example of each class."""
    E, B = info.copies(cut), info.representatives(cut)
    late = cut.values.matrix(E, B.shape[0]) @ B
    rows = [(*a, *b) for a, b in zip(cut.values.early, late.rows, strict=True)]
    return cut.values.matrix(rows, cut.here.problem.N)


@st.composite
def problems(draw, activations=("relu", "identity", "square", "cube")):
    """A small network with planted structure: duplicated units, zero weights, repeated inputs."""
    widths = draw(st.sampled_from([[1, 2, 1], [2, 2, 1], [2, 1, 2], [1, 2, 2, 1], [2, 1, 2, 1]]))
    net = mlp(widths, draw(st.sampled_from(activations)), bias=draw(st.booleans()))
    small = st.sampled_from([Fraction(k, 2) for k in (-3, -2, -1, 0, 0, 1, 2, 4)])
    theta = draw(st.lists(small, min_size=len(net.parameters), max_size=len(net.parameters)))
    if draw(st.booleans()) and widths[1] > 1:  # the second unit repeats the first
        block = net.network.blocks[0]
        for i, j in zip(block[0], block[1], strict=True):
            theta[j] = theta[i]
    whole = st.integers(-2, 2)
    rows = draw(
        st.lists(st.lists(whole, min_size=widths[0], max_size=widths[0]), min_size=1, max_size=5)
    )
    try:
        here = any_labels(net, rows, theta)
        symmetries.unfolded(here)
    except KinkError:
        assume(False)
    return here, theta, rows


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_bound_and_vector_holds_exactly(problem):
    here, theta, rows = problem
    net = here.problem.model.network
    F, J = dual_run(net, theta, rows)
    rank = sympy.Matrix(J).rank()
    assert rank <= kernel_bound(here)
    directions = [
        *symmetries.null_space_directions(here),
        *symmetries.scaling_directions(here),
        *symmetries.duplicate_directions(here),
    ]
    for direction in directions:
        assert not any(times(J, fractions_of(direction.vector))), direction.words
    for direction in symmetries.null_space_directions(here):
        v = fractions_of(direction.vector)
        for t in (Fraction(3), Fraction(-7, 2)):
            assert dual_run(net, [a + t * b for a, b in zip(theta, v, strict=True)], rows)[0] == F
    for layer, cut in enumerate(cuts(here), 2):
        bound, M, K = info.rank_bound(cut), len(F), net.widths[-1]
        before = sum(block.size for block in net.blocks[: layer - 1])
        assert rank <= bound == before + K * cut.classes.count  # CLAIMS, T5(a)
        assert int(info.jacobian(cut).rank()) == rank
        assert info.jacobian(cut) == through_classes(cut)
        forced = [fractions_of(y) for y in info.forced(cut)]
        assert len(forced) >= M - cut.p - K * cut.classes.count
        columns = list(zip(*J, strict=True))
        assert not any(v for y in forced for v in times(columns, y))


@settings(max_examples=40, deadline=None)
@given(problems())
def test_null_space_directions_are_counted_by_t6(problem):
    """Σ (d − s)·d_out with s from SymPy's rank of the activations."""
    here, _, _ = problem
    u = symmetries.unfolded(here)
    promised = 0
    for (s, d, out), A in zip(symmetries.activation_ranks(here), u.inputs, strict=True):
        rank = sympy.Matrix([[sympy.Rational(int(v.p), int(v.q)) for v in a] for a in A]).rank()
        assert (s, d) == (rank, A.shape[1])
        promised += (d - s) * out
    found = symmetries.null_space_directions(here)
    assert len(found) == promised == symmetries.span(here, found)


@settings(max_examples=30, deadline=None)
@given(problems(), st.integers(0, 3))
def test_rescaling_a_unit_keeps_f(problem, which):
    here, _, rows = problem
    net = here.problem.model.network
    hidden = [(l, i) for l in range(1, net.depth) for i in range(net.widths[l])]
    l, i = hidden[which % len(hidden)]
    point, u = here.point, symmetries.unfolded(here)
    for name in u.incoming(l, i):
        point[name] = point[name] * Fraction(3, 2)
    for name in u.outgoing(l, i):
        point[name] = point[name] / Fraction(3, 2) ** net.sigma.homogeneity
    there = here.problem.at(point)
    F = [dual_run(net, [h.point[n].value for n in net.parameters], rows)[0] for h in (here, there)]
    assert F[0] == F[1]


@settings(max_examples=40, deadline=None)
@given(problems(("relu",)))
def test_dead_units_and_layers(problem):
    """T5c against dual numbers: deadness from the preactivations that Fractions give."""
    here, theta, rows = problem
    net = here.problem.model.network
    _, J = dual_run(net, theta, rows)
    K = net.widths[-1]
    position = {n: i for i, n in enumerate(net.parameters)}
    dead = units.dead_units(here)
    for l, i, examples in dead:
        own = [
            position[n]
            for n in net.parameters
            if n.startswith(f"w{l}_{i + 1}_") or n == f"b{l}_{i + 1}"
        ]
        assert not any(J[d * K + k][c] for d in examples for k in range(K) for c in own)
    for l, examples in units.dead_layers(here):
        assert info.dead_layer(cuts(here)[l - 1], examples).truth is Truth.TRUE
    first = [
        (i, d)
        for i in range(net.widths[1])
        for d, row in enumerate(rows)
        if sum(
            theta[net.blocks[0][i][j]] * v for j, v in enumerate([*row, 1][: len(net.blocks[0][i])])
        )
        < 0
    ]
    assert sorted((i, d) for l, i, where in dead if l == 1 for d in where) == sorted(first)


@pytest.mark.parametrize("widths", [[2, 3, 1], [1, 2, 2, 2]])
@pytest.mark.parametrize("seed", range(3))
def test_tanh_against_autograd(widths, seed):
    """Kernel vectors, forced dependences and bounds on tanh nets with merged examples and a
    duplicated unit; J from autograd."""
    rng = np.random.default_rng(seed)
    net = mlp(widths, "tanh")
    theta = [Fraction(int(k), 4) for k in rng.integers(-4, 5, len(net.parameters))]
    for i, j in zip(*net.network.blocks[0][:2], strict=True):
        theta[j] = -theta[i]
    x = rng.integers(-1, 2, (3, widths[0])).tolist()
    x.append(x[0])
    here = any_labels(net, x, theta)

    def F(t):
        a, at = anp.array(x, dtype=float), 0
        for l, (m, n) in enumerate(itertools.pairwise(widths)):
            a = a @ t[at : at + n * m].reshape(n, m).T + t[at + n * m : at + n * m + n]
            at += n * m + n
            a = a if l == len(widths) - 2 else anp.tanh(a)
        return a.ravel()

    J = autograd.jacobian(F)(np.array([float(v) for v in theta]))
    rank = np.linalg.matrix_rank(J, tol=1e-10)
    assert rank <= kernel_bound(here)
    assert (1, 0, 1, -1) in symmetries.duplicate_units(here) or not any(
        theta[i] for i in net.network.blocks[0][0]
    )
    field = symmetries.unfolded(here).field
    for v in [*symmetries.null_space_directions(here), *symmetries.duplicate_directions(here)]:
        assert symmetries.in_kernel(here, v).truth is Truth.TRUE
        assert np.abs(J @ [float(field.ball(q, 128).mid()) for q in v.vector]).max() < 1e-9
    for cut in cuts(here):
        assert rank <= info.rank_bound(cut)
        assert any({0, 3} <= set(g) for g in cut.classes.groups)
        forced = info.forced(cut)
        assert forced
        for y in forced:
            z = [float(cut.values.field.ball(q, 128).mid()) for q in y]
            assert np.abs(z @ J).max() < 1e-9


# --- theorem T5 in the cases of the catalogue --------------------------------------------------


@pytest.mark.parametrize("k", range(2, 6))
def test_t5_is_sharp(k):
    """J of f = v(w·x) + c at w = 0 is [v x, 0, 1]: its rank is that of the points with a 1, that is
    min(k, p + 1) for points in general position. Forced exactly where p < k − 1."""
    for p in range(1, 6):
        (cut,) = cuts(merged_linear(k, p))
        x = [[int(str(v)) for v in row] for row in cut.here.problem.data.x]
        rank = sympy.Matrix([[*row, 1] for row in x]).rank()
        assert int(info.jacobian(cut).rank()) == rank
        assert (info.forced_by_count(cut).truth is Truth.TRUE) == (p < k - 1)
        assert bool(info.class_dependence(cut, range(k))) == (rank < k)
        if p == k - 1:
            assert rank == k


def test_x8_x9_x10():
    """CLAIMS: X8 rank 2 of 3 with no merged activations; X9 merged and full rank; X10 merged,
    rank 0, the fibre a point: no manifold of dimension 1 = N − p − K·C."""
    x8_net, x9_net = mlp([1, 2, 1], "tanh", bias=False), mlp([2, 1, 1], "tanh", fixed={"b1_1": 0})
    (x8,) = cuts(any_labels(x8_net, [1, 2, 3], ["1/2", "1/2", 1, 2]))
    assert x8.classes.groups == ((0,), (1,), (2,)) and x8.classes.separated.truth is Truth.TRUE
    assert int(info.jacobian(x8).rank()) == 2 < 3
    (x9,) = cuts(any_labels(x9_net, [[1, 0], [1, 1]], [1, 0, 1, 0]))
    assert info.merged(x9).truth is Truth.TRUE and int(info.jacobian(x9).rank()) == 2
    model = Model.from_expressions("(w*x)**2 + u**2 + v**2", "w u v", "x")
    x10 = cut_through(any_labels(model, [1, -1, 2], [0, 0, 0]), ["w*x"])
    assert (x10.p, info.rank_bound(x10), int(x10.here.rank("jacobian"))) == (1, 2, 0)
    assert info.fibre_manifold(x10).truth is Truth.FALSE
    assert fibre_dimension(x10.here).isolated.truth is Truth.TRUE
    w, u, v = sympy.symbols("w u v")
    assert sympy.hessian(w**2 + u**2 + v**2, (w, u, v)).is_positive_definite  # F_1, zero at 0 alone


def test_cuts_of_closed_forms():
    model = Model.from_expressions("v*tanh(w*x) + s*x", "v w s", "x")
    here = any_labels(model, [1, 2], [1, 0, 3])
    cut = cut_through(here, ["tanh(w*x)"])
    assert (cut.before, cut.after, cut.around) == (("w",), ("v", "s"), ("x",))
    assert cut.classes.groups == ((0, 1),)
    with pytest.raises(InputError, match="does not occur"):
        cut_through(here, ["tanh(x)"])
    with pytest.raises(InputError, match="no layers"):
        symmetries.unfolded(here)
    assert cuts(here) == ()


@pytest.mark.parametrize(
    ("form", "parameters", "x", "hidden", "point"),
    [
        ("s*abs(x) + t*x", "s t", [1, -1], ["abs(x)"], [0, 0]),
        ("s*x**2 + t*x", "s t", [1, -1, 2, -2], ["x**2"], [1, 1]),
        ("s*tanh(w*x) + t*x", "s t w", [1, -1, 2], ["tanh(w*x)"], [1, 2, 0]),
        ("s*(x - y)**2 + t*y", "s t", [[1, 0], [2, 1], [3, 2]], ["(x - y)**2"], [1, 1]),
        ("s*abs(x)", "s", [1, -1], ["abs(x)"], [1]),
    ],
)
def test_t5_counts_what_goes_around_the_layer(form, parameters, x, hidden, point):
    """With the inputs around the layer among the activations every statement of T5 holds; by the
    activations alone the first would have rank J ≤ 1, and a line in a fibre that is a point."""
    inputs = "x y" if "y" in form else "x"
    here = any_labels(Model.from_expressions(form, parameters, inputs), x, point)
    cut = cut_through(here, hidden)
    rank = int(here.rank("jacobian"))
    assert rank <= info.rank_bound(cut)
    columns = [list(column) for column in zip(*here.jacobian.rows, strict=True)]
    assert not any(v for y in info.forced(cut) for v in times(columns, y))
    if info.fibre_manifold(cut).truth is Truth.TRUE:
        assert fibre_dimension(here).upper >= here.problem.N - info.rank_bound(cut)
    if info.forced_by_count(cut).truth is Truth.TRUE:
        assert rank < here.problem.M
    if cut.around:
        assert info.rank_bound(cut, cut.classes) < info.rank_bound(cut)


def test_a_path_around_is_seen():
    here = any_labels(Model.from_expressions("s*abs(x) + t*x", "s t", "x"), [1, -1], [0, 0])
    cut = cut_through(here, ["abs(x)"])
    assert (cut.classes.count, cut.arrivals.count) == (1, 2)
    assert (info.rank_bound(cut), int(here.rank("jacobian"))) == (2, 2)
    assert here.problem.N - info.rank_bound(cut) == 0 == int(fibre_dimension(here))
    assert info.forced_by_count(cut).truth is Truth.FALSE and info.forced(cut) == ()


def test_t5_counts_with_several_outputs():
    """[1,1,2] tanh, one example three times: p = 1 (with a bias 2) before the layer, k = 3 merged,
    K = 2: K(k − 1) = 4 rows are forced to depend, and rank J = p + K·C at most."""
    for bias, p in ((False, 1), (True, 2)):
        net = mlp([1, 1, 2], "tanh", bias=bias)
        here = any_labels(net, [1, 1, 1], [2] * len(net.parameters))
        (cut,) = cuts(here)
        assert (cut.p, info.rank_bound(cut)) == (p, p + 2)
        assert info.forced_by_count(cut).truth is Truth.TRUE
        assert int(here.rank("jacobian")) == 2  # the same two rows three times


def test_t5_count_needs_all_outputs():
    """Two merged examples with K = 2 and p = 2: 2 = K(k − 1) is not fewer, and nothing is forced
    (at p < k − 1 = 1 neither): v(w₁x₁ + w₂x₂) at w = 0 has rows (v_k x, 0)."""
    net = mlp([2, 1, 2], "identity", bias=False)
    here = any_labels(net, [[1, 0], [0, 1]], [0, 0, 1, 1])
    (cut,) = cuts(here)
    assert cut.classes.groups == ((0, 1),)
    assert info.forced_by_count(cut).truth is Truth.FALSE  # 2 < 2·1 is false
    one = any_labels(mlp([1, 1, 2], "identity", bias=False), [1, 2], [0, 1, 1])
    assert info.forced_by_count(cuts(one)[0]).truth is Truth.TRUE  # 1 < 2·1
    assert int(one.rank("jacobian")) == 1


def test_rescaling_moves_preactivations():
    """(w, v) → (cw, v/c): F is constant on the curve, not on the line along its tangent (1, −1)."""
    here = any_labels(mlp([1, 1, 1], "relu", bias=False), [1], [1, 1])
    (v,) = symmetries.scaling_directions(here)
    assert fractions_of(v.vector) == [1, -1]
    assert symmetries.in_kernel(here, v).truth is Truth.TRUE
    moved = here.problem.at({"w1_1_1": 1 + v.vector[0], "w2_1_1": 1 + v.vector[1]})
    assert (here.outputs[0, 0], moved.outputs[0, 0]) == (number(1), number(0))


ODD = ("tanh", "sin", "cube", "identity", "power-5")
NOT_ODD = ("gelu", "softplus", "sigmoid", "swish", "relu", "square", "cos")


@pytest.mark.parametrize("name", [*ODD, *NOT_ODD])
def test_opposite_units_are_duplicates_for_odd_activations_alone(name):
    """in_2 = −in_1: by σ(−z) against −σ(z) at z = 1, 2, in floating point."""
    f = {
        "tanh": np.tanh,
        "sin": np.sin,
        "cube": lambda z: z**3,
        "identity": lambda z: z,
        "power-5": lambda z: z**5,
        "gelu": lambda z: z * (1 + erf(z / np.sqrt(2))) / 2,
        "softplus": lambda z: np.log1p(np.exp(z)),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "swish": lambda z: z / (1 + np.exp(-z)),
        "relu": lambda z: max(z, 0),
        "square": lambda z: z**2,
        "cos": np.cos,
    }[name]
    odd = all(abs(f(-z) + f(z)) < 1e-12 for z in (1.0, 2.0))
    assert odd is (name in ODD)
    here = any_labels(mlp([1, 2, 1], name, bias=False), [1, 2], [1, -1, 1, 1])
    assert symmetries.duplicate_units(here) == (((1, 0, 1, -1),) if odd else ())
    for v in symmetries.duplicate_directions(here):
        assert symmetries.in_kernel(here, v).truth is Truth.TRUE


def test_fixed_parameters_do_not_move():
    net = mlp([2, 1, 1], "relu", fixed={"b1_1": 1, "w2_1_1": 2})
    here = any_labels(net, [[1, 2], [2, 4]], [1, 1, 0])
    (v,) = symmetries.null_space_directions(here)
    assert fractions_of(v.vector) == [-2, 1, 0]
    assert symmetries.scaling_directions(here) == ()
    assert cuts(here)[0].p == 2


# --- copies of a solution ----------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-1, 1), st.integers(-1, 1)), min_size=1, max_size=4),
    st.booleans(),
)
def test_orbits_against_sets(weights, flips):
    """The orbit, enumerated here on tuples of integers."""
    chosen = [units.Unit((fmpq(a),), (fmpq(b),)) for a, b in weights]
    expected = set()
    for signs in itertools.product((1, -1) if flips else (1,), repeat=len(weights)):
        turned = [(e * a, e * b) for e, (a, b) in zip(signs, weights, strict=True)]
        expected |= set(itertools.permutations(turned))
    found = list(units.orbit(chosen, flips))
    assert len(found) == len(expected)
    assert {
        tuple((int(u.incoming[0]), int(u.outgoing[0])) for u in arrangement)
        for arrangement in found
    } == expected


# --- the tools ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_null_spaces_against_sympy(m, n, data):
    whole = st.integers(-2, 2)
    A = data.draw(st.lists(st.lists(whole, min_size=n, max_size=n), min_size=m, max_size=m))
    rows = [[fmpq(v) for v in row] for row in A]
    found = [fractions_of(v) for v in null_space(rows, n, Field())]
    assert len(found) == len(sympy.Matrix(A).nullspace())
    assert not any(x for v in found for x in times(A, v))
    assert len(left_null_space(rows, n, Field())) == m - sympy.Matrix(A).rank()


def test_a_null_space_with_irrational_entries():
    """√2·(√2, 1) = (2, √2): one null vector, (1, −√2) up to scale."""
    field = Field()
    root = field.power(fmpq(2), Fraction(1, 2))
    (v,) = null_space([[root, fmpq(1)], [fmpq(2), root]], 2, field)
    assert v[0] * root + v[1] == 0 and any(q != 0 for q in v)
