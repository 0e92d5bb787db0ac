"""Claims 1 to 19 (but for 2, 3, 7 and 16): the fibre near a point and the rank of J.

In: the gallery's landscapes as instances, and a few of our own. Out: `CLAIMS`, with those of
`solution_sets` (claims about whole sets) in the order of their numbers. Theorem T1 carries the
repairs: where rank J is constant near θ, the fibre is near θ a manifold of dimension N − rank J;
and in any case every manifold in the fibre has dimension ≤ N − rank J(θ).
"""

from __future__ import annotations

from collections.abc import Sequence

from hessrank.proofs.catalogue.fibres.predicates import (
    ABOVE,
    AFFINE,
    AT_LEAST,
    BOUNDED_BY_NULLITY,
    CONSTANT_RANK,
    CONTOURS,
    DEPENDENT,
    FEWER_PARAMETERS,
    FIRST_ORDER,
    FULL_ROW_RANK,
    GRADIENTS_NONZERO,
    IS_GAP,
    IS_NULLITY,
    LOW_RANK_IS_DEPENDENCE,
    MORE_PARAMETERS,
    PARALLEL,
    TANGENTS,
    alone,
    behaviour,
    network,
    on_axis,
    sphere_identities,
    spheres,
)
from hessrank.proofs.catalogue.fibres.subjects import (
    NEW_GRADIENTS,
    TRAIN_CONSTANT_RANK,
    VARIES,
    at_origin,
    crossing,
    different_fibres,
    full_column_rank,
    image_embedded,
    images,
    locally_embedded,
    same_sizes,
    splits,
)
from hessrank.proofs.catalogue.fibres.tangents import (
    ALL_NEW,
    AT_MOST_N,
    COINCIDE,
    FULL_COLUMN_RANK,
    OPEN_OUTPUTS,
    SECOND_ORDER,
    SPARE_ROWS,
    tall_models,
)
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.theorems import (
    AFFINE_FIBRE,
    AT_MOST_ROWS,
    NEARBY,
    R_AT_MOST_M,
    T1,
    TANGENT,
    rank_of_product,
)
from hessrank.proofs.catalogue.vocabulary import OVERPARAMETERISED, S1_NETWORK
from hessrank.proofs.reasoning.claim import Claim, Form, Step
from hessrank.proofs.reasoning.statement import Existence, Instance, Predicate, Statement

SUBMERSION = "submersion theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., cor. 5.13)"
IMMERSION = "immersions are locally embeddings (Lee, Introduction to Smooth Manifolds, thm 4.25)"
IMPLICIT = "implicit function theorem (Lee, Introduction to Smooth Manifolds, thm C.40)"
NULLITY = "rank–nullity theorem"


def _examples() -> Sequence[Instance]:
    """The instances of most claims: X5 and what isolates single hypotheses."""
    return (
        Instance("spheres at the origin (X5)", spheres(0)),
        Instance("spheres off the axis", spheres(0, 1)),
        Instance(
            "(wx)² + u² + v² at 0 (X10)",
            network("(w*x)**2 + u**2 + v**2", "w u v", [1, -1, 2], {"w": 0, "u": 0, "v": 0}),
        ),
        Instance(
            "distances to ±1 (X5 as a net of one output)",
            network("(p - x)**2 + q**2 + r**2", "p q r", [1, -1], {"p": 0, "q": 0, "r": 0}),
        ),
        Instance("s² + t² at 0", network("x*(s**2 + t**2)", "s t", [1], {"s": 0, "t": 0})),
        Instance(
            "parallel contours of one output",
            network("x*(p + q + r)", "p q r", [1, 2], {"p": 0, "q": 0, "r": 0}),
        ),
        Instance("x³", behaviour(["x**3"], "x y", {"x": 0, "y": 0})),
        Instance("parallel planes", behaviour(["x", "2*x"], "x y z", {"x": 0, "y": 0, "z": 0})),
    )


def _axis() -> Sequence[Instance]:
    on_axis = [Instance(f"spheres at ({x}, 0, 0)", spheres(x)) for x in (0, "1/2", 1, -3)]
    return (*on_axis, Instance("spheres at (0, 1, 0)", spheres(0, 1)))


ALL_ROWS = Step(
    "M ≤ N ⇒ min(M, N) = M; M gradients are dependent iff rank J < M",
    cites="the definition of rank",
)
DIRECTIONS = Step("dim ker J = N − rank J ≥ N − M", cites=NULLITY)

told = told_in(__package__)

CLAIMS: tuple[Claim, ...] = (
    told(
        "fibre-dimension-at-least",
        as_written=Form(Statement(S1_NETWORK, AT_LEAST)),
        strong=Form(Statement((), AT_LEAST)),
        best=Form(Statement((CONSTANT_RANK,), AT_LEAST), (T1, R_AT_MOST_M)),
        examples=_examples,
    ),
    told(
        "spheres-unique",
        as_written=Form(
            Statement(
                (Predicate("on-axis", "θ = (x, 0, 0)", on_axis),),
                Predicate("alone", "θ is the only point of its fibre", alone),
            ),
            (
                Step("F₂ − F₁ = 4x and F₁ = (x−1)² + y² + z²", sphere_identities),
                Step(
                    "so F determines x and y² + z², and y² + z² = 0 only at y = z = 0",
                    cites="a sum of real squares is 0 only where each is",
                ),
            ),
        ),
        examples=_axis,
        over_gallery=False,
    ),
    told(
        "contours-dimension",
        as_written=Form(Statement(S1_NETWORK, CONTOURS)),
        strong=Form(Statement((), CONTOURS)),
        best=Form(
            Statement((GRADIENTS_NONZERO,), CONTOURS),
            (
                Step(
                    "∇F_m(θ) ≠ 0 ⇒ {F_m = F_m(θ)} is near θ a graph over N − 1 coordinates",
                    cites=IMPLICIT,
                ),
            ),
        ),
        examples=_examples,
    ),
    told(
        "parallel-contours",
        as_written=Form(Existence((*S1_NETWORK, PARALLEL, ABOVE))),
        strong=Form(Statement((PARALLEL,), ABOVE)),
        best=Form(Statement((PARALLEL, CONSTANT_RANK), ABOVE), (T1, R_AT_MOST_M)),
        examples=_examples,
    ),
    told(
        "gradients-perpendicular",
        as_written=Form(Statement((), TANGENTS), (TANGENT,)),
        examples=_examples,
    ),
    told(
        "kernel-is-tangent",
        strong=Form(Statement((), IS_NULLITY)),
        best=Form(Statement((CONSTANT_RANK,), IS_NULLITY), (T1,)),
        examples=_examples,
    ),
    told(
        "fibre-dimension-at-most",
        as_written=Form(Statement((), BOUNDED_BY_NULLITY), (TANGENT, NEARBY)),
        examples=_examples,
    ),
    told(
        "high-dimension-dependence",
        as_written=Form(Statement((ABOVE,), DEPENDENT), (TANGENT, NEARBY)),
        examples=_examples,
    ),
    told(
        "dependence-high-dimension",
        strong=Form(Statement((DEPENDENT,), ABOVE)),
        best=Form(Statement((DEPENDENT, CONSTANT_RANK), ABOVE), (T1, R_AT_MOST_M)),
        examples=_examples,
    ),
    told(
        "low-rank-high-dimension",
        as_written=Form(Statement((*S1_NETWORK, ABOVE), DEPENDENT), (TANGENT, NEARBY)),
        strong=Form(Statement((), IS_NULLITY)),
        best=Form(Statement((), BOUNDED_BY_NULLITY), (TANGENT, NEARBY)),
        examples=_examples,
    ),
    told(
        "low-rank-dependence",
        as_written=Form(
            Statement((OVERPARAMETERISED,), LOW_RANK_IS_DEPENDENCE), (AT_MOST_ROWS, ALL_ROWS)
        ),
        strong=Form(Statement((), LOW_RANK_IS_DEPENDENCE)),
        best=Form(
            Statement((MORE_PARAMETERS,), LOW_RANK_IS_DEPENDENCE),
            (AT_MOST_ROWS, ALL_ROWS),
        ),
    ),
    told(
        "linear-solution-dimension",
        as_written=Form(
            Statement((AFFINE,), IS_NULLITY),
            (AFFINE_FIBRE, Step("dim ker J = N − rank J", cites=NULLITY)),
        ),
        examples=_examples,
    ),
    told(
        "nonlinear-solution-dimension",
        as_written=Form(Statement((), FIRST_ORDER), (DIRECTIONS, AT_MOST_ROWS)),
        strong=Form(Statement((), AT_LEAST)),
        best=Form(Statement((), FIRST_ORDER), (DIRECTIONS, AT_MOST_ROWS)),
        examples=_examples,
    ),
    told(
        "submersion",
        as_written=Form(
            Statement((FULL_ROW_RANK,), IS_GAP),
            (Step("F is a submersion at θ, hence near θ", cites=SUBMERSION),),
        ),
        examples=_examples,
    ),
    told(
        "low-rank-says-little",
        as_written=Form(
            Existence(
                (
                    Predicate(
                        "same-sizes", "all have N = 2, M = 1 and J = 0 at the origin", same_sizes
                    ),
                    Predicate("cross", "xy = 0 is no manifold at the origin", crossing),
                    Predicate(
                        "different", "the fibres have different dimensions", different_fibres
                    ),
                )
            )
        ),
        examples=lambda: (Instance("x² + y², x², x³, xy, 0 at the origin", at_origin()),),
        over_gallery=False,
    ),
    told(
        "image-embedded",
        as_written=Form(
            Statement(
                (Predicate("full-column-rank", "rank J = N < M", full_column_rank),),
                Predicate(
                    "image-embedded", "F(Θ) is near F(θ) an embedded N-manifold", image_embedded
                ),
            )
        ),
        best=Form(
            Statement(
                (Predicate("full-column-rank", "rank J = N < M", full_column_rank),),
                Predicate("locally-embedded", "F embeds a neighbourhood of θ", locally_embedded),
            ),
            (Step("rank J = N ⇒ F is an immersion near θ", cites=IMMERSION),),
        ),
        examples=images,
        over_gallery=False,
    ),
    told(
        "submersion-needs-parameters",
        as_written=Form(
            Statement((FEWER_PARAMETERS,), DEPENDENT),
            (AT_MOST_ROWS, Step("rank J = rank Jᵀ ≤ N < M", rank_of_product)),
        ),
    ),
    told(
        "off-data-arbitrary",
        as_written=Form(Statement((), VARIES)),
        best=Form(
            Statement((TRAIN_CONSTANT_RANK, NEW_GRADIENTS), VARIES),
            (
                T1,
                Step(
                    "then the tangent space is ker J_train, and some v in it has J_test v ≠ 0",
                    cites=NULLITY,
                ),
            ),
        ),
        examples=splits,
        over_gallery=False,
    ),
    told(
        "second-order-along-tangent",
        as_written=Form(Statement((), SECOND_ORDER), (TANGENT,)),
        examples=_examples,
    ),
    told(
        "parallel-contours-coincide",
        as_written=Form(Statement((PARALLEL, CONSTANT_RANK), COINCIDE), (T1, R_AT_MOST_M)),
        strong=Form(Statement((PARALLEL,), COINCIDE)),
        examples=_examples,
    ),
    told(
        "points-that-did-not-matter",
        as_written=Form(
            Statement((DEPENDENT,), SPARE_ROWS),
            (AT_MOST_ROWS, Step("a spanning set contains a basis", cites="linear algebra")),
        ),
        examples=_examples,
    ),
    told(
        "image-is-N-dimensional",
        as_written=Form(Statement((FEWER_PARAMETERS, CONSTANT_RANK), FULL_COLUMN_RANK)),
        best=Form(Statement((), AT_MOST_N), (AT_MOST_ROWS,)),
        examples=tall_models,
    ),
    told(
        "cylinders",
        as_written=Form(Existence((VARIES,))),
        examples=splits,
        over_gallery=False,
    ),
    told(
        "T15",
        best=Form(
            Statement((TRAIN_CONSTANT_RANK, ALL_NEW), OPEN_OUTPUTS),
            (
                T1,
                Step(
                    "so the fibre has the tangent space ker J_train, on which J_test has rank "
                    "M_test: F_test is a submersion on the fibre",
                    cites="submersion theorem (Lee, Introduction to Smooth Manifolds, cor. 5.13)",
                ),
                Step("rank [J; J'] ≤ rank J + rank J' of ker J", rank_of_product),
            ),
        ),
        examples=splits,
        over_gallery=False,
    ),
)
