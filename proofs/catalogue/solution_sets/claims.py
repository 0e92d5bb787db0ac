"""Claims 2, 3, 7, 16 and 20 to 25: behaviour manifolds and solution sets as a whole.

In: sets, maps and surfaces, most of them smaller than a landscape at a point. Out: `CLAIMS`.
"""

from __future__ import annotations

from fractions import Fraction

from hessrank.proofs.catalogue.solution_sets.maps import (
    ANALYTIC,
    LOW_FIBRES_NULL,
    PIECEWISE_ANALYTIC,
    SMOOTH,
    WHITNEY,
    analytic_zero_set,
    intervals,
    maps,
    one_class,
    relu_ranks,
    relu_regions,
    several_classes,
    smooth_zero_set,
)
from hessrank.proofs.catalogue.solution_sets.subjects import (
    BOUNDED_SUBLEVELS,
    CONNECTED,
    DIRECTIONS,
    ISOLATED_MINIMA,
    MINIMISER,
    POSITIVE,
    Decay,
    Tube,
    curves,
    decays,
    determinant_identity,
    extends,
    finite_weight,
    global_minima,
    graphs,
    homogeneous,
    homogeneous_activations,
    is_cone,
    level_sets,
    rescaling_keeps_units,
)
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.theorems import RANK_THEOREM, rank_of_product
from hessrank.proofs.experiments.labellings import of_claim
from hessrank.proofs.fibres.level_sets import (
    connected,
    hyperbola,
)
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Existence, Instance, Predicate, Statement

ANALYTIC_ZEROS = (
    "the zero set of a real-analytic function on a connected domain is everything "
    "or has measure zero (Łojasiewicz; Mityagin 2015, The zero set of a real "
    "analytic function)"
)

GENERIC = (
    Step(
        "with F its minors are real-analytic; some minor of the largest possible order "
        "is not zero everywhere, so rank J is that order but for a null set",
        cites=ANALYTIC_ZEROS,
    ),
    Step("there the fibre has dimension N − rank J", cites=RANK_THEOREM),
    Step("rank J ≤ M, so N − rank J ≥ N − M", rank_of_product),
)


PIECEWISE = (
    Step(
        "T13: off the kinks a piecewise analytic net is on each piece an analytic map; kinks are "
        "zeros of preactivations that do not vanish identically there, hence a null set",
        cites=ANALYTIC_ZEROS,
    ),
    *GENERIC,
)


told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told(
        "low-fibres-null",
        as_written=Form(Statement((PIECEWISE_ANALYTIC,), LOW_FIBRES_NULL), PIECEWISE),
        strong=Form(Statement((SMOOTH,), LOW_FIBRES_NULL)),
        best=Form(Statement((PIECEWISE_ANALYTIC,), LOW_FIBRES_NULL), PIECEWISE),
        examples=maps,
    ),
    told(
        "several-classes",
        as_written=Form(
            Existence(
                (
                    Predicate(
                        "several-classes",
                        "fibres of different dimensions fill open sets",
                        several_classes,
                    ),
                )
            ),
            (
                Step("a·relu(wx), x = 1, 2: J = 0 on w < 0, and rank J = 1 on w > 0", relu_ranks),
                Step("so the fibres there have dimensions 2 and 1", cites=RANK_THEOREM),
            ),
        ),
        best=Form(
            Statement(
                (ANALYTIC,),
                Predicate("one-class", "one dimension takes up all but a null set", one_class),
            ),
            GENERIC,
        ),
        examples=lambda: (Instance("a·relu(wx), x = 1, 2, on w < 0 and w > 0", relu_regions()),),
    ),
    told(
        "contours-connected",
        as_written=Form(Statement((), CONNECTED)),
        examples=level_sets,
        over_gallery=False,
    ),
    told(
        "closed-sets-smooth",
        as_written=Form(
            Statement(
                (),
                Predicate(
                    "smooth-zero-set", "the set is the zero set of a C^∞ function", smooth_zero_set
                ),
            ),
            (Step("every closed set", cites=WHITNEY),),
        ),
        examples=intervals,
        over_gallery=False,
    ),
    told(
        "closed-sets-analytic",
        strong=Form(
            Statement(
                (),
                Predicate(
                    "analytic-zero-set",
                    "the set is the zero set of an analytic function",
                    analytic_zero_set,
                ),
            )
        ),
        examples=intervals,
        over_gallery=False,
    ),
    told(
        "several-solution-manifolds",
        as_written=Form(
            Existence((~CONNECTED,)),
            (Step("ab = 1 has two components", lambda: ~connected(hyperbola())),),
        ),
        examples=level_sets,
        over_gallery=False,
    ),
    told(
        "solutions-unbounded",
        as_written=Form(
            Statement((POSITIVE,), Predicate("unbounded", "the set is unbounded", extends))
        ),
        best=Form(
            Statement(
                (
                    Predicate(
                        "homogeneous",
                        "some hidden unit is homogeneous, with an incoming weight that is not 0",
                        homogeneous,
                    ),
                ),
                Predicate("unbounded", "the fibre is unbounded", extends),
            ),
            (
                Step("σ(λz) = λᵏσ(z) for λ > 0", homogeneous_activations),
                Step(
                    "so (in, out) → (λ·in, λ⁻ᵏ·out) keeps out·σ(in·a), and leaves every bounded "
                    "set as λ → ∞ where in ≠ 0",
                    rescaling_keeps_units,
                ),
            ),
        ),
        examples=curves,
    ),
    told(
        "regulariser-fixes",
        as_written=Form(Existence((ISOLATED_MINIMA,))),
        strong=Form(Statement((MINIMISER,), ISOLATED_MINIMA)),
        best=Form(
            Statement((), BOUNDED_SUBLEVELS),
            (
                Step(
                    "L ≥ 0 and λ > 0: where L + λ|θ|² < c, λ|θ|² < c, and likewise for λ|θ|₁",
                    cites="a sum is at least each of its nonnegative terms",
                ),
                Step(
                    "L − (2λ − λ²) = (ab − (1 − λ))² + λ(a − b)²", lambda: global_minima(Decay(1))
                ),
                Step(
                    "∇L = 0, tr H = 4 and det H = 16λ(1 − λ) at a = b = ±√(1 − λ)",
                    determinant_identity,
                ),
            ),
        ),
        examples=decays,
        over_gallery=False,
    ),
    told(
        "weighted-volume",
        as_written=Form(
            Statement(
                (), Predicate("finite-weight", "the weighted volume is finite", finite_weight)
            ),
            (
                Step(
                    "a probability density gives every measurable set a weight of at most 1",
                    cites="monotonicity of measures",
                ),
            ),
        ),
        examples=lambda: tuple(Instance(f"|θ₁| < {e}", Tube(Fraction(e))) for e in ("1/10", "3")),
        over_gallery=False,
    ),
    told(
        "asymptote-sets",
        as_written=Form(Statement((), DIRECTIONS)),
        best=Form(
            Statement((Predicate("cone", "the manifold is a cone", is_cone),), DIRECTIONS),
            (
                Step(
                    "a cone without its apex is (its section with the sphere) × (0, ∞), and the "
                    "section is its set of directions",
                    cites="polar coordinates",
                ),
            ),
        ),
        examples=graphs,
        over_gallery=False,
    ),
    told("drainage", experiment=of_claim(25), over_gallery=False),
    told("more-consistent", experiment=of_claim(78), over_gallery=False),
    told(
        "T13",
        best=Form(Statement((PIECEWISE_ANALYTIC,), LOW_FIBRES_NULL), PIECEWISE),
        examples=maps,
    ),
)
