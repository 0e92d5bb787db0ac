"""T17: what T16 says of one hidden layer, for more: deep linear networks of one output, and two
hidden layers of relu of which the second is one unit.

In: nothing. Out: the predicate, the checked steps, the instances.
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.catalogue.hessian.off_fit import zero_diagonal
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import Expr, number, symbol
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.models.architecture_bounds import deep_with_equality
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

SHAPES = (
    "a linear net of any depth, or one of two hidden layers of relu or leaky relu of which the "
    "second is one unit"
)


def _deep(here: Landscape) -> Fact:
    model = here.problem.model
    net = model.network
    free = net is not None and not model.fixed and len(model.parameters) == net.size
    good = free and net is not None and deep_with_equality(net)
    return Fact(Truth.of(good), f"{'' if good else 'not '}{SHAPES}, one output, no parameter fixed")


DEEP_PIECES = Predicate(
    "deep-linear-or-one-last-unit",
    f"the model is {SHAPES}, with one output and no parameter fixed",
    _deep,
)


def _chain(widths: tuple[int, ...]) -> tuple[Expr, tuple[str, ...], tuple[str, ...]]:
    """The output of a linear net with biases, its parameters and its inputs."""
    model = mlp(list(widths), "identity", bias=True)
    return model.outputs[0], model.parameters, model.inputs


def linear_terms() -> Fact:
    """f = p·x + q for a linear net, so ∇²f = Σ_j x_j ∇²p_j + ∇²q: f is affine in x."""
    f, _, inputs = _chain((2, 2, 2, 1))
    gaps = [entry for row in hessian(f, inputs) for entry in row]
    fact = vanish(*gaps)
    return Fact(fact.truth, "∂²f/∂x∂x = 0 for [2, 2, 2, 1] with biases, expanded")


def first_gradient() -> Fact:
    """∂f/∂W_1 = (W_n⋯W_2)ᵀ xᵀ and ∂f/∂b_n = 1."""
    f, _, inputs = _chain((2, 2, 2, 1))
    g = dict(zip(_chain((2, 2, 2, 1))[1], gradient(f, _chain((2, 2, 2, 1))[1]), strict=True))
    gaps = [g["b3_1"] - 1]
    for i in (1, 2):
        u = symbol("w3_1_1") * symbol(f"w2_1_{i}") + symbol("w3_1_2") * symbol(f"w2_2_{i}")
        gaps += [g[f"w1_{i}_{j}"] - u * symbol(x) for j, x in enumerate(inputs, 1)]
    fact = vanish(*gaps)
    return Fact(fact.truth, "∇f of [2, 2, 2, 1] with biases, entry by entry")


def silent_layers() -> Fact:
    """Where u_l = W_n⋯W_l = 0, f does not depend on the layers before l, and ∂f/∂W_l is u_{l+1}ᵀ
    times what enters layer l: checked for l = 3 and, with units of one, for l = 2."""
    f, names, inputs = _chain((2, 2, 2, 1))
    last: dict[str, Expr] = {"w3_1_1": number(0), "w3_1_2": number(0)}
    (silent,) = substitute([f], last)
    gaps = list(gradient(silent, [n for n in names if n.startswith(("w1", "w2", "b1", "b2"))]))
    g = dict(zip(names, gradient(f, names), strict=True))
    for i in (1, 2):
        enters = symbol(f"b2_{i}")
        for j in (1, 2):
            a = symbol(f"b1_{j}")
            for k, x in enumerate(inputs, 1):
                a = a + symbol(f"w1_{j}_{k}") * symbol(x)
            enters = enters + symbol(f"w2_{i}_{j}") * a
        gaps.append(g[f"w3_1_{i}"] - enters)
    f, names, inputs = _chain((2, 1, 1, 1))
    (silent,) = substitute([f], {"w2_1_1": number(0)})
    gaps += gradient(silent, ["w1_1_1", "w1_1_2", "b1_1"])
    (slope,) = gradient(f, ["w2_1_1"])
    a = symbol("b1_1")
    for k, x in enumerate(inputs, 1):
        a = a + symbol(f"w1_1_{k}") * symbol(x)
    gaps.append(slope - symbol("w3_1_1") * a)
    fact = vanish(*gaps)
    return Fact(fact.truth, "f and ∇f with W_3 = 0, and with W_3W_2 = 0, expanded")


def not_identically_zero() -> Fact:
    """W_{l−1}⋯W_1 s, a polynomial in the weights, is not 0 identically where s ≠ 0: with s in the
    first row of W_1 and 1 first in the others its first entry is s₁² + s₂²."""
    s = [symbol("s1"), symbol("s2")]
    rows = [symbol("w1") * s[0] + symbol("w2") * s[1], symbol("w3") * s[0] + symbol("w4") * s[1]]
    entry = symbol("v1") * rows[0] + symbol("v2") * rows[1]
    at = {"w1": s[0], "w2": s[1], "v1": number(1), "v2": number(0)}
    (value,) = substitute([entry], at)
    fact = vanish(value - s[0] ** 2 - s[1] ** 2)
    return Fact(fact.truth, "the first entry of W_2W_1s, substituted and expanded")


def one_last_unit() -> Fact:
    """f = c t (Σ_i v_i s_i (w_i·x + b_i) + d) + e with slopes t, s_i held: ∇f and ∇²f have the
    blocks of the proof, and no others."""
    x, c, d, t = (symbol(n) for n in "xcdt")
    names = ["c", "d", "e", *(f"{n}{i}" for i in (0, 1) for n in ("v", "w", "b"))]
    inner = d
    for i in (0, 1):
        v, w, b, s = (symbol(f"{n}{i}") for n in "vwbs")
        inner = inner + v * s * (w * x + b)
    f = c * t * inner + symbol("e")
    g = dict(zip(names, gradient(f, names), strict=True))
    second = {
        (p, q): entry
        for p, row in zip(names, hessian(f, names), strict=True)
        for q, entry in zip(names, row, strict=True)
    }
    expected: dict[tuple[str, str], Expr] = {("d", "c"): t}
    gaps = [g["d"] - c * t]
    for i in (0, 1):
        v, w, b, s = (symbol(f"{n}{i}") for n in "vwbs")
        for name, factor in ((f"w{i}", t * s * x), (f"b{i}", t * s)):
            gaps.append(g[name] - c * v * factor)
            expected[name, f"v{i}"] = c * factor
            expected[name, "c"] = v * factor
        gaps.append(g[f"v{i}"] - c * t * s * (w * x + b))
        expected[f"v{i}", "c"] = t * s * (w * x + b)
    for (p, q), entry in second.items():
        gaps.append(entry - expected.get((p, q), expected.get((q, p), number(0))))
    fact = vanish(*gaps)
    return Fact(fact.truth, "∇f and ∇²f of two first units with free slopes, entry by entry")


T17_STEPS = (
    Step(
        "linear: F = p·x + q, so the D²f term is Σ_j s_j ∇²p_j + ρ ∇²q with s = Σ_m r_m x_m, ρ = "
        "Σ_m r_m; without biases q = 0, with them ∂L/∂b_n = ρ = 0. It remains that s = 0",
        linear_terms,
    ),
    Step("∂L/∂W_1 = u_2ᵀ sᵀ with u_l = W_n⋯W_l, u_{n+1} = 1: where u_2 ≠ 0, s = 0", first_gradient),
    Step(
        "else let l be the largest index with u_l = 0. F does not depend on the layers before l: "
        "the points near θ that differ there alone are local minima too, with the same r. There "
        "∂L/∂W_l = u_{l+1}ᵀ·(W_{l−1}⋯W_1 s)ᵀ = 0 with u_{l+1} ≠ 0, using ρ = 0",
        silent_layers,
    ),
    Step(
        "so the polynomial W_{l−1}⋯W_1 s in the weights is 0 on an open set, and therefore s = 0",
        not_identically_zero,
    ),
    Step(
        "relu with one last unit, slopes held: with t_i = Σ_m r_m t(m) s_i(m)·(x_m, 1) and q = "
        "Σ_m r_m t(m) the D²f term has the blocks c t_i between (w_i, b_i) and v_i, v_i t_i "
        "between (w_i, b_i) and c, (w_i, b_i)·t_i between v_i and c, q between d and c; ∇L = 0 "
        "gives c v_i t_i = 0, c·(w_i, b_i)·t_i = 0, c q = 0",
        one_last_unit,
    ),
    Step(
        "c ≠ 0 leaves only c t_i with v_i = 0, c = 0 only blocks in columns of (w_i, b_i), v_i "
        "and d: these columns of J vanish, H is 0 on that diagonal, and H ⪰ 0 makes the rows zero",
        zero_diagonal,
    ),
)


def deep_subjects() -> Sequence[Instance]:
    """Minima with a residual of deep linear nets and of relu nets with one last unit; two outputs,
    where it stops; a critical point that is no minimum."""
    found = []
    for widths, name, x, y, point in (
        ((1, 1, 1, 1), "identity", [1, 1], [0, 2], [1, 1, 1]),
        ((2, 2, 1, 1), "identity", [[1, 0], [1, 0], [0, 1]], [0, 2, 3], [1, 0, 0, 3, 1, 1, 1]),
        ((1, 1, 1, 1), "identity", [1, -1], [1, 1], [0, 1, 1]),
        ((1, 2, 1, 1), "relu", [1, 1], [0, 2], [1, -1, 1, 1, 1]),
        ((1, 1, 1, 1), "leaky-relu", [1, 1], [0, 2], [1, 1, 1]),
        ((1, 1, 1, 1), "identity", [1], [1], [0, 0, 1]),
    ):
        net = mlp(list(widths), name, bias=False)
        here = Problem(net, Data(x, y)).at(dict(zip(net.parameters, point, strict=True)))
        found.append(Instance(f"{name} {list(widths)} at {point}", here))
    square = mlp([2, 1, 2], "identity", bias=False)
    at = dict(zip(square.parameters, [1, 0, 2, 0], strict=True))
    eye = Problem(square, Data([[1, 0], [0, 1]], [[2, 0], [0, 2]])).at(at)
    return (*found, Instance("linear [2, 1, 2], K = 2", eye))
