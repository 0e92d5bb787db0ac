"""Information loss: claims 40 to 50 of the source texts.

In: nothing. Out: `CLAIMS`: what is claimed, in which form it holds, which proof it rests on and
what it is tried on. `layer_vocabulary` has the predicates, `layer_proofs` the proofs.
"""

from __future__ import annotations

from functools import lru_cache

from hessrank.proofs.catalogue.information.predicates import (
    BOUNDED,
    COUNTS_BELOW,
    DEAD_GRADIENTS,
    DEAD_UNIT,
    DEPENDENT,
    ENOUGH_PARAMETERS,
    EQUAL_AFTER,
    FEW_BEFORE,
    FIBRE_AT_LEAST,
    FULL_RANK_AFTER,
    GROUP_DEPENDENT,
    LAYERED,
    LOW_RANK,
    MERGED,
    MERGED_BEFORE_PARAMETERS,
    MERGING_OCCURS,
    NO_PATH,
    NO_ZERO_UNIT,
    ONE_HIDDEN,
    ORBIT_COUNTED,
    PROMISED_FIBRE,
    PROMISES_DIMENSION,
    ROWS_EQUAL,
    SAME_NOTION,
    SEVERAL,
)
from hessrank.proofs.catalogue.information.proofs import (
    CHAIN,
    COUNTED,
    DEAD,
    DEAD_LAYER,
    FACTORS,
    GROUP_COUNT,
    INVARIANT,
    NO_COLUMNS,
    ORBIT,
    REGULAR,
    SHARP,
    SUBADDITIVE,
    any_labels,
    merged_linear,
)
from hessrank.proofs.experiments import sweep
from hessrank.proofs.information_loss.cuts import Cut, cut_through
from hessrank.proofs.reasoning.claim import Claim, Instance, Statement
from hessrank.symbolic.models.models import Model, mlp


@lru_cache(maxsize=1)
def instances() -> tuple[Instance, ...]:
    """The instances that the claims on merging and rank are tried on, besides the gallery."""
    tanh, relu = mlp([1, 2, 1], "tanh", bias=False), mlp([1, 2, 1], "relu")
    x9 = mlp([2, 1, 1], "tanh", fixed={"b1_1": 0})
    squares = Model.from_expressions("(w*x)**2 + u**2 + v**2", "w u v", "x")
    x10 = any_labels(squares, [1, -1, 2], [0, 0, 0])
    skipping = Model.from_expressions("v*tanh(w*x) + s*x**2 + t*x**3", "v w s t", "x")
    skip = any_labels(skipping, [1, 2, 3], [1, 0, 1, 1])
    odd = any_labels(Model.from_expressions("v*x**2 + s*x", "v s", "x"), [1, -1], [1, 1])
    even = any_labels(Model.from_expressions("v*x**2 + c", "v c", "x"), [1, -1], [1, 0])
    return (
        Instance("X8-as-net", any_labels(tanh, [1, 2, 3], ["1/2", "1/2", 1, 2])),
        Instance("X9-as-net", any_labels(x9, [[1, 0], [1, 1]], [1, 0, 1, 0])),
        Instance("X10-at-wx", cut_through(x10, ["w*x"], "the layer a = wx")),
        Instance("path-around", cut_through(skip, ["tanh(w*x)"], "the layer a = tanh(wx)")),
        Instance("even-with-path", cut_through(odd, ["x**2"], "the layer a = x²")),
        Instance("four-merged", merged_linear(4, 2)),
        Instance("three-merged", merged_linear(3, 2)),
        Instance("five-merged", merged_linear(5, 1)),
        Instance("even", cut_through(even, ["x**2"], "the layer a = x²")),
        Instance(
            "dependent-inputs",
            any_labels(
                mlp([2, 2, 1], "identity", bias=False), [[1, 0], [0, 1], [1, 1]], [1, 0, 0, 1, 1, 2]
            ),
        ),
        Instance(
            "zero-output-weights",
            any_labels(mlp([1, 2, 1], "tanh"), [0, 1, 2, 3], [1, 2, 0, 1, 0, 0, 1]),
        ),
        Instance("dead-layer", any_labels(relu, [1, 2, 3, -2], [1, -1, -4, -1, 2, 3, 1])),
        Instance("one-of-two-dead", any_labels(relu, [1, 2, 3], [1, -1, 1, "-1/2", 2, 3, 1])),
        Instance(
            "two-outputs",
            any_labels(mlp([1, 1, 2], "tanh", fixed={"b1_1": 0}), [1, 2, 3], [0, 1, 2, 0, 0]),
        ),
    )


def _orbits() -> tuple[Instance, ...]:
    tanh, relu = mlp([1, 3, 1], "tanh", bias=False), mlp([2, 3, 1], "relu", bias=False)
    return (
        Instance("three-tanh", any_labels(tanh, [1, 2], [1, 2, 3, 1, 1, 1])),
        Instance("two-equal-tanh", any_labels(tanh, [1, 2], [1, 1, 3, 2, 2, 1])),
        Instance("opposite-tanh", any_labels(tanh, [1, 2], [1, -1, 3, 2, -2, 1])),
        Instance("three-relu", any_labels(relu, [[1, 2]], [1, 2, 3, 1, 1, 1, 1, 2, 3])),
        Instance("equal-relu", any_labels(relu, [[1, 2]], [1, 2, 1, 2, 3, 1, 3, 3, 3])),
        Instance("zero-unit", any_labels(tanh, [1, 2], [0, 1, 3, 0, 2, 1])),
    )


CLAIMS = (
    Claim(
        "equal-activations-equal-gradients",
        40,
        "Merged examples have equal gradients after the layer",
        "001_fc8102245f0e2a25 (Vivek Hebbar)",
        "If two inputs have identical activations at a layer L, their behavioural gradients are "
        "identical in all layers after L.",
        r"a(x_i) = a(x_j) \Rightarrow "
        r"\partial f(x_i)/\partial\theta_{>} = \partial f(x_j)/\partial\theta_{>}",
        stated=Statement((LAYERED, MERGING_OCCURS), EQUAL_AFTER),
        repaired=Statement((LAYERED, NO_PATH, MERGING_OCCURS), EQUAL_AFTER),
        repaired_proof=(FACTORS, CHAIN),
        examples=instances,
    ),
    Claim(
        "few-parameters-before",
        41,
        "Few parameters before the layer force dependence",
        "001_fc8102245f0e2a25 (Vivek Hebbar)",
        "If k inputs are merged at L and fewer than k − 1 parameters stand before L, their "
        "behavioural gradients are linearly dependent.",
        r"p < k-1 \Rightarrow \exists y \ne 0: y^\top J = 0",
        stated=Statement((LAYERED, NO_PATH, MERGED, FEW_BEFORE), GROUP_DEPENDENT),
        stated_proof=(FACTORS, CHAIN, GROUP_COUNT, SHARP),
        examples=instances,
        settles="The count is exact: with p = k − 1 nothing is forced (three-merged: "
        "f = v(w₁x₁ + w₂x₂) + c at w = 0, three merged inputs, independent rows).",
    ),
    Claim(
        "merging-causes-dependence",
        42,
        "Merging alone causes dependence",
        "001_fc8102245f0e2a25 (Vivek Hebbar)",
        "When a network merges inputs, their behavioural gradients become linearly dependent.",
        r"a(x_i) = a(x_j) \Rightarrow \operatorname{rank} J < M",
        stated=Statement((LAYERED, NO_PATH, MERGED), DEPENDENT),
        repaired=Statement((LAYERED, NO_PATH), BOUNDED),
        repaired_proof=(FACTORS, CHAIN, SUBADDITIVE),
        examples=instances,
        settles="The post says that merging “greatly increases the chance” of dependence and "
        "that it “often” follows. It does not follow by itself: in X9 the two examples "
        "share their activation and the rows of J are independent. What merging does is "
        "to bound the rank, by p + K·C.",
    ),
    Claim(
        "dead-relu",
        43,
        "A dead relu zeroes earlier gradients",
        "001_fc8102245f0e2a25 (Vivek Hebbar)",
        "A relu unit that is dead on an input zeroes the gradient of its incoming weights there; a "
        "layer that is dead zeroes all gradients before it.",
        r"z_i(x) < 0 \Rightarrow \partial f(x)/\partial w_{i\cdot} = 0",
        stated=Statement((LAYERED, DEAD_UNIT), DEAD_GRADIENTS),
        stated_proof=(DEAD, DEAD_LAYER),
        examples=lambda: tuple(i for i in instances() if not isinstance(i.subject, Cut)),
        settles="True of the unit's own incoming weights. Read as “all gradients before it” it "
        "needs the whole layer to be dead: in one-of-two-dead the living unit still "
        "carries gradients.",
    ),
    Claim(
        "low-rank-indicates-loss",
        44,
        "Low rank indicates information loss",
        "001_fc8102245f0e2a25 (Vivek Hebbar; the objection is Spencer Becker-Kahn's)",
        "If the behavioural gradients are dependent, the network throws away information: some "
        "layer gives two inputs equal activations.",
        r"\operatorname{rank} J < \min(M, N) \Rightarrow \exists L, i \ne j: a_L(x_i) = a_L(x_j)",
        stated=Statement((LAYERED, SEVERAL, LOW_RANK), MERGED),
        repaired=Statement((LAYERED, NO_PATH, COUNTS_BELOW), LOW_RANK),
        repaired_proof=(FACTORS, CHAIN, SUBADDITIVE),
        examples=instances,
        settles="Spencer Becker-Kahn was right that the paragraphs show the other direction: "
        "enough information loss implies low rank. Low rank does not indicate it: a "
        "duplicated neuron (X8), dependent inputs of a linear net and zero output "
        "weights lower the rank while every layer keeps all examples apart.",
    ),
    Claim(
        "link-is-tautology",
        45,
        "The link between low rank and information loss is a tautology",
        "003_37893a47f4eb7eba (Spencer Becker-Kahn), answering 001_fc8102245f0e2a25",
        "Information loss, made concrete as inputs that cannot be told apart, is just another "
        "name for a low-rank Jacobian.",
        r"\operatorname{rank} J < M \iff \exists L, i \ne j: a_L(x_i) = a_L(x_j)",
        stated=Statement((LAYERED, NO_PATH, SEVERAL, ENOUGH_PARAMETERS), SAME_NOTION),
        repaired=Statement((LAYERED, NO_PATH, MERGED_BEFORE_PARAMETERS), ROWS_EQUAL),
        repaired_proof=(FACTORS, CHAIN, NO_COLUMNS),
        examples=instances,
        settles="Partly right. Where no parameter comes before the merging layer, merging is "
        "equality of rows of J and the link says the same thing twice. In general the "
        "notions differ in both directions: X8 has low rank and merges nothing, X9 "
        "merges and has full rank; what joins them is a theorem with a count in it, rank "
        "J ≤ p + K·C.",
    ),
    Claim(
        "early-discarding",
        46,
        "Discarding early guarantees a high-dimensional manifold",
        "000_b1f1a6ceff22fc7e, 001_fc8102245f0e2a25 (Vivek Hebbar)",
        "Models that throw away enough information in early layers are guaranteed to live on "
        "high-dimensional manifolds of equal behaviour.",
        r"p + KC < \min(M, N) \Rightarrow \dim \ge N - p - KC",
        stated=Statement((LAYERED, NO_PATH, PROMISES_DIMENSION), PROMISED_FIBRE),
        repaired=Statement((LAYERED, NO_PATH, FULL_RANK_AFTER), FIBRE_AT_LEAST),
        repaired_proof=(FACTORS, CHAIN, REGULAR),
        examples=instances,
        settles="The guarantee is one of rank, not of dimension: in X10 all inputs merge, J = 0, "
        "and the fibre is a single point. Where ∂g/∂θ_> has rank K·C on the classes, the "
        "manifold is there, of dimension N − p − K·C: the “precise bound” that the post "
        "expected.",
    ),
    Claim(
        "case-study",
        47,
        "The case study shows information loss",
        "000_b1f1a6ceff22fc7e, 001_fc8102245f0e2a25 (Vivek Hebbar)",
        "A case study in a very small network shows that information loss is a good qualitative "
        "interpretation of the dependence.",
        beyond="The network, its data and its weights are shown in a video only; the text has "
        "none of them, so that there is nothing to compute.",
    ),
    Claim(
        "deficient-solutions-rarer",
        48,
        "The more overparameterised, the rarer the rank-deficient solutions",
        "001_fc8102245f0e2a25, update of 5/19 (Vivek Hebbar)",
        "The more overparameterised the network, the less likely training finds a solution whose "
        "Hessian (there: J) is rank-deficient.",
        over_gallery=False,
        experiment=sweep.deficient_solutions,
        settles="The experiment agrees for relu with labels that let examples merge. With labels "
        "drawn at random there is nothing to become rarer: by Sard's theorem (T2) almost "
        "no labels have a rank-deficient exact solution, at any width.",
    ),
    Claim(
        "dimension-not-predictive",
        49,
        "Dimension does not predict which solution is found",
        "001_fc8102245f0e2a25 (Vivek Hebbar)",
        "In very small networks (about 20 parameters, 4 examples) the dimension of a solution "
        "manifold predicts poorly which solution training finds.",
        over_gallery=False,
        experiment=sweep.solution_dimensions,
    ),
    Claim(
        "manifold-counts",
        50,
        "Permutations multiply the solutions",
        "001_fc8102245f0e2a25 (in the comments, answered by Vivek Hebbar)",
        "Permuting hidden units gives h!/Π m_j! solutions of equal behaviour for h units of "
        "which m_1, m_2, … are equal; an odd activation gives 2^h times as many (equal then "
        "means equal up to sign).",
        r"2^h\, h!/\textstyle\prod_j m_j!",
        stated=Statement((ONE_HIDDEN, NO_ZERO_UNIT), ORBIT_COUNTED),
        stated_proof=(INVARIANT, ORBIT, COUNTED),
        examples=_orbits,
        settles="These are points, one on each copy of a manifold; copies may be joined into one "
        "manifold, as the swapped copies of a·b = 1 in width 2 are.",
    ),
)
