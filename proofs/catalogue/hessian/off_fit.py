"""What the claims and theorems off a perfect fit are made of (73, 74, 83, 86, 88, 89, 92, 93, T9 to
T16): predicates of a landscape, the instances that isolate them, the identities of their proofs.

In: nothing. Out: `Predicate`s, `Instance`s, checks.
"""

from __future__ import annotations

from collections.abc import Sequence

from flint import fmpq, fmpq_mat

from hessrank.proofs.catalogue.hessian.predicates import centred_rank
from hessrank.proofs.catalogue.hessian.subjects import closed
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.facts.landscape_facts import Sign, second_term, second_term_negative
from hessrank.proofs.reasoning.claim import Step
from hessrank.proofs.reasoning.statement import Instance, Predicate
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.errors import UndecidedError
from hessrank.symbolic.expressions.differentiation import gradient, hessian
from hessrank.symbolic.expressions.expression import number, symbol
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Landscape, Problem

# --- ranks of sums -------------------------------------------------------------------------------


def _differ_by_at_most(here: Landscape) -> Fact:
    """|rank H − rank JᵀAJ| ≤ rank Y."""
    h, g = here.rank("hessian"), here.rank("gauss_newton")
    y, _ = second_term(here)
    most = max(h.upper - g.lower, g.upper - h.lower)
    least = max(h.lower - g.upper, g.lower - h.upper, 0)
    known = True if most <= y.lower else False if least > y.upper else None
    shown = f"rank H = {h.shown}, rank JᵀAJ = {g.shown}, rank Y = {y.shown}"
    return Fact(Truth.of(known), shown)


def _positive_squares(here: Landscape) -> Fact:
    """H has at least rank J − i₋(Y) positive squares."""
    minus = second_term_negative(here)
    J = here.rank("jacobian")
    plus = here.inertia().positive
    known = True if plus >= J.upper - minus else False if plus < J.lower - minus else None
    return Fact(Truth.of(known), f"i₊(H) = {plus}, rank J = {J.lower}, i₋(Y) = {minus}")


NEAR_GAUSS_NEWTON = Predicate(
    "rank-differs-by-rank-Y",
    "|rank H − rank JᵀAJ| ≤ rank Y, Y the D²f term plus ∇² of the regulariser",
    _differ_by_at_most,
    r"|\operatorname{rank}H - \operatorname{rank}J^{\mathsf T}AJ| \leq \operatorname{rank}Y",
)
POSITIVE_SQUARES = Predicate(
    "positive-squares",
    "H has at least rank J − i₋(Y) positive squares",
    _positive_squares,
    r"i_+(H) \geq \operatorname{rank}J - i_-(Y)",
)


def quotient_form() -> Fact:
    """On {v : Jv given, YV ≥ 0 there} vᵀHv = |CJv|² + vᵀYv, expanded in generic matrices."""
    C, J, v = ([[symbol(f"{n}{i}{j}") for j in (0, 1)] for i in (0, 1)] for n in ("c", "j", "v"))
    Y = [[symbol(f"y{min(i, j)}{max(i, j)}") for j in (0, 1)] for i in (0, 1)]
    x = [v[0][0], v[0][1]]
    CJ = [[sum((C[i][k] * J[k][j] for k in (0, 1)), number(0)) for j in (0, 1)] for i in (0, 1)]
    H = [[CJ[0][i] * CJ[0][j] + CJ[1][i] * CJ[1][j] + Y[i][j] for j in (0, 1)] for i in (0, 1)]
    left = sum((x[i] * H[i][j] * x[j] for i in (0, 1) for j in (0, 1)), number(0))
    right = sum((x[i] * Y[i][j] * x[j] for i in (0, 1) for j in (0, 1)), number(0))
    for row in CJ:
        right = right + (row[0] * x[0] + row[1] * x[1]) ** 2
    fact = vanish(left - right)
    return Fact(fact.truth, "vᵀHv = |CJv|² + vᵀYv for A = CᵀC, expanded in generic C, J, Y, v")


# --- kernels and multiples -----------------------------------------------------------------------


def _sensitivity(here: Landscape) -> Fact:
    """Hv = 0 ⇒ Jv = 0: rank [J; H] = rank H."""
    both = here.jacobian.exact("J").stacked(here.hessian.exact("H")).rank()
    return landscape_facts.same_rank(both, here.rank("hessian"), ("[J; H]", "H"))


def _semidefinite(here: Landscape) -> Fact:
    sign, words = landscape_facts.definiteness(here)
    if sign is Sign.UNDECIDED:
        return Fact(Truth.UNDECIDED, words)
    good = sign in (Sign.POSITIVE_DEFINITE, Sign.POSITIVE_SEMIDEFINITE, Sign.ZERO)
    return Fact(Truth.of(good), f"H is {sign.value} ({words})")


def _definite(here: Landscape) -> Fact:
    sign, words = landscape_facts.definiteness(here)
    known = None if sign is Sign.UNDECIDED else sign is Sign.POSITIVE_DEFINITE
    return Fact(Truth.of(known), f"H is {sign.value} ({words})")


def _rational_hessian(here: Landscape) -> fmpq_mat:
    H = here.hessian
    if not H.is_rational:
        raise UndecidedError("H is not known as rational numbers")
    flat = [fmpq(v.numerator, v.denominator) for row in H.exact().fractions() for v in row]
    return fmpq_mat(here.problem.N, here.problem.N, flat)


def effective_rank(H: fmpq_mat, b: fmpq) -> fmpq:
    """Σ λ/(λ + 1/b) over the eigenvalues λ of H ⪰ 0: tr(bH(I + bH)⁻¹)."""
    n = H.nrows()
    one = fmpq_mat([[fmpq(int(i == j)) for j in range(n)] for i in range(n)])
    if (one + b * H).det() == 0:
        raise UndecidedError(f"I + bH is singular for b = {b}")
    found = (b * H) * (one + b * H).inv()
    return sum((found[i, i] for i in range(n)), fmpq(0))


def _effective_ranks(here: Landscape) -> Fact:
    """Σ λ/(λ + 1/b) rises with b, from 0 towards rank H, which it never exceeds."""
    H = _rational_hessian(here)
    seen = [effective_rank(H, fmpq(b)) for b in (1, 100, 10**6)]
    good = 0 <= seen[0] <= seen[1] <= seen[2] <= H.rank()
    shown = ", ".join(f"{float(v.p) / float(v.q):.4g}" for v in seen)
    return Fact(Truth.of(good), f"effective rank {shown} for b = 1, 100, 10⁶; rank H = {H.rank()}")


SENSITIVE = Predicate(
    "behaviour-felt-by-loss",
    "what changes the behaviour to first order changes the loss to second: ker H ⊆ ker J",
    _sensitivity,
    r"\ker H \subseteq \ker J",
)
H_SEMIDEFINITE = Predicate("H-positive-semidefinite", "H ⪰ 0", _semidefinite, r"H \succeq 0")
H_DEFINITE = Predicate("H-positive-definite", "H is positive definite", _definite, r"H \succ 0")
EFFECTIVE = Predicate(
    "effective-rank",
    "the effective rank Σ λ/(λ + 1/b) rises with b and never exceeds rank H",
    _effective_ranks,
    r"\textstyle\sum_i \frac{\lambda_i}{\lambda_i + 1/b} \leq \operatorname{rank}H",
)
REGULARISED = Predicate(
    "regularised",
    "L has a regulariser",
    lambda h: Fact(Truth.of(h.problem.regulariser is not None), "there is a regulariser"),
)
GN_CENTRED = Predicate(
    "gauss-newton-centred",
    "rank JᵀAJ = rank PJ, P centring the logits of each example",
    lambda h: centred_rank(h, "gauss_newton"),
    r"\operatorname{rank}J^{\mathsf T}AJ = \operatorname{rank}PJ",
)


def effective_rank_expands() -> Fact:
    """λ/(λ + 1/b) = 1 − 1/(1 + bλ), which is in [0, 1) and rises with b for λ ≥ 0."""
    lam, b, c = symbol("λ"), symbol("b"), symbol("c")
    share = lam / (lam + 1 / b)
    rise = lam / (lam + 1 / c) - share - (c - b) * lam / ((1 + b * lam) * (1 + c * lam))
    fact = vanish(share - 1 + 1 / (1 + b * lam), rise)
    return Fact(fact.truth, "λ/(λ + 1/b) = 1 − 1/(1 + bλ); its rise from b to c, expanded")


# --- T16: one hidden layer -----------------------------------------------------------------------


def _one_hidden_linear_pieces(here: Landscape) -> Fact:
    """One hidden layer and one output, σ linear on pieces, every parameter free and untied."""
    model = here.problem.model
    net = model.network
    if net is None or net.depth != 2 or net.widths[-1] != 1:
        return Fact(Truth.FALSE, "the model is no network of one hidden layer and one output")
    if model.fixed or len(model.parameters) != net.size:
        return Fact(Truth.FALSE, "some parameters are fixed or tied")
    good = net.activation in ("relu", "leaky-relu", "identity")
    return Fact(Truth.of(good), f"one hidden layer of {net.activation}, one output")


ONE_HIDDEN_PIECES = Predicate(
    "one-hidden-layer-of-relu",
    "the model is a net of one hidden layer of relu, leaky relu or identity and one output, with "
    "no parameter fixed",
    _one_hidden_linear_pieces,
)


def unit_block() -> Fact:
    """f = Σ_i a_i s_i(w_i·x + b_i) + c with slopes s_i: ∇²f has only the blocks ∂²f/∂a_i∂(w_i, b_i)
    = s_i(x, 1), and ∂f/∂(w_i, b_i) = a_i s_i(x, 1); so ∂L/∂(w_i, b_i) = a_i Σ r s_i(x, 1)."""
    names = [f"{n}{i}" for i in (0, 1) for n in ("a", "w", "b")]
    x = symbol("x")

    def slope(i: int, n: str) -> object:
        return symbol(f"s{i}") * {"w": x, "b": number(1)}.get(n, number(0))

    f = symbol("c")
    for i in (0, 1):
        a, w, b, s = (symbol(f"{n}{i}") for n in "awbs")
        f = f + a * s * (w * x + b)
    H, g = hessian(f, names), gradient(f, names)
    gaps = []
    for p, row in zip(names, H, strict=True):
        for q, entry in zip(names, row, strict=True):
            block = {p[0], q[0]} in ({"a", "w"}, {"a", "b"}) and p[1] == q[1]
            other = p if q[0] == "a" else q
            gaps.append(entry - (slope(int(other[1]), other[0]) if block else 0))
    for p, entry in zip(names, g, strict=True):
        if p[0] != "a":
            gaps.append(entry - symbol(f"a{p[1]}") * slope(int(p[1]), p[0]))
    fact = vanish(*gaps)
    return Fact(fact.truth, "∇²f and ∇f of two units with free slopes, entry by entry")


def zero_diagonal() -> Fact:
    """A 2×2 minor with a zero on the diagonal is −h²: H ⪰ 0 makes the row zero."""
    d, h = symbol("d"), symbol("h")
    fact = vanish(number(0) * d - h * h + h**2)
    return Fact(fact.truth, "det [[0, h], [h, d]] = −h² < 0 unless h = 0")


T16_STEPS = (
    Step(
        "with the slopes σ' of a piece held, unit i adds to the D²f term only the block s_i = "
        "Σ_m r_m σ'_i(m)(x_m, 1) between a_i and (w_i, b_i), and ∂L/∂(w_i, b_i) = a_i s_i",
        unit_block,
    ),
    Step("∇L = 0 gives a_i s_i = 0; where a_i ≠ 0, s_i = 0", unit_block),
    Step(
        "where a_i = 0 the columns of J for (w_i, b_i) vanish, H is 0 on that diagonal, and H ⪰ 0 "
        "makes the row s_i zero",
        zero_diagonal,
    ),
)


def _minimum_of_one_hidden(here: Landscape) -> Fact:
    """The hypotheses of T16, one after the other."""
    found = _one_hidden_linear_pieces(here)
    for test in (landscape_facts.critical_point, _semidefinite):
        if found.truth is Truth.FALSE:
            return found
        found = found & test(here)
    return found


MINIMUM_OF_ONE_HIDDEN = Predicate(
    "minimum-of-one-hidden-layer",
    "θ is a local minimum, or critical with H ⪰ 0, of a net of one hidden layer of relu, leaky "
    "relu or identity and one output (T16)",
    _minimum_of_one_hidden,
)


# --- instances -----------------------------------------------------------------------------------


def at_fits() -> Sequence[Instance]:
    """Perfect fits of squared errors, and minima where J or Y alone decides."""
    one = closed(["s + t"], "s t", [0], "half-squared", {"s": 0, "t": 0})
    decayed = Problem(one.problem.model, one.problem.data, "half-squared", "l2")
    forms = Model.from_expressions("x*s + (1 - x)*s**2 + 0*t + 0*u", "s t u", "x")
    tall = Problem(forms, Data([1, 0], [0, "1/2"]))
    return (
        Instance("s + t fitted", one),
        Instance("s + t fitted, with L2", decayed.at({"s": 0, "t": 0})),
        Instance("(s, s²) below its label, N = 3", tall.at({"s": 0, "t": 0, "u": 0})),
        Instance(
            "s² + t² below its labels",
            closed(["s**2 + t**2"], "s t", [-1], "half-squared", {"s": 0, "t": 0}),
        ),
    )


def one_hidden() -> Sequence[Instance]:
    """Critical points of nets of one hidden layer with a residual, and K = 2, where T16 stops."""
    found = [*at_fits()]
    for name in ("identity", "relu", "leaky-relu"):
        net = mlp([1, 1, 1], name, bias=False)
        here = Problem(net, Data([1, 1], [0, 2])).at({"w1_1_1": 1, "w2_1_1": 1})
        found.append(Instance(f"{name} through the mean of its labels", here))
        wide = Problem(mlp([1, 2, 1], name), Data([1, 2, 3], [0, 2, 1]))
        flat = {
            "w1_1_1": 1,
            "w1_2_1": 0,
            "b1_1": 1,
            "b1_2": -1,
            "w2_1_1": 0,
            "w2_1_2": 0,
            "b2_1": 1,
        }
        found.append(Instance(f"{name} at the mean, a dead unit", wide.at(flat)))
    linear = mlp([3, 2, 3], "identity", bias=False)
    eye = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    rows = [[2 * v for v in row] for row in eye]
    point = {f"w1_{i + 1}_{j + 1}": int(i == j) for i in range(2) for j in range(3)}
    point |= {f"w2_{i + 1}_{j + 1}": 2 * int(i == j) for i in range(3) for j in range(2)}
    found.append(Instance("linear [3, 2, 3], K = 3", Problem(linear, Data(eye, rows)).at(point)))
    return found
