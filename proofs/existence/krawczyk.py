"""Krawczyk's test: a square system f = 0 has exactly one solution in a box.

In: f and its Jacobian over boxes, a start. Out: an `Enclosure`, or the reason why there is none.

With C any matrix, X = m + [−ρ, ρ]ⁿ and

    K(X) = m − C f(m) + (I − C f'(X)) (X − m),

K(X) ⊂ int X implies that f has exactly one zero in X, that it lies in K(X), and that C and every
matrix in f'(X) are nonsingular (Krawczyk 1969, Moore 1977; docs/points.md has the proof).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import numpy as np
from flint import arb, arb_mat, ctx

from hessrank.proofs.existence.boxes import NOT_SMOOTH, Array, middle
from hessrank.symbolic.budget import spend

#: f over a box: (values (n,), Jacobian (n, n)).
System = Callable[[Sequence[arb]], tuple[Array, Array]]

#: Precisions that are tried in turn, in bits.
PRECISIONS = (128, 256, 512)
#: Newton steps at one precision.
STEPS = 40


class NotCertifiedError(Exception):
    """No box was certified; the message says what failed."""


@dataclass(frozen=True)
class Enclosure:
    """Exactly one zero of f in centre ± radius, in each coordinate; computed with `bits` bits."""

    centre: tuple[arb, ...]
    radius: arb
    bits: int
    f: System | None = field(default=None, repr=False, compare=False)

    @property
    def box(self) -> list[arb]:
        """The box as balls."""
        return [arb(m, self.radius) for m in self.centre]

    def precision(self) -> AbstractContextManager[object]:
        """A context in which Arb works with `bits` bits."""
        context: AbstractContextManager[object] = ctx.workprec(self.bits)
        return context

    def finer(self, bits: int) -> Enclosure:
        """The same zero by balls of that many bits: in a box that lies inside of this one; itself
        where none is found."""
        if self.f is None or bits <= self.bits:
            return self
        with ctx.workprec(bits):
            try:
                found = _enclose(self.f, list(self.centre), float(self.radius) * 4, bits)
            except (NotCertifiedError, ZeroDivisionError, *NOT_SMOOTH):
                return self
            inside = all(old.contains(new) for old, new in zip(self.box, found.box, strict=True))
        return found if inside else self


def bits_for(digits: int) -> int:
    """The precision whose boxes are smaller than 10^−digits, where they are found at all.

    >>> bits_for(25), bits_for(50)
    (128, 256)
    """
    return next((b for b in PRECISIONS if b - 40 > 3.33 * digits), PRECISIONS[-1])


def enclose(
    f: System, start: Sequence[arb], reach: float, least: int = 0, most: int = PRECISIONS[-1]
) -> Enclosure:
    """The zero of f near `start` (balls of radius 0). Raises NotCertifiedError.

    reach: how far, in each coordinate, the solution may lie from the start.
    """
    if not start:
        return Enclosure((), arb(0), least or PRECISIONS[0])  # nothing to solve
    reason = ""
    for bits in PRECISIONS:
        if bits < least:
            continue
        if bits > max(most, least):
            break
        old = ctx.prec
        ctx.prec = bits
        try:
            return _enclose(f, list(start), reach, bits)
        except NotCertifiedError as error:
            reason = str(error)
        except ZeroDivisionError:
            reason = f"the linear system is singular to {bits} bits"
        except NOT_SMOOTH as error:
            reason = str(error)
        finally:
            ctx.prec = old
    raise NotCertifiedError(reason)


def _enclose(f: System, start: list[arb], reach: float, bits: int) -> Enclosure:
    m = _newton(f, start, reach, bits)
    n = len(m)
    value, slope = f(m)
    C = _mid(_mid(arb_mat(slope.tolist())).inv())
    step = (C * arb_mat(n, 1, list(value))).entries()
    largest = max(abs(v).upper() for v in step)
    scale = max([arb(1), *(abs(v) for v in m)], key=float)
    fine = scale * arb(2) ** (-bits + 32)
    for wide in (4, 64, 1024):
        rho = (largest * wide + fine).upper()
        if not rho.is_finite():
            break
        spread = arb(0, rho)
        _, over = f([arb(v, rho) for v in m])
        E = _identity(n) - C * arb_mat(over.tolist())
        K = E * arb_mat(n, 1, [spread] * n) - arb_mat(n, 1, step)
        if all(spread.contains_interior(v) for v in K.entries()):
            return Enclosure(tuple(m), rho, bits, f)
    raise NotCertifiedError(
        f"Krawczyk's test fails at {bits} bits (steps of {float(largest):.1e} do not contract)"
    )


def _newton(f: System, start: list[arb], reach: float, bits: int) -> list[arb]:
    """Newton's method on centres, until its steps are at the precision's end."""
    m = [v.mid() for v in start]
    first = [float(v) for v in m]
    scale = max([1.0, *map(abs, first)])
    goal = scale * 2.0 ** (-0.75 * bits)
    last = float("inf")
    for _ in range(STEPS):
        spend()
        spend()
        value, slope = f(m)
        d = _mid(arb_mat(slope.tolist())).solve(_mid(arb_mat(len(m), 1, list(value)))).entries()
        size = max(abs(float(v.mid())) for v in d)
        if not size < reach:
            raise NotCertifiedError(f"a Newton step of {size:.1e} leaves the reach of {reach:.1e}")
        m = [(a - b).mid() for a, b in zip(m, d, strict=True)]
        away = max(abs(float(a) - b) for a, b in zip(m, first, strict=True))
        if away > reach:
            raise NotCertifiedError(f"Newton's method leaves the reach of {reach:.1e}")
        if size < goal or (size > last / 2 and size < scale * 2.0 ** (-bits / 2)):
            return m
        last = size
    raise NotCertifiedError(f"Newton's method stalls: its steps are {size:.1e} after {STEPS}")


def _mid(a: arb_mat) -> arb_mat:
    return a.mid()


def _identity(n: int) -> arb_mat:
    return arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])


def pivots(a: np.ndarray, goal: int, small: float = 1e-9) -> tuple[list[int], list[int]]:
    """Rows and columns of the pivots of complete pivoting, in floats: a suggestion, no proof.

    Stops at `goal` pivots, or below `small` of the first.
    """
    a = np.array(a, dtype=float)
    rows: list[int] = []
    columns: list[int] = []
    first = float(np.abs(a).max(initial=0.0))
    while len(rows) < min(goal, *a.shape):
        i, j = divmod(int(np.abs(a).argmax()), a.shape[1])
        if not abs(a[i, j]) > small * first:
            break
        rows.append(i)
        columns.append(j)
        a -= np.outer(a[:, j] / a[i, j], a[i].copy())
        a[i], a[:, j] = 0.0, 0.0
    return rows, columns


def pivot_columns(a: np.ndarray, goal: int, small: float = 1e-12) -> list[int]:
    """Columns that are well independent, by Gram–Schmidt with pivoting; a suggestion."""
    a = np.array(a, dtype=float)
    found: list[int] = []
    norms = np.linalg.norm(a, axis=0)
    first = float(norms.max(initial=0.0))
    while len(found) < min(goal, *a.shape):
        j = int(norms.argmax())
        if not norms[j] > small * first:
            break
        q = a[:, j] / norms[j]
        for _ in range(2):  # twice is enough
            a -= np.outer(q, q @ a)
        found.append(j)
        norms = np.linalg.norm(a, axis=0)
        norms[found] = 0.0
    return sorted(found)


def nonsingular(matrix: Array) -> bool:
    """Whether every matrix in a square matrix of balls is nonsingular: ‖I − C·B‖ < 1 for a
    C, in the largest row sum."""
    n = len(matrix)
    if not n:
        return True
    B = arb_mat(matrix.tolist())
    try:
        C = _mid(_mid(B).inv())
    except ZeroDivisionError:
        return False
    E = (_identity(n) - C * B).tolist()
    return all(bool(sum((abs(v) for v in row), arb(0)) < 1) for row in E)


__all__ = [
    "Enclosure",
    "NotCertifiedError",
    "System",
    "enclose",
    "middle",
    "nonsingular",
    "pivot_columns",
    "pivots",
]
