"""Claims 1 to 19 (but for 2, 3, 7 and 16): the fibre near a point and the rank of J.

In: the gallery's landscapes as instances, and a few of our own. Out: `CLAIMS`, with those of
`solution_sets` (claims about whole sets) in the order of their numbers. Theorem T1 carries the
repairs: rank J = r near θ ⇒ the fibre is near θ a manifold of dimension N − r; and in any case
every manifold in the fibre has dimension ≤ N − rank J(θ).
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
from hessrank.proofs.catalogue.solution_sets import claims as solution_sets
from hessrank.proofs.catalogue.sources import S1, S2
from hessrank.proofs.reasoning.claim import Claim, Existence, Instance, Predicate, Statement, Step

RANK_THEOREM = "constant rank theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., thm 4.12)"
SUBMERSION = "submersion theorem (Lee, Introduction to Smooth Manifolds, 2nd ed., cor. 5.13)"
IMMERSION = "immersions are locally embeddings (Lee, Introduction to Smooth Manifolds, thm 4.25)"
IMPLICIT = "implicit function theorem (Lee, Introduction to Smooth Manifolds, thm C.40)"
CHAIN = "chain rule"
ROWS = "the rank of a matrix is at most the number of its rows and of its columns"
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
        Instance("x³", behaviour(["x**3"], "x y", {"x": 0, "y": 0})),
        Instance("parallel planes", behaviour(["x", "2*x"], "x y z", {"x": 0, "y": 0, "z": 0})),
    )


def _axis() -> Sequence[Instance]:
    on_axis = [Instance(f"spheres at ({x}, 0, 0)", spheres(x)) for x in (0, "1/2", 1, -3)]
    return (*on_axis, Instance("spheres at (0, 1, 0)", spheres(0, 1)))


T1 = Step(
    "rank J = r near θ ⇒ the fibre is near θ a manifold of dimension N − r", cites=RANK_THEOREM
)
R_AT_MOST_M = Step("r ≤ M, so N − r ≥ N − M, and N − r > N − M if r < M", cites=ROWS)
TANGENT = Step(
    "a curve γ in the fibre has 0 = (F∘γ)' = J γ', so tangent vectors lie in ker J", cites=CHAIN
)
NEARBY = Step(
    "near θ rank J ≥ rank J(θ), because a minor that is not zero stays so; hence "
    "manifolds of the fibre near θ have dimension ≤ N − rank J(θ)",
    cites=NULLITY,
)

LOCAL: tuple[Claim, ...] = (
    Claim(
        "fibre-dimension-at-least",
        1,
        "Fibres are at least (N−M)-dimensional",
        f"{S1}, behaviour manifolds; {S2}",
        "Each output removes at most one dimension, so the manifolds of constant "
        "behaviour are at least (N−M)-dimensional.",
        r"\dim F^{-1}(F(\theta)) \geq N - M",
        stated=Statement((), AT_LEAST),
        repaired=Statement((CONSTANT_RANK,), AT_LEAST),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
        settles="True wherever the rank of J is locally constant, in particular at full rank; "
        "at single points an output may remove several dimensions at once (X5, and "
        "footnote 3 of S1 concedes it).",
    ),
    Claim(
        "spheres-unique",
        4,
        "On the axis of two families of spheres every behaviour is unique",
        f"{S1}, fn 3",
        "If the contours are spheres about (±1, 0, 0), all points on the x-axis are "
        "unique in behaviour, so they lie on 0-dimensional manifolds.",
        r"F^{-1}(F(x,0,0)) = \{(x,0,0)\}",
        stated=Statement(
            (Predicate("on-axis", "θ = (x, 0, 0)", on_axis),),
            Predicate("alone", "θ is the only point of its fibre", alone),
        ),
        stated_proof=(
            Step("F₂ − F₁ = 4x and F₁ = (x−1)² + y² + z²", sphere_identities),
            Step(
                "so F determines x and y² + z², and y² + z² = 0 only at y = z = 0",
                cites="a sum of real squares is 0 only where each is",
            ),
        ),
        examples=_axis,
        over_gallery=False,
    ),
    Claim(
        "contours-dimension",
        5,
        "Each contour is (N−1)-dimensional",
        f"{S1}, behaviour manifolds",
        "Each contour of a single output is an (N−1)-dimensional manifold.",
        r"\dim\{F_m = c\} = N-1",
        stated=Statement((), CONTOURS),
        repaired=Statement((GRADIENTS_NONZERO,), CONTOURS),
        repaired_proof=(
            Step(
                "∇F_m(θ) ≠ 0 ⇒ {F_m = F_m(θ)} is near θ a graph over N − 1 coordinates",
                cites=IMPLICIT,
            ),
        ),
        examples=_examples,
    ),
    Claim(
        "parallel-contours",
        6,
        "Parallel contours permit a dimension above N−M",
        f"{S1}, parallel contours",
        "If the contours are parallel, the behaviour manifolds have more than N−M dimensions.",
        r"\operatorname{rank}J = 1 < M \Rightarrow \dim F^{-1}(F(\theta)) > N-M",
        stated=Statement((PARALLEL,), ABOVE),
        repaired=Statement((PARALLEL, CONSTANT_RANK), ABOVE),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
        settles="The contours must be parallel on a neighbourhood. At the origin of X5 the two "
        "spheres touch, the gradients are parallel, and the fibre is a point.",
    ),
    Claim(
        "gradients-perpendicular",
        8,
        "Behavioural gradients are perpendicular to the fibre",
        f"{S1}, claim 1",
        "The space spanned by the behavioural gradients at a point is perpendicular to "
        "the behaviour manifold there.",
        r"T_\theta \subseteq \ker J",
        stated=Statement((), TANGENTS),
        stated_proof=(TANGENT,),
        examples=_examples,
        settles="The commenter's simpler argument is the proof: the derivative along the "
        "manifold is zero because the behaviour does not change.",
    ),
    Claim(
        "kernel-is-tangent",
        8,
        "Conversely, every direction in ker J is tangent to the fibre",
        f"{S1}, claim 1, read backwards",
        "The directions perpendicular to all behavioural gradients are the tangent "
        "space of the behaviour manifold.",
        r"T_\theta = \ker J",
        stated=Statement((), IS_NULLITY),
        repaired=Statement((CONSTANT_RANK,), IS_NULLITY),
        repaired_proof=(T1,),
        examples=_examples,
    ),
    Claim(
        "fibre-dimension-at-most",
        9,
        "The dimension of the fibre is at most N − rank G",
        f"S0; {S1}, claim 2",
        "dim(manifold) ≤ N − rank(G).",
        r"\dim F^{-1}(F(\theta)) \leq N - \operatorname{rank}J",
        stated=Statement((), BOUNDED_BY_NULLITY),
        stated_proof=(TANGENT, NEARBY),
        examples=_examples,
    ),
    Claim(
        "high-dimension-dependence",
        10,
        "A dimension above N−M forces dependent gradients",
        f"{S1}, key result",
        "If a behaviour manifold has more than N−M dimensions, the normal vectors of "
        "the contours are linearly dependent.",
        r"\dim F^{-1}(F(\theta)) > N-M \Rightarrow \operatorname{rank}J < M",
        stated=Statement((ABOVE,), DEPENDENT),
        stated_proof=(TANGENT, NEARBY),
        examples=_examples,
    ),
    Claim(
        "dependence-high-dimension",
        10,
        "Conversely, dependent gradients give a dimension above N−M",
        f"{S1}, key result, read backwards",
        "If the behavioural gradients are dependent, the behaviour manifold has more "
        "than N−M dimensions.",
        r"\operatorname{rank}J < M \Rightarrow \dim F^{-1}(F(\theta)) > N-M",
        stated=Statement((DEPENDENT,), ABOVE),
        repaired=Statement((DEPENDENT, CONSTANT_RANK), ABOVE),
        repaired_proof=(T1, R_AT_MOST_M),
        examples=_examples,
    ),
    Claim(
        "low-rank-high-dimension",
        11,
        "Low-rank G ≈ high manifold dimension",
        f"S0; {S1}, claim 3",
        "High manifold dimension and low rank of G amount to the same: dimension = N − rank(G).",
        r"\dim F^{-1}(F(\theta)) = N - \operatorname{rank}J",
        stated=Statement((), IS_NULLITY),
        repaired=Statement((), BOUNDED_BY_NULLITY),
        repaired_proof=(TANGENT, NEARBY),
        examples=_examples,
        settles="One direction only, as footnote 11 of S1 says: high dimension forces low "
        "rank, low rank merely permits high dimension.",
    ),
    Claim(
        "low-rank-dependence",
        12,
        "Low-rank G is linear dependence of the gradients",
        f"S0; {S1}, behavioural gradients",
        "That G has low rank (less than it could have) means that the behavioural "
        "gradients are linearly dependent.",
        r"\operatorname{rank}J < \min(M,N) \Leftrightarrow \operatorname{rank}J < M",
        stated=Statement((), LOW_RANK_IS_DEPENDENCE),
        repaired=Statement((MORE_PARAMETERS,), LOW_RANK_IS_DEPENDENCE),
        repaired_proof=(
            Step("M ≤ N ⇒ min(M, N) = M; the M gradients are dependent iff rank J < M", cites=ROWS),
        ),
        settles="With more outputs than parameters the gradients are always dependent, "
        "whatever J's rank.",
    ),
    Claim(
        "linear-solution-dimension",
        13,
        "Linear model: the solution set has dimension N − rank X",
        "S1, comment (the accessible summary)",
        "For a perceptron the solutions form a set of dimension N − rank X.",
        r"\dim\{\theta : X\theta = y\} = N - \operatorname{rank}X",
        stated=Statement((AFFINE,), IS_NULLITY),
        stated_proof=(Step("F(θ + v) = F(θ) + J v, so the fibre is θ + ker J", cites=NULLITY),),
        examples=_examples,
    ),
    Claim(
        "nonlinear-solution-dimension",
        13,
        "… and the same reasoning works for a neural net near θ",
        "S1, comment (the accessible summary)",
        "For a neural net at least N − M orthogonal directions leave the training "
        "outputs unchanged near a given θ.",
        r"\dim F^{-1}(F(\theta)) \geq N - M",
        stated=Statement((), AT_LEAST),
        repaired=Statement((), FIRST_ORDER),
        repaired_proof=(Step("dim ker J = N − rank J ≥ N − M", cites=NULLITY),),
        examples=_examples,
        settles="For infinitesimal steps, as the commenter says: ker J has dimension ≥ N − M. "
        "For a set of solutions it fails at X5.",
    ),
    Claim(
        "submersion",
        14,
        "Submersion theorem for F",
        f"{S1}; {S2}",
        "At a point where J has full rank M the behaviour manifold is a smooth "
        "(N−M)-dimensional submanifold.",
        r"\operatorname{rank}J = M \Rightarrow \dim F^{-1}(F(\theta)) = N-M",
        stated=Statement((FULL_ROW_RANK,), IS_GAP),
        stated_proof=(Step("F is a submersion at θ, hence near θ", cites=SUBMERSION),),
        examples=_examples,
    ),
    Claim(
        "low-rank-says-little",
        15,
        "Where J drops rank, the level set is not determined by it",
        f"{S2}, reservations",
        "When the Jacobian does not have full rank it is difficult to conclude "
        "anything about the level set: functions of (x, y) with J = 0 at the origin "
        "have level sets of every kind.",
        r"J(0)=0:\ \dim = 0, 1, 1, \text{a cross}, 2",
        stated=Existence(
            (
                Predicate(
                    "same-sizes", "all have N = 2, M = 1 and J = 0 at the origin", same_sizes
                ),
                Predicate("cross", "xy = 0 is no manifold at the origin", crossing),
                Predicate("different", "the fibres have different dimensions", different_fibres),
            )
        ),
        examples=lambda: (Instance("x² + y², x², x³, xy, 0 at the origin", at_origin()),),
        over_gallery=False,
    ),
    Claim(
        "image-embedded",
        17,
        "Full rank with N < M makes the image smooth and embedded",
        f"{S2}, behavioural space",
        "With N < M, points at which J has full rank map to points that have "
        "neighbourhoods in which F(Θ) is smooth and embedded.",
        r"\operatorname{rank}J = N < M \Rightarrow F(\Theta)\text{ is an embedded "
        r"manifold near }F(\theta)",
        stated=Statement(
            (Predicate("full-column-rank", "rank J = N < M", full_column_rank),),
            Predicate("image-embedded", "F(Θ) is near F(θ) an embedded N-manifold", image_embedded),
        ),
        repaired=Statement(
            (Predicate("full-column-rank", "rank J = N < M", full_column_rank),),
            Predicate("locally-embedded", "F embeds a neighbourhood of θ", locally_embedded),
        ),
        repaired_proof=(Step("rank J = N ⇒ F is an immersion near θ", cites=IMMERSION),),
        examples=images,
        over_gallery=False,
        settles="The neighbourhood must be taken in Θ, not in the image: other parts of Θ may "
        "map there.",
    ),
    Claim(
        "submersion-needs-parameters",
        18,
        "The submersion theorem needs N ≥ M",
        f"{S2}, reservations, and its author's reply",
        "The submersion theorem makes sense only when there are at least as many "
        "parameters as outputs.",
        r"N < M \Rightarrow \operatorname{rank}J < M",
        stated=Statement((FEWER_PARAMETERS,), DEPENDENT),
        stated_proof=(Step("rank J ≤ N < M", cites=ROWS),),
        settles="S2 asks for N > M; N = M does as well, and makes the fibre a point near θ.",
    ),
    Claim(
        "off-data-arbitrary",
        19,
        "A fibre always contains models that differ off the data",
        "S2, comment",
        "Models in a behaviour manifold only need to agree on the training inputs, and "
        "always include models with arbitrary behaviour on other inputs.",
        r"\exists\,\theta' \in F^{-1}(F(\theta)):\ F_{\text{test}}(\theta') \neq "
        r"F_{\text{test}}(\theta)",
        stated=Statement((), VARIES),
        repaired=Statement((TRAIN_CONSTANT_RANK, NEW_GRADIENTS), VARIES),
        repaired_proof=(
            T1,
            Step(
                "then the tangent space is ker J_train, and some v in it has J_test v ≠ 0",
                cites=NULLITY,
            ),
        ),
        examples=splits,
        over_gallery=False,
        settles="Not always: an invertible linear model has one model in its fibre. It takes "
        "gradients off the data that the training gradients do not span, and a locally "
        "constant rank on the data: without the latter the fibre of X5 is a point, "
        "although a test output y has a new gradient.",
    ),
)

CLAIMS: tuple[Claim, ...] = tuple(
    sorted((*LOCAL, *solution_sets.CLAIMS), key=lambda claim: claim.number)
)
