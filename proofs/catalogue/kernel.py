"""The kernels of J and H explained: every direction named as what it is, or counted as unexplained.

In: a landscape. Out: a `Kernel`: exact vectors that span ker J and ker H, each with a name and a
place in the network. Candidates come from what is known of the network (activation null space,
rescaling, gauge, duplicated, dead and unconnected units, parameters that move the outputs alike,
the shift of all logits under softmax); each is tested exactly, and those that are independent are
kept. What is left of a kernel is due to numbers alone as far as no more than R outputs can move
independently (R: the number of outputs, T5's p + K·C at a layer that merges examples, or the span
of the monomials in x that a polynomial network is made of): R rows leave a kernel of dimension
N − R whatever the network. The rest is unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from math import comb, prod

from flint import fmpq

from hessrank.proofs.existence.tied_symmetries import exponents
from hessrank.proofs.fibres import symmetries
from hessrank.proofs.fibres.symmetries import Direction, Unfolded, unfolded
from hessrank.proofs.information_loss.cuts import cuts
from hessrank.proofs.information_loss.information import rank_bound
from hessrank.proofs.pages.blocks import Block, Math, Table, Text, literal
from hessrank.proofs.pages.shown import Shown
from hessrank.symbolic.brief import Brief
from hessrank.symbolic.errors import HessrankError, counted
from hessrank.symbolic.expressions.expression import Expr, evaluate
from hessrank.symbolic.expressions.printing import latex_all
from hessrank.symbolic.fields.elements import Exact
from hessrank.symbolic.fields.polynomials import TooLarge
from hessrank.symbolic.linear_algebra.elimination import Vector, annihilates
from hessrank.symbolic.models.tied import Tied
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.symbolic.ranks.matrices import Matrix
from hessrank.symbolic.ranks.null_space import null_space

#: Above this many monomials their span is not asked for.
MAX_MONOMIALS = 500
#: Longer entries are printed as decimals.
MAX_SHOWN = 24
SHOWN_BITS = 256
UNEXPLAINED = "unexplained"
COUNTED = "more parameters than outputs that can move"


@dataclass(frozen=True)
class Row:
    """A vector of a kernel, exact and as text; name: what it is; where: its place; shown: the
    vector to be read, entries of more than MAX_SHOWN characters as decimals after a ≈."""

    matrix: str
    vector: tuple[str, ...]
    name: str
    where: str
    shown: Math = field(repr=False, compare=False)

    def to_json(self) -> dict[str, object]:
        return {
            "matrix": self.matrix,
            "vector": list(self.vector),
            "name": self.name,
            "where": self.where,
        }


@dataclass(frozen=True, repr=False)
class Kernel(Shown, Brief):
    """rows: vectors that span the kernels, J's first; unexplained: how many of each matrix have no
    name, None where the kernel is not known exactly, and then why; counted: of a matrix without a
    closed form, how many directions besides the rows there are by their number alone, and why so
    many."""

    rows: tuple[Row, ...]
    unexplained: dict[str, int | None]
    why: dict[str, str]
    counted: dict[str, tuple[int, str]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        return {
            "kernel": [row.to_json() for row in self.rows],
            "unexplained": self.unexplained,
            "kernel_unknown": self.why,
            "kernel_counted": {
                name: {"directions": n, "where": where} for name, (n, where) in self.counted.items()
            },
        }

    def blocks(self) -> list[Block]:
        shown: list[Block] = []
        for matrix, sign in (("jacobian", "J"), ("hessian", "H")):
            left = self.unexplained[matrix]
            rows = [row for row in self.rows if row.matrix == matrix]
            if left is None:
                shown.append(Text(f"ker {sign} is not known exactly: {literal(self.why[matrix])}"))
                continue
            more, where = self.counted.get(matrix, (0, ""))
            head = f"ker {sign}: dimension {len(rows) + more}, {left} unexplained"
            shown.append(Text(head, tone="strong"))
            if rows:
                columns = ("direction", "what it is", "where")
                cells = [(r.shown, r.name, literal(r.where)) for r in rows]
                shown.append(Table(columns, tuple(cells), "ppp"))
            if more:
                words = f"{counted(more, 'direction')} without a closed form: {COUNTED} ({where})."
                shown.append(Text(literal(words)))
            if left:
                why = "Unexplained directions are a discovery: no known cause gives them."
                shown.append(Text(why))
        return shown


def kernel(here: Landscape) -> Kernel:
    """The kernels of J and H at the point, explained.

    >>> from hessrank.symbolic.models.models import mlp
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> net = mlp([1, 1, 1], "relu", bias=False)
    >>> here = Problem(net, Data([1], [6])).at({"w1_1_1": 2, "w2_1_1": 3})
    >>> [(row.vector, row.name) for row in kernel(here).rows if row.matrix == "jacobian"]
    [(('2', '-3'), 'rescaling')]
    """
    rows: list[Row] = []
    unexplained: dict[str, int | None] = {}
    why: dict[str, str] = {}
    by_number: dict[str, tuple[int, str]] = {}
    try:
        known = _candidates(here)
    except (HessrankError, TooLarge):
        known = []
    for name in ("jacobian", "hessian"):
        try:
            found, left = _explained(here, name, getattr(here, name).exact(), known)
        except (HessrankError, TooLarge) as error:
            found, left = [], None
            with suppress(HessrankError, TooLarge):
                found, more, where = _without_closed_form(here, name)
                if more is not None:
                    left = 0
                if more:
                    by_number[name] = more, where
            if left is None:
                unexplained[name], why[name] = None, str(error)
                continue
        rows += found
        unexplained[name] = left
    return Kernel(tuple(rows), unexplained, why, by_number)


def _without_closed_form(here: Landscape, name: str) -> tuple[list[Row], int | None, str]:
    """Of a matrix whose rank is decided and whose entries are not written down: rows for the
    directions along which L never changes, how many more there are because no more outputs can
    move, and why; None where the two do not account for the whole kernel."""
    N, rank = here.problem.N, here.rank(name)
    if not rank.decided:
        return [], None, ""
    rows = []
    for d in _logit_shifts(here) if name == "hessian" else ():
        text = tuple(map(str, d.vector))
        shown = Math(rf"({', '.join(text)})^{{\top}}", f"({', '.join(text)})")
        rows.append(Row(name, text, d.kind, d.words, shown))
    bound, where = _movable(here, name)
    left = N - int(rank) - len(rows)
    return rows, left if left <= max(0, N - len(rows) - bound) else None, where


def _explained(
    here: Landscape, name: str, matrix: Matrix, known: Sequence[Direction]
) -> tuple[list[Row], int]:
    """Rows that span the kernel of one matrix, and how many have no name."""
    N = here.problem.N
    basis = [tuple(v) for v in null_space(matrix.rows, N, matrix.field)]
    chosen: list[Vector] = []
    rows: list[Row] = []

    def keep(vector: Vector, what: str, where: str) -> bool:
        if len(chosen) == len(basis) or not _independent([*chosen, vector], N, matrix):
            return False
        chosen.append(vector)
        forms = [matrix.field.expr(v) for v in vector]
        text = tuple(map(str, forms))
        rows.append(Row(name, text, what, where, _shown(matrix, vector, forms)))
        return True

    for direction in [*known, *_alike(here, matrix)]:
        if annihilates(matrix.rows, direction.vector):
            keep(direction.vector, direction.kind, direction.words)
    named = len(chosen)
    bound, where = _movable(here, name)
    free = max(0, min(len(basis) - named, N - named - bound))
    left = 0
    for vector in basis:
        by_count = len(chosen) - named < free
        if keep(vector, COUNTED if by_count else UNEXPLAINED, where if by_count else ""):
            left += not by_count
    return rows, left


def _shown(matrix: Matrix, vector: Vector, forms: Sequence[Expr]) -> Math:
    latex, text = [], []
    for v, form, written in zip(vector, forms, latex_all(forms), strict=True):
        if len(str(form)) <= MAX_SHOWN:
            latex.append(written)
            text.append(str(form))
        else:
            decimal = matrix.field.ball(v, SHOWN_BITS).str(6, radius=False)
            latex.append(rf"\approx {decimal}")
            text.append(f"≈{decimal}")
    return Math(rf"({', '.join(latex)})^{{\top}}", f"({', '.join(text)})")


def _monomials(here: Landscape) -> list[tuple[int, str]]:
    """K times the dimensions that the monomials in x span over the data: the outputs of a network
    of a polynomial activation are their combinations, whatever θ."""
    u = unfolded(here)
    net, degree = u.net, u.net.sigma.degree
    if degree is None:
        return []
    top = degree ** (net.depth - 1)
    inputs = u.inputs[0][:, : net.widths[0]]
    lone = net.sigma.homogeneity == degree and not net.bias
    degrees = [top] if lone else list(range(top + 1))
    if comb(net.widths[0] + top, top) > MAX_MONOMIALS:
        return []
    rows = [
        tuple(prod(c, start=fmpq(1)) for e in degrees for c in combinations_with_replacement(x, e))
        for x in inputs
    ]
    span = Matrix(tuple(rows), (len(rows), len(rows[0])), u.field).rank().upper
    K = net.widths[-1]
    return [(K * span, f"polynomials of degree {top} in x span {span} dimensions over the data")]


def _independent(vectors: Sequence[Vector], N: int, matrix: Matrix) -> bool:
    stacked = Matrix(tuple(vectors), (len(vectors), N), matrix.field)
    return stacked.rank().lower == len(vectors)


def _movable(here: Landscape, name: str) -> tuple[int, str]:
    """R: how many outputs can move independently, to first order; for H only where H = JᵀAJ, and
    then no more than rank A."""
    N, M = here.problem.N, here.problem.M
    bounds = [(M, f"N = {counted(N, 'parameter')}, M = {counted(M, 'output')}")]
    if here.problem.model.network is not None:
        with suppress(HessrankError, TooLarge):
            layers = [(rank_bound(c), c.name) for c in cuts(here)]
            bounds += [(bound, f"p + K·C = {bound} at {layer}") for bound, layer in layers]
            bounds += _monomials(here)
    if name == "hessian":
        residual = here.rank("residual")
        if residual.upper > 0:
            return N, ""
        A = here.rank("loss_hessian").upper
        bounds.append((A, f"rank A ≤ {A}"))
    return min(bounds)


# --- candidates ------------------------------------------------------------------------------


def _candidates(here: Landscape) -> list[Direction]:
    """What is known to leave F unchanged, at least to first order, or to move L not at all."""
    if here.problem.model.tied is not None:
        return list(_tied_rescalings(here, here.problem.model.tied))
    if here.problem.model.network is None:
        return []
    found: list[Direction] = []
    for source in (
        symmetries.symmetry_directions,
        _unit_directions,
        symmetries.duplicate_directions,
        _alike_units,
        symmetries.null_space_directions,
        _logit_shifts,
    ):
        try:
            found += source(here)
        except (HessrankError, TooLarge):  # activations that are known by balls alone
            continue
    return found


def _tied_rescalings(here: Landscape, tied: Tied) -> Iterator[Direction]:
    """What the tie leaves of the rescaling of units (T8), such as that of a channel: θ_q →
    e^{t·e_q}·θ_q keeps F, so (e_q·θ_q)_q lies in ker J."""
    field = here.jacobian.exact("the weights: J").field
    pairs = [*here.values, *here.problem.model.fixed]
    values = evaluate([form for _, form in pairs], field, {})
    known = dict(zip((n for n, _ in pairs), values, strict=True))
    for e in exponents(tied):
        moved = {n: power * known[n] for n, power in zip(tied.names, e, strict=True)}
        if any(moved[n] != 0 for n, _ in here.problem.model.fixed):
            continue
        vector = tuple(moved[n] for n in here.problem.model.parameters)
        grow, shrink = (
            ", ".join(n for n, p in zip(tied.names, e, strict=True) if p * s > 0) for s in (1, -1)
        )
        yield Direction("rescaling", f"{grow} grow as {shrink} shrink (T8)", vector)


def _unit_directions(here: Landscape) -> Iterator[Direction]:
    """The incoming weights of units that are dead on all examples, or enter nothing."""
    u = unfolded(here)
    for l, i in symmetries.hidden_units(u.net):
        silent = all(v == 0 for v in u.outgoing(l, i).values())
        dead = u.net.sigma.dies and all(
            v == 0 or u.field.sign(v) < 0 for v in u.preactivations(l)[:, i]
        )
        if not silent and not dead:
            continue
        what = "dead unit" if dead else "unit without outgoing weights"
        for name in u.names[l - 1][i]:
            yield from _unit_vector(u, name, what, f"unit {i + 1} of layer {l}", l)


def _unit_vector(u: Unfolded, name: str, what: str, where: str, l: int) -> Iterator[Direction]:
    vector = u.vector({name: fmpq(1)})
    if vector is not None:
        yield Direction(what, f"{where}, {name}", vector, l)


def _alike_units(here: Landscape) -> Iterator[Direction]:
    """The gauge of units that act alike on the data: σ(z) = s·z with one slope s an example, as
    relu units of one pattern have. Row i of W_l gains row j, column j of W_{l+1} loses column i."""
    u = unfolded(here)
    if u.net.sigma.is_linear or not u.net.sigma.kinks:
        return
    for l in range(1, u.net.depth):
        z = u.preactivations(l)
        pattern = [tuple(u.field.sign(v) for v in z[:, i]) for i in range(z.shape[1])]
        for i in range(len(pattern)):
            for j in range(len(pattern)):
                if i != j and pattern[i] == pattern[j] and 0 not in pattern[i]:
                    entries: dict[str, Exact] = {}
                    into, out = u.names[l - 1], u.names[l]
                    entries.update(zip(into[i], u.weights[l - 1][j], strict=True))
                    entries.update(zip(out[:, j], [-v for v in u.weights[l][:, i]], strict=True))
                    vector = u.vector(entries)
                    if vector is not None:
                        words = f"units {i + 1} and {j + 1} of layer {l} act alike on the data"
                        yield Direction("linear gauge", words, vector, l)


def _logit_shifts(here: Landscape) -> Iterator[Direction]:
    """All logits moved by the same amount: no loss through a softmax sees it, at any θ."""
    net = here.problem.model.network
    if here.problem.loss.name != "softmax-cross-entropy" or net is None:
        return
    free, fixed = here.problem.model.parameters, dict(here.problem.model.fixed)
    for column in net.blocks[-1].T:
        names = [net.parameters[int(q)] for q in column]
        if not any(name in fixed for name in names):
            vector = tuple(fmpq(int(name in names)) for name in free)
            words = f"the weights {', '.join(names)}"
            yield Direction("shift of all logits", words, vector, net.depth)


def _alike(here: Landscape, matrix: Matrix) -> Iterable[Direction]:
    """Parameters that move nothing, and pairs that move the same in proportion."""
    names = here.problem.model.parameters
    columns = list(zip(*matrix.rows, strict=True)) or [()] * len(names)
    unit = [[fmpq(int(i == j)) for j in range(len(names))] for i in range(len(names))]
    for i, name in enumerate(names):
        if all(v == 0 for v in columns[i]):
            yield Direction("a parameter that moves nothing", name, tuple(unit[i]))
    for i, name in enumerate(names):
        lead = next((r for r, v in enumerate(columns[i]) if v != 0), None)
        if lead is None:
            continue
        for j in range(i + 1, len(names)):
            a, b = columns[i][lead], columns[j][lead]
            if b != 0 and all(p * b == q * a for p, q in zip(columns[i], columns[j], strict=True)):
                vector: list[Exact] = [fmpq(0)] * len(names)
                vector[i], vector[j] = b, -a
                words = f"{name} and {names[j]}"
                yield Direction("parameters that act in proportion", words, tuple(vector))
