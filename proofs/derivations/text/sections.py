"""The text of a derivation, section by section, as blocks of a page.

In: `Parts`, what was derived of a problem and, where there is one, at its point. Out: blocks: the
problem, the general identity, one example, all examples, the point with its ranks and verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hessrank.proofs.derivations import identity
from hessrank.proofs.derivations.derived import Rows
from hessrank.proofs.derivations.meanings import of_example, of_loss, of_matrices
from hessrank.proofs.derivations.parts import NAMES, SYMMETRIC, Parts
from hessrank.proofs.derivations.text.functions import meant
from hessrank.proofs.derivations.text.layout import (
    TALL,
    beside,
    compact,
    definitions,
    derivatives,
    equation,
    matrix,
    vector,
)
from hessrank.proofs.derivations.text.network import recurrences
from hessrank.proofs.derivations.text.numbering import numbered, reference
from hessrank.proofs.derivations.text.point import at_point, labelled, one_matrix
from hessrank.proofs.derivations.text.softmax import scaled
from hessrank.proofs.derivations.worked import worked
from hessrank.proofs.pages.blocks import Block, Formula, Heading, Text
from hessrank.symbolic.budget import unhurried
from hessrank.symbolic.expressions.printing import latex_terms, symbol_latex
from hessrank.symbolic.expressions.printing import rational_latex as latex_number
from hessrank.symbolic.models.models import Model
from hessrank.symbolic.once import once
from hessrank.symbolic.problems.landscape import Problem

#: Of more outputs the loss is not written out.
MANY = 6
#: Letters with a meaning of their own: a user's symbol of that name is set in sans serif.
NOTATION = "AdDefFHJkKLmMPopqry"


def blocks(parts: Parts) -> list[Block]:
    """The text of all sections."""
    return numbered(unnumbered(parts))


@once
def unnumbered(parts: Parts) -> list[Block]:
    """The same with labels in the place of numbers."""
    names = _names(parts.problem.model)
    with unhurried():  # what was derived in time is written down
        if parts.only:
            return one_matrix(parts, names)
        found = [
            *_problem(parts, names),
            *_identity(parts.problem),
            *_one_example(parts, names),
            *_everywhere(parts, names),
        ]
    point = [] if parts.here is None else at_point(parts, parts.here, names)
    return beside([*found, *point])


def _names(model: Model) -> dict[str, str]:
    """How a user's symbols are written, where not as usual."""
    written = {name: symbol_latex(name) for name in (*model.parameters, *model.inputs)}
    times = Counter(written.values())
    apart = {
        name: rf"\mathsf{{{text[0]}}}{text[1:]}"
        for name, text in written.items()
        if text[0] in NOTATION and text[1:2] in ("", "_")
    }
    alike = {name: _spelled(name) for name, text in written.items() if times[text] > 1}
    return apart | alike


def _spelled(name: str) -> str:
    """A name as it is typed, where its LaTeX would be that of another one too."""
    typed = name.replace("_", r"\_")
    return rf"\mathsf{{{typed}}}"


def _problem(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    problem, limit = parts.problem, parts.limit
    model, D, K = problem.model, len(problem.data), problem.model.output_count
    blocks: list[Block] = [Heading("The problem"), Text(_model_sentence(problem))]
    if names:
        shown = ", ".join(f"${v}$" for v in names.values())
        blocks.append(
            Text(f"Set in sans serif, to tell them from the notation or from one another: {shown}.")
        )
    theta = [names.get(n) or symbol_latex(n) for n in model.parameters]
    more = len(theta) - 5 * limit
    blocks.append(vector(r"\theta", [*theta[: 5 * limit], *([r"\ldots"] if more > 0 else [])]))
    if model.network is None:
        for k, f in enumerate(model.outputs, 1):
            left = f"f_{{{k}}}(x; \\theta)" if K > 1 else "f(x; \\theta)"
            blocks += matrix(left, [[f]], names, limit)
        derived = [e for rows in (parts.one.matrices if parts.one else {}).values() for e in rows]
        blocks += meant([*model.outputs, *(e for row in derived for e in row)])
    if model.fixed:
        blocks.append(Text("Parameters that are fixed:"))
        blocks += definitions(model.fixed, names, limit)
    if model.inputs:
        blocks.append(Text(f"The data: $x_d$ in the rows of $X$ ({D}×{len(model.inputs)})."))
        blocks += matrix("X", problem.data.x, names, limit)
    blocks.append(Text(f"The targets: $y_d$ in the rows of $Y$ ({D}×{K})."))
    blocks += matrix("Y", problem.data.y, names, limit)
    return blocks + _loss(parts, names)


def _model_sentence(problem: Problem) -> str:
    model = problem.model
    D, K, N = len(problem.data), model.output_count, problem.N
    free = f"with $N = {N}$ free parameter{_s(N)} and $K = {K}$ output{_s(K)}"
    what = f"A model $f(x;\\theta)$ {free}"
    if model.network is not None:
        widths = ", ".join(map(str, model.network.widths))
        bias = "with" if model.network.bias else "without"
        what = (
            f"A fully connected network of widths {widths}, activation {model.network.activation}, "
            f"{bias} biases, {free}"
        )
    return (
        f"{what}, on $D = {D}$ example{_s(D)}. Its outputs on all of them are $F(\\theta)$, "
        f"$M = KD = {problem.M}$ number{_s(problem.M)}, example by example: $m = (d-1)K + k$."
    )


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def _loss(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    problem = parts.problem
    extra = "" if problem.regulariser is None else r" + \rho(\theta)"
    if parts.loss is None:
        blocks: list[Block] = [
            Text(f"The loss ({problem.loss.name}) couples all outputs:"),
            Formula(
                rf"L(\theta) = \tfrac{{1}}{{2}}\,(F - y)^{{\top}} W (F - y){extra}, \qquad "
                r"r = W(F - y),\quad A = W"
            ),
            *matrix("W", problem.loss_hessian.rows, names, parts.limit, True),
        ]
    else:
        blocks = [
            Text(f"The loss ({problem.loss.name}) is a sum over examples:"),
            Formula(rf"L(\theta) = \sum_{{d=1}}^{{D}} \ell\big(f(x_d;\theta), y_d\big){extra}"),
            *_loss_of_one(parts),
        ]
    if problem.regulariser is not None:
        blocks += matrix(r"\rho(\theta)", [[problem.regulariser]], names, parts.limit)
    return blocks


def _loss_of_one(parts: Parts) -> list[Block]:
    """ℓ as a closed form; of many logits with sums over them."""
    loss = parts.loss
    assert loss is not None
    if parts.problem.loss.is_centred and parts.problem.model.output_count > MANY:
        p = r"p_k = \frac{e^{o_k}}{\sum_{j=1}^{K} e^{o_j}}"
        scale = parts.problem.loss.scale(parts.problem.M)
        times = "" if scale == 1 else f"{latex_number(scale)} "
        return [Formula(p), Formula(rf"\ell(o, y) = -{times}\sum_{{k=1}}^{{K}} y_k \log p_k")]
    found = definitions(loss.definitions, {}, parts.limit)
    value = latex_terms([loss.matrices["value"][0][0]])[0]
    return worked([*found, equation(r"\ell(o, y)", value)], of_loss(parts))


def _identity(problem: Problem) -> list[Block]:
    N, M = identity.representative(problem.N, problem.M)
    extra = (
        ""
        if problem.regulariser is None
        else r" The regulariser adds its own Hessian $\nabla^2\rho$ to $H$."
    )
    return [
        Heading("The general identity"),
        Text(
            r"With $L = \ell \circ F$, the chain rule applied twice gives, for outputs "
            r"$f_p(x_d,\theta)$ and $\nabla_{(p,d)}$ the derivative in output $p$ of example $d$:"
        ),
        Formula(identity.INDEX_FORM, number="S2-1"),
        Text(
            r"Where $F(\theta^*)$ is a local minimum of $\ell$ the second sum vanishes; if besides "
            r"$\nabla_{(q,d')}\nabla_{(p,d)}\ell = \delta_{pq}\delta_{dd'}$, what is left is"
        ),
        Formula(identity.INDEX_FORM_AT_MINIMUM, number="S2-2"),
        Text(r"With $m$ for the pair $(p,d)$, ({S2-1}) is an identity of $N \times N$ matrices:"),
        Formula(identity.MATRIX_FORM, number="T3"),
        Text(f"with {', '.join(f'${d}$' for d in identity.DEFINITIONS)}."),
        Text(
            "Both sides depend only on the 2-jets of $F$ and $\\ell$, so it is enough to verify "
            "them for quadratic $F$ and $\\ell$ with indeterminate coefficients, by expansion "
            f"(here with $N = {N}$, $M = {M}$: each term involves at most two parameters and two "
            f"outputs).{extra}"
        ),
    ]


def _one_example(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    model = parts.problem.model
    blocks: list[Block] = [Heading("One example")]
    if model.network is not None:
        blocks += recurrences(model.network)
    blocks += _entries_of_one(parts, names)
    if parts.loss is not None:
        blocks.append(Text("The loss of one example, differentiated in its outputs $o$:"))
        if parts.problem.loss.is_centred:
            scale = parts.problem.loss.scale(parts.problem.M)
            short = [
                Formula(rf"\nabla_o \ell = {scaled(scale, 'p - y')}"),
                Formula(
                    r"\nabla_o^2 \ell = " + scaled(scale, r"\operatorname{diag}(p) - p p^{\top}")
                ),
            ]
            blocks += worked(short, of_loss(parts))
            blocks.append(
                Text(r"with $p = \operatorname{softmax}(o)$; $\sum_k y_k = 1$. Entry by entry:")
            )
            if model.output_count > MANY:
                return [*blocks[:-1], Text(r"with $p = \operatorname{softmax}(o)$.")]
        found = matrix(r"\nabla_o \ell", parts.loss.matrices["r"], {}, parts.limit)
        found += matrix(r"\nabla_o^2 \ell", parts.loss.matrices["A"], {}, parts.limit, True)
        blocks += worked(found, of_loss(parts))
    return blocks


def _entries_of_one(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    """f, ∂f/∂θ and ∇²f_k entry by entry; of a network only where they are short."""
    model, K = parts.problem.model, parts.problem.model.output_count
    if parts.one is None:
        count = f"{K}·{parts.problem.N}²"
        return [Text(f"The {count} second derivatives are not written out one by one.")]
    blocks: list[Block] = []
    if parts.one.definitions:
        units = r"Unit by unit, $\sigma$ being the activation of the unit at hand:"
        blocks.append(Text(units if model.network else "With the names"))
        blocks += definitions(parts.one.definitions, names, 4 * parts.limit)
    written = {"f": "f", "J": r"\frac{\partial f}{\partial \theta}"}
    written |= {f"D2_{k}": rf"\nabla^2 f_{{{k}}}" for k in range(1, K + 1)}
    if K == 1:
        written["D2_1"] = r"\nabla^2 f"
    if not model.network and not parts.one.definitions:
        del written["f"]  # it is the model as given
    for key, left in written.items():
        rows = parts.one.matrices[key]
        if model.network is None or parts.expanded:
            blocks += matrix(left, rows, names, parts.limit, key.startswith("D2"))
            continue
        blocks += _entries(key, left, rows, names, parts)
    return worked(blocks, of_example(parts, names))


def _entries(
    key: str, left: str, rows: Rows, names: Mapping[str, str], parts: Parts
) -> list[Block]:
    """A matrix of a network: whole where it fits, else entry by entry where these are few."""
    symmetric = key.startswith("D2")
    short = compact(left, rows, names, parts.limit, symmetric)
    zeros = sum(e.is_number and not e.value for row in rows for e in row)
    sparse = symmetric and len(rows) > 2 * TALL and zeros > len(rows) * (len(rows) - 3)
    scaled = len(rows) == 1 and any(isinstance(b, Formula) and b.wide for b in short or ())
    if short is not None and not scaled and not (sparse and zeros < len(rows) ** 2):
        return short
    by = [names.get(n) or symbol_latex(n) for n in parts.problem.model.parameters]
    K = parts.problem.model.output_count
    listed: list[list[Block] | None] = [None]
    if key == "J":
        listed = [
            derivatives(f"f_{{{k}}}" if K > 1 else "f", [row], by, names)
            for k, row in enumerate(rows, 1)
        ]
    elif key != "f":
        listed = [derivatives(left.removeprefix(r"\nabla^2 "), rows, by, names)]
    if all(entries is not None for entries in listed):
        return [block for entries in listed for block in entries or ()]
    by_what = {"f": ("forward", "activation"), "J": ("weight",)}
    labels = by_what.get(key, ("weights-same", "weights"))
    numbers = " and".join(map(reference, labels))
    where = f"the recurrences, by{numbers}" + ("" if key == "f" else " with $r = e_k$")
    return [Text(f"The entries of ${left}$ are many or long: they follow from {where}.")]


def _everywhere(parts: Parts, names: Mapping[str, str]) -> list[Block]:
    diagonal = ", and $A$ has the blocks $\\nabla_o^2\\ell$ on its diagonal."
    blocks: list[Block] = [
        Heading("All examples"),
        Text(
            "Put the data in: $F$ stacks the $f(x_d;\\theta)$, $J$ the $\\partial f(x_d;\\theta)/"
            "\\partial\\theta$, $r$ the $\\nabla_o\\ell$ at $o = f(x_d;\\theta)$, $y = y_d$"
            + (diagonal if parts.loss else ".")
        ),
    ]
    if parts.everywhere is None:
        if parts.loss is not None:
            blocks.append(
                Formula(
                    r"J^{\top} A J = \sum_{d} J_d^{\top} A_d J_d, \qquad "
                    r"\sum_m r_m \nabla^2 F_m = \sum_{d}\sum_{k} r_{d,k}\, \nabla^2 f_k(x_d;\theta)"
                )
            )
        how = "ask for the expanded derivation" if parts.problem.model.network else "too long"
        blocks.append(Text(f"The closed forms of these sums are left out here ({how})."))
        return blocks
    meaning = of_matrices(parts, parts.everywhere, names)
    first = len(blocks)
    known = [d for d in parts.everywhere.definitions if not d[0].startswith(("@r_", "@A_"))]
    if known:
        blocks.append(Text("With the names"))
        blocks += definitions(tuple(known), names, 4 * parts.limit)
    for key in ("F", "J", "r", "A"):
        blocks += _in_theta(parts, key, names)
    named = len(known) < len(parts.everywhere.definitions)
    where = ", in the entries of $r$ and $A$ where these depend on θ" if named else ""
    blocks.append(Text(f"The two terms of ({{T3}}){where}:"))
    for key in ("GN", "R", "P"):
        if key != "P" or parts.problem.regulariser is not None:
            blocks += _in_theta(parts, key, names)
    rows = parts.everywhere.matrices["H"]
    H = compact("H", rows, names, parts.limit, True)
    last = [Text("$H$ is the sum of these, entry by entry.")] if H is None else labelled(H, "H")
    blocks += last if parts.here is None or H is None else H
    return [*blocks[:first], *worked(blocks[first:], meaning)]


def _in_theta(parts: Parts, key: str, names: Mapping[str, str]) -> list[Block]:
    """One of the matrices on all examples; where there is no point it is the one referred to."""
    assert parts.everywhere is not None
    rows = parts.everywhere.matrices[key]
    found = matrix(NAMES[key], rows, names, parts.limit, key in SYMMETRIC)
    return found if parts.here is not None else labelled(found, key)
