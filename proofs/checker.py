"""Replay a certificate of a rank or of an inertia. One file, the standard library alone.

In: a certificate, that is a JSON object (see docs/ranks.md). Out: None where every step of it
holds, otherwise the first reason why it is refused. It exists so that a result of this package can
be believed without believing the package: it imports nothing of it and trusts nothing in the file.

    python checker.py CERTIFICATE.json      exit 0: accepted, 1: refused, 2: unreadable

kind "rank" claims lower <= rank(matrix) <= upper:
  - lower: the minor of the given rows and columns, each row cleared of denominators, is the given
    residue modulo the given prime, and not zero (or, with prime null, is that integer);
  - upper: the number of rows or columns; or kernel vectors k with matrix k = 0, which are
    independent because each alone is nonzero in its own free column.
kind "inertia" claims the numbers of positive, negative and zero eigenvalues of a symmetric matrix:
  matrix[order][:, order] = L D Lᵀ with L unit lower triangular (a row of the certificate's L holds
  what stands left of the 1) and D of blocks (d) or ((0, b), (b, 0)).

Every number is an integer or a string "p/q" in lowest terms. `digest` is the SHA-256 of the rest in
canonical form: it binds numbers that could be changed without making the claim false.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import itertools
import json
import math
import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

FORMAT = "hessrank-certificate"
VERSION = 1
MAX_BYTES = 1 << 28
MAX_ENTRIES = 1 << 22
#: Miller-Rabin with the first 13 primes as bases is a proof below this (Sorenson and Webster,
#: "Strong pseudoprimes to twelve prime bases", Math. Comp. 86, 2017).
MAX_PRIME = 3317044064679887385961981
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)
_FRACTION = re.compile(r"(-?[1-9][0-9]*)/([1-9][0-9]*)")


class Refused(Exception):
    """The certificate does not prove its claim."""


def check(certificate: Any) -> str | None:
    """None if the certificate is accepted, otherwise the reason why it is refused."""
    try:
        with _long_numbers():
            _check(certificate)
    except Refused as refusal:
        return str(refusal)
    except RecursionError:
        return "the certificate is nested too deeply"
    return None


def digest(certificate: dict[str, Any]) -> str:
    """SHA-256 of the certificate without its digest, keys sorted and no spaces."""
    rest = {key: value for key, value in certificate.items() if key != "digest"}
    with _long_numbers():
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def _long_numbers() -> Iterator[None]:
    """Lift Python's limit on the digits of printed integers for a while."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


def _check(certificate: Any) -> None:
    kind = certificate.get("kind") if isinstance(certificate, dict) else None
    if kind == "rank":
        _keys(certificate, "format version kind shape matrix lower upper digest")
    elif kind == "inertia":
        _keys(certificate, "format version kind shape matrix order L blocks inertia digest")
    else:
        raise Refused("not a certificate of kind 'rank' or 'inertia'")
    _demand(certificate["format"] == FORMAT, f"format is not {FORMAT!r}")
    _demand(_integer(certificate["version"], "version") == VERSION, f"version is not {VERSION}")
    m, n = (_index(x, MAX_ENTRIES, "shape") for x in _list(certificate["shape"], 2, "shape"))
    _demand(m * n <= MAX_ENTRIES, "the matrix is too large")
    A = [
        [_number(x, "matrix") for x in _list(row, n, "a row of matrix")]
        for row in _list(certificate["matrix"], m, "matrix")
    ]
    if kind == "rank":
        _check_lower(certificate["lower"], A, m, n)
        _check_upper(certificate["upper"], A, m, n)
        _demand(
            certificate["lower"]["bound"] <= certificate["upper"]["bound"],
            "the lower bound exceeds the upper bound",
        )
    else:
        _check_inertia(certificate, A, m, n)
    _demand(isinstance(certificate["digest"], str), "digest is not a string")
    _demand(certificate["digest"] == digest(certificate), "the digest does not match")


# --- rank -------------------------------------------------------------------------------------


def _check_lower(lower: Any, A: list[list[Fraction]], m: int, n: int) -> None:
    _keys(lower, "bound rows columns prime determinant")
    rows = _increasing(lower["rows"], m, "lower.rows")
    columns = _increasing(lower["columns"], n, "lower.columns")
    _demand(len(rows) == len(columns), "the minor is not square")
    _demand(_integer(lower["bound"], "lower.bound") == len(rows), "lower.bound is not its size")
    minor = []
    for i in rows:
        common = math.lcm(*(x.denominator for x in A[i]))
        minor.append([int(A[i][j] * common) for j in columns])
    claimed = _integer(lower["determinant"], "lower.determinant")
    _demand(claimed != 0, "the minor is zero")
    if lower["prime"] is None:
        _demand(claimed == _determinant(minor), "the minor is not lower.determinant")
    else:
        p = _integer(lower["prime"], "lower.prime")
        _demand(_is_prime(p), "lower.prime is not a prime of provable size")
        _demand(claimed == _determinant_mod(minor, p), "the minor is not lower.determinant")


def _check_upper(upper: Any, A: list[list[Fraction]], m: int, n: int) -> None:
    kind = upper.get("kind") if isinstance(upper, dict) else None
    if kind == "size":
        _keys(upper, "bound kind")
        _demand(_integer(upper["bound"], "upper.bound") == min(m, n), "upper.bound is not the size")
        return
    _demand(kind == "kernel", "upper.kind is neither 'size' nor 'kernel'")
    _keys(upper, "bound kind free vectors")
    free = _increasing(upper["free"], n, "upper.free")
    _demand(
        _integer(upper["bound"], "upper.bound") == n - len(free),
        "upper.bound is not the number of columns less that of the kernel vectors",
    )
    vectors = _list(upper["vectors"], len(free), "upper.vectors")
    for own, entries in zip(free, vectors, strict=True):
        k = [_number(x, "upper.vectors") for x in _list(entries, n, "a kernel vector")]
        _demand(
            all((k[j] != 0) == (j == own) for j in free),
            "a kernel vector is not nonzero in its own free column alone",
        )
        support = [(j, x) for j, x in enumerate(k) if x]
        for row in A:
            _demand(
                sum(row[j] * x for j, x in support) == 0, "a kernel vector is not in the kernel"
            )


def _determinant_mod(minor: list[list[int]], p: int) -> int:
    """The determinant modulo a prime p, in 0..p-1, by elimination."""
    W = [[x % p for x in row] for row in minor]
    det = 1
    for k in range(len(W)):
        pivot = next((i for i in range(k, len(W)) if W[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            W[k], W[pivot] = W[pivot], W[k]
            det = -det
        top = W[k]
        det = det * top[k] % p
        inverse = pow(top[k], -1, p)
        for row in W[k + 1 :]:
            factor = row[k] * inverse % p
            if factor:
                row[k + 1 :] = [
                    (x - factor * y) % p for x, y in zip(row[k + 1 :], top[k + 1 :], strict=True)
                ]
    return det % p


def _determinant(minor: list[list[int]]) -> int:
    """The determinant by Bareiss's fraction-free elimination."""
    W = [list(row) for row in minor]
    previous, sign = 1, 1
    for k in range(len(W)):
        pivot = next((i for i in range(k, len(W)) if W[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            W[k], W[pivot] = W[pivot], W[k]
            sign = -sign
        for i in range(k + 1, len(W)):
            for j in range(k + 1, len(W)):
                W[i][j] = (W[i][j] * W[k][k] - W[i][k] * W[k][j]) // previous
        previous = W[k][k]
    return sign * previous


def _is_prime(p: int) -> bool:
    if p < 2 or p >= MAX_PRIME:
        return False
    if p in _BASES:
        return True
    if any(p % base == 0 for base in _BASES):
        return False
    odd, twos = p - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in _BASES:
        x = pow(base, odd, p)
        if x in (1, p - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % p
            if x == p - 1:
                break
        else:
            return False
    return True


# --- inertia ----------------------------------------------------------------------------------


def _check_inertia(certificate: dict[str, Any], S: list[list[Fraction]], m: int, n: int) -> None:
    _demand(m == n, "the matrix is not square")
    _demand(all(S[i][j] == S[j][i] for i in range(n) for j in range(i)), "not symmetric")
    order = [_index(x, n - 1, "order") for x in _list(certificate["order"], n, "order")]
    _demand(sorted(order) == list(range(n)), "order is not a permutation")
    below = [
        [_number(x, "L") for x in _list(row, i, "row of L")]
        for i, row in enumerate(_list(certificate["L"], n, "L"))
    ]
    L = [[*row, Fraction(1), *[Fraction(0)] * (n - 1 - i)] for i, row in enumerate(below)]
    claim = certificate["inertia"]
    _keys(claim, "positive negative zero")
    DLt: list[list[Fraction]] = []  # the rows of D Lᵀ
    counts = {"positive": 0, "negative": 0, "zero": 0}
    blocks = certificate["blocks"]
    _demand(isinstance(blocks, list), "blocks is not a list")
    for block in blocks:
        size = len(block) if isinstance(block, list) else 0
        _demand(size in (1, 2), "a block is neither 1x1 nor 2x2")
        D = [[_number(x, "blocks") for x in _list(row, size, "a row of a block")] for row in block]
        k = len(DLt)
        _demand(k + size <= n, "the blocks are larger than the matrix")
        if size == 1:
            d = D[0][0]
            counts["positive" if d > 0 else "negative" if d < 0 else "zero"] += 1
            DLt.append([d * L[j][k] for j in range(n)])
        else:
            b = D[0][1]
            _demand([[0, b], [b, 0]] == D and b != 0, "a 2x2 block is not ((0, b), (b, 0))")
            counts["positive"] += 1
            counts["negative"] += 1
            DLt.append([b * L[j][k + 1] for j in range(n)])
            DLt.append([b * L[j][k] for j in range(n)])
    _demand(len(DLt) == n, "the blocks are smaller than the matrix")
    for i in range(n):
        support = [k for k in range(n) if L[i][k]]
        for j in range(i + 1):
            _demand(
                sum(L[i][k] * DLt[k][j] for k in support) == S[order[i]][order[j]],
                f"L D Lᵀ differs from the matrix at ({i}, {j})",
            )
    for name, count in counts.items():
        _demand(_integer(claim[name], f"inertia.{name}") == count, f"inertia.{name} is wrong")


# --- reading ----------------------------------------------------------------------------------


def _demand(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def _keys(value: Any, names: str) -> None:
    _demand(isinstance(value, dict), f"an object with the keys {names} is missing")
    _demand(set(value) == set(names.split()), f"the keys are not exactly {names}")


def _list(value: Any, length: int, name: str) -> list[Any]:
    _demand(isinstance(value, list), f"{name} is not a list")
    _demand(len(value) == length, f"{name} has {len(value)} entries, not {length}")
    return list(value)


def _integer(value: Any, name: str) -> int:
    _demand(type(value) is int, f"{name} is not an integer")
    return int(value)


def _index(value: Any, largest: int, name: str) -> int:
    _demand(0 <= _integer(value, name) <= largest, f"{name} is out of range")
    return int(value)


def _increasing(value: Any, count: int, name: str) -> list[int]:
    """Distinct indices below `count`, in increasing order."""
    _demand(isinstance(value, list), f"{name} is not a list")
    indices = [_index(x, count - 1, name) for x in value]
    _demand(all(a < b for a, b in itertools.pairwise(indices)), f"{name} is unsorted")
    return indices


def _number(value: Any, name: str) -> Fraction:
    """An integer, or a string "p/q" in lowest terms with q > 1."""
    if type(value) is int:
        return Fraction(value)
    match = _FRACTION.fullmatch(value) if isinstance(value, str) else None
    _demand(match is not None, f"{name} holds what is not an exact number: {str(value)[:40]!r}")
    assert match is not None
    p, q = int(match[1]), int(match[2])
    _demand(q > 1 and math.gcd(p, q) == 1, f"{name} holds a fraction that is not in lowest terms")
    return Fraction(p, q)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key is given twice")
    return dict(pairs)


def _inexact(text: str) -> Any:
    raise ValueError(f"{text[:40]} is not an exact number")


def read(path: Path) -> Any:
    """The JSON value in a file; OSError or ValueError where it cannot be read."""
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    with _long_numbers():
        return json.loads(
            path.read_text(encoding="utf-8"),
            object_pairs_hook=_unique,
            parse_float=_inexact,
            parse_constant=_inexact,
        )


def main(arguments: list[str] | None = None) -> int:
    """Command line: exit code 0 accepted, 1 refused, 2 unreadable."""
    parser = argparse.ArgumentParser(description="Replay a certificate of a rank or an inertia.")
    parser.add_argument("certificate", type=Path, help="a JSON file")
    path = parser.parse_args(arguments).certificate
    try:
        certificate = read(path)
    except (OSError, ValueError, RecursionError) as error:
        print(f"{path}: unreadable: {error}", file=sys.stderr)
        return 2
    reason = check(certificate)
    print(f"{path}: " + ("accepted" if reason is None else f"refused: {reason}"))
    return 0 if reason is None else 1


if __name__ == "__main__":
    sys.exit(main())
