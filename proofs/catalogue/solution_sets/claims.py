"""Claims 2, 3, 7, 16 and 20 to 25: behaviour manifolds and solution sets as a whole.

In: sets, maps and surfaces, most of them smaller than a landscape at a point. Out: `CLAIMS`.
"""

from __future__ import annotations

from fractions import Fraction

from hessrank.proofs.catalogue.solution_sets.subjects import (
    ANALYTIC,
    CONNECTED,
    DIRECTIONS,
    ISOLATED_MINIMA,
    LOW_FIBRES_NULL,
    POSITIVE,
    SMOOTH,
    WHITNEY,
    Decay,
    Tube,
    analytic_zero_set,
    curves,
    decays,
    determinant_identity,
    extends,
    finite_weight,
    global_minima,
    graphs,
    homogeneous,
    homogeneous_activations,
    intervals,
    is_cone,
    level_sets,
    maps,
    one_class,
    relu_ranks,
    relu_regions,
    rescaling_keeps_units,
    several_classes,
    smooth_zero_set,
)
from hessrank.proofs.catalogue.sources import S1, S2
from hessrank.proofs.fibres.level_sets import (
    connected,
    hyperbola,
)
from hessrank.proofs.reasoning.claim import (
    Claim,
    Existence,
    Experiment,
    Instance,
    Predicate,
    Statement,
    Step,
)

ANALYTIC_ZEROS = (
    "the zero set of a real-analytic function on a connected domain is everything "
    "or has measure zero (Łojasiewicz; Mityagin 2015, The zero set of a real "
    "analytic function)"
)
RANK_THEOREM = "constant rank theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., thm 4.12)"

GENERIC = (
    Step(
        "with F its minors are real-analytic; some minor of the largest order r is not "
        "zero everywhere, so rank J = r but for a null set",
        cites=ANALYTIC_ZEROS,
    ),
    Step("there the fibre has dimension N − r ≥ N − M", cites=RANK_THEOREM),
)


# --- 25: the experiment --------------------------------------------------------------------------


def _drainage(seed: int) -> Experiment:
    from hessrank.proofs.experiments.flow import drainage

    return drainage(seed)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "low-fibres-null",
        2,
        "Fibres of lower dimension fill 0% of parameter space",
        f"{S1}, fn 2",
        "There can be manifolds of dimension below N − M, but they account for 0% of "
        "the hypervolume of parameter space.",
        r"\operatorname{vol}\{\theta : \dim F^{-1}(F(\theta)) < N-M\} = 0",
        stated=Statement((SMOOTH,), LOW_FIBRES_NULL),
        repaired=Statement((ANALYTIC,), LOW_FIBRES_NULL),
        repaired_proof=GENERIC,
        examples=maps,
        settles="True for analytic networks, so for every closed form without kinks. "
        "Smoothness alone is not enough.",
    ),
    Claim(
        "several-classes",
        3,
        "Several dimension classes can have positive volume",
        f"{S1}, fn 2",
        "Manifold classes of different dimensions can all have non-zero amounts of hypervolume.",
        r"\operatorname{vol}\{\dim = d_1\} > 0,\ \operatorname{vol}\{\dim = d_2\} > 0",
        stated=Existence(
            (
                Predicate(
                    "several-classes",
                    "fibres of different dimensions fill open sets",
                    several_classes,
                ),
            )
        ),
        stated_proof=(
            Step("a·relu(wx), x = 1, 2: J = 0 on w < 0, and rank J = 1 on w > 0", relu_ranks),
            Step("so the fibres there have dimensions 2 and 1", cites=RANK_THEOREM),
        ),
        repaired=Statement(
            (ANALYTIC,),
            Predicate("one-class", "one dimension takes up all but a null set", one_class),
        ),
        repaired_proof=GENERIC,
        examples=lambda: (Instance("a·relu(wx), x = 1, 2, on w < 0 and w > 0", relu_regions()),),
        settles="True for relu networks, false for analytic ones: there all but a null set has "
        "the generic rank.",
    ),
    Claim(
        "contours-connected",
        7,
        "Contours are connected",
        f"{S1}, question in the comments",
        "Each contour is connected: one can vary the parameters from one model to "
        "another and keep the output.",
        r"\{f = c\}\ \text{connected}",
        stated=Statement((), CONNECTED),
        examples=level_sets,
        over_gallery=False,
        settles="Not always: θ² = 1 is two points, ab = 1 two branches.",
    ),
    Claim(
        "closed-sets-smooth",
        16,
        "Every closed set is the zero set of a smooth function",
        f"{S2}, remark",
        "Given any closed set C there is a smooth function with C as its zero set.",
        r"C = \bar C \Rightarrow \exists g \in C^\infty:\ C = g^{-1}(0)",
        stated=Statement(
            (),
            Predicate(
                "smooth-zero-set", "the set is the zero set of a C^∞ function", smooth_zero_set
            ),
        ),
        stated_proof=(Step("every closed set", cites=WHITNEY),),
        examples=intervals,
        over_gallery=False,
    ),
    Claim(
        "closed-sets-analytic",
        16,
        "… and so of an analytic function, such as a network",
        f"{S2}, remark, read for analytic networks",
        "Every closed set is the level set of some analytic function, so nothing can "
        "be concluded for networks either.",
        r"C = \bar C \Rightarrow \exists g \in C^\omega:\ C = g^{-1}(0)",
        stated=Statement(
            (),
            Predicate(
                "analytic-zero-set",
                "the set is the zero set of an analytic function",
                analytic_zero_set,
            ),
        ),
        examples=intervals,
        over_gallery=False,
        settles="Analytic level sets are far from arbitrary: they are null sets or everything, "
        "and locally finite unions of manifolds.",
    ),
    Claim(
        "several-solution-manifolds",
        20,
        "There can be several solution manifolds",
        f"{S1}, reply in the comments",
        "In theory there can be multiple disconnected solution manifolds.",
        r"L^{-1}(0)\ \text{not connected}",
        stated=Existence((~CONNECTED,)),
        stated_proof=(Step("ab = 1 has two components", lambda: ~connected(hyperbola())),),
        examples=level_sets,
        over_gallery=False,
        settles="Yes: ab = 1 (X11). Overparameterisation may join them: a·b = 1 in width 2 is "
        "connected.",
    ),
    Claim(
        "solutions-unbounded",
        21,
        "Solution manifolds extend to infinity",
        f"{S1}, solution manifolds",
        "These manifolds generally extend out to infinity.",
        r"F^{-1}(y)\ \text{unbounded}",
        stated=Statement((POSITIVE,), Predicate("unbounded", "the set is unbounded", extends)),
        repaired=Statement(
            (
                Predicate(
                    "homogeneous",
                    "some hidden unit is homogeneous, with an incoming weight that is not 0",
                    homogeneous,
                ),
            ),
            Predicate("unbounded", "the fibre is unbounded", extends),
        ),
        repaired_proof=(
            Step("σ(λz) = λᵏσ(z) for λ > 0", homogeneous_activations),
            Step(
                "so (in, out) → (λ·in, λ⁻ᵏ·out) keeps out·σ(in·a), and leaves every bounded "
                "set as λ → ∞ where in ≠ 0",
                rescaling_keeps_units,
            ),
        ),
        examples=curves,
        settles="For networks with homogeneous units, yes; in general not: θ₁² + θ₂² = 1.",
    ),
    Claim(
        "regulariser-fixes",
        22,
        "L1 and L2 regularisation collapse solution manifolds to points",
        f"{S1}, fn 4",
        "L2 and L1 regularisation also fix the problem: adding a regularisation term "
        "shifts the solution manifolds and collapses them to points.",
        r"\arg\min\,(L + \lambda|\theta|^2)\ \text{consists of isolated points}",
        stated=Statement((), ISOLATED_MINIMA),
        repaired=Existence((ISOLATED_MINIMA,)),
        repaired_proof=(
            Step("L − (2λ − λ²) = (ab − (1 − λ))² + λ(a − b)²", lambda: global_minima(Decay(1))),
            Step(
                "∇L = 0, tr H = 4 and det H = 16λ(1 − λ) at a = b = ±√(1 − λ)", determinant_identity
            ),
        ),
        examples=decays,
        over_gallery=False,
        settles="They can, they need not. Under L2 the symmetries that keep |θ| survive: in "
        "width 2 a circle of minima remains. Under L1 a segment of a + b = 1 remains.",
    ),
    Claim(
        "weighted-volume",
        23,
        "Initialisation-weighted volume repairs infinite volume",
        f"{S1}, fn 4",
        "Infinite volumes can be repaired by using initialisation-weighted volumes.",
        r"\int_S p\,d\theta \leq \int p\,d\theta = 1",
        stated=Statement(
            (), Predicate("finite-weight", "the weighted volume is finite", finite_weight)
        ),
        stated_proof=(
            Step(
                "a probability density gives every measurable set a weight of at most 1",
                cites="monotonicity of measures",
            ),
        ),
        examples=lambda: tuple(Instance(f"|θ₁| < {e}", Tube(Fraction(e))) for e in ("1/10", "3")),
        over_gallery=False,
    ),
    Claim(
        "asymptote-sets",
        24,
        "An m-manifold corresponds to an (m−1)-dimensional set of asymptotes",
        f"{S1}, reply in the comments",
        "An m-dimensional manifold in parameter space generally extends to infinity "
        "and corresponds to an (m−1)-dimensional manifold in angle space.",
        r"\dim\{\lim \theta/|\theta|\} = m - 1",
        stated=Statement((), DIRECTIONS),
        repaired=Statement((Predicate("cone", "the manifold is a cone", is_cone),), DIRECTIONS),
        repaired_proof=(
            Step(
                "a cone without its apex is (its section with the sphere) × (0, ∞), and the "
                "section is its set of directions",
                cites="polar coordinates",
            ),
        ),
        examples=graphs,
        over_gallery=False,
    ),
    Claim(
        "drainage",
        25,
        "A higher-dimensional solution manifold drains a larger region",
        f"{S1}, solution manifolds and fn 5",
        "All else being equal, a higher dimensional solution manifold should drain a "
        "larger region of parameter space; empirically the effect is not dominant in "
        "very small networks.",
        experiment=_drainage,
        over_gallery=False,
        settles="A heuristic. Whoever starts below the pass at (5, 0) on the side of the isolated "
        "minimum of X7 ends there, however many dimensions the other minima have.",
    ),
)
