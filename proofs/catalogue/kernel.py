"""The kernels of J and H explained: every direction named as what it is, or counted as unexplained.

In: a landscape. Out: a `Kernel`: exact vectors that span ker J and ker H, each with a name and a
place in the network. Candidates come from what is known of the network (activation null space,
rescaling, gauge, duplicated, dead and unconnected units, parameters that move the outputs alike,
the shift of all logits under softmax); each is tested exactly, and those that are independent are
kept. What is left of a kernel is due to numbers alone as far as no more than R outputs can move
independently (R: the number of outputs, T5's p + K·C at a layer that merges examples, or the span
of the monomials in x that a polynomial network is made of, or of x on each linear piece; of H off
a perfect fit the ranks of its two terms, T9): R rows leave a kernel of dimension N − R whatever the
network. The rest is unexplained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from flint import fmpq

from hessrank.proofs.catalogue.movable import movable
from hessrank.proofs.existence.tied_symmetries import exponents
from hessrank.proofs.fibres import symmetries
from hessrank.proofs.fibres.symmetries import Direction, Unfolded, unfolded
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

#: Longer entries are printed as decimals.
MAX_SHOWN = 24
SHOWN_BITS = 256
UNEXPLAINED = "unexplained"
COUNTED = "more parameters than outputs that can move"
COMBINED = "a combination of known directions"
BY_TERMS = "more parameters than both terms of H act on"


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
    bound, where = movable(here, name)
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

    directions = [*known, *_alike(here, matrix)]
    for direction in directions:
        if annihilates(matrix.rows, direction.vector):
            keep(direction.vector, direction.kind, direction.words)
    if len(chosen) < len(basis):
        for vector, kinds in _combined(matrix, directions):
            keep(vector, COMBINED, kinds)
    named = len(chosen)
    bound, where = movable(here, name)
    cause = BY_TERMS if "T9" in where else COUNTED
    free = max(0, min(len(basis) - named, N - named - bound))
    left = 0
    for vector in basis:
        by_count = len(chosen) - named < free
        if keep(vector, cause if by_count else UNEXPLAINED, where if by_count else ""):
            left += not by_count
    return rows, left


def _combined(matrix: Matrix, known: Sequence[Direction]) -> Iterator[tuple[Vector, str]]:
    """Combinations of directions of which no one lies in the kernel alone, as those of a gauge of F
    where L is not critical."""
    vectors = [d.vector for d in known]
    if not vectors:
        return
    images = [
        [sum((a * b for a, b in zip(row, v, strict=True)), fmpq(0)) for v in vectors]
        for row in matrix.rows
    ]
    for c in null_space(images, len(vectors), matrix.field):
        used = [(q, d) for q, d in zip(c, known, strict=True) if q != 0]
        vector = tuple(
            sum((q * d.vector[i] for q, d in used), fmpq(0)) for i in range(len(known[0].vector))
        )
        if any(v != 0 for v in vector):
            yield vector, "; ".join(dict.fromkeys(f"{d.kind}: {d.words}" for _, d in used))


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


def _independent(vectors: Sequence[Vector], N: int, matrix: Matrix) -> bool:
    stacked = Matrix(tuple(vectors), (len(vectors), N), matrix.field)
    return stacked.rank().lower == len(vectors)


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
        _where_units_act,
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


def _where_units_act(here: Landscape) -> Iterator[Direction]:
    """For each unit the kernel of its columns of J, ∂F_k(x_d)/∂z·(a_d, 1): what all that enters it
    is orthogonal to on the examples on which a change of z is felt, as where a relu is alive."""
    u = unfolded(here)
    for l, block in enumerate(u.names, 1):
        for i, row in enumerate(block):
            free = [n for n in row if n in u.position]
            columns = [[line[u.position[n]] for n in free] for line in u.J]
            for c in null_space(columns, len(free), u.field):
                vector = u.vector(dict(zip(free, c, strict=True)))
                if vector is not None:
                    where = f"unit {i + 1} of layer {l} on the examples on which it acts"
                    yield Direction("activation null space of a unit", where, vector, l)


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
