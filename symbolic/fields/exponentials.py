"""exp of an exact number: the exponential lattice.

In: z. Out: exp(z), with z written in the basis arguments seen so far and in logarithms, so that
exp(2 log 3) is 9 and everything else is a product of powers of the atoms of the basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import fmpq

from hessrank.symbolic.fields.basis import basis_power, combination, content
from hessrank.symbolic.fields.elements import Atoms, Element, Exact


def exp(field: Atoms, z: Exact) -> Exact:
    """exp(z), z = Σ q·log f + Σ c·b with rational q, c and basis arguments b."""
    if z == 0:
        return fmpq(1)
    logs = [i for i, a in enumerate(field.atoms) if a.kind == "log"]
    basis = [i for i, a in enumerate(field.atoms) if a.kind == "exp"]
    spanning = [field.atom_power(i, 1) for i in logs]
    spanning += [field.atoms[i].argument for i in basis]
    found = combination(field, z, spanning)
    if found is None:
        z, shift = without_logs(field, z, logs)
        scale = content(z)
        return shift * basis_power(field, "exp", z / scale, scale)
    value: Exact = fmpq(1)
    for i, q in zip(logs, found, strict=False):
        if q:
            value = value * field.power(field.atoms[i].argument, Fraction(int(q.p), int(q.q)))
    for i, c in zip(basis, found[len(logs) :], strict=True):
        if c:
            value = value * basis_power(field, "exp", field.atoms[i].argument, c)
    return value


def without_logs(field: Atoms, z: Exact, logs: Sequence[int]) -> tuple[Exact, Exact]:
    """(z − Σ q·log f, Π f^q) for the terms of z that are rational multiples of log atoms."""
    shift: Exact = fmpq(1)
    if isinstance(z, Element) and field.lift(z.den).is_constant():
        terms = field.lift(z.num).to_dict()
        for i in logs:
            q = terms.get(tuple(int(j == i) for j in range(len(field.atoms))))
            if q:
                z = z - q * field.atom_power(i, 1)
                exponent = Fraction(int(q.p), int(q.q))
                shift = shift * field.power(field.atoms[i].argument, exponent)
    return z, shift
