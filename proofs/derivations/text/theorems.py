r"""The theorems that reasons and verdicts name by a label, in a sentence each (docs/theorems.md).

In: what is said on a page. Out: the sentences of the labels in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hessrank.proofs.pages.blocks import Block, Text

THEOREMS = {
    "T1": r"where rank $J$ = $r$ near $\theta$, the fibre is near $\theta$ a manifold of dimension "
    r"$N - r$",
    "T4": r"where $r = 0$ and $A \succeq 0$, $\ker H = J^{-1}(\ker A)$, so that rank $H$ = "
    r"rank $J$ − dim(im $J$ ∩ ker $A$)",
    "T5": "where $p$ parameters stand before a layer that takes $C$ different values on the data, "
    "rank $J$ ≤ $p + K C$",
    "T6": "where the activations that enter a weight matrix do not span all directions, it can be "
    "changed without changing an output",
    "T8": "a hidden unit with a homogeneous activation can be rescaled without changing an output",
    "T9": r"with $Y$ for the second term of $H$ and $i_-$ for its number of negative squares, "
    r"|rank $H$ − rank $J^{\top} A J$| ≤ rank $Y$; for $A \succ 0$, $H$ has at least rank $J$ − "
    r"$i_-$ positive squares",
    "T12": r"where $r = 0$ and $A \succ 0$, the points with the same loss are near $\theta$ the "
    r"fibre, of dimension at most $N$ − rank $H$",
    "T13": "for a piecewise analytic net the parameters whose fibre has a local dimension below "
    "$N - M$ form a null set",
    "T14": r"under softmax cross-entropy rank $J^{\top} A J$ = rank $\partial p/\partial\theta$",
    "T16": r"of one hidden layer and one output, with relu, leaky relu or identity, every critical "
    r"point with $H \succeq 0$ has $H = J^{\top} A J$",
    "T17": r"of one output, for deep linear nets and for two hidden layers of relu of which the "
    r"second is one unit, every local minimum has $H = J^{\top} A J$",
}


def explained(said: Iterable[str]) -> list[Block]:
    """A sentence for each label that is named."""
    text = " ".join(said)
    labels = [t for t in THEOREMS if re.search(rf"\b{t}\b", text)]
    return [Text(f"{THEOREMS[t]}.", lead=f"{t}:") for t in labels]
