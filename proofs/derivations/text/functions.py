r"""What functions mean that are no household names, where a page uses them.

In: closed forms. Out: a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable

from hessrank.proofs.pages.blocks import Block, Text
from hessrank.symbolic.expressions.expression import Expr, postorder

MEANT = {
    "sigmoid": r"$\operatorname{sigmoid}(z) = 1 / (1 + e^{-z})$",
    "softplus": r"$\operatorname{softplus}(z) = \log(1 + e^{z})$",
    "relu": r"$\operatorname{relu}(z) = \max(z, 0)$",
    "step": r"$\operatorname{step}(z) = 1$ for $z > 0$ and $0$ for $z < 0$",
    "sign": r"$\operatorname{sign}(z) = 1$ for $z > 0$ and $-1$ for $z < 0$",
    "erf": r"$\operatorname{erf}(z) = \frac{2}{\sqrt{\pi}} \int_0^z e^{-t^2} dt$",
    "asinh": r"$\operatorname{arsinh}(z) = \log(z + \sqrt{z^2 + 1})$",
}


def meant(forms: Iterable[Expr]) -> list[Block]:
    """A sentence on the functions in the forms that need one."""
    used = {n.name for n in postorder(list(forms)) if n.op == "function" and n.args}
    said = [words for name, words in MEANT.items() if name in used]
    return [Text(f"Here {'; '.join(said)}.")] if said else []
