"""A landscape's ranks and the signs of H as theorems for Coq, about mathcomp's rational matrices.

In: a `Landscape` with rational entries. Out: the text of a Coq file that needs `Certificate.v`
beside it, Debian's coq, and mathcomp's algebra, zify and algebra-tactics. The matrices are data;
that they are J and H is what `proofs/checker.py` recomputes.
"""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import flint

from hessrank.proofs.statements.statement import minor
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.linear_algebra.inertia import factorise
from hessrank.symbolic.problems.landscape import Landscape

LIBRARY = Path(__file__).with_name("Certificate.v")
SYMBOLS = {"jacobian": "J", "hessian": "H"}

HEAD = """\
From Coq Require Import ZArith List.
From mathcomp Require Import all_ssreflect all_algebra.
Require Import Certificate.
Import GRing.Theory Num.Theory.
Local Open Scope list_scope. Local Open Scope ring_scope. Delimit Scope Z_scope with bZ.
"""


def coq_file(here: Landscape, statement: str = "") -> str:
    """Theorems rank_J, rank_H and, about xᵀHx, H_positive, H_nonnegative or H_indefinite.

    Raises InputError where J or H has entries that are not rational.

    >>> from hessrank.specs.spec import read_spec
    >>> print(coq_file(read_spec("X13").landscape()).splitlines()[-1])
    Print Assumptions H_positive.
    """
    parts = [f"(* {statement} *)\n" if statement else "", HEAD]
    names = []
    for name, symbol in SYMBOLS.items():
        matrix = here.matrix(name)
        if not matrix.is_rational:
            raise InputError(f"a Coq file needs rational entries, and {name} has others here")
        parts.append(rank_theorem(symbol, matrix.exact().fractions(), matrix.shape))
        names.append(f"rank_{symbol}")
    signs, theorem = sign_theorem("H", here.hessian.exact().fractions())
    parts.append(signs)
    parts.append("\n".join(f"Print Assumptions {n}." for n in (*names, theorem)))
    return "\n".join(parts) + "\n"


def rank_theorem(symbol: str, matrix: list[list[Fraction]], shape: tuple[int, int]) -> str:
    """The rank of a matrix, from d·M = U·V and A·M·B = d·1: U the columns of a minor, V = adj·P,
    A and B the choice of its rows and columns, P its rows."""
    m, n = shape
    den, M = integers(matrix)
    rows, columns, adjugate, d = minor(M, shape)
    r = len(rows)
    P = [M[i] for i in rows]
    given = {
        "U": [[row[j] for j in columns] for row in M],
        "V": [
            [sum(a * p[j] for a, p in zip(line, P, strict=True)) for j in range(n)]
            for line in adjugate
        ],
        "A": [[int(i == k) for k in range(m)] for i in rows],
        "B": [adjugate[columns.index(j)] if j in columns else [0] * r for j in range(n)],
        "P": P,
    }
    lists = "".join(f"Definition {symbol}_{k} := {_rows(v)}.\n" for k, v in given.items())
    arguments = f"{m}%N {n}%N {r}%N ({d})%bZ ({d})%bZ (ent {symbol}_rows)" + "".join(
        f" (ent {symbol}_{k})" for k in given
    )
    over = f"{m}%N {n}%N ({den})%bZ {symbol}_rows"
    return f"""\
Definition {symbol}_rows := {_rows(M)}.
Definition {symbol} : 'M[rat]_({m}, {n}) := over {over}.
{lists}
Lemma {symbol}_minor : rank_cert {arguments} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.
Theorem rank_{symbol} : \\rank {symbol} = {r}%N.
Proof.
exact (over_rank {over} _ isT (rankP {arguments} {symbol}_minor)).
Qed.
"""


def sign_theorem(symbol: str, matrix: list[list[Fraction]]) -> tuple[str, str]:
    """xᵀHx > 0 for all x ≠ 0, or ≥ 0 for all x, or < 0 for some x; and the theorem's name."""
    n = len(matrix)
    den, _ = integers(matrix)
    over = f"{n}%N ({den})%bZ {symbol}_rows"
    found = factorise(matrix)
    value = f"(x^T *m {symbol} *m x) 0 0"
    if found.inertia.negative:
        direction = [
            Fraction(int(x.p), int(x.q)) if isinstance(x, flint.fmpq) else Fraction(x)
            for x in found.negative_direction() or ()
        ]
        _, [v] = integers([direction])
        name = f"{symbol}_indefinite"
        entries = f"(fun i => List.nth i {_row(v)} Z0)"
        return (
            f"""\
Lemma {symbol}_falls : neg_cert {n}%N {symbol}_rows {entries} = true.
Proof. vm_cast_no_check (eq_refl true). Qed.
Theorem {name} : exists x : 'cV[rat]_{n}, {value} < 0.
Proof. exact (over_neg {over} _ isT {symbol}_falls). Qed.
""",
            name,
        )
    strict = found.inertia.zero == 0
    name = f"{symbol}_positive" if strict else f"{symbol}_nonnegative"
    says = f"x != 0 -> 0 < {value}" if strict else f"0 <= {value}"
    return (
        f"""\
Lemma {symbol}_pivots : psd_cert {str(strict).lower()} {n}%N {symbol}_rows = true.
Proof. vm_cast_no_check (eq_refl true). Qed.
Theorem {name} : forall x : 'cV[rat]_{n}, {says}.
Proof. exact ({"over_pd" if strict else "over_psd"} {over} isT {symbol}_pivots). Qed.
""",
        name,
    )


def integers(matrix: list[list[Fraction]]) -> tuple[int, list[list[int]]]:
    """(d, M) with matrix = M/d and M of integers."""
    d = math.lcm(*(x.denominator for row in matrix for x in row))
    return d, [[int(x * d) for x in row] for row in matrix]


def _row(row: list[int]) -> str:
    return "(" + " :: ".join([*(f"({x})" for x in row), "nil"]) + ")%bZ"


def _rows(matrix: Any) -> str:
    inner = "\n  :: ".join([*map(_row, matrix), "nil"])
    return f"({inner} : list (list Z))"
