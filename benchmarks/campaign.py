"""Random problems across fields and architectures: three ways to a rank that must never contradict.

    python benchmarks/campaign.py [--count 10000] [--seed 0] [--replay SPEC]

Each problem is a small JSON text that `--replay` takes back. Its exact bounds are held against
  - the singular values of the matrix evaluated by mpmath with 60 digits, and with 250 where 60 do
    not separate zeros from nonzeros. For networks that is `hessrank.numeric`, which differentiates
    the forward pass and never sees a derived formula; for matrices, mpmath's own functions;
  - for rational matrices, SymPy's DomainMatrix over QQ and python-flint's fmpq_mat;
  - the rank that the construction allows (a product of an m×r and an r×n factor).
Prints counts for each kind, and exits with 1 at a contradiction.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint
import mpmath
import numpy as np

from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate as measure
from hessrank.symbolic.errors import DomainError, HessrankError, KinkError
from hessrank.symbolic.expressions.expression import evaluate
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from hessrank.symbolic.ranks.rank import rank
from hessrank.symbolic.ranks.rank_result import RankResult

Spec = dict[str, Any]

#: digits, and the largest ratio σ/σ_max that is taken for zero, the least taken for nonzero.
PRECISIONS = ((60, -45, -30), (250, -225, -150))

#: For each field, numbers with other ways to write the same one: entries draw from both.
POOLS: dict[str, list[tuple[str, ...]]] = {
    "lattice": [
        ("1/2", "tanh(log(3)/2)"),
        ("3/5", "tanh(log(2))"),
        ("1/3", "sigmoid(-log(2))"),
        ("2", "exp(log(2))"),
        ("3/4", "sigmoid(log(3))"),
        ("5/4", "cosh(log(2))"),
        ("-1",),
    ],
    "radicals": [
        ("sqrt(2)", "2/sqrt(2)"),
        ("sqrt(6)", "sqrt(2)*sqrt(3)"),
        ("1", "sqrt(5)**2/5"),
        ("1 + sqrt(2)", "sqrt(3 + 2*sqrt(2))"),
        ("sqrt(2) + sqrt(3)", "sqrt(5 + 2*sqrt(6))"),
        ("2**(1/3)", "4**(1/6)"),
        ("-2",),
        ("sqrt(1 + sqrt(2))", "(3 + 2*sqrt(2))**(1/4)"),
    ],
    "angles": [
        ("cos(pi/5)", "(1 + sqrt(5))/4"),
        ("cos(pi/7)", "-cos(6*pi/7)"),
        ("sin(pi/12)",),
        ("sin(pi/7)", "sin(6*pi/7)"),
        ("cos(2*pi/7)", "2*cos(pi/7)**2 - 1"),
        ("1",),
        ("-1/2",),
    ],
    "exponentials": [
        ("tanh(2)", "2*tanh(1)/(1 + tanh(1)**2)"),
        ("exp(1/2)*exp(1/3)", "exp(5/6)"),
        ("-1",),
        ("sigmoid(1)", "(1 + tanh(1/2))/2"),
        ("sin(2)", "2*sin(1)*cos(1)"),
        ("cos(3)",),
        ("1 - tanh(1)**2", "1/cosh(1)**2"),
        ("exp(sqrt(2))",),
        ("2",),
    ],
    "logarithms": [
        ("log(6)", "log(2) + log(3)"),
        ("log(2)",),
        ("log(12)", "2*log(2) + log(3)"),
        ("1",),
        ("softplus(1)", "1 + softplus(-1)"),
        ("log(1 + exp(1))",),
        ("-log(3)", "log(1/3)"),
    ],
    "mixed": [
        ("pi",),
        ("exp(1)",),
        ("log(2)",),
        ("erf(1)", "-erf(-1)"),
        ("tanh(1)",),
        ("sqrt(2)",),
        ("cos(1)**2", "1 - sin(1)**2"),
        ("1",),
        ("exp(log(2)*pi)", "2*exp(log(2)*(pi - 1))"),
    ],
}
KINDS = ("rational", *POOLS, "network")
ACTIVATIONS = ("tanh", "sigmoid", "softplus", "identity", "relu", "sin", "square")
LOSSES = ("half-squared", "sum-of-squares", "quartic")
NETWORK_MATRICES = ("jacobian", "gauss_newton", "residual", "hessian")


# --- problems -----------------------------------------------------------------------------------


def spec(seed: int, index: int) -> Spec:
    """Problem number `index` of the campaign `seed`."""
    rng = random.Random(f"{seed} {index}")
    kind = KINDS[index % len(KINDS)]
    if kind == "network":
        return {"kind": kind, **_network(rng)}
    m, n, r = rng.randint(1, 5), rng.randint(1, 5), rng.randint(0, 4)
    if kind == "rational":
        m, n, r = 3 * m, 3 * n, 2 * r
    U = [[_entry(rng, kind) for _ in range(r)] for _ in range(m)]
    V = [[_entry(rng, kind) for _ in range(n)] for _ in range(r)]
    if kind == "rational":
        rows = [
            [
                str(sum((Fraction(U[i][k]) * Fraction(V[k][j]) for k in range(r)), Fraction(0)))
                for j in range(n)
            ]
            for i in range(m)
        ]
    else:
        rows = [
            [
                " + ".join(
                    f"({_rewritten(rng, kind, U[i][k])})*({_rewritten(rng, kind, V[k][j])})"
                    for k in range(r)
                )
                or "0"
                for j in range(n)
            ]
            for i in range(m)
        ]
    return {"kind": kind, "rows": rows, "at_most": min(m, n, r)}


def _entry(rng: random.Random, kind: str) -> str:
    if kind == "rational":
        size = rng.choice([1, 9, 10**12])
        return str(Fraction(rng.randint(-size, size), rng.choice([1, 1, rng.randint(1, size)])))
    return rng.choice(POOLS[kind])[0]


def _rewritten(rng: random.Random, kind: str, text: str) -> str:
    return rng.choice(next(forms for forms in POOLS[kind] if forms[0] == text))


def _network(rng: random.Random) -> Spec:
    widths = [rng.randint(1, 2), rng.randint(1, 3), 1]
    activation, bias, D = rng.choice(ACTIVATIONS), rng.random() < 0.5, rng.randint(1, 4)
    values = ["0", "1", "-1", "1/2", "2"]
    if activation in ("tanh", "sigmoid"):
        values += ["log(2)", "log(3)/2"]
    net = mlp(widths, activation, bias=bias)
    point = {name: rng.choice(values) for name in net.parameters}
    if rng.random() < 0.4 and widths[1] > 1:  # a duplicated unit
        for name in list(point):
            if name.startswith(("w1_2_", "b1_2")):
                point[name] = point[name[:3] + "1" + name[4:]]
    x = [[str(rng.randint(-2, 2)) for _ in range(widths[0])] for _ in range(D)]
    y = [[rng.choice(values[:5])] for _ in range(D)]
    return {
        "widths": widths,
        "activation": activation,
        "bias": bias,
        "x": x,
        "y": y,
        "loss": rng.choice(LOSSES),
        "point": point,
    }


# --- the other ways to a rank -------------------------------------------------------------------


class MpmathRing:
    """mpmath numbers at the working precision."""

    def number(self, q: Fraction) -> Any:
        return mpmath.mpf(q.numerator) / q.denominator

    def power(self, value: Any, exponent: Fraction) -> Any:
        return value ** self.number(exponent)

    def function(self, name: str, *args: Any) -> Any:
        if name == "pi":
            return +mpmath.pi
        (z,) = args
        if name == "sigmoid":
            return 1 / (1 + mpmath.exp(-z))
        if name == "softplus":
            return mpmath.log(1 + mpmath.exp(z))
        return getattr(mpmath, name)(z)


def singular_bounds(at: Any) -> tuple[int, int]:
    """(how many singular values are surely not zero, how many may not be), as far as digits tell.

    at(digits): rows of mpmath numbers, computed with that many digits.
    """
    low = high = 0
    for digits, zero, nonzero in PRECISIONS:
        with mpmath.workdps(digits + 10):
            rows = at(digits)
            if not rows or not rows[0]:
                return 0, 0
            A = mpmath.matrix([[mpmath.mpf(v) for v in row] for row in rows])
            if A.rows < A.cols:
                A = A.T
            s = [abs(x) for x in _singular_values(A)]
            top = max(s)
            if top < mpmath.mpf(10) ** zero:
                return 0, 0
            low = sum(x > top * mpmath.mpf(10) ** nonzero for x in s)
            high = sum(x > top * mpmath.mpf(10) ** zero for x in s)
        if low == high:
            break
    return low, high


def _singular_values(A: Any) -> list[Any]:
    """Those of A, or where mpmath's iteration does not converge, of A with its rows mixed, which
    changes the values by bounded factors and not the rank."""
    for shift in range(5):
        mix = mpmath.eye(A.rows)
        for i in range(1, A.rows):
            mix[i, i - 1] = shift
        try:
            return list(mpmath.svd_r(mix * A, compute_uv=False))
        except RuntimeError:
            continue
    raise RuntimeError("no convergence")


def library_ranks(rows: Sequence[Sequence[str]]) -> list[tuple[str, int]]:
    """The exact ranks of a rational matrix by SymPy and by python-flint."""
    from sympy import QQ
    from sympy.polys.matrices import DomainMatrix

    table = [[Fraction(v) for v in row] for row in rows]
    shape = (len(table), len(table[0]))
    theirs = DomainMatrix(
        [[QQ(v.numerator, v.denominator) for v in row] for row in table], shape, QQ
    )
    flints = flint.fmpq_mat([[flint.fmpq(v.numerator, v.denominator) for v in r] for r in table])
    return [("sympy DomainMatrix", int(theirs.rank())), ("flint fmpq_mat", int(flints.rank()))]


# --- comparing ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What came of one matrix: decided, undecided or refused, and the contradictions found."""

    status: str
    contradictions: tuple[str, ...] = ()


def run(problem: Spec) -> list[Outcome]:
    """One outcome for each matrix of the problem."""
    try:
        return _run_network(problem) if problem["kind"] == "network" else [_run_matrix(problem)]
    except HessrankError as error:  # all entries have values: nothing is to be refused
        return [Outcome("error", (f"{type(error).__name__}: {error}",))]


def _run_matrix(problem: Spec) -> Outcome:
    rows = problem["rows"]
    found = rank(rows)

    def at(digits: int) -> list[list[Any]]:
        return [evaluate([parse(v) for v in row], MpmathRing(), {}) for row in rows]

    wrong = _against("mpmath", found, *singular_bounds(at))
    if problem["kind"] == "rational":
        for library, r in library_ranks(rows):
            wrong += _against(library, found, r, r)
    wrong += _against("construction", found, 0, problem["at_most"])
    return Outcome(found.status, tuple(wrong))


def _run_network(problem: Spec) -> list[Outcome]:
    net = mlp(problem["widths"], problem["activation"], bias=problem["bias"])
    data = Data(x=problem["x"], y=problem["y"])
    here = Problem(net, data, problem["loss"]).at(problem["point"])
    try:
        found = {name: here.rank(name) for name in NETWORK_MATRICES}
        measured = {digits: measure(forward_pass(here), digits) for digits, _, _ in PRECISIONS[:1]}
    except (KinkError, DomainError) as refusal:
        return [Outcome(type(refusal).__name__)]
    outcomes = []
    for name, result in found.items():

        def at(digits: int, name: str = name) -> list[list[Any]]:
            if digits not in measured:
                measured[digits] = measure(forward_pass(here), digits)
            return np.asarray(getattr(measured[digits], name)).tolist()

        bounds = singular_bounds(at)
        outcomes.append(Outcome(result.status, tuple(_against(f"{name}, mpmath", result, *bounds))))
    return outcomes


def _against(source: str, found: RankResult, low: int, high: int) -> list[str]:
    """The contradictions between bounds of ours and somebody else's."""
    if found.lower > high or found.upper < low:
        return [f"{source} says {low}..{high}, not {found.lower}..{found.upper} ({found.status})"]
    return []


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many problems")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", metavar="SPEC", help="one problem, as JSON")
    options = parser.parse_args(arguments)
    if options.replay:
        problems = iter([json.loads(options.replay)])
    else:
        problems = (spec(options.seed, i) for i in range(options.count))
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    contradictions = 0
    started = time.perf_counter()
    for problem in problems:
        for outcome in run(problem):
            counts[problem["kind"]][outcome.status] += 1
            for text in outcome.contradictions:
                contradictions += 1
                print(f"CONTRADICTION: {text}\n  {json.dumps(problem)}", flush=True)
    for kind, count in counts.items():
        if count:
            shown = ", ".join(f"{n} {status}" for status, n in sorted(count.items()))
            print(f"{kind:14} {shown}")
    seconds = time.perf_counter() - started
    print(f"{contradictions} contradictions in {seconds:.0f} s")
    return 1 if contradictions else 0


if __name__ == "__main__":
    sys.exit(main())
