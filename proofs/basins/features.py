"""The tangent features of a network and the Gram matrix that they form (S4, claims 55 to 69).

In: a `Landscape`. Out: φ_i(x) = ∂f(x; θ)/∂θ_i as closed forms of x and as exact values on the
data; the Gauss–Newton term as their Gram matrix Σ_x φ_i(x)ᵀ A_x φ_j(x); features φ_v = Σ_i v_i φ_i
along directions v of parameter space; and for a network the features of a layer in a basis that is
orthogonal over the data, with the next weights transformed along.

The features come from differentiating the closed form of one example; J, A and H, with which they
are compared, from the rule of the layers, in the same field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpq

from hessrank.proofs.basins.spectrum import eigenbasis
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import differentiate, gradient
from hessrank.symbolic.expressions.expression import ZERO, Expr, evaluate, symbol
from hessrank.symbolic.expressions.substitution import Expressions, substitute
from hessrank.symbolic.fields.elements import Exact, inverse
from hessrank.symbolic.fields.field import Field, differs, evaluate_in_field
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, product
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.linear_algebra.object_matrices import matmul, object_array
from hessrank.symbolic.models import layers
from hessrank.symbolic.models.layers import Array, Network
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: Features are examined for at most this many parameters.
MAX_PARAMETERS = 16


@dataclass(frozen=True, eq=False)
class Features:
    """The features at the point: exact arrays of `field`.

    phi: φ_i on the data, (M, N), rows example-major, by differentiating the closed form; J, A, H:
    the Jacobian, ∇²ℓ and ∇²(ℓ∘F) by the rule of the layers; run: the network's run, if it is one.
    """

    here: Landscape
    field: Field
    phi: Array
    J: Array
    A: Array
    H: Array
    run: layers.Forward | None

    @property
    def examples(self) -> list[slice]:
        """The rows of each example."""
        K = self.here.problem.model.output_count
        return [slice(d * K, d * K + K) for d in range(len(self.here.problem.data))]

    def matrix(self, table: Array) -> Matrix:
        return Matrix.of(table, self.field)


@once
def features(here: Landscape) -> Features:
    """The tangent features at the point of `here`.

    Raises UndecidedError for more than MAX_PARAMETERS parameters, or where values grow too large.
    """
    problem = here.problem
    if problem.N > MAX_PARAMETERS or not problem.M or not problem.N:
        raise UndecidedError(f"features are examined for 1 to {MAX_PARAMETERS} parameters")
    model = problem.model
    forms = [g for f in model.outputs for g in gradient(f, model.parameters)]

    def build(field: Field) -> Features:
        theta = here.theta(field)
        phi: list[Exact] = []
        for row in problem.data.x:
            x = dict(zip(model.inputs, evaluate(row, field, {}), strict=True))
            phi += evaluate(forms, field, {**theta, **x})
        found = here.evaluation(field)
        J, A, run = found.get("J"), found.get("A"), found.get("run")
        H = found.get("GN") + found.get("R")
        values = _array(phi, (problem.M, problem.N))
        return Features(here, field, values, J, A, H, getattr(run, "run", None))

    try:
        return evaluate_in_field(build, here.side)
    except TooLarge as error:
        raise UndecidedError(f"the features: {error}") from None


def _array(flat: Sequence[Exact], shape: tuple[int, int]) -> Array:
    m, n = shape
    return object_array([flat[i * n : i * n + n] for i in range(m)], shape)


def tangent_features(here: Landscape) -> tuple[tuple[Expr, ...], ...]:
    """φ_i(x) as closed forms of the inputs, K rows of N.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = Model.from_expressions("a + b*x + c*cos(x)", "a b c", "x")
    >>> here = Problem(net, Data([0], [0])).at({"a": 1, "b": 2, "c": 3})
    >>> [str(phi) for phi in tangent_features(here)[0]]
    ['1', 'x', 'cos(x)']
    """
    model = here.problem.model
    return tuple(
        tuple(substitute(gradient(f, model.parameters), here.point)) for f in model.outputs
    )


def feature_along(here: Landscape, v: Sequence[Expr]) -> tuple[Expr, ...]:
    """φ_v(x) = d/dt f(x; θ + tv) at t = 0, one closed form of x for each output."""
    t = symbol("t'")  # no parameter can be called so
    line = {n: value + t * c for (n, value), c in zip(here.values, v, strict=True)}
    moved = [differentiate(f, "t'") for f in substitute(here.problem.model.outputs, line)]
    return tuple(substitute(moved, {"t'": ZERO}))


# --- the Gram matrix -------------------------------------------------------------------------


def gram(f: Features) -> Matrix:
    """Σ_x φ_i(x)ᵀ A_x φ_j(x), with A_x the block of A that belongs to example x."""
    N = f.here.problem.N
    total = np.full((N, N), fmpq(0), dtype=object)
    for x in f.examples:
        total = total + matmul(f.phi[x].T, f.A[x, x], f.phi[x])
    return f.matrix(total)


def is_gram(here: Landscape) -> Fact:
    """H = Σ_x φ_iᵀ A_x φ_j, entry by entry."""
    f = features(here)
    gap = f.H - object_array(gram(f).rows, f.H.shape)
    fact = landscape_facts.is_zero(f.matrix(gap), "H − Σ_x φ_iᵀA_xφ_j")
    return (
        Fact(fact.truth, "H is the Gram matrix of the features under A")
        if (fact.truth is Truth.TRUE)
        else fact
    )


def gauss_newton_is_gram(here: Landscape) -> Fact:
    """JᵀAJ = Σ_x φ_iᵀ A_x φ_j: wherever ℓ is a sum over examples."""
    f = features(here)
    gap = matmul(f.J.T, f.A, f.J) - object_array(gram(f).rows, f.H.shape)
    return landscape_facts.is_zero(f.matrix(gap), "JᵀAJ − Σ_x φ_iᵀA_xφ_j")


def independent_features(here: Landscape) -> int:
    """The dimension of the span of φ_1, …, φ_N as functions on the data: N minus the number of
    independent linear relations among them. Raises UndecidedError where that is not known."""
    f = features(here)
    relations = null_space([list(row) for row in f.phi], here.problem.N, f.field)
    return here.problem.N - len(relations)


def _feature_norm(f: Features, v: Vector) -> Exact:
    """Σ_x φ_v(x)ᵀ A_x φ_v(x), from the values of φ_v = Σ_i v_i φ_i."""
    phi_v = np.array(product(f.phi.tolist(), v), dtype=object)
    total: Exact = fmpq(0)
    for x in f.examples:
        total = total + matmul(phi_v[x], f.A[x, x], phi_v[x])
    return total


@dataclass(frozen=True, eq=False)
class EigenFeature:
    """An eigenvector v of H, its eigenvalue λ, |v|², and Σ_x φ_vᵀA_xφ_v."""

    eigenvalue: Exact
    vector: Vector
    square: Exact
    norm: Exact


@once
def eigen_features(here: Landscape) -> tuple[Field, tuple[EigenFeature, ...]]:
    """The features of an orthogonal eigenbasis of H, and the field of their numbers.

    Raises UndecidedError where the eigenvalues have no closed form with square roots.
    """
    f = features(here)
    pairs = eigenbasis([list(row) for row in f.H], f.field)
    return f.field, tuple(
        EigenFeature(value, v, product([v], v)[0], _feature_norm(f, v)) for value, v in pairs
    )


# --- layers ----------------------------------------------------------------------------------


def network_of(here: Landscape) -> Network:
    """The layers of the model. Raises UndecidedError for one of closed forms."""
    net = here.problem.model.network
    if net is None:
        raise UndecidedError("the model is given by closed forms: it has no layers")
    return net


def backward_block(f: Features, l: int) -> dict[str, Array]:
    """∂F_m/∂W_l[i, j] = δ_i(x)·a_j(x) for the weights (and bias) of layer l (from 1), by name.

    δ_L = 1 at the output itself, δ_l = σ'(z_l) ∘ W_{l+1}ᵀδ_{l+1}; a: what enters layer l.
    """
    net, run = network_of(f.here), f.run
    assert run is not None
    D, K = run.outputs.shape
    found: dict[str, Array] = {}
    names = np.array(net.parameters, dtype=object)[net.blocks[l - 1]]
    for k in range(K):
        delta = np.array([[fmpq(int(i == k)) for i in range(K)]] * D, dtype=object)
        for layer in range(net.depth - 1, l - 1, -1):
            delta = matmul(delta, run.weights[layer]) * run.slopes[layer - 1]
        for (i, j), name in np.ndenumerate(names):
            column = found.setdefault(str(name), np.full(D * K, fmpq(0), dtype=object))
            column[k::K] = delta[:, i] * run.inputs[l - 1][:, j]
    return found


def enters_times_slope(here: Landscape) -> Fact:
    """φ_i = δ_i(x)·a_j(x) for every weight of every layer."""
    net, f = network_of(here), features(here)
    gaps = [
        f.phi[:, c] - block[name]
        for l in range(1, net.depth + 1)
        for block in [backward_block(f, l)]
        for c, name in enumerate(here.problem.model.parameters)
        if name in block
    ]
    return landscape_facts.is_zero(f.matrix(np.array(gaps, dtype=object)), "φ − δ_i(x)·a_j(x)")


def preactivation_gradients(net: Network, l: int) -> tuple[tuple[tuple[Expr, ...], ...], Array]:
    """For each unit i of layer l (from 1) the gradient of z_{l,i}(x) in its incoming weights, and
    the activations that enter layer l, all as closed forms of θ and x."""
    theta = np.array([symbol(n) for n in net.parameters], dtype=object)
    x = np.array([[symbol(f"x{j + 1}") for j in range(net.widths[0])]], dtype=object)
    run = layers.forward(net, theta, x, layers.Objects(Expressions()))
    a = run.inputs[l - 1][0]
    found = []
    for row in net.blocks[l - 1]:
        z = ZERO
        for position, value in zip(row, a, strict=True):
            z = z + theta[position] * value
        found.append(tuple(gradient(z, [net.parameters[p] for p in row])))
    return tuple(found), a


@dataclass(frozen=True, eq=False)
class LayerBasis:
    """What enters layer l in a basis b = T a with Σ_x b bᵀ diagonal, and W' = W T⁻¹.

    kind: "eigenbasis" of Σ_x a aᵀ (rows of T orthogonal), or "triangular" (from LDLᵀ); unique:
    an eigenbasis without repeated eigenvalues, but for 0, so that no other has other signals;
    a: (D, m) the activations with the 1 of the bias; b: (D, m); W, new_W: (n, m), biases as
    last column.
    """

    layer: int
    kind: str
    unique: bool
    field: Field
    a: Array
    T: Array
    b: Array
    W: Array
    new_W: Array

    @property
    def signals(self) -> Array:
        """W'_ij b_j(x): what feature j adds to preactivation i, (D, n, m)."""
        both: Array = self.new_W[None, :, :] * self.b[:, None, :]
        return both

    def matrix(self, table: Array) -> Matrix:
        return Matrix.of(table, self.field)


@once
def layer_basis(here: Landscape, l: int) -> LayerBasis:
    """An orthogonal basis of what enters layer l (from 1): the eigenbasis of Σ_x a aᵀ where that
    has a closed form, else that of LDLᵀ.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([2, 1], "identity", bias=False)
    >>> problem = Problem(net, Data([[0, 1], [1, 0], [1, 1]], [0, 0, 0]))
    >>> here = problem.at({"w1_1_1": 3, "w1_1_2": 1})
    >>> basis = layer_basis(here, 1)
    >>> basis.kind, [[str(v) for v in row] for row in basis.new_W]
    ('eigenbasis', [['-1', '2']])
    """
    net, f = network_of(here), features(here)
    assert f.run is not None
    a = f.run.inputs[l - 1]
    W = _with_biases(f, net, l)
    C = matmul(a.T, a).tolist()
    kind, unique = "eigenbasis", False
    try:
        pairs = eigenbasis(C, f.field)
        T, back = _eigen_transform([v for _, v in pairs])
        values = [value for value, _ in pairs if value != 0]
        unique = all(differs(f.field, u - v) for i, u in enumerate(values) for v in values[:i])
    except UndecidedError:
        kind = "triangular"
        T, back = _triangular_transform(C, f.field)
    return LayerBasis(l, kind, unique, f.field, a, T, matmul(a, T.T), W, matmul(W, back))


def _with_biases(f: Features, net: Network, l: int) -> Array:
    """W_l with the biases as last column."""
    here = f.here
    pairs = [*here.values, *here.problem.model.fixed]
    values = evaluate([form for _, form in pairs], f.field, {})
    known = dict(zip((name for name, _ in pairs), values, strict=True))
    block = net.blocks[l - 1]
    return _array([known[net.parameters[p]] for p in block.ravel()], block.shape)


def _eigen_transform(vectors: list[Vector]) -> tuple[Array, Array]:
    """(T, T⁻¹) with orthogonal eigenvectors as the rows of T."""
    m = len(vectors)
    T = object_array(vectors, (m, m))
    back = T.T.copy()
    for j, v in enumerate(vectors):
        back[:, j] = back[:, j] * inverse(product([v], v)[0])
    return T, back


def _triangular_transform(C: list[list[Exact]], field: Field) -> tuple[Array, Array]:
    """(T, T⁻¹) from C[order][:, order] = L D Lᵀ: T⁻¹ = Pᵀ L."""
    found = factorise(C, field.sign)
    m = len(C)
    if any(len(block) != 1 for block in found.blocks):
        raise UndecidedError("a Gram matrix with an indefinite block")
    L = found.L
    T = np.full((m, m), fmpq(0), dtype=object)
    back = np.full((m, m), fmpq(0), dtype=object)
    for i, place in enumerate(found.order):
        T[i, place] = fmpq(1)
        for j in range(i):
            T[i] = T[i] - L[i][j] * T[j]
        for j in range(m):
            back[place, j] = fmpq(0) + L[i][j]
    return T, back


def is_orthogonal(basis: LayerBasis) -> Fact:
    """Σ_x b_i(x) b_j(x) = 0 for i ≠ j."""
    G = matmul(basis.b.T, basis.b)
    off = [[v] for (i, j), v in np.ndenumerate(G) if i != j]
    if not off:
        return Fact(Truth.TRUE, "a layer with one feature")
    return landscape_facts.is_zero(
        basis.matrix(object_array(off, (len(off), 1))), "Σ_x b_i b_j, i ≠ j,"
    )


def keeps_function(basis: LayerBasis) -> Fact:
    """W' T = W as matrices, so that W'b = Wa for every input, on the data or not."""
    gap = matmul(basis.new_W, basis.T) - basis.W
    return landscape_facts.is_zero(basis.matrix(gap), "W'T − W")


def adds_in_squares(basis: LayerBasis) -> Fact:
    """Σ_x z_i(x)² = Σ_j W'_ij² Σ_x b_j(x)²: nothing cancels in L²."""
    signals = basis.signals
    z = signals.sum(axis=2)
    gap = (z * z).sum(axis=0) - (signals * signals).sum(axis=(0, 2))
    column = object_array([[v] for v in gap], (len(gap), 1))
    return landscape_facts.is_zero(basis.matrix(column), "Σ_x z² − Σ_j W'_j² Σ_x b_j²")


def never_opposes(basis: LayerBasis) -> Fact:
    """At no example do two features add signals of opposite sign to a preactivation. FALSE only
    where the eigenbasis is unique up to scale, and its signals with it."""
    for (d, i), _ in np.ndenumerate(basis.signals[:, :, 0]):
        signs: dict[int, int] = {}
        for j, v in enumerate(basis.signals[d, i]):
            signs[basis.field.sign(v) if v != 0 else 0] = j
        if {1, -1} <= set(signs):
            j, k = sorted((signs[1], signs[-1]))
            shown = " and ".join(_short(basis.field.expr(basis.signals[d, i, c])) for c in (j, k))
            where = (
                f"at example {d + 1} features {j + 1} and {k + 1} add {shown} to unit {i + 1} "
                f"of layer {basis.layer}"
            )
            if basis.unique:
                return Fact(Truth.FALSE, where)
            return Fact(Truth.UNDECIDED, f"{where}; another orthogonal basis may do without")
    return Fact(Truth.TRUE, f"no signals of opposite sign into layer {basis.layer}")


def _short(form: Expr) -> str:
    text = str(form)
    return text if len(text) <= 40 else f"{text[:37]}..."


def each_layer(here: Landscape, test: Any) -> Fact:
    """The conjunction of `test(basis)` over the layers of a network."""
    facts = [test(layer_basis(here, l)) for l in range(1, network_of(here).depth + 1)]
    total = facts[0]
    for fact in facts[1:]:
        total = total & fact
    return total
