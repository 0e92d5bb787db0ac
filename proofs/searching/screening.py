"""Screening: which classes of a cell can be settled at once, thousands at a time and exactly.

In: the classes of a cell. Out: for each class of a batch whether J has full rank, whether r = 0 is
forced at local minima, and whether θ lies on a kink. Each is proved by a minor that is not zero
modulo a prime (`residues`).

Where J has rank M only r = 0 makes θ critical, so that H = JᵀAJ for all labels and, with A ≻ 0,
rank H = rank J; where it has rank N no rank is higher.

A weight θ_p into a unit is **cut** where every path from the unit to the output has a weight 0.
Then ∂F/∂θ_p = 0 and ∂²F/∂θ_p² = 0 for all examples, so H has a zero in its diagonal, and H ⪰ 0
makes that row zero: Σ_m r_m ∂²F_m/∂θ_p∂θ_q = 0 for all q. Where J with these columns has rank M,
r = 0 at every critical point with H ⪰ 0. Where all weights into the outputs are 0, all others are
cut, and F is linear in these: the D²f term is 0.

A class that is not settled here is decided by `labels`: a minor that happens to vanish modulo the
prime costs time and nothing else. Of columns that hold logarithms all but one are set to 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hessrank.proofs.searching.classes import Batch, Classes
from hessrank.proofs.searching.letters import INPUTS, SCALES
from hessrank.proofs.searching.residues import P, Residues, Scalars, Units, reduced
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models import layers

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Screened:
    """full: J is known to have rank min(M, N); forced: the D²f term is known to be 0 at local
    minima; kink: a preactivation of relu is 0."""

    full: Array
    forced: Array
    kink: Array


class Screen:
    """Screens the batches of a cell. minima: whether it is asked what local minima force."""

    def __init__(self, classes: Classes, minima: bool = False) -> None:
        net = classes.cell.model.network
        assert net is not None
        self.classes, self.net, self.minima = classes, net, minima
        self.M, N = classes.cell.size[1], net.size
        codes = [[[INPUTS[i].code for i in row] for row in rows] for rows in classes.inputs]
        self.x = np.array(codes, dtype=np.float64).reshape(
            len(codes), classes.cell.D, net.widths[0]
        )
        rng = np.random.default_rng(7)
        self.mix = reduced(rng.integers(1, P, (max(self.M, N), min(self.M, N))).astype(float))
        self.columns = reduced(rng.integers(1, P, (N, self.M)).astype(float))
        self.more = reduced(rng.integers(1, P, (N, N, self.M)).astype(float))
        logs = "softplus" in net.sigma.functions and net.depth > 1
        #: columns of J that hold logarithms; rows of ∇²F that do; columns of J that are left out
        self.logs = net.blocks[1][:, : net.widths[1]].ravel().tolist() if logs else []
        self.left_out = net.blocks[2].ravel().tolist() if logs and net.depth > 2 else []

    @classmethod
    def of(cls, classes: Classes, minima: bool = False) -> Screen | None:
        """The screen of a cell; None where its values have no residues."""
        net = classes.cell.model.network
        if net is None or not classes.inputs or not _exact(net):
            return None
        screen = cls(classes, minima)
        try:
            screen.jacobian(next(classes.batches()))
        except (InputError, StopIteration):
            return None
        return screen

    def __call__(self, batch: Batch) -> Screened:
        """One batch; nothing is settled in one in which a value has no residue."""
        none = np.zeros(len(batch), dtype=bool)
        try:
            J, kink, lost = self.jacobian(batch)
        except InputError:
            return Screened(none, none, none)
        full = none.copy()
        for one in self._one_logarithm(J):
            full |= self._regular(self._square(one))
        full &= ~lost
        forced = none.copy()
        if self.minima:
            forced = self._silent(batch)
            cut = self._cut(batch)
            rows = np.nonzero(~full & ~forced & ~kink & ~lost & cut.any(axis=0))[0]
            if len(rows):
                forced[rows] = self._forced(batch, J, cut, rows)
        return Screened(full, forced, kink)

    def jacobian(self, batch: Batch) -> tuple[Array, Array, Array]:
        """(J as residues (M, N, B), where a kink is, where a value has no residue)."""
        run, scalars = self._run(batch)
        entries = layers.jacobian(run).reshape(self.M, self.net.size)
        J = np.empty((*entries.shape, len(batch)))
        for place, entry in np.ndenumerate(entries):
            J[place] = entry.on(len(batch))
        none = np.zeros(len(batch), dtype=bool)
        kink, lost = (none if m is None else m | none for m in (scalars.kink, scalars.lost))
        return J, kink, lost

    def _run(self, batch: Batch) -> tuple[layers.Forward, Scalars]:
        scalars = Scalars(SCALES.get(self.net.activation, 0) if self.net.depth > 1 else 0)
        codes = self.classes.codes(batch.theta).astype(np.float64).T
        theta = np.array([Residues(np.ascontiguousarray(c)) for c in codes], dtype=object)
        x = self.x[batch.x]
        rows = np.empty(x.shape[1:], dtype=object)
        for d, j in np.ndindex(rows.shape):
            rows[d, j] = Residues(np.ascontiguousarray(x[:, d, j]))
        return layers.forward(self.net, theta, rows, Units(scalars, self.net, codes)), scalars

    def _one_logarithm(self, J: Array) -> list[Array]:
        """J, or J with all columns of logarithms but one set to 0, for each of them."""
        if not self.logs:
            return [J]
        found = []
        for kept in self.logs:
            one = J.copy()
            one[:, [c for c in (*self.logs, *self.left_out) if c != kept]] = 0
            found.append(one)
        return found

    def _square(self, J: Array) -> list[Array]:
        """min(M, N) random combinations of the columns of J (of its rows where M > N), by rows."""
        M, N, _ = J.shape
        if M <= N:
            return [reduced(self.mix.T @ J[m]) for m in range(M)]
        return [reduced(self.mix.T @ np.ascontiguousarray(J[:, p])) for p in range(N)]

    def _regular(self, S: list[Array]) -> Array:
        """Whether square matrices, given by their rows (k, B), are regular: elimination without
        pivots and without divisions; where the last entry is not 0 modulo the prime, neither is the
        determinant."""
        size = len(S)
        for k in range(size - 1):
            pivot = S[k][k]
            for i in range(k + 1, size):
                S[i][k + 1 :] = reduced(pivot * S[i][k + 1 :] - S[i][k] * S[k][k + 1 :])
        last: Array = S[-1][-1]
        return np.rint(last - P * np.rint(last / P)) != 0

    def _silent(self, batch: Batch) -> Array:
        """Whether all weights into the outputs are 0, so that all others are cut."""
        last = self.net.blocks[-1][:, : self.net.widths[-2]].ravel()
        codes = self.classes.codes(batch.theta)
        silent: Array = (codes[:, last] == 0).all(axis=1) & (self.net.depth > 1)
        return silent

    def _cut(self, batch: Batch) -> Array:
        """Which weights are cut, (N, B)."""
        codes = self.classes.codes(batch.theta).T != 0
        cut = np.zeros(codes.shape, dtype=bool)
        reaches = np.ones((self.net.widths[-1], len(batch)), dtype=bool)
        for l in range(self.net.depth - 1, 0, -1):
            after = self.net.blocks[l][:, : self.net.widths[l]]
            reaches = (codes[after] & reaches[:, None]).any(axis=0)
            for i, row in enumerate(self.net.blocks[l - 1]):
                cut[row] = ~reaches[i]
        return cut

    def _forced(self, batch: Batch, J: Array, cut: Array, rows: Array) -> Array:
        """Whether [J, the rows of ∇²F of cut weights] has rank M, for some rows of the batch."""
        some = Batch(batch.theta[rows], batch.x[rows], batch.height)
        try:
            run, _ = self._run(some)
            second = layers.second_derivatives(run).reshape(self.M, *self.more.shape[:2])
        except InputError:
            return np.zeros(len(rows), dtype=bool)
        first = self.net.size - self.net.blocks[-1].size
        extra = [np.zeros((self.M, len(rows))) for _ in range(self.M)]
        for p in range(first):
            if p in self.logs or not cut[p, rows].any():
                continue
            for q in range(self.net.size):
                for m in range(self.M):
                    entry = second[m, p, q]
                    if entry.entries is not None or entry.one:
                        column = entry.on(len(rows)) * cut[p, rows]
                        extra[m] = reduced(extra[m] + reduced(self.more[p, q][:, None] * column))
        found = np.zeros(len(rows), dtype=bool)
        for one in self._one_logarithm(J[:, :, rows]):
            base = [reduced(self.columns.T @ one[m]) for m in range(self.M)]
            found |= self._regular([reduced(b + e) for b, e in zip(base, extra, strict=True)])
        return found


def _exact(net: layers.Network) -> bool:
    """Whether residues carry through several layers: polynomials do, relu while its preactivations
    are integers below the prime, the functions of logarithms through two hidden layers."""
    if net.depth < 3 or net.sigma.degree is not None:
        return True
    if net.activation in SCALES:
        return net.depth == 3
    widest = max(net.widths)
    bound = (4 * widest + 3) * (3 * widest + 3) ** net.depth
    return net.activation == "relu" and bound < P // 2
