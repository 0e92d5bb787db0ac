"""Claims 26 to 39: the rank of the Hessian and the rank of the Jacobian.

In: the gallery's landscapes as instances, and a few of its own. Out: `CLAIMS`. Theorems T3 and T4
carry the repairs: H = JᵀAJ + Σ_m r_m ∇²F_m, and for r = 0, A ⪰ 0, ker H = J⁻¹(ker A).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from flint import fmpq

from hessrank.proofs.catalogue.sources import S0, S1, S2, S3, S4
from hessrank.proofs.catalogue.vocabulary import (
    A_DEFINITE,
    A_DIAGONAL,
    A_MISSES_IMAGE,
    A_SCALAR,
    A_SEMIDEFINITE,
    CONVEX_LOSS,
    FITS_LABELS,
    GLOBAL_MINIMUM,
    INTERIOR_TARGETS,
    LOCAL_MINIMUM,
    NOT_PERFECT,
    PERFECT_FIT,
    RANK_EQUALITY,
    REGRESSION,
    SQUARED,
    SQUARED_LOSS,
    UNREGULARISED,
    loss_is,
)
from hessrank.proofs.derivations import identity
from hessrank.proofs.experiments.minima_frequency import residual_minima
from hessrank.proofs.facts import landscape_facts
from hessrank.proofs.facts.identities import vanish
from hessrank.proofs.minima.inverse_design import left_null_space, with_residual
from hessrank.proofs.minima.minimum import loss_is_constant, total_loss
from hessrank.proofs.reasoning.claim import Claim, Existence, Instance, Predicate, Statement, Step
from hessrank.proofs.reasoning.truth import Fact, Truth
from hessrank.symbolic.expressions import differentiation
from hessrank.symbolic.expressions.exact import constant
from hessrank.symbolic.expressions.expression import evaluate, number, symbol
from hessrank.symbolic.expressions.functions import exp
from hessrank.symbolic.expressions.substitution import substitute
from hessrank.symbolic.fields.elements import TooLarge
from hessrank.symbolic.fields.field import Field, evaluate_in_field
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.problems.problem import Data, Problem, object_array
from hessrank.symbolic.ranks.matrices import BallMatrix, Matrix

# --- instances of our own ------------------------------------------------------------------------


def _closed(
    outputs: list[str], parameters: str, y: list[object], loss: str | Loss, point: dict[str, object]
) -> Landscape:
    """A model without inputs, on one example."""
    model = Model.from_expressions(outputs, parameters)
    return Problem(model, Data([[]], [y]), loss).at(point)


def duplicated_neuron() -> Landscape:
    """a·tanh(ux) + b·tanh(wx) with u = w, labels designed so that θ is a minimum that no labels of
    a perfect fit give: r spans the left null space of J, small, of the sign that bends upwards."""
    model = Model.from_expressions("a*tanh(u*x) + b*tanh(w*x)", "a b u w", "x")
    point = {"a": 1, "b": 2, "u": "log(2)/2", "w": "log(2)/2"}
    (direction,) = left_null_space(model, [1, 2, 3], point)
    return with_residual(model, [1, 2, 3], point, [constant("1/10") * v for v in direction])


def _off_minimum() -> Landscape:
    """F = t₁ + t₂², y = −1 at 0: A = 1, but θ is no critical point; rank J = 1, rank H = 2."""
    return _closed(["t1 + t2**2"], "t1 t2", [-1], "half-squared", {"t1": 0, "t2": 0})


def _own_rank_equality() -> Sequence[Instance]:
    return (
        Instance("duplicated-neuron", duplicated_neuron()),
        Instance("no-critical-point", _off_minimum()),
        Instance("cross-terms", _cross_terms()),
    )


def _cross_terms() -> Landscape:
    """A positive definite with cross terms, at a perfect fit."""
    W = Loss.weighted([[2, 1], [1, 2]])
    return _closed(["s + t", "s*t"], "s t", [1, 0], W, {"s": 0, "t": 1})


def _softmax_uniform() -> Sequence[Instance]:
    uniform: list[object] = ["1/3", "1/3", "1/3"]
    return (
        Instance(
            "equal-logits",
            _closed(["t", "t", "t"], "t", uniform, "softmax-cross-entropy", {"t": 0}),
        ),
        Instance(
            "equal-logits-and-one",
            _closed(["t + s", "t", "t"], "t s", uniform, "softmax-cross-entropy", {"t": 0, "s": 0}),
        ),
    )


def _probabilities() -> Sequence[Instance]:
    ce = "cross-entropy"
    return (
        Instance(
            "hard-label-on-probabilities", _closed(["1 - t**2", "t**2"], "t", [1, 0], ce, {"t": 0})
        ),
        Instance(
            "soft-label-on-probabilities",
            _closed(["1 - t**2", "t**2"], "t", ["3/4", "1/4"], ce, {"t": "1/2"}),
        ),
        Instance(
            "three-probabilities",
            _closed(
                ["s**2", "t**2", "1 - s**2 - t**2"],
                "s t",
                ["1/4", "1/4", "1/2"],
                ce,
                {"s": "1/2", "t": "1/2"},
            ),
        ),
        Instance(
            "logistic-interior",
            _closed(["s*t"], "s t", ["1/2"], "binary-cross-entropy", {"s": 0, "t": 1}),
        ),
    )


# --- conclusions ---------------------------------------------------------------------------------


def _hessian_is_gauss_newton(here: Landscape) -> Fact:
    return landscape_facts.is_zero(here.residual, "Σ r_m ∇²F_m")


def _identity_on(here: Landscape) -> Fact:
    """H from the identity against the second derivatives of the composed L, entry by entry."""
    if here.problem.N > 10 or isinstance(here.hessian, BallMatrix):
        return Fact(Truth.UNDECIDED, "L is differentiated directly for at most 10 parameters")
    names, N = [n for n, _ in here.values], here.problem.N
    direct = [e for row in differentiation.hessian(total_loss(here.problem), names) for e in row]
    ours = [e for row in here.hessian.closed_forms() for e in row]

    def gap(field: Field) -> Matrix:
        theta = dict(zip(names, evaluate([v for _, v in here.values], field, {}), strict=True))
        flat = evaluate([*direct, *ours], field, theta)
        rows = [[flat[N * i + j] - flat[N * (N + i) + j] for j in range(N)] for i in range(N)]
        return Matrix.of(object_array(rows, (N, N)), field)

    try:
        return landscape_facts.is_zero(evaluate_in_field(gap, here.side), "the difference")
    except TooLarge as error:
        return Fact(Truth.UNDECIDED, str(error))


def _multiple_of_gram(here: Landscape) -> Fact:
    """H = c·JᵀJ for some number c."""
    J, H = here.jacobian, here.hessian
    if isinstance(J, BallMatrix) or isinstance(H, BallMatrix) or J.field is not H.field:
        return Fact(Truth.UNDECIDED, "J or H is only known by balls")
    G = J.T @ J
    pairs = [(g, h) for a, b in zip(G.rows, H.rows, strict=True) for g, h in zip(a, b, strict=True)]
    lead = next(((g, h) for g, h in pairs if g != 0), None)
    if lead is None:
        return landscape_facts.is_zero(H, "H")
    g0, h0 = lead
    gaps = [[h * g0 - g * h0] for g, h in pairs]
    column = Matrix.of(object_array(gaps, (len(gaps), 1)), H.field)
    fact = landscape_facts.is_zero(column, "H·g − JᵀJ·h for an entry g of JᵀJ and h of H")
    return Fact(
        fact.truth, "H and JᵀJ are proportional" if fact.truth is Truth.TRUE else fact.reason
    )


def _centred_rank(here: Landscape) -> Fact:
    """rank H = rank PJ, P centring the logits of each example."""
    J = here.jacobian
    if isinstance(J, BallMatrix):
        return Fact(Truth.UNDECIDED, "J is only known by balls")
    K, D = here.problem.model.output_count, len(here.problem.data)
    rows = [
        [fmpq(int(i == j)) - (fmpq(1, K) if i // K == j // K else fmpq(0)) for j in range(K * D)]
        for i in range(K * D)
    ]
    P = Matrix.of(object_array(rows, (K * D, K * D)), J.field)
    return landscape_facts.same_rank(here.rank("hessian"), (P @ J).rank(), ("H", "PJ"))


def _has_cross_terms(here: Landscape) -> Fact:
    return ~landscape_facts.loss_hessian_diagonal(here)


def _not_multiple(here: Landscape) -> Fact:
    return ~_multiple_of_gram(here)


def _constant_loss(here: Landscape) -> Fact:
    constant_ = here.problem.N <= 12 and loss_is_constant(here.problem)
    return Fact(
        Truth.of(constant_ or None),
        "∇L is the zero function" if constant_ else "L is not shown to be constant",
    )


def _behaviour_moves(here: Landscape) -> Fact:
    return ~landscape_facts.is_zero(here.jacobian, "J")


def _no_descent_to_second_order(here: Landscape) -> Fact:
    """∇L = 0 and H has no negative square."""
    critical = landscape_facts.critical_point(here)
    sign, words = landscape_facts.definiteness(here.hessian)
    if sign is landscape_facts.Sign.UNDECIDED:
        return Fact(Truth.UNDECIDED, words)
    flat = sign in (
        landscape_facts.Sign.POSITIVE_DEFINITE,
        landscape_facts.Sign.POSITIVE_SEMIDEFINITE,
        landscape_facts.Sign.ZERO,
    )
    return critical & Fact(Truth.of(flat), f"H is {sign.value}")


def _probabilities_sum(here: Landscape) -> Fact:
    """Σ_k F_k = 1 identically in θ and x."""
    model = here.problem.model
    total = number(-1)
    for f in model.outputs:
        total = total + f
    names = [*model.parameters, *model.inputs]
    zero = evaluate_in_field(
        lambda field: evaluate([total], field, {n: field.indeterminate(n) for n in names})[0] == 0
    )
    return Fact(Truth.of(zero), "Σ_k F_k − 1 is the zero function" if zero else "Σ_k F_k ≠ 1")


PURE_GAUSS_NEWTON = Predicate("no-residual-term", "Σ_m r_m∇²F_m = 0", _hessian_is_gauss_newton)
IDENTITY = Predicate(
    "identity",
    "∇²(ℓ∘F) = JᵀAJ + Σ_m r_m∇²F_m",
    _identity_on,
    r"\nabla^2(\ell\circ F) = J^{\mathsf T}AJ + \sum_m r_m\nabla^2F_m",
)
NOT_MULTIPLE = Predicate("no-multiple", "H is no multiple of JᵀJ", _not_multiple)
CENTRED = Predicate(
    "centred-rank",
    "rank H = rank PJ, P centring the logits of each example",
    _centred_rank,
    r"\operatorname{rank}H = \operatorname{rank}PJ",
)
CROSS_TERMS = Predicate("cross-terms", "A has cross terms", _has_cross_terms)
PROBABILITIES = Predicate(
    "probabilities", "the outputs of an example always sum to 1", _probabilities_sum
)

# --- proofs --------------------------------------------------------------------------------------

GRAM = (
    "for A ⪰ 0, ker JᵀAJ = ker AJ and rank JᵀAJ = rank AJ "
    "(Horn and Johnson, Matrix Analysis, 2nd ed., observation 7.1.8)"
)


def _identity_expands() -> Fact:
    """T3 for generic quadratic maps, by expansion, in several dimensions."""
    good = all(identity.holds(n, m) for n, m in product((1, 2), (1, 2)))
    return Fact(
        Truth.of(good),
        "expanded for N, M ≤ 2 with indeterminate coefficients; each term involves at most two "
        "parameters and two outputs",
    )


def _cross_entropy_cancels() -> Fact:
    """At p = y the gradient of −Σ y log p is −1 in every component: Σ_k r_k ∇²p_k = −∇²(Σ p_k) = 0;
    and A = diag(1/y) has no kernel. Checked symbolically for one component."""
    r = differentiation.differentiate(Loss.named("cross-entropy").form(1), "o1")
    at_fit = substitute([r], {"o1": symbol("y1")})[0]
    same = evaluate_in_field(
        lambda f: evaluate([at_fit], f, {"y1": f.indeterminate("y1")})[0] == -1
    )
    return Fact(Truth.of(same), "∂(−y log o)/∂o at o = y is −1")


def _centring_kernel() -> Fact:
    """vᵀAv = Σ_{i<j} p_ip_j(v_i − v_j)² for A = diag(p) − ppᵀ and Σp = 1, A differentiated from the
    loss. Times (Σ e^o)² each term involves at most two logits, so these K hold all others."""
    facts = []
    for K in (2, 3, 4):
        o, v = ([symbol(f"{n}{k + 1}") for k in range(K)] for n in "ov")
        A = differentiation.hessian(
            Loss.named("softmax-cross-entropy").form(K), [f"o{k + 1}" for k in range(K)]
        )
        A = [substitute(row, {f"y{k + 1}": number(Fraction(1, K)) for k in range(K)}) for row in A]
        total = sum((exp(q) for q in o[1:]), exp(o[0]))
        gap = number(0)
        for i, j in product(range(K), repeat=2):
            gap = gap + v[i] * A[i][j] * v[j]
            if i < j:
                gap = gap - exp(o[i]) * exp(o[j]) / total**2 * (v[i] - v[j]) ** 2
        facts.append(vanish(gap))
    good = all(fact.truth is Truth.TRUE for fact in facts)
    return Fact(
        Truth.of(good or None), "vᵀAv = Σ_{i<j} p_ip_j(v_i − v_j)², identically, p_i > 0, K ≤ 4"
    )


def _squares_curve() -> Fact:
    """A = cI with c > 0 for each squared error: ∂²/∂o² of its term is a positive number."""
    found = [
        differentiation.differentiate(
            differentiation.differentiate(Loss.named(name).form(1), "o1"), "o1"
        )
        for name in SQUARED
    ]
    good = all(c.is_number and c.value > 0 for c in found)
    return Fact(Truth.of(good or None), f"∂²ℓ/∂o² = {', '.join(map(str, found))}")


T3 = Step(
    "H = JᵀAJ + Σ_m r_m∇²F_m; both sides depend on the 2-jets of F and ℓ alone, so it is "
    "enough to expand it for generic quadratic maps",
    _identity_expands,
)
T3_AT_FIT = Step(f"{T3.words}; r = 0 leaves H = JᵀAJ", _identity_expands)
T4_STEPS = (
    T3_AT_FIT,
    Step("A ⪰ 0 ⇒ ker JᵀAJ = J⁻¹(ker A), so rank H = rank J − dim(im J ∩ ker A)", cites=GRAM),
)
SQUARES = (*T4_STEPS, Step("for squared errors A = cI with c > 0: ker A = 0", _squares_curve))

# --- further subjects ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Basins:
    """Two quadratic basins with diagonal Hessians."""

    lower_rank: tuple[Fraction, ...]
    higher_rank: tuple[Fraction, ...]


def _basins() -> Sequence[Instance]:
    big, small = Fraction(10**6), Fraction(1, 10**6)
    return (Instance("steep-line-or-shallow-bowl", Basins((big, Fraction(0)), (small, small))),)


def _flatter(b: Basins) -> Fact:
    """The basin of lower rank is the flatter: its mean curvature tr H is smaller."""
    low, high = sum(b.lower_rank), sum(b.higher_rank)
    return Fact(Truth.of(low < high), f"tr H = {low} at lower rank, {high} at higher rank")


def _lower(b: Basins) -> Fact:
    ranks = [sum(v != 0 for v in h) for h in (b.lower_rank, b.higher_rank)]
    return Fact(Truth.of(ranks[0] < ranks[1]), f"ranks {ranks[0]} and {ranks[1]}")


def _decaying() -> Sequence[Instance]:
    return (Instance("x²e^(−x)", _closed(["x**2*exp(-x)"], "x", [0], "half-squared", {"x": 0})),)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "rank-equality",
        26,
        "At a local minimum, rank H = rank G",
        f"{S0}; {S1}, claim 3 (Vivek Hebbar)",
        "At a local minimum of the loss the rank of its Hessian is that of the matrix of "
        "behavioural "
        "gradients.",
        r"\theta \text{ a local minimum of } L \Rightarrow \operatorname{rank}H = "
        r"\operatorname{rank}J",
        stated=Statement((UNREGULARISED, LOCAL_MINIMUM), RANK_EQUALITY),
        repaired=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        repaired_proof=T4_STEPS,
        examples=_own_rank_equality,
        audited=Statement((UNREGULARISED, LOCAL_MINIMUM, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        considered=(A_DIAGONAL,),
        settles="The claim needs r = 0 and A ≻ 0; at a minimum with residual the D²f term "
        "can raise "
        "the rank (X1) or lower it (X2). A duplicated tanh neuron shows it in an ordinary net.",
    ),
    Claim(
        "squared-loss-minimum",
        27,
        "MSE and a local minimum of L give rank H = rank J",
        f"{S1}, comments; {S3}",
        "Assuming MSE and looking at a local minimum, the rank of the Hessian is that of J.",
        r"\text{MSE},\ \theta \text{ a local minimum} \Rightarrow "
        r"\operatorname{rank}H=\operatorname{rank}J",
        stated=Statement((UNREGULARISED, SQUARED_LOSS, LOCAL_MINIMUM), RANK_EQUALITY),
        repaired=Statement((UNREGULARISED, SQUARED_LOSS, PERFECT_FIT), RANK_EQUALITY),
        repaired_proof=SQUARES,
        examples=_own_rank_equality,
        settles="Both were right about their own sense of 'minimum'. S3 means that F(θ) is a "
        "minimum of "
        "ℓ: then r = 0 and the ranks agree. S1's reply is about a local minimum of L, where r "
        "need only "
        "lie in the left null space of J: there the statement fails (X1).",
    ),
    Claim(
        "residual-minimum-exists",
        28,
        "A local minimum with r ≠ 0 exists",
        f"{S1}, comment (Vivek Hebbar)",
        "It is possible to have a local minimum where ∇_f ℓ ≠ 0, if ∇_f ℓ lies in the left null "
        "space "
        "of J.",
        r"\exists\,\theta:\ \text{local minimum},\ r \neq 0,\ r^{\mathsf T}J = 0",
        stated=Existence((UNREGULARISED, LOCAL_MINIMUM, NOT_PERFECT)),
        examples=_own_rank_equality,
        experiment=residual_minima,
        settles="They exist, in ordinary nets too. Whenever there are more outputs than "
        "parameters can "
        "fit, every minimum is one.",
    ),
    Claim(
        "global-minimum-regression",
        29,
        "At global minima of regression equality has no exception",
        f"{S1}, comment (Vivek Hebbar)",
        "At a global minimum of a regression task ∇_f ℓ is zero, so rank equality holds there.",
        r"\text{regression},\ \theta \text{ a global minimum} \Rightarrow "
        r"\operatorname{rank}H=\operatorname{rank}J",
        stated=Statement((UNREGULARISED, REGRESSION, GLOBAL_MINIMUM), RANK_EQUALITY),
        repaired=Statement((UNREGULARISED, REGRESSION, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        repaired_proof=T4_STEPS,
        examples=_own_rank_equality,
        settles="Only where the global minimum is a perfect fit, as the comment's own words "
        "'perfect-behaviour global min' say; a global minimum with residual is enough to break "
        "it (X1), "
        "and so is a regression loss without curvature (quartic).",
    ),
    Claim(
        "behaviour-may-move",
        30,
        "Behaviour can change while the loss is constant",
        f"{S1}, comment",
        "First-order sensitivity of behaviour need not be second-order sensitivity of the loss.",
        r"\exists\,\theta:\ L \text{ constant},\ J(\theta) \neq 0",
        stated=Existence(
            (
                Predicate("constant-loss", "L is constant", _constant_loss),
                Predicate("behaviour-moves", "J ≠ 0", _behaviour_moves),
            )
        ),
        repaired=Statement((UNREGULARISED, SQUARED_LOSS, PERFECT_FIT), RANK_EQUALITY),
        repaired_proof=SQUARES,
    ),
    Claim(
        "hessian-identity",
        31,
        "The index formula of the Hessian",
        f"{S2}, equations (1) and (2)",
        "The Hessian of the total loss is the sum of the Gauss–Newton term and the term with the "
        "second "
        "derivatives of the outputs.",
        r"\partial_i\partial_j L = \sum_{m,m'} A_{mm'}\,\partial_iF_m\,\partial_jF_{m'} + "
        r"\sum_m r_m\,\partial_i\partial_jF_m",
        stated=Statement((), IDENTITY),
        stated_proof=(T3,),
    ),
    Claim(
        "diagonal-loss-hessian",
        32,
        "A diagonal ∇²ℓ suffices for equality",
        f"{S1}, comment",
        "So long as ∇²ℓ is diagonal, the ranks agree at a perfect fit.",
        r"r=0,\ A \text{ diagonal} \Rightarrow \operatorname{rank}H=\operatorname{rank}J",
        stated=Statement((UNREGULARISED, PERFECT_FIT, A_DIAGONAL), RANK_EQUALITY),
        repaired=Statement(
            (UNREGULARISED, PERFECT_FIT, A_SEMIDEFINITE, A_MISSES_IMAGE), RANK_EQUALITY
        ),
        repaired_proof=T4_STEPS,
        examples=_own_rank_equality,
        settles="Diagonality is the wrong property: diag(2, 0) loses rank (X6), diag(1, −1) "
        "too (X14), "
        "and a positive definite A with cross terms keeps it. What counts is im J ∩ ker A = 0.",
    ),
    Claim(
        "no-multiple-of-gram",
        33,
        "Without ∇²ℓ ∝ I, H is in general no multiple of JᵀJ",
        f"{S1}, comment; {S2}; {S3}",
        "If ∇²ℓ is no multiple of the identity, it is not the case in general that H is a constant "
        "times JᵀJ at a minimum of ℓ.",
        r"\exists:\ r=0,\ A \succ 0,\ A \neq cI,\ H \neq cJ^{\mathsf T}J",
        stated=Existence((UNREGULARISED, PERFECT_FIT, A_DEFINITE, ~A_SCALAR, NOT_MULTIPLE)),
        repaired=Statement((UNREGULARISED, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        repaired_proof=T4_STEPS,
        examples=_own_rank_equality,
        settles="True of the matrix, and yet no objection to the rank: for A ≻ 0 the ranks agree.",
    ),
    Claim(
        "fine-losses",
        34,
        "MSE, BCE and cross-entropy on probabilities are fine",
        f"{S1}, comment (Vivek Hebbar)",
        "For MSE, binary cross-entropy and cross-entropy on probabilities, rank H = rank J where "
        "the "
        "outputs reproduce the targets.",
        r"F(\theta)=y \Rightarrow \operatorname{rank}H=\operatorname{rank}J",
        stated=Statement(
            (
                UNREGULARISED,
                loss_is("half-squared", "sum-of-squares", "mean-squared", "cross-entropy"),
                FITS_LABELS,
                LOCAL_MINIMUM,
            ),
            RANK_EQUALITY,
        ),
        repaired=Statement(
            (UNREGULARISED, loss_is("cross-entropy"), PROBABILITIES, INTERIOR_TARGETS, FITS_LABELS),
            RANK_EQUALITY,
        ),
        repaired_proof=(
            T3,
            Step(
                "at p = y, r = (−1, …, −1), so Σ_k r_k∇²p_k = −∇²(Σ_k p_k) = −∇²1 = 0",
                _cross_entropy_cancels,
            ),
            Step("A = diag(1/y) ≻ 0, so rank JᵀAJ = rank J", cites=GRAM),
        ),
        examples=_probabilities,
        settles="MSE: yes. Cross-entropy on probabilities: yes for targets inside (0, 1), "
        "but not because "
        "r = 0: r = −1 there, and Σp = 1 makes the D²f term vanish. With hard labels it fails: "
        "p = (1−θ², θ²) at θ = 0.",
    ),
    Claim(
        "softmax-on-logits",
        35,
        "Softmax cross-entropy on logits breaks equality",
        f"{S1}, comment",
        "With softmax on logits the ranks can differ even where the softmax reproduces the "
        "targets.",
        r"\exists:\ r=0,\ \operatorname{rank}H\neq\operatorname{rank}J",
        stated=Existence(
            (UNREGULARISED, loss_is("softmax-cross-entropy"), PERFECT_FIT, ~RANK_EQUALITY)
        ),
        repaired=Statement((UNREGULARISED, loss_is("softmax-cross-entropy"), PERFECT_FIT), CENTRED),
        repaired_proof=(
            T3_AT_FIT,
            Step(
                "A = diag(p) − ppᵀ ⪰ 0 has the kernel spanned by (1, …, 1), that of the centring P",
                _centring_kernel,
            ),
            Step("so ker H = J⁻¹(ker P) = ker PJ", cites=GRAM),
        ),
        examples=_softmax_uniform,
        settles="Right: A is singular along (1, …, 1), the shift of all logits. Counting PJ "
        "in place of J "
        "repairs it.",
    ),
    Claim(
        "cross-terms-in-practice",
        36,
        "Do practical losses have cross terms?",
        f"{S4}, comment",
        "Do any practically used loss functions actually have cross terms that lead to "
        "off-diagonals?",
        r"A_{ab} = -p_ap_b \neq 0",
        stated=Existence((loss_is("softmax-cross-entropy"), CROSS_TERMS)),
        examples=_softmax_uniform,
        settles="Yes: softmax cross-entropy, A = diag(p) − ppᵀ.",
    ),
    Claim(
        "convex-is-quadratic",
        37,
        "A smooth convex loss is locally quadratic",
        f"{S1}, comment (Vivek Hebbar)",
        "Any smooth and convex loss is locally approximately quadratic, so what holds for MSE "
        "holds at "
        "its minima.",
        r"\ell \text{ convex},\ r=0 \Rightarrow \operatorname{rank}H=\operatorname{rank}J",
        stated=Statement((UNREGULARISED, CONVEX_LOSS, PERFECT_FIT), RANK_EQUALITY),
        repaired=Statement((UNREGULARISED, CONVEX_LOSS, PERFECT_FIT, A_DEFINITE), RANK_EQUALITY),
        repaired_proof=T4_STEPS,
        settles="Not where A is singular: o⁴ is smooth and convex and has no quadratic part.",
    ),
    Claim(
        "no-saddles-all-the-way",
        38,
        "No saddles all the way down if a global minimum exists",
        f"{S1}, comment (Vivek Hebbar)",
        "If a global minimum exists, not every critical point is a saddle.",
        r"\theta \text{ a global minimum} \Rightarrow \nabla L=0,\ H \succeq 0",
        stated=Statement(
            (GLOBAL_MINIMUM,),
            Predicate("no-descent", "θ is critical and H ⪰ 0", _no_descent_to_second_order),
        ),
        stated_proof=(
            Step(
                "at a minimum in the interior ∇L = 0 and H ⪰ 0",
                cites="the necessary conditions of first and second order (Fermat)",
            ),
        ),
        examples=_decaying,
        settles="True, and weak: it does not keep L from falling towards infinity, as "
        "x²e^(−x) does to "
        "the right of 2.",
    ),
    Claim(
        "flat-is-low-rank",
        39,
        "Flat = low rank",
        f"{S0}; {S1}",
        "A flat basin is one whose Hessian has low rank.",
        r"\operatorname{rank}H_1 < \operatorname{rank}H_2 \Rightarrow H_1 \text{ is flatter}",
        stated=Statement(
            (Predicate("lower-rank", "the first basin has the lower rank", _lower),),
            Predicate("flatter", "the first basin is the flatter (smaller tr H)", _flatter),
        ),
        examples=_basins,
        over_gallery=False,
        settles="Not quantitatively: diag(10⁶, 0) has the lower rank, diag(10⁻⁶, 10⁻⁶) is "
        "the flatter.",
    ),
)

__all__ = ["CLAIMS", "duplicated_neuron"]
