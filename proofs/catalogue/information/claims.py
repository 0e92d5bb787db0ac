"""Information loss: claims 40 to 50 of the source texts.

In: nothing. Out: `CLAIMS`: what is claimed, in which form it holds, which proof it rests on and
what it is tried on. `layer_vocabulary` has the predicates, `layer_proofs` the proofs.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from hessrank.proofs.catalogue.information.orbits import NO_ZERO_UNIT, ONE_HIDDEN, ORBIT_COUNTED
from hessrank.proofs.catalogue.information.predicates import (
    BOUNDED,
    COUNTS_BELOW,
    DEAD_GRADIENTS,
    DEAD_UNIT,
    DEPENDENT,
    ENOUGH_PARAMETERS,
    EQUAL_AFTER,
    EQUAL_OUTPUTS,
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
    PROMISED_FIBRE,
    PROMISES_DIMENSION,
    ROWS_EQUAL,
    SAME_NOTION,
    SEQUENTIAL,
    SEVERAL,
    landscape_of,
    layers_of,
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
from hessrank.proofs.catalogue.texts import told_in
from hessrank.proofs.catalogue.vocabulary import OVERPARAMETERISED
from hessrank.proofs.experiments.labellings import of_claim
from hessrank.proofs.information_loss.cuts import Cut, cut_through
from hessrank.proofs.reasoning.claim import Form
from hessrank.proofs.reasoning.statement import Instance, Statement
from hessrank.symbolic.models.models import Model, mlp


@lru_cache(maxsize=1)
def instances() -> tuple[Instance, ...]:
    """The instances that the claims on merging and rank are tried on, besides the gallery."""
    tanh, relu = mlp([1, 2, 1], "tanh", bias=False), mlp([1, 2, 1], "relu")
    x9 = mlp([2, 1, 1], "tanh", fixed={"b1_1": 0})
    squares = Model.from_expressions("(w*x)**2 + u**2 + v**2", "w u v", "x")
    more = Model.from_expressions("(w*x)**2 + u**2 + v**2 + t**2", "w u v t", "x")
    wider = any_labels(more, [1, -1, 2], [0, 0, 0, 0])
    x10 = any_labels(squares, [1, -1, 2], [0, 0, 0])
    skipping = Model.from_expressions("v*tanh(w*x) + s*x**2 + t*x**3", "v w s t", "x")
    skip = any_labels(skipping, [1, 2, 3], [1, 0, 1, 1])
    odd = any_labels(Model.from_expressions("v*x**2 + s*x", "v s", "x"), [1, -1], [1, 1])
    even = any_labels(Model.from_expressions("v*x**2 + c", "v c", "x"), [1, -1], [1, 0])
    return (
        Instance("X8-as-net", any_labels(tanh, [1, 2, 3], ["1/2", "1/2", 1, 2])),
        Instance("X9-as-net", any_labels(x9, [[1, 0], [1, 1]], [1, 0, 1, 0])),
        Instance("X10-at-wx", cut_through(x10, ["w*x"], "the layer a = wx")),
        Instance("X10-with-N>M", cut_through(wider, ["w*x"], "the layer a = wx")),
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


#: N > M, of a landscape or of one that is seen at a layer.
OVER = (replace(OVERPARAMETERISED, test=lambda s: OVERPARAMETERISED(landscape_of(s))),)

told = told_in(__package__)

CLAIMS = (
    told(
        "equal-activations-equal-gradients",
        as_written=Form(
            Statement((LAYERED, SEQUENTIAL, MERGING_OCCURS), EQUAL_AFTER, layers_of),
            (FACTORS, CHAIN),
        ),
        strong=Form(Statement((LAYERED, MERGING_OCCURS), EQUAL_AFTER, layers_of)),
        best=Form(
            Statement((LAYERED, NO_PATH, MERGING_OCCURS), EQUAL_AFTER, layers_of), (FACTORS, CHAIN)
        ),
        examples=instances,
    ),
    told(
        "few-parameters-before",
        as_written=Form(
            Statement((LAYERED, NO_PATH, MERGED, FEW_BEFORE), GROUP_DEPENDENT, layers_of),
            (FACTORS, CHAIN, GROUP_COUNT, SHARP),
        ),
        examples=instances,
    ),
    told(
        "merging-causes-dependence",
        experiment=of_claim(42),
        strong=Form(Statement((LAYERED, NO_PATH, MERGED), DEPENDENT, layers_of)),
        best=Form(Statement((LAYERED, NO_PATH), BOUNDED, layers_of), (FACTORS, CHAIN, SUBADDITIVE)),
        examples=instances,
    ),
    told(
        "dead-relu",
        as_written=Form(Statement((LAYERED, DEAD_UNIT), DEAD_GRADIENTS), (DEAD, DEAD_LAYER)),
        examples=lambda: tuple(i for i in instances() if not isinstance(i.subject, Cut)),
    ),
    told(
        "low-rank-indicates-loss",
        experiment=of_claim(44),
        strong=Form(Statement((LAYERED, SEVERAL, LOW_RANK), MERGED)),
        best=Form(
            Statement((LAYERED, NO_PATH, COUNTS_BELOW), LOW_RANK, layers_of),
            (FACTORS, CHAIN, SUBADDITIVE),
        ),
        examples=instances,
    ),
    told(
        "link-is-tautology",
        as_written=Form(Statement((LAYERED, NO_PATH, SEVERAL, ENOUGH_PARAMETERS), SAME_NOTION)),
        best=Form(
            Statement((LAYERED, NO_PATH, MERGED_BEFORE_PARAMETERS), ROWS_EQUAL, layers_of),
            (FACTORS, CHAIN, NO_COLUMNS),
        ),
        examples=instances,
    ),
    told(
        "early-discarding",
        as_written=Form(
            Statement((LAYERED, *OVER, NO_PATH, PROMISES_DIMENSION), PROMISED_FIBRE, layers_of)
        ),
        strong=Form(Statement((LAYERED, NO_PATH, PROMISES_DIMENSION), PROMISED_FIBRE, layers_of)),
        best=Form(
            Statement((LAYERED, NO_PATH, FULL_RANK_AFTER), FIBRE_AT_LEAST, layers_of),
            (FACTORS, CHAIN, REGULAR),
        ),
        examples=instances,
    ),
    told("case-study"),
    told("deficient-solutions-rarer", over_gallery=False, experiment=of_claim(48)),
    told("dimension-not-predictive", over_gallery=False, experiment=of_claim(49)),
    told(
        "manifold-counts",
        as_written=Form(
            Statement((ONE_HIDDEN, NO_ZERO_UNIT), ORBIT_COUNTED), (INVARIANT, ORBIT, COUNTED)
        ),
        examples=_orbits,
    ),
    told(
        "usually-merging",
        over_gallery=False,
        experiment=of_claim(79),
    ),
    told(
        "sufficient-statistics",
        as_written=Form(
            Statement((LAYERED, NO_PATH, MERGING_OCCURS), EQUAL_OUTPUTS, layers_of), (FACTORS,)
        ),
        examples=instances,
    ),
    told(
        "less-information-broader",
        best=Form(Statement((LAYERED, NO_PATH), BOUNDED, layers_of), (FACTORS, CHAIN, SUBADDITIVE)),
        examples=instances,
    ),
    told("no-facts-on-networks", over_gallery=False),
)
