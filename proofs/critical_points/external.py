"""What another program says of a critical set: its irreducible components over Q.

In: a `PolynomialLandscape` and the name of the program, today Singular. Out: `External`. It never
makes a list complete; where it contradicts one, the list is not called complete any more.

Singular, its library primdec: the minimal associated primes of the ideal of ∇L over Q, by the
algorithm of Gianni, Trager and Zacharias (1988), and their dimensions.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from hessrank.proofs.critical_points.polynomials import PolynomialLandscape
from hessrank.symbolic.errors import InputError

PROVERS = ("Singular",)


@dataclass(frozen=True)
class External:
    """program: who was asked; dimensions: those of the components over C, largest first, None where
    the program did not answer; why: what it said, or what was wrong."""

    program: str
    dimensions: tuple[int, ...] | None
    why: str

    def contradicts(self, dimensions: Sequence[int]) -> bool:
        """Whether components of these dimensions cannot be all of them: a stratum of ours lies in a
        component and fills one, so each dimension of theirs is one of ours, and none of ours is
        larger than all of theirs."""
        if self.dimensions is None:
            return False
        ours, theirs = set(dimensions), set(self.dimensions)
        return not theirs <= ours or max(ours, default=-1) != max(theirs, default=-1)

    def to_json(self) -> dict[str, object]:
        dimensions = None if self.dimensions is None else list(self.dimensions)
        return {"program": self.program, "dimensions": dimensions, "why": self.why}


def ask(landscape: PolynomialLandscape, prover: str, seconds: float) -> External:
    """The components of ∇L = 0 by another program, within `seconds` of wall-clock time.

    Raises InputError for a program that is not known, or not installed.
    """
    if prover not in PROVERS:
        raise InputError(f"expected one of {', '.join(PROVERS)}, found {prover!r}", "prover")
    path = shutil.which(prover)
    if path is None:
        raise InputError(f"{prover} is not installed (Debian's package singular)", "prover")
    script = _script(landscape)
    try:
        done = subprocess.run(
            [path, "-q", "--no-rc"], input=script, capture_output=True, text=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return External(prover, None, "it did not end in time")
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    if done.returncode or "end" not in lines or any("error" in line for line in lines):
        return External(prover, None, f"it failed: {' '.join(lines)[:80]}")
    numbers = sorted((int(v) for v in lines[: lines.index("end")]), reverse=True)
    shown = ", ".join(map(str, numbers)) or "none"
    return External(prover, tuple(numbers), f"components over Q of dimensions {shown}")


def _script(landscape: PolynomialLandscape) -> str:
    """Names x(1), …, x(N) for the parameters, so that theirs cannot clash with the program's."""
    N = landscape.N
    forms = []
    for g in landscape.gradient:
        terms = []
        for exponents, coefficient in g.to_dict().items():
            powers = (f"*x({i + 1})^{int(e)}" for i, e in enumerate(exponents) if e)
            terms.append(f"({coefficient}){''.join(powers)}")
        forms.append(" + ".join(terms) or "0")
    return "\n".join(
        (
            'LIB "primdec.lib";',
            f"ring r = 0, (x(1..{N})), dp;",
            f"ideal i = {', '.join(forms)};",
            "list l = minAssGTZ(i); int k;",
            "for (k = 1; k <= size(l); k++) { if (dim(std(l[k])) >= 0) { dim(std(l[k])); } }",
            '"end"; quit;',
            "",
        )
    )
