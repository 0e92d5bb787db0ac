"""Symmetries of tied networks: what of the net's own symmetries the tie θ_net = Sθ + c leaves.

In: a `Tied`, values of its parameters. Out: vectors, as balls, along which F, or L, is constant.

**Rescaling.** The flow of the net that multiplies the weights into unit i by e^{t·a_i} and those
out of it by e^{−t·k_i·a_i} (σ_i homogeneous of degree k_i) keeps F. It multiplies the weight p of
unit j in unit i by e^{t·e_p}, e_p = a_i − k_j·a_j. Where e_p = e_q for all parameters q in p, and
e_p = 0 where p holds a constant, that is the flow θ_q → e^{t·e_q}·θ_q of the tied net. These are
linear equations in (a, e): a basis of their solutions over Q gives all of them.

**Softmax.** Adding the same to all weights of a column of the last layer keeps L, where each of
them is a parameter of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from flint import arb, fmpq

from hessrank.symbolic.linear_algebra.elimination import null_vectors
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.models.tied import Tied

#: Larger systems of equations are left.
MAX_EQUATIONS = 4000

Vector = list[arb]


def rescalings(tied: Tied, theta: Sequence[arb]) -> list[Vector]:
    """Independent vectors e_q·θ_q, one for each rescaling that the tie allows.

    theta: a ball for each of `tied.names`.
    """
    return [[v * t for v, t in zip(e, theta, strict=True)] for e in exponents(tied)]


def exponents(tied: Tied) -> list[list[fmpq]]:
    """The e_q of independent rescalings θ_q → e^{t·e_q}·θ_q, all that the tie allows.

    >>> from hessrank.symbolic.models.sequential import sequential
    >>> shared = sequential([{"conv": 1, "kernel": [2]}, "relu", "flatten", {"linear": 1}], [1, 3])
    >>> [[int(q) for q in e] for e in exponents(shared.tied)]  # W1, b1; W2, b2
    [[1, 1, 1, -1, -1, 0]]
    """
    net, N = tied.net, len(tied.names)
    degrees = [[activation(name).homogeneity for name in layer] for layer in tied.activations]
    place: dict[tuple[int, int], int] = {}  # of a_i among the unknowns, after the e_q
    for l, layer in enumerate(degrees, 1):
        for i, k in enumerate(layer):
            if k is not None:
                place[l, i] = N + len(place)
    held: dict[int, list[int]] = {}
    for entry, parameter, _ in tied.S:
        held.setdefault(entry, []).append(parameter)
    constant = {entry for entry, form in tied.c if not (form.is_number and form.value == 0)}
    rows: dict[tuple[tuple[int, int], ...], None] = {}
    for l, block in enumerate(net.blocks, 1):
        for i, row in enumerate(block):
            for j, entry in enumerate(row.tolist()):
                e: Counter[int] = Counter()
                if (l, i) in place:
                    e[place[l, i]] += 1
                if (l - 1, j) in place:
                    e[place[l - 1, j]] -= degrees[l - 2][j] or 0
                for q in held.get(entry, []):
                    rows[_row(e, q)] = None
                if entry in constant:
                    rows[_row(e)] = None
    width = N + len(place)
    if len(rows) > MAX_EQUATIONS or not place:
        return []
    found = []
    for solution in null_vectors([_dense(row, width) for row in rows], width):
        if any(v != 0 for v in solution[:N]):
            found.append(list(solution[:N]))
    return found


def _row(e: Counter[int], q: int | None = None) -> tuple[tuple[int, int], ...]:
    """The equation e = e_q, or e = 0."""
    row = Counter(e)
    if q is not None:
        row[q] -= 1
    return tuple(sorted((k, v) for k, v in row.items() if v))


def _dense(row: Sequence[tuple[int, int]], width: int) -> list[fmpq]:
    full = [fmpq(0)] * width
    for j, v in row:
        full[j] = fmpq(v)
    return full


def shifts(tied: Tied) -> list[Vector]:
    """For softmax: the columns of the last layer whose weights are parameters of their own."""
    uses = Counter(q for _, q, _ in tied.S)
    alone: dict[int, int] = {}
    shared: set[int] = set()
    for entry, q, form in tied.S:
        if entry in alone or uses[q] != 1 or not (form.is_number and form.value == 1):
            shared.add(entry)
        alone[entry] = q
    found = []
    for column in tied.net.blocks[-1].T.tolist():
        if all(p in alone and p not in shared for p in column):
            moved = {alone[p] for p in column}
            found.append([arb(int(q in moved)) for q in range(len(tied.names))])
    return found


def last_is_linear(tied: Tied) -> bool:
    """Whether F is linear in parameters of the last layer, which occur nowhere else."""
    last = {p for row in tied.net.blocks[-1].tolist() for p in row}
    inside = {q for entry, q, _ in tied.S if entry in last}
    outside = {q for entry, q, _ in tied.S if entry not in last}
    return not inside & outside and not any(entry in last for entry, _ in tied.c)
