"""Claims 51 to 72: features, basin broadness, volumes and priors.

In: the gallery's landscapes as instances, and examples of its own: features 1, x, cos x; features on
independent parts of the input; Hessians cut into two blocks; quadratic basins under a prior. Out:
`CLAIMS`. Theorems T1, T4, T6 and T7 of the theory carry the repairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product as grid
from math import prod
from typing import Any

import flint
from flint import arb, fmpq, fmpq_mat

from hessrank.proofs import predicates
from hessrank.proofs.catalogue.hessian import T3_AT_FIT, T4_STEPS
from hessrank.proofs.claim import Claim, Existence, Instance, Predicate, Statement, Step
from hessrank.proofs.experiments.basin_volumes import prior_masses
from hessrank.proofs.features import (
    adds_in_squares,
    each_layer,
    eigen_features,
    enters_times_slope,
    feature_along,
    features,
    gauss_newton_is_gram,
    independent_features,
    is_gram,
    is_orthogonal,
    keeps_function,
    never_opposes,
    preactivation_gradients,
    tangent_features,
)
from hessrank.proofs.fibre import constant_rank, fibre_dimension
from hessrank.proofs.identities import vanish
from hessrank.proofs.minima import total_loss
from hessrank.proofs.spectrum import spectrum
from hessrank.proofs.symmetries import activation_ranks, null_space_directions, unfolded
from hessrank.proofs.truth import Fact, Truth
from hessrank.proofs.vocabulary import (
    A_DEFINITE,
    CONVEX_LOSS,
    LOCAL_MINIMUM,
    PERFECT_FIT,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.volume import (
    ball_constant,
    crossovers,
    holds_more,
    product_of_widths,
    quadratic_volume,
    spread,
)
from hessrank.symbolic.balls import BallRing
from hessrank.symbolic.convexity import Curvature, curvature
from hessrank.symbolic.differentiation import gradient, hessian
from hessrank.symbolic.elements import TooLarge
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expression import Expr, evaluate, free_symbols, number, symbol
from hessrank.symbolic.field import Field, evaluate_in_field
from hessrank.symbolic.functions import exp
from hessrank.symbolic.inertia import factorise
from hessrank.symbolic.landscape import Landscape
from hessrank.symbolic.losses import Loss
from hessrank.symbolic.matrices import Matrix
from hessrank.symbolic.models import Model, mlp
from hessrank.symbolic.problems import Data, Problem, object_array

S1, S4 = "S1 (Information loss → basin flatness)", "S4 (basin broadness)"

#: The composed loss is differentiated directly for at most this many parameters.
MAX_DIRECT = 16

# --- instances of our own ----------------------------------------------------------------------


def _linear(outputs: str | list[str], parameters: str, inputs: str, x: Sequence[object],
            y: Sequence[object], point: dict[str, object], loss: str | Loss = "half-squared",
            ) -> Landscape:
    model = Model.from_expressions(outputs, parameters, inputs)
    return Problem(model, Data(x, y), loss).at(point)


def cosine_features() -> Landscape:
    """S4's example: the features 1, x and cos x, fitted perfectly at x = 0, π/3, π/2, π."""
    return _linear("a + b*x + c*cos(x)", "a b c", "x", ["0", "pi/3", "pi/2", "pi"],
                   ["3", "2 + pi/3", "1 + pi/2", "pi - 1"], {"a": 1, "b": 1, "c": 2})


def _net(widths: list[int], activation: str, x: Sequence[object], values: Sequence[object],
         bias: bool = False, fixed: dict[str, object] | None = None) -> Landscape:
    """A network fitted to its own outputs: r = 0."""
    model = mlp(widths, activation, bias, fixed)
    point = dict(zip(model.parameters, values, strict=True))
    K = model.output_count
    F = Problem(model, Data(x, [[0] * K for _ in x])).at(point).outputs
    assert isinstance(F, Matrix)
    y = [[F[d * K + k, 0] for k in range(K)] for d in range(len(x))]
    return Problem(model, Data(x, y), "half-squared").at(point)


SIGNS = [[-1, -1], [-1, 1], [1, -1], [1, 1]]
BITS = [[0, 0], [0, 1], [1, 0], [1, 1]]


def _networks() -> Sequence[Instance]:
    return (
        Instance("sum-of-two-signs", _net([2, 1], "identity", SIGNS, [1, 1])),
        Instance("square-net", _net([2, 2, 1], "square", BITS, [1, 1, 1, -1, 1, 2])),
        Instance("deep-tanh", _net([1, 2, 1, 1], "tanh", [["log(2)/2"], ["log(3)/2"]],
                                   [1, 2, 1, -1, 2])),
        Instance("relu-two-outputs", _net([2, 2, 2], "relu", [[1, 2], [2, -1], [-3, 1]],
                                          [1, 1, -1, 2, 0, 1, 1, 1, 2, 1, 0, "1/2"], bias=True)),
        Instance("one-neuron", _net([1, 1], "identity", [[1], [2]], [3])),
    )


def _perfect_fits() -> Sequence[Instance]:
    two = _linear(["a + b*x", "a*b"], "a b", "x", [1, 2], [[2, 1], [3, 1]], {"a": 1, "b": 1})
    crossed = Loss.weighted([[2, 1], [1, 3]])
    line: Callable[..., Landscape] = _linear
    return (
        Instance("cosine-features", cosine_features()),
        Instance("two-outputs", two),
        Instance("softmax-fit", line(["a + b", "a*b", "c"], "a b c", "", [[]],
                                     [["1/3", "1/3", "1/3"]], {"a": 0, "b": 0, "c": 0},
                                     "softmax-cross-entropy")),
        Instance("cross-terms-fit", line(["a + b", "a*b"], "a b", "", [[]], [[1, 0]],
                                         {"a": 0, "b": 1}, crossed)),
        Instance("examples-coupled", line("a*x + b", "a b", "x", [1, 2], [3, 4],
                                          {"a": 1, "b": 2}, crossed)),
        Instance("log-cosh-fit", line("a*b*x", "a b", "x", [1, 2], [2, 4], {"a": 1, "b": 2},
                                      "log-cosh")),
        Instance("golden-ratio", line(["a + b", "a"], "a b", "", [[]], [[1, 1]],
                                      {"a": 1, "b": 0})),
        Instance("doubled-slope", line("2*a", "a", "", [[]], [2], {"a": 1})),
        Instance("linear-and-flat", line("a*x + b*x", "a b", "x", [1, 2], [2, 4],
                                         {"a": 1, "b": 1})),
    )


def _hard_labels() -> Sequence[Instance]:
    hard = _linear(["a", "b"], "a b", "", [[]], [[1, 0]], {"a": 2, "b": -3},
                   "softmax-cross-entropy")
    return (Instance("hard-label-on-logits", hard), *_perfect_fits())


def _parts() -> Sequence[Instance]:
    """Features of one input each, on grids, and on data where the inputs depend on each other."""

    def fitted(outputs: str, parameters: str, x: Sequence[Sequence[object]]) -> Landscape:
        zeros = dict.fromkeys(parameters.split(), 0)
        return _linear(outputs, parameters, "x1 x2", x, [0] * len(x), dict(zeros))

    three = [[a, b] for a, b in grid((0, 1, 2), (0, "pi"))]
    return (
        Instance("x₁, x₂ on {0,1}²", fitted("a*x1 + b*x2", "a b", BITS)),
        Instance("x₁, x₂ on {±1}²", fitted("a*x1 + b*x2", "a b", SIGNS)),
        Instance("x₁, x₂ on {(0,0), (1,1)}", fitted("a*x1 + b*x2", "a b", [[0, 0], [1, 1]])),
        Instance("x₁², cos x₂ on a grid", fitted("a*x1**2 + b*cos(x2)", "a b", three)),
        Instance("x₁², x₂ on {±1}²", fitted("a*x1**2 + b*x2", "a b", SIGNS)),
        Instance("x₁², x₂² on {±1}²", fitted("a*x1**2 + b*x2**2", "a b", SIGNS)),
    )


def _merging() -> Sequence[Instance]:
    """Networks that lose information on the way."""
    merged = _net([2, 1, 1], "tanh", [[1, 0], [1, 1]], [1, 0, 1, 0], bias=True,
                  fixed={"b1_1": 0})
    blind = _net([2, 1, 1], "identity", [[1, 2], [2, 4], [3, 6]], [1, 1, 2])
    twins = _net([1, 2, 1], "square", [[1], [2], [3]], [1, 1, 1, 2])
    return (
        Instance("merged-full-rank", merged),
        Instance("inputs-on-a-line", blind),
        Instance("duplicated-square-unit", twins),
    )


# --- hypotheses and conclusions on landscapes ----------------------------------------------------


def _direct_gradient(here: Landscape) -> Fact:
    """The linear Taylor term of L, from differentiating the composed closed form of L."""
    problem = here.problem
    if problem.N > MAX_DIRECT:
        raise UndecidedError(f"L is differentiated directly for at most {MAX_DIRECT} parameters")
    forms = gradient(total_loss(problem), problem.model.parameters)

    def build(field: Field) -> Matrix:
        names = [n for n, _ in here.values]
        theta = dict(zip(names, evaluate([v for _, v in here.values], field, {}), strict=True))
        found = [[v] for v in evaluate(forms, field, theta)]
        return Matrix.of(object_array(found, (len(found), 1)), field)

    try:
        return predicates.is_zero(evaluate_in_field(build, here.side), "the linear term of L")
    except TooLarge as error:
        raise UndecidedError(f"the linear term: {error}") from None


def _no_residual(here: Landscape) -> Fact:
    return predicates.is_zero(here.residual, "Σ r_m ∇²F_m")


def _hard_softmax(here: Landscape) -> Fact:
    """Softmax cross-entropy on K ≥ 2 logits with a target of exactly 0 or 1."""
    if here.problem.loss.name != "softmax-cross-entropy" or here.problem.model.output_count < 2:
        return Fact(Truth.FALSE, "no softmax cross-entropy on two or more logits")
    hard = any(v.is_number and v.value in (0, 1) for row in here.problem.data.y for v in row)
    return Fact(Truth.of(hard), "a target is hard" if hard else "every target is soft")


def _scalar_output(here: Landscape) -> Fact:
    K = here.problem.model.output_count
    return Fact(Truth.of(K == 1), f"K = {K}")


def _sum_over_examples(here: Landscape) -> Fact:
    if here.problem.loss.weights is None or len(here.problem.data) == 1:
        return Fact(Truth.TRUE, "ℓ is a sum over examples")
    A, K = here.loss_hessian, here.problem.model.output_count
    assert isinstance(A, Matrix)
    off = [v for i, row in enumerate(A.rows) for j, v in enumerate(row) if i // K != j // K]
    column = Matrix.of(object_array([[v] for v in off], (len(off), 1)), A.field)
    return predicates.is_zero(column, "the part of A between examples")


def _norms(here: Landscape, squared: bool) -> Fact:
    """λ|v|² = Σ φ_vᵀAφ_v for an eigenbasis; or λ as the norm, not its square."""
    try:
        field, found = eigen_features(here)
    except UndecidedError:
        if not squared:
            raise
        fact = is_gram(here)
        return Fact(fact.truth, f"vᵀHv = Σ_x φ_vᵀA_xφ_v for every v: {fact.reason}")
    if squared:
        gaps = [[e.eigenvalue * e.square - e.norm] for e in found]
    else:
        gaps = [[e.eigenvalue * e.eigenvalue * e.square - e.norm] for e in found]
    shown = ", ".join(f"λ = {field.expr(e.eigenvalue)}: {field.expr(e.norm / e.square)}"
                      for e in found[:3])
    column = Matrix.of(object_array(gaps, (len(gaps), 1)), field)
    fact = predicates.is_zero(column, "the difference")
    return Fact(fact.truth, f"squared norms of unit eigenvectors' features: {shown}")


def _along_eigenvectors(here: Landscape) -> Fact:
    """λ|v|² = Σ_x (d/dt f(x; θ + tv))² for each eigenvector v: φ_v by a directional derivative."""
    field, found = eigen_features(here)
    model, data = here.problem.model, here.problem.data
    forms = [
        (field.expr(e.eigenvalue), field.expr(e.square),
         feature_along(here, [field.expr(c) for c in e.vector]))
        for e in found
    ]

    def build(fresh: Field) -> Matrix:
        gaps = []
        for value, square, phi in forms:
            total, size = evaluate([value, square], fresh, {})
            gap = total * size
            for row in data.x:
                x = dict(zip(model.inputs, evaluate(row, fresh, {}), strict=True))
                for v in evaluate(phi, fresh, x):
                    gap = gap - v * v
            gaps.append([gap])
        return Matrix.of(object_array(gaps, (len(gaps), 1)), fresh)

    fact = predicates.is_zero(evaluate_in_field(build, here.side), "λ|v|² − Σ_x φ_v(x)²")
    return Fact(fact.truth, f"λ|v|² = Σ_x φ_v(x)² for {len(found)} eigenvectors" if (
        fact.truth is Truth.TRUE) else fact.reason)


def _nullity(here: Landscape) -> int:
    H = here.rank("hessian")
    if not H.decided:
        raise UndecidedError("rank H is not decided")
    return here.problem.N - H.lower


def _has_zero_eigenvalue(here: Landscape) -> Fact:
    n = _nullity(here)
    return Fact(Truth.of(n > 0), f"H has {n} zero eigenvalues")


def _flat_for_each_zero(here: Landscape) -> Fact:
    """The zero-loss set near θ has the dimension nullity(H)."""
    n = _nullity(here)
    return fibre_dimension(here).at_least(n)


def _linear_in_parameters(here: Landscape) -> Fact:
    """F(x; θ) is affine in θ for every x: all second derivatives vanish identically."""
    model = here.problem.model
    forms = model.outputs
    plain = {n: number(Fraction(i + 2, i + 3)) for i, n in enumerate(model.inputs)}
    from hessrank.symbolic.expression import substitute

    if all(curvature(f) in (Curvature.CONSTANT, Curvature.AFFINE) for f in substitute(forms, plain)):
        return Fact(Truth.TRUE, "affine in θ by its form")
    for m in range(here.problem.M):
        bent = predicates.is_zero(here.second_derivative(m), f"∇²F_{m + 1}")
        if bent.truth is Truth.FALSE:
            return bent
    if here.problem.N > MAX_DIRECT:
        return Fact(Truth.UNDECIDED, "too many parameters for an identity in θ")
    return vanish(*(e for f in forms for row in hessian(f, model.parameters) for e in row))


def _counts_features(here: Landscape) -> Fact:
    """nullity H = N − dim span{φ_i} over the data."""
    n, k = _nullity(here), independent_features(here)
    return Fact(Truth.of(n == here.problem.N - k),
                f"{n} zero eigenvalues, {here.problem.N} parameters, {k} independent features")


def _parts_of(here: Landscape) -> list[frozenset[str]]:
    rows = tangent_features(here)
    return [free_symbols(*(row[i] for row in rows)) for i in range(here.problem.N)]


def _on_different_parts(here: Landscape) -> Fact:
    if here.problem.N > MAX_DIRECT:
        raise UndecidedError("too many parameters")
    parts = _parts_of(here)
    apart = len(parts) > 1 and all(parts) and sum(map(len, parts)) == len(frozenset.union(*parts))
    return Fact(Truth.of(apart), "each feature reads inputs of its own" if apart else
                "two features read the same inputs, or one reads none")


def _on_a_grid(here: Landscape) -> Fact:
    """The data are a product: each combination of values as often as independence says."""
    x = here.problem.data.x
    count, D, n = Counter(x), len(x), len(here.problem.model.inputs)
    single = [Counter(row[j] for row in x) for j in range(n)]
    whole = all(
        count[values] * D ** (n - 1) == prod(single[j][v] for j, v in enumerate(values))
        for values in grid(*single)
    )
    return Fact(Truth.of(n > 0 and whole), "the data are a product grid" if whole else
                "the inputs depend on one another over the data")


def _centred(here: Landscape) -> tuple[Field, list[list[Any]]]:
    """φ_i minus its mean over the examples, on the data; one output."""
    f = features(here)
    D = len(f.phi)
    return f.field, [[v - sum(column, fmpq(0)) / D for v in column] for column in f.phi.T]


def _no_constant_feature(here: Landscape) -> Fact:
    field, columns = _centred(here)
    fact = Fact(Truth.TRUE, "no feature is constant on the data")
    for i, column in enumerate(columns):
        table = Matrix.of(object_array([[v] for v in column], (len(column), 1)), field)
        fact = fact & ~predicates.is_zero(table, f"φ_{i + 1} minus its mean")
    return fact


def _inner_products(field: Field, columns: Sequence[Sequence[Any]], what: str) -> Fact:
    off = [
        [sum((a * b for a, b in zip(u, v, strict=True)), fmpq(0))]
        for i, u in enumerate(columns) for v in columns[:i]
    ]
    return predicates.is_zero(Matrix.of(object_array(off, (len(off), 1)), field), what)


def _orthogonal(here: Landscape) -> Fact:
    f = features(here)
    return _inner_products(f.field, list(f.phi.T), "Σ_x φ_iφ_j, i ≠ j,")


def _independent_and_centred_orthogonal(here: Landscape) -> Fact:
    """An orthogonal basis of size k exists, and φ_i − mean are orthogonal already."""
    k, N = independent_features(here), here.problem.N
    field, columns = _centred(here)
    full = Fact(Truth.of(k == N), f"{k} of {N} features are independent")
    return full & _inner_products(field, columns, "Σ_x (φ_i − φ̄_i)(φ_j − φ̄_j), i ≠ j,")


def _is_network(here: Landscape) -> Fact:
    net = here.problem.model.network
    return Fact(Truth.of(net is not None), "a layered network" if net else "given by closed forms")


def _layers(test: Callable[[Any], Fact]) -> Callable[[Landscape], Fact]:
    return lambda here: each_layer(here, test)


def _same_vector(here: Landscape) -> Fact:
    """∂z_i/∂(weights into unit i) is the same vector a for every unit i of a layer."""
    net = here.problem.model.network
    assert net is not None
    for l in range(1, net.depth + 1):
        slopes, a = preactivation_gradients(net, l)
        for row in slopes:
            if any(u is not v for u, v in zip(row, a, strict=True)):
                fact = vanish(*(u - v for u, v in zip(row, a, strict=True)))
                if fact.truth is not Truth.TRUE:
                    return fact
    return Fact(Truth.TRUE, "each gradient is the vector of activations (with 1 for the bias)")


def _merges(here: Landscape) -> Fact:
    """Two examples with different inputs enter a later layer with equal activations."""
    u, x = unfolded(here), here.problem.data.x
    for l, a in enumerate(u.inputs[1:], 1):
        for d in range(len(x)):
            for e in range(d):
                if x[d] != x[e] and all(p == q for p, q in zip(a[d], a[e], strict=True)):
                    return Fact(Truth.TRUE, f"layer {l} does not tell examples {e + 1} and "
                                f"{d + 1} apart")
    return Fact(Truth.UNDECIDED if not u.inputs[1:] else Truth.FALSE,
                "no two examples are seen to merge")


def _jacobian_deficient(here: Landscape) -> Fact:
    """More flat directions than N − M: rank J < min(M, N)."""
    J, full = here.rank("jacobian"), min(here.problem.M, here.problem.N)
    known = True if J.upper < full else False if J.lower == full else None
    return Fact(Truth.of(known), f"rank J = {J.lower}..{J.upper}, min(M, N) = {full}")


def _spans_less(here: Landscape) -> Fact:
    """What enters some weight matrix spans s < d dimensions over the data, nothing fixed there."""
    found = null_space_directions(here)
    shown = ", ".join(f"{s} of {d}" for s, d, _ in activation_ranks(here))
    return Fact(Truth.of(bool(found)), f"what enters the weight matrices spans {shown} dimensions")


def _flat_for_each_lost(here: Landscape) -> Fact:
    """For each weight matrix (d − s)·d_out directions, along which F(θ + v) = F(θ)."""
    u = unfolded(here)
    directions = null_space_directions(here)
    promised = sum((d - s) * n for s, d, n in activation_ranks(here))
    if not here.problem.model.fixed and len(directions) != promised:
        return Fact(Truth.FALSE, f"{len(directions)} directions, (d − s)·d_out = {promised}")
    for l in range(1, u.net.depth + 1):
        point = here.point
        inside = {str(n) for n in u.names[l - 1].ravel()}
        for step, v in enumerate(directions, 2):
            for name, i in u.position.items():
                if name in inside and v.vector[i] != 0:
                    point[name] = point[name] + u.field.expr(v.vector[i]) * step
        if here.problem.at(point, here.side).outputs != here.outputs:
            return Fact(Truth.UNDECIDED, f"F is not seen to be the same after a move in layer {l}")
    return Fact(Truth.TRUE, f"{len(directions)} directions, and F is unchanged along them") & (
        fibre_dimension(here).at_least(_widest(here)))


def _widest(here: Landscape) -> int:
    """The most that one weight matrix gives: there the directions span a flat of the fibre."""
    directions = null_space_directions(here)
    layers_ = Counter(v.words.split("layer ")[1].split()[0] for v in directions)
    return max(layers_.values())


LINEAR_TERM = Predicate("linear-term-vanishes", "the linear term of the Taylor expansion vanishes",
                        _direct_gradient, r"\nabla L(\theta) = 0")
NO_RESIDUAL_TERM = Predicate("no-residual-term", "Σ_m r_m∇²F_m = 0", _no_residual,
                             r"\sum_m r_m\nabla^2F_m = 0")
NOT_HARD = ~Predicate("hard-softmax", "the loss is softmax cross-entropy with a hard label",
                      _hard_softmax)
SCALAR = Predicate("scalar-output", "the output is a scalar", _scalar_output, "K = 1")
EXAMPLEWISE = Predicate("sum-over-examples", "ℓ is a sum over examples", _sum_over_examples)
IS_GRAM = Predicate("gram-matrix", "H_ij = Σ_x φ_i(x)ᵀ A_x φ_j(x)", is_gram,
                    r"H_{ij} = \sum_x \varphi_i(x)^{\mathsf T}A_x\varphi_j(x)")
GN_IS_GRAM = Predicate("gauss-newton-gram", "(JᵀAJ)_ij = Σ_x φ_i(x)ᵀ A_x φ_j(x)",
                       gauss_newton_is_gram)
ARE_NORMS = Predicate("eigenvalues-are-norms", "each eigenvalue of H is the L² norm of its unit "
                      "eigenvector's feature", lambda h: _norms(h, squared=False),
                      r"\lambda_v = \|\varphi_v\|")
ARE_SQUARED_NORMS = Predicate(
    "eigenvalues-are-squared-norms", "each eigenvalue of H is Σ_x φ_vᵀA_xφ_v, its unit "
    "eigenvector's feature squared and weighted by ∇²ℓ", lambda h: _norms(h, squared=True),
    r"\lambda_v = \sum_x \varphi_v(x)^{\mathsf T}A_x\varphi_v(x)")
ALONG = Predicate("eigenvector-feature", "λ_v = Σ_x φ_v(x)² with φ_v(x) = ∇f(x)·v",
                  _along_eigenvectors, r"\lambda_v = \sum_x (\nabla f(x)\cdot v)^2")
ZERO_EIGENVALUE = Predicate("zero-eigenvalue", "H has a zero eigenvalue", _has_zero_eigenvalue)
FLAT = Predicate("flat-for-each-zero", "the zero-loss set near θ has as many dimensions as H has "
                 "zero eigenvalues", _flat_for_each_zero, r"\dim = N - \operatorname{rank}H")
STRAIGHT = Predicate("linear-in-θ", "F is linear in θ", _linear_in_parameters) | Predicate(
    "constant-rank", "rank J is constant near θ", constant_rank)
COUNTED = Predicate("counted-by-features", "the number of zero eigenvalues of H is the number of "
                    "parameters minus that of independent tangent features", _counts_features,
                    r"N - \operatorname{rank}H = N - \dim\operatorname{span}\{\varphi_i\}")
DIFFERENT_PARTS = Predicate("different-parts", "the tangent features read different inputs",
                            _on_different_parts)
ON_A_GRID = Predicate("independent-parts", "these inputs are independent over the data", _on_a_grid)
NOT_CONSTANT = Predicate("no-constant-feature", "no feature is constant on the data",
                         _no_constant_feature)
ORTHOGONAL = Predicate("orthogonal", "the features are orthogonal in L²", _orthogonal,
                       r"\sum_x\varphi_i\varphi_j = 0")
CENTRED = Predicate(
    "independent-centred-orthogonal",
    "they are independent, so that an orthogonal basis of as many exists, and less their means "
    "they are orthogonal themselves", _independent_and_centred_orthogonal)
NETWORK = Predicate("network", "the model is a layered network", _is_network)
TIMES_SLOPE = Predicate("times-slope", "∂f/∂W_l[i, j] = δ_i(x)·a_j(x)", enters_times_slope,
                        r"\partial f/\partial W_{ij} = \delta_i(x)\,a_j(x)")
LAYERWISE = Predicate(
    "layerwise-orthogonal", "each layer has a basis of features that is orthogonal over the data, "
    "and with the next weights transformed along the function is the same",
    lambda h: each_layer(h, lambda b: is_orthogonal(b) & keeps_function(b)),
    r"W'T = W,\ \textstyle\sum_x (Ta)(Ta)^{\mathsf T} \text{ diagonal}")
NO_CANCELLATION = Predicate("no-cancellation", "in that basis no two features of a layer cancel at "
                            "any example", _layers(never_opposes))
PYTHAGORAS = Predicate("adds-in-squares", "in that basis the squared L² norms of the signals into "
                       "a preactivation add up to that of the preactivation",
                       _layers(adds_in_squares),
                       r"\|z_i\|^2 = \sum_j W_{ij}'^2\|b_j\|^2")
SAME_VECTOR = Predicate("same-gradient", "the gradient of each preactivation of a layer in its "
                        "weights is the same vector", _same_vector, r"\partial z_i/\partial W_i = a")
MERGES = Predicate("merged", "two different inputs have equal activations at a layer", _merges)
DEFICIENT = Predicate("deficient", "the optimum is broader than N − M directions (J does not have "
                      "full rank)", _jacobian_deficient)
SPANS_LESS = Predicate("spans-less", "what enters some weight matrix spans s < d dimensions over "
                       "the data", _spans_less)
FLAT_FOR_LOST = Predicate("flat-for-each-lost", "F is constant along (d − s)·d_out directions, "
                          "exactly", _flat_for_each_lost, r"(d-s)\,d_{\mathrm{out}}")

# --- Hessians in two blocks (53, 54) -------------------------------------------------------------

Table = tuple[tuple[Fraction, ...], ...]


def _table(rows: Sequence[Sequence[int | Fraction]]) -> Table:
    return tuple(tuple(Fraction(v) for v in row) for row in rows)


def _flint(rows: Table) -> fmpq_mat:
    flat = [fmpq(v.numerator, v.denominator) for row in rows for v in row]
    return fmpq_mat(len(rows), len(rows[0]), flat)


@dataclass(frozen=True)
class Coupling:
    """H = [[P, B], [Bᵀ, Q]]: two modules with their own Hessians and what couples them; `other`:
    another coupling to compare with, of the same shape."""

    P: Table
    Q: Table
    B: Table
    other: Table | None = None

    def joined(self, B: Table) -> list[list[Fraction]]:
        upper = [[*p, *b] for p, b in zip(self.P, B, strict=True)]
        lower = [[*b, *q] for b, q in zip(zip(*B, strict=True), self.Q, strict=True)]
        return upper + lower


def two_modules() -> Coupling:
    """The Hessian of (a x₁ + b x₁²) + (c x₂ + d x₂²) on the grid {0, 1, 2}²: the modules share
    nothing, and yet they are coupled through the means of their features."""
    x = [[a, b] for a, b in grid((0, 1, 2), repeat=2)]
    here = _linear("a*x1 + b*x1**2 + c*x2 + d*x2**2", "a b c d", "x1 x2", x, [0] * 9,
                   {"a": 0, "b": 0, "c": 0, "d": 0})
    assert isinstance(here.hessian, Matrix)
    H = here.hessian.fractions()
    return Coupling(_table([r[:2] for r in H[:2]]), _table([r[2:] for r in H[2:]]),
                    _table([r[2:] for r in H[:2]]))


TWO = _table([[4, 0], [0, 4]])
NONE = _table([[0, 0], [0, 0]])


def _couplings() -> Sequence[Instance]:
    ones, hadamard = _table([[1, 1], [1, 1]]), _table([[1, 1], [1, -1]])
    return (
        Instance("dense-rank-one", Coupling(TWO, TWO, ones, hadamard)),
        Instance("two-modules-on-a-grid", two_modules()),
        Instance("one-entry", Coupling(TWO, TWO, _table([[1, 0], [0, 0]]), _table([[0, 1], [0, 0]]))),
        Instance("uncoupled", Coupling(TWO, TWO, NONE, hadamard)),
        Instance("uncoupled-indefinite", Coupling(
            _table([[2, 1], [1, -3]]), _table([[0, 5], [5, 1]]), NONE, _table([[1, 2], [-1, 4]]))),
        Instance("uncoupled-untouched-extreme", Coupling(
            _table([[9, 0], [0, 1]]), _table([[-9, 0], [0, 2]]), NONE, _table([[0, 0], [0, 1]]))),
        Instance("uneven", Coupling(_table([[3]]), _table([[2, 1], [1, 2]]), _table([[1, 2]]))),
    )


def _low_rank(c: Coupling) -> Fact:
    r, top = _flint(c.B).rank(), min(len(c.B), len(c.B[0]))
    return Fact(Truth.of(r < top), f"rank B = {r} of {top}")


def _sparse(c: Coupling) -> Fact:
    r, n = _flint(c.B).rank(), sum(v != 0 for row in c.B for v in row)
    return Fact(Truth.of(n <= r), f"B of rank {r} has {n} entries that are not zero")


def _invertible(c: Coupling) -> Fact:
    d = _flint(c.P).det()
    return Fact(Truth.of(d != 0), f"det P = {d}")


def _normal_form(B: fmpq_mat) -> tuple[fmpq_mat, fmpq_mat]:
    """Invertible U, V with U B V = diag(I_r, 0)."""

    def reducing(M: fmpq_mat) -> fmpq_mat:
        m, n = M.nrows(), M.ncols()
        wide = [[*(M[i, j] for j in range(n)), *(fmpq(int(i == k)) for k in range(m))]
                for i in range(m)]
        reduced = fmpq_mat(wide).rref()[0]
        return fmpq_mat([[reduced[i, n + k] for k in range(m)] for i in range(m)])

    U = reducing(B)
    V = reducing((U * B).transpose()).transpose()
    return U, V


def _decouples(c: Coupling) -> Fact:
    """Bases inside the modules make B sparse; and the Schur complement S = Q − BᵀP⁻¹B decouples
    them by a congruence, where it moves Q by a matrix of rank ≤ rank B."""
    P, Q, B = map(_flint, (c.P, c.Q, c.B))
    r = B.rank()
    U, V = _normal_form(B)
    sparse = U * B * V
    entries = [sparse[i, j] for i in range(B.nrows()) for j in range(B.ncols())]
    bases = bool(U.det() != 0 and V.det() != 0 and sum(v != 0 for v in entries) == r)
    shift = B.transpose() * P.inv() * B
    S = Q - shift
    n, m = P.nrows(), Q.nrows()
    corner = P.inv() * B
    G = fmpq_mat([[(-corner[i, j - n] if i < n <= j else fmpq(int(i == j))) for j in range(n + m)]
                  for i in range(n + m)])
    whole = _flint(_table(c.joined(c.B)))
    split = G.transpose() * whole * G
    apart = all(
        split[i, j] == (P[i, j] if i < n > j else S[i - n, j - n] if i >= n <= j else 0)
        for i in range(n + m) for j in range(n + m)
    )
    good = bases and apart and shift.rank() <= r and whole.rank() == P.rank() + S.rank()
    return Fact(Truth.of(good), f"B becomes {r} ones in other bases; H ≅ P ⊕ (Q − BᵀP⁻¹B), a "
                f"change of rank {shift.rank()} ≤ {r}")


def _square_norm(B: Table) -> Fraction:
    return sum((v * v for row in B for v in row), Fraction(0))


def _lower_rank_same_norm(c: Coupling) -> Fact:
    if c.other is None:
        return Fact(Truth.FALSE, "nothing to compare with")
    ranks = _flint(c.B).rank(), _flint(c.other).rank()
    norms = _square_norm(c.B), _square_norm(c.other)
    return Fact(Truth.of(ranks[0] < ranks[1] and norms[0] == norms[1]),
                f"ranks {ranks[0]} and {ranks[1]}, squared norms {norms[0]} and {norms[1]}")


def _uncoupled(c: Coupling) -> Fact:
    none = c.other is not None and _square_norm(c.B) == 0
    return Fact(Truth.of(none), "B = 0" if none else "B ≠ 0, or nothing to compare with")


def _less_extreme(c: Coupling) -> Fact:
    """The eigenvalues with B lie between the least and the greatest with `other`."""
    assert c.other is not None
    one, two = spectrum(c.joined(c.B)), spectrum(c.joined(c.other))
    inside = two[0].compare(one[0]) <= 0 and one[-1].compare(two[-1]) <= 0
    return Fact(Truth.of(inside), f"eigenvalues in [{one[0]}, {one[-1]}] against "
                f"[{two[0]}, {two[-1]}]")


def _schur_expands() -> Fact:
    p, b, q = (symbol(n) for n in "pbq")
    # (1, 0; −b/p, 1)(p, b; b, q)(1, −b/p; 0, 1) = diag(p, q − b²/p)
    return vanish(b - p * (b / p), q - (b / p) * b - (q - b * b / p))


# --- basins (52, 62) -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Quadratic:
    """The basin {½θᵀHθ < ε}."""

    H: Table
    epsilon: Fraction


def _quadratics() -> Sequence[Instance]:
    tables: dict[str, list[list[int]]] = {
        "parabola": [[2]],
        "bowl": [[1, 0], [0, 1]],
        "tilted": [[2, 1], [1, 1]],
        "valley": [[1, 1], [1, 1]],
        "three": [[4, 1, 0], [1, 3, 1], [0, 1, 2]],
    }
    return tuple(Instance(n, Quadratic(_table(H), Fraction(1, 10))) for n, H in tables.items())


def _all_positive(q: Quadratic) -> Fact:
    least = spectrum(q.H)[0]
    return Fact(Truth.of(bool(least.ball() > 0)), f"the least eigenvalue is {least}")


def _ball(form: Expr, bits: int = 128) -> arb:
    with flint.ctx.workprec(bits):
        return evaluate([form], BallRing(), {})[0]


def _is_product_of_widths(q: Quadratic) -> Fact:
    """The volume is Π 2√(2ε/λ_i), the product of the widths of the parabolas."""
    n = len(q.H)
    volume = quadratic_volume(q.H, q.epsilon)
    with flint.ctx.workprec(128):
        widths = product_of_widths(q.H, q.epsilon) * 2**n
        apart = bool((_ball(volume) - widths) != 0)
    shown = f"volume {_ball(volume).str(8, radius=False)}, widths {widths.str(8, radius=False)}"
    if apart:
        return Fact(Truth.FALSE, shown)
    # c_N = 2^N only for N = 1, where the volume is the width itself
    return Fact(Truth.of(True if n == 1 else None), shown)


def _times_ball_constant(q: Quadratic) -> Fact:
    """volume = c_N·Π√(2ε/λ_i): the product of the eigenvalues is that of the pivots of LDLᵀ."""
    pivots = prod((b[0][0] for b in factorise([list(r) for r in q.H]).blocks), start=Fraction(1))
    # the product of the roots of a monic polynomial of degree k is (−1)^k times its constant term
    once = {e.factor: e.multiplicity for e in spectrum(q.H)}
    roots = prod((((-1) ** (len(f) - 1) * f[0]) ** m for f, m in once.items()), start=Fraction(1))
    n = len(q.H)
    return Fact(Truth.of(pivots == roots), f"Π λ_i = {roots} = det H; c_{n} = {ball_constant(n)}")


@dataclass(frozen=True)
class Rivals:
    """Two quadratic basins under the prior N(0, s²I), and a flat and a sharp b = βs²."""

    first: Table
    second: Table
    flat: Fraction
    sharp: Fraction


def _rivals() -> Sequence[Instance]:
    big, small = Fraction(10**6), Fraction(1, 10**6)
    return (
        Instance("diag(8, 0) or I", Rivals(_table([[8, 0], [0, 0]]), _table([[1, 0], [0, 1]]),
                                           Fraction(1), Fraction(100))),
        Instance("steep-line-or-shallow-bowl", Rivals(
            _table([[big, 0], [0, 0]]), _table([[small, 0], [0, small]]),
            Fraction(1), Fraction(10**19))),
        Instance("tilted", Rivals(_table([[5, 5], [5, 5]]), _table([[1, Fraction(1, 2)],
                                  [Fraction(1, 2), 1]]), Fraction(1), Fraction(50))),
        Instance("no-crossing", Rivals(_table([[1, 0], [0, 0]]), _table([[2, 0], [0, 1]]),
                                       Fraction(1), Fraction(100))),
    )


def _first_of_lower_rank(r: Rivals) -> Fact:
    ranks = _flint(r.first).rank(), _flint(r.second).rank()
    return Fact(Truth.of(ranks[0] < ranks[1]), f"ranks {ranks[0]} and {ranks[1]}")


def _basins_convex(r: Rivals) -> Fact:
    good = all(not e.ball() < 0 for H in (r.first, r.second) for e in spectrum(H))
    return Fact(Truth.of(good), "both Hessians are positive semidefinite" if good else "a saddle")


def _second_wins_flat(r: Rivals) -> Fact:
    wins = holds_more(r.first, r.second, r.flat) < 0
    values = [spread(H)(fmpq(r.flat.numerator, r.flat.denominator)) for H in (r.first, r.second)]
    return Fact(Truth.of(wins), f"at b = {r.flat} the weights are {values[0]}^(−½) and "
                f"{values[1]}^(−½)")


def _first_wins_sharp(r: Rivals) -> Fact:
    wins = holds_more(r.first, r.second, r.sharp) > 0
    at = ", ".join(x.str(8, radius=False) for x in crossovers(r.first, r.second))
    return Fact(Truth.of(wins), f"at b = {r.sharp} the order is the other way; they cross at {at}")


def _first_wins_in_the_end(r: Rivals) -> Fact:
    """Beyond the last crossover the basin of lower rank holds more."""
    gap = spread(r.second) - spread(r.first)
    last = gap.coeffs()[-1]
    return Fact(Truth.of(bool(last > 0)), f"det(I + bH₂) − det(I + bH₁) has the leading term {last}·"
                f"b^{gap.degree()}")


# --- steps of proofs ------------------------------------------------------------------------------


def _softmax_never_hard() -> Fact:
    """r_k + y_k = e^{o_k}/Σ e^{o_j}, which is neither 0 nor 1 for K ≥ 2."""
    facts = []
    for K in (2, 3):
        o = [symbol(f"o{k + 1}") for k in range(K)]
        total = sum((exp(v) for v in o[1:]), exp(o[0]))
        y = [symbol(f"y{k + 1}") for k in range(K - 1)]
        last = number(1)
        for v in y:
            last = last - v
        form = Loss.named("softmax-cross-entropy").form(K)
        from hessrank.symbolic.expression import substitute

        slopes = substitute(gradient(form, [f"o{k + 1}" for k in range(K)]), {f"y{K}": last})
        facts.append(vanish(*(g + t - exp(v) / total for g, t, v in
                              zip(slopes, [*y, last], o, strict=True))))
    good = all(f.truth is Truth.TRUE for f in facts)
    return Fact(Truth.of(good or None), "r + y = softmax(o) for K = 2 and 3, identically")


def _grid_is_centred() -> Fact:
    """Σ_{a,b} (u_a − ū)(v_b − v̄) = 0 for generic u, v on a 2×3 grid."""
    u, v = [symbol(f"u{i}") for i in range(2)], [symbol(f"v{i}") for i in range(3)]
    mean_u = (u[0] + u[1]) / 2
    mean_v = (v[0] + v[1] + v[2]) / 3
    total = number(0)
    for a in u:
        for b in v:
            total = total + (a - mean_u) * (b - mean_v)
    return vanish(total)


def _chain_rule_expands() -> Fact:
    """∂f/∂w = v·σ'(wx + b)·x and ∂f/∂b = v·σ'(wx + b) for f = v·σ(wx + b), σ = tanh."""
    here = mlp([1, 1, 1], "tanh", bias=True)
    w, x, b, v = (symbol(n) for n in ("w1_1_1", "x1", "b1_1", "w2_1_1"))
    (f,) = here.outputs
    from hessrank.symbolic.functions import function

    slope = 1 - function("tanh", w * x + b) ** 2
    in_w, in_b = gradient(f, ["w1_1_1", "b1_1"])
    return vanish(in_w - v * slope * x, in_b - v * slope)


def _basis_change_expands() -> Fact:
    """W T⁻¹ (T a) = W a for a generic 2×2 T."""
    t = [[symbol(f"t{i}{j}") for j in range(2)] for i in range(2)]
    w, a = [symbol("w0"), symbol("w1")], [symbol("a0"), symbol("a1")]
    det = t[0][0] * t[1][1] - t[0][1] * t[1][0]
    back = [[t[1][1] / det, -t[0][1] / det], [-t[1][0] / det, t[0][0] / det]]
    new_w = [w[0] * back[0][j] + w[1] * back[1][j] for j in range(2)]
    b = [t[i][0] * a[0] + t[i][1] * a[1] for i in range(2)]
    return vanish(new_w[0] * b[0] + new_w[1] * b[1] - w[0] * a[0] - w[1] * a[1])


def _pythagoras_expands() -> Fact:
    """(p b + q c)² summed over the data is p²Σb² + q²Σc² + 2pq Σbc; the last sum is zero."""
    p, q, b, c, bc = (symbol(n) for n in ("p", "q", "b", "c", "bc"))
    return vanish((p * b + q * c) ** 2 - p**2 * b**2 - q**2 * c**2 - 2 * p * q * (b * c) + bc * 0)


def _null_direction_expands() -> Fact:
    """z(θ + tv) = (W + t c eᵀ…)a = Wa + t·(c·a): unchanged where c·a = 0, here with a ⟂ c solved."""
    w0, w1, a0, c0, t = (symbol(n) for n in ("w0", "w1", "a0", "c0", "t"))
    c1 = symbol("c1")
    a1 = -(c0 * a0) / c1  # c·a = 0
    return vanish((w0 + t * c0) * a0 + (w1 + t * c1) * a1 - w0 * a0 - w1 * a1)


def _sum_over_blocks() -> Fact:
    """uᵀ diag(A_1, A_2) v = Σ_x u_xᵀA_xv_x for two examples with two outputs."""
    u, v = [symbol(f"u{m}") for m in range(4)], [symbol(f"v{m}") for m in range(4)]
    A = [[symbol(f"a{m}{n}") if m // 2 == n // 2 else number(0) for n in range(4)]
         for m in range(4)]
    gap = _form(u, A, v)
    for x in (slice(0, 2), slice(2, 4)):
        gap = gap - _form(u[x], [row[x] for row in A[x]], v[x])
    return vanish(gap)


def _form(u: Sequence[Expr], A: Sequence[Sequence[Expr]], v: Sequence[Expr]) -> Expr:
    """uᵀAv."""
    total = number(0)
    for a, row in zip(u, A, strict=True):
        for b, c in zip(v, row, strict=True):
            total = total + a * c * b
    return total


def _direction_through_jacobian() -> Fact:
    """vᵀ(JᵀAJ)v = (Jv)ᵀA(Jv) for two parameters and two outputs."""
    J, A = ([[symbol(f"{n}{i}{j}") for j in range(2)] for i in range(2)] for n in "ja")
    v = [symbol("v0"), symbol("v1")]
    Jv = [J[m][0] * v[0] + J[m][1] * v[1] for m in range(2)]
    JtAJ = [[_form([J[0][i], J[1][i]], A, [J[0][j], J[1][j]]) for j in range(2)] for i in range(2)]
    return vanish(_form(v, JtAJ, v) - _form(Jv, A, Jv))


BY_EXAMPLE = Step("A is block diagonal by example, so JᵀAJ = Σ_x J_xᵀA_xJ_x, and column i of J_x is "
                  "φ_i(x)", _sum_over_blocks)


def _beyond(id: str, n: int, title: str, source: str, says: str, why: str) -> Claim:
    return Claim(id, n, title, source, says, beyond=why, over_gallery=False)


CLAIMS: tuple[Claim, ...] = (
    _beyond("grokking", 51, "Does the framework explain grokking?", f"{S1}, comments",
            "The framework does not apply to grokking, which happens long after the loss is zero.",
            "It is about the course of training; no statement on a landscape is made."),
    Claim(
        "steepness-under-priors", 52, "With priors, steep directions matter", f"{S1}, comment",
        "Once priors over the parameters are taken into account, how steep the directions are that "
        "are not flat makes a huge difference.",
        r"\exists:\ \operatorname{rank}H_1<\operatorname{rank}H_2,\ \det(I+bH_1)>\det(I+bH_2)",
        stated=Existence((
            Predicate("lower-rank", "the first basin has the lower rank", _first_of_lower_rank),
            Predicate("second-holds-more", "at a flat prior weight b the second holds more of a "
                      "Gaussian prior", _second_wins_flat),
            Predicate("first-holds-more", "at a sharper one the first does", _first_wins_sharp),
        )),
        repaired=Statement(
            (Predicate("convex", "both Hessians are positive semidefinite", _basins_convex),
             Predicate("lower-rank", "the first basin has the lower rank", _first_of_lower_rank)),
            Predicate("first-in-the-end", "from some b = βs² on the first holds more of the prior",
                      _first_wins_in_the_end, r"\det(I+bH_1) < \det(I+bH_2),\ b \to \infty"),
        ),
        repaired_proof=(
            Step("E exp(−βL) = det(I + βs²H)^(−1/2) for θ ~ N(0, s²I) and L = ½θᵀHθ",
                 cites="the Gaussian integral, in the eigenbasis of H"),
            Step("det(I + bH) = Π(1 + bλ_i), so its degree in b is rank H and its leading "
                 "coefficient the product of the λ_i > 0", cites="the spectral theorem"),
        ),
        examples=_rivals,
        over_gallery=False,
        experiment=prior_masses,
        settles="Both pictures hold, each at its own scale: rank decides in the limit of a sharp "
        "posterior, steepness before it. diag(8, 0) against I cross over at βs² = 6 exactly.",
    ),
    Claim(
        "low-rank-is-sparse", 53, "Low-rank off-diagonal blocks are sparse ones, by Schur",
        f"{S1}, comment",
        "A modular network has off-diagonal blocks of low dimension, which by the Schur complement "
        "is the same as sparse off-diagonals.",
        r"\operatorname{rank}B = k \Rightarrow B \text{ has at most } k \text{ nonzero entries}",
        stated=Statement(
            (Predicate("low-rank", "the off-diagonal block B has low rank", _low_rank),),
            Predicate("sparse", "B has no more nonzero entries than its rank", _sparse),
        ),
        repaired=Statement(
            (Predicate("P-invertible", "the first block P is invertible", _invertible),),
            Predicate("decouples", "in other bases of the two modules B has exactly rank B nonzero "
                      "entries, and H ≅ P ⊕ (Q − BᵀP⁻¹B), which moves Q by a rank ≤ rank B",
                      _decouples, r"H \cong P \oplus (Q - B^{\mathsf T}P^{-1}B)"),
        ),
        repaired_proof=(
            Step("UBV = diag(I_k, 0) for invertible U, V", cites="the rank normal form"),
            Step("block elimination: a unit triangular congruence takes H to P ⊕ (Q − BᵀP⁻¹B)",
                 _schur_expands),
            Step("so ranks and inertias add", cites="Haynsworth 1968, inertia additivity"),
            Step("rank BᵀP⁻¹B ≤ rank B", cites="the rank of a product is at most that of a factor"),
        ),
        examples=_couplings,
        over_gallery=False,
        settles="Not in the given basis: two modules on a product grid are coupled by a dense block "
        "of rank 1, through the means of their features. Sparse after a change of basis inside "
        "each module; the Schur complement decouples them, but a congruence keeps signs of "
        "eigenvalues, not their sizes.",
    ),
    Claim(
        "low-rank-less-extreme", 54, "Low-rank off-diagonals give less extreme eigenvalues",
        f"{S1}, comment",
        "Low-rank (or sparse) off-diagonal blocks give less extreme eigenvalues.",
        r"\operatorname{rank}B<\operatorname{rank}C,\ \|B\|=\|C\| \Rightarrow "
        r"\lambda(H_B)\subset[\lambda_{\min}(H_C),\lambda_{\max}(H_C)]",
        stated=Statement(
            (Predicate("lower-rank-same-norm", "B has lower rank than C and the same norm",
                       _lower_rank_same_norm),),
            Predicate("less-extreme", "with B the extreme eigenvalues lie between those with C",
                      _less_extreme),
        ),
        repaired=Statement(
            (Predicate("uncoupled", "B = 0", _uncoupled),),
            Predicate("less-extreme", "with B the extreme eigenvalues lie between those with any C",
                      _less_extreme),
        ),
        repaired_proof=(
            Step("the eigenvalues of P and Q lie between the extreme ones of H",
                 cites="Cauchy interlacing (Horn and Johnson, theorem 4.3.17)"),
            Step("those of P ⊕ Q are those of P and of Q", cites="block diagonal matrices"),
        ),
        examples=_couplings,
        over_gallery=False,
        settles="True of no coupling against some. At equal norm the opposite happens: a rank-one "
        "block puts its whole norm into one singular value, and 4 ± 2 is more extreme than 4 ± √2.",
    ),
    Claim(
        "linear-term-vanishes", 55, "The linear Taylor term vanishes at an optimum", S4,
        "The first-order term of the expansion vanishes, since we are at an optimum.",
        r"\theta \text{ a local minimum} \Rightarrow \nabla L(\theta)=0",
        stated=Statement((LOCAL_MINIMUM,), LINEAR_TERM),
        stated_proof=(
            Step("the derivative of a differentiable function vanishes at a local minimum in the "
                 "interior", cites="Fermat's theorem on stationary points"),
        ),
        examples=_perfect_fits,
    ),
    Claim(
        "convexity-kills-residual", 56, "The second Hessian term vanishes, losses being convex",
        f"{S4}, footnote 3",
        "The second term of the Hessian vanishes at an optimum because loss functions are required "
        "to be convex (and the loss is perfect).",
        r"\ell\text{ convex},\ \theta\text{ a local minimum} \Rightarrow \sum_m r_m\nabla^2F_m = 0",
        stated=Statement((UNREGULARISED, CONVEX_LOSS, LOCAL_MINIMUM), NO_RESIDUAL_TERM),
        repaired=Statement((UNREGULARISED, PERFECT_FIT), NO_RESIDUAL_TERM & NOT_HARD),
        repaired_proof=(
            T3_AT_FIT,
            Step("with softmax cross-entropy on K ≥ 2 logits r = softmax(o) − y, and every "
                 "component of the softmax lies strictly between 0 and 1: r ≠ 0 for a hard label",
                 _softmax_never_hard),
        ),
        examples=_hard_labels,
        settles="Right at a perfect fit, for another reason than the one given: r = 0 alone removes "
        "the term, convex or not (X14), and convexity without a perfect fit does not (X1). With "
        "softmax cross-entropy and hard labels r = 0 never happens.",
    ),
    Claim(
        "hessian-is-gram", 57, "The Hessian is the Gram matrix of the features", S4,
        "At the optimum the Hessian consists of the L² inner products of the features over the "
        "training data.",
        r"H_{ij} = \sum_x \ell''(x)\,\varphi_i(x)\,\varphi_j(x)",
        stated=Statement((UNREGULARISED, SCALAR, EXAMPLEWISE, PERFECT_FIT), IS_GRAM),
        stated_proof=(T3_AT_FIT, BY_EXAMPLE),
        repaired=Statement((UNREGULARISED, EXAMPLEWISE, PERFECT_FIT), IS_GRAM & GN_IS_GRAM),
        repaired_proof=(T3_AT_FIT, BY_EXAMPLE),
        examples=_perfect_fits,
        settles="The comment is right that for vector outputs ∇²ℓ cannot be pulled out as a scalar; "
        "the post is right that a Gram matrix remains, of the inner product Σ_x φᵀA_xψ. Away from a "
        "perfect fit it is the Gauss–Newton term alone.",
    ),
    Claim(
        "eigenvalues-are-norms", 58, "Eigenvalues are the L² norms of the features", S4,
        "The eigenvalues of the Hessian are the L² norms of the orthogonal feature combinations.",
        r"\lambda_v = \|\varphi_v\|",
        stated=Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ARE_NORMS),
        repaired=Statement((UNREGULARISED, PERFECT_FIT), ARE_SQUARED_NORMS),
        repaired_proof=(
            T3_AT_FIT,
            Step("λ|v|² = vᵀHv = (Jv)ᵀA(Jv), and Jv = Σ_i v_iφ_i is φ_v on the data",
                 _direction_through_jacobian),
        ),
        examples=_perfect_fits,
        settles="They are squared norms, weighted by ℓ″: the feature of f = 2a has norm 2 and "
        "eigenvalue 4.",
    ),
    _beyond("orthogonal-wording", 59, "Two features are orthogonal if their norm is zero", S4,
            "Two features are orthogonal if their L² norm is zero.",
            "Wording: the inner product is meant, as a comment points out."),
    Claim(
        "zero-eigenvalue-is-flat", 60, "Each zero eigenvalue is a perfectly flat direction", S4,
        "Zero eigenvalues give directions that are perfectly flat; each increases the dimension of "
        "the optimum by one.",
        r"\dim\{L = 0\} = N - \operatorname{rank}H \text{ near } \theta",
        stated=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE), FLAT),
        repaired=Statement(
            (UNREGULARISED, PERFECT_FIT, A_DEFINITE, ZERO_EIGENVALUE, STRAIGHT), FLAT
        ),
        repaired_proof=(
            *T4_STEPS,
            Step("A ≻ 0 and r = 0: near F(θ) the loss of the outputs is zero at F(θ) only, so the "
                 "zero-loss set near θ is the fibre", cites="the second-order condition at F(θ)"),
            Step("where F is affine in θ rank J is constant; where it is, the fibre is a manifold of "
                 "dimension N − rank J", cites="the constant rank theorem (T1)"),
        ),
        examples=_perfect_fits,
        settles="The quadratic approximation is flat along ker H, the loss itself need not be: θ⁴ "
        "(X4) and 8x² + 2|θ|⁴ (X5) have zero eigenvalues and a single optimum. The post's own "
        "remark draws the line: if f is linear in θ it holds everywhere; and so it does, along "
        "curves, where rank J is locally constant.",
    ),
    Claim(
        "zeros-count-features", 61, "Zero eigenvalues mean fewer independent features than parameters",
        S4,
        "Eigenvalues of zero mean that the network had fewer independent features than parameters.",
        r"N - \operatorname{rank}H = N - \dim\operatorname{span}\{\varphi_1,\dots,\varphi_N\}",
        stated=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), COUNTED),
        stated_proof=(
            *T4_STEPS,
            Step("the columns of J are the tangent features on the data, so rank J is the dimension "
                 "of their span", cites="the rank is the dimension of the column space"),
        ),
        examples=_perfect_fits,
    ),
    Claim(
        "product-of-widths", 62, "The product of the widths is the basin's volume", S4,
        "Multiplying the widths of the parabolas along the eigenvectors gives the basin's volume.",
        r"\operatorname{vol}\{\tfrac12\theta^{\mathsf T}H\theta<\varepsilon\} = "
        r"\prod_i 2\sqrt{2\varepsilon/\lambda_i}",
        stated=Statement(
            (Predicate("positive", "every eigenvalue is positive", _all_positive),),
            Predicate("volume-of-box", "the volume is the product of the widths",
                      _is_product_of_widths),
        ),
        repaired=Statement(
            (Predicate("positive", "every eigenvalue is positive", _all_positive),),
            Predicate("volume-of-ball", "the volume is the product of the half-widths times the "
                      "volume of the unit ball", _times_ball_constant,
                      r"c_N\prod_i\sqrt{2\varepsilon/\lambda_i},\ c_N=\pi^{N/2}/\Gamma(N/2+1)"),
        ),
        repaired_proof=(
            Step("θ = √(2ε) H^(−1/2) u takes the unit ball to the basin; its Jacobian determinant is "
                 "(2ε)^(N/2)/√det H", cites="the change of variables formula"),
            Step("det H = Π λ_i", cites="the determinant is the product of the eigenvalues"),
        ),
        examples=_quadratics,
        over_gallery=False,
        settles="Right for comparing quadratic basins of equal N: the constant c_N/2^N is the same "
        "for all. With a zero eigenvalue the volume is infinite, and for loss functions that are "
        "not quadratic there the exponent of ε decides: rank(H)/2 ≤ λ ≤ (N − d)/2 (T7).",
    ),
    Claim(
        "independent-parts", 63, "Features on independent parts of the input are orthogonal", S4,
        "If k features all depend on different independent parts of the input, they have an "
        "orthogonal basis of size k.",
        r"\varphi_i = g_i(x_i) \Rightarrow \sum_x\varphi_i\varphi_j = 0",
        stated=Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID), ORTHOGONAL),
        repaired=Statement((SCALAR, DIFFERENT_PARTS, ON_A_GRID, NOT_CONSTANT), CENTRED),
        repaired_proof=(
            Step("on a product grid the inner product of centred features factors into sums that "
                 "are zero", _grid_is_centred),
            Step("centred features that are not zero and orthogonal are independent, even modulo "
                 "constants; so are the features themselves",
                 cites="orthogonal nonzero vectors are independent"),
        ),
        examples=_parts,
        settles="The dimension is right where no feature is constant on the data and the parts are "
        "independent over it. Orthogonal they are only up to their means: x₁, x₂ on {±1}², not on "
        "{0, 1}².",
    ),
    Claim(
        "earlier-features", 64, "Earlier features enter times activation derivatives", S4,
        "Features in earlier layers enter multiplied with derivatives of activation functions.",
        r"\frac{\partial f}{\partial W_{ij}}(x) = \delta_i(x)\,a_j(x)",
        stated=Statement((NETWORK,), TIMES_SLOPE),
        stated_proof=(
            Step("W_ij enters through z_i = Σ_j W_ij a_j alone, so ∂f/∂W_ij = (∂f/∂z_i)·a_j; "
                 "δ_l = σ'(z_l) ∘ W_{l+1}ᵀδ_{l+1}", cites="the chain rule"),
            Step("expanded for [1, 1, 1] with tanh", _chain_rule_expands),
        ),
        examples=_networks,
    ),
    _beyond("constant-features-wording", 65, "Constant features and norms of products", S4,
            "Each constant feature is treated as multiplying a constant; the Hessian contains the L² "
            "norm of the products of all features with each other.",
            "Wording: a bias is the weight of the constant feature 1 (as claim 64 has it), and inner "
            "products are meant, not norms of products."),
    Claim(
        "eigenvector-feature", 66, "φ_v(x) = ∇f(x)·v is the eigenvector's feature", f"{S4}, comments",
        "For an eigenvector v of the Hessian, ∇f(x)·v measures how much x exhibits the feature.",
        r"\varphi_v(x)=\nabla f(x)\cdot v,\quad \lambda_v=\sum_x\varphi_v(x)^2",
        stated=Statement((UNREGULARISED, loss_is("half-squared"), PERFECT_FIT), ALONG),
        stated_proof=(
            T3_AT_FIT,
            Step("A = I and Jv = (∇f(x)·v)_x, so λ|v|² = vᵀHv = |Jv|²",
                 _direction_through_jacobian),
        ),
        examples=lambda: (*_perfect_fits(), *_networks()),
        settles="Both commenters describe one function: ∇f(x)·v = Σ_i v_i φ_i(x), the combination of "
        "activations that the eigenvector spells out, where weights of earlier layers contribute "
        "their activations times δ (claim 64).",
    ),
    Claim(
        "layerwise-basis", 67, "A layer has an orthogonal basis, and the weights transform along", S4,
        "The features of a layer can be orthogonalised by the eigenbasis of Σ a aᵀ, and the weight "
        "matrix to the next layer can be transformed into the new basis.",
        r"b = Ta,\ \textstyle\sum_x bb^{\mathsf T}\text{ diagonal},\ W'=WT^{-1},\ W'b = Wa",
        stated=Statement((NETWORK,), LAYERWISE),
        stated_proof=(
            Step("Σ_x a aᵀ is symmetric, so an invertible T diagonalises it", cites="spectral theorem"),
            Step("W' = WT⁻¹ gives W'(Ta) = Wa for every input", _basis_change_expands),
        ),
        examples=_networks,
    ),
    Claim(
        "no-cancellation", 68, "In that basis nothing cancels between nodes", S4,
        "In the orthogonal basis cancellations between the signals of different nodes no longer "
        "occur.",
        r"|z_i(x)| = \textstyle\sum_j |W'_{ij}b_j(x)|",
        stated=Statement((NETWORK,), NO_CANCELLATION),
        repaired=Statement((NETWORK,), PYTHAGORAS),
        repaired_proof=(
            Step("(Σ_j W'_j b_j)² summed over the data: the cross terms hold the factors Σ_x b_j b_k",
                 _pythagoras_expands),
            Step("which vanish for j ≠ k (claim 67)", cites="orthogonality of the basis"),
        ),
        examples=_networks,
        settles="True on average over the data (Pythagoras), false at single examples: x₁ + x₂ on "
        "{±1}² has orthogonal features that cancel at (1, −1).",
    ),
    Claim(
        "same-gradient", 69, "The gradient in any next preactivation's weights is the same vector",
        f"{S4}, comments",
        "Take the gradient with respect to the weights of any preactivation of the next layer: the "
        "vector does not depend on which.",
        r"\partial z_i/\partial W_{i\cdot} = a(x) \text{ for every } i",
        stated=Statement((NETWORK,), SAME_VECTOR),
        stated_proof=(
            Step("z_i = W_i·a with a bias as the weight of the constant 1",
                 lambda: vanish(gradient(symbol("w") * symbol("a") + symbol("b"), ["w"])[0]
                                - symbol("a"))),
        ),
        examples=_networks,
    ),
    Claim(
        "information-loss-is-broad", 70, "Information loss leads to breadth", f"{S4}; {S1}",
        "Information loss about the input tends to lead to basin broadness.",
        r"a(x)=a(x') \Rightarrow \operatorname{rank}J < \min(M,N)",
        stated=Statement((UNREGULARISED, NETWORK, PERFECT_FIT, MERGES), DEFICIENT),
        repaired=Statement((NETWORK, SPANS_LESS), FLAT_FOR_LOST),
        repaired_proof=(
            Step("T6: with c in the null space of the activations, z(θ + tv) = z(θ) + t·(a·c) = z(θ)",
                 _null_direction_expands),
            Step("each unit of the layer can take each such c: (d − s)·d_out directions, which move "
                 "independent weights", cites="the rank–nullity theorem"),
        ),
        examples=_merging,
        settles="'Tends to' is right; merging two inputs forces nothing by itself (X9). What forces "
        "flat directions is that the activations span fewer dimensions than they have (T6).",
    ),
    _beyond("corrigibility", 71, "Basins of corrigibility", f"{S4}, comments",
            "Broad basins of corrigibility might be found in the same way.",
            "An analogy between different kinds of basins."),
    _beyond("generality", 72, "Broad basins generalise", S4,
            "The broader the basin, the more general the solution is likely to be.",
            "A hypothesis on new data; nothing on the training landscape decides it."),
)

__all__ = ["CLAIMS", "Coupling", "Quadratic", "Rivals", "cosine_features", "two_modules"]
