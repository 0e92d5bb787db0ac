"""Replay a certificate. One file, the standard library alone, to be read from top to bottom.

In: a certificate, that is a JSON object (docs/certificates.md). Out: None where every step of it
holds, otherwise the first reason why it is refused. It exists so that a result of this package can
be believed without believing the package: it imports nothing of it and trusts nothing in the file.

    python checker.py CERTIFICATE.json…   exit 0: accepted, 1: refused,
                                          2: unreadable, or of another format, version or kind,
                                          3: the output could not be written

A certificate of kind "statement" holds a problem (a model, data, a loss), a point θ, and claims
about it. From these alone, by the rules of the part "the model", everything else is recomputed:
the outputs F (M numbers, example by example), J = ∂F/∂θ, r = ∇ℓ(F), A = ∇²ℓ(F), and

    ∇L = Jᵀr,    H = JᵀAJ + Σ r_m ∇²F_m    (+ the regulariser's).

Then each claim is replayed by the function that bears its name, and the sentences that they prove
must be the certificate's `statement`. Certificates of kind "rank" and "inertia" speak of one
matrix that stands in them.

The core is 1 derivatives, 2 expressions, 3 the model, 4 statements, 5 rank and 6 inertia; it can be
read with "number" for "rational number". `_demand(condition, reason)` refuses where the condition
fails; `_keys`, `_list`, `_index`, `_number`, … demand a shape of what stands in the file. After
the core each section is read by itself: a kind of claim, or a kind of number.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import hashlib
import io
import itertools
import json
import math
import re
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

FORMAT = "hessrank-certificate"
VERSION = 1
KINDS = ("statement", "rank", "inertia")
MAX_BYTES = 1 << 28
MAX_ENTRIES = 1 << 22
MAX_TEXT = 1 << 18
MAX_TERMS = 1 << 14
MAX_BITS = 1 << 20
MAX_WORK = 1 << 20  # products of terms in one certificate

Number = Any  #: a Fraction; a Poly or a Span of the last sections
Matrix = list[list[Number]]


class Refused(Exception):
    """The certificate does not prove its claim."""


class Foreign(Exception):
    """Not a certificate of this format, version and kind."""


# --- 1. derivatives -------------------------------------------------------------------------------

#: f'(z) and f''(z) of the functions f that are carried, where v = f(z).
DERIVATIVES = {
    "exp": ("v", "v"),
    "log": ("1/z", "-1/z**2"),
    "sinh": ("cosh(z)", "v"),
    "cosh": ("sinh(z)", "v"),
    "tanh": ("1 - v**2", "-2*v*(1 - v**2)"),
    "sigmoid": ("v*(1 - v)", "v*(1 - v)*(1 - 2*v)"),
    "softplus": ("sigmoid(z)", "sigmoid(z)*(1 - sigmoid(z))"),
    "sin": ("cos(z)", "-v"),
    "cos": ("-sin(z)", "-v"),
    "erf": ("2*exp(-z**2)/pi**(1/2)", "-4*z*exp(-z**2)/pi**(1/2)"),
    "relu": ("(1 + sign(z))/2", "0"),
    "abs": ("sign(z)", "0"),
}


class Jet:
    """A function near a point to first or second order: its power series in the increments of the
    variables. parts[k] maps k variables, sorted, to the coefficient of their product; what is not
    there is 0. So f is parts[0][()], ∂_i f is parts[1][i,] and ∂_i∂_j f parts[2][i, j], twice it
    for i = j."""

    __slots__ = ("parts",)

    def __init__(self, *parts: dict[tuple[int, ...], Number]) -> None:
        self.parts = parts

    @property
    def v(self) -> Number:
        """The value."""
        return self.parts[0].get((), Fraction(0))

    def first(self) -> dict[int, Number]:
        """The first derivatives that are not 0."""
        return {i: x for (i,), x in self.parts[1].items()}

    def second(self) -> dict[tuple[int, int], Number]:
        """The second derivatives that are not 0, for i ≤ j."""
        return {(i, j): x * (1 + (i == j)) for (i, j), x in self.parts[2].items()}

    def __add__(self, other: Any) -> Jet:
        pairs = zip(self.parts, _jet(other, len(self.parts) - 1).parts, strict=True)
        return Jet(*(_plus(a, b) for a, b in pairs))

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(*(_scaled(part, other) for part in self.parts))
        out: list[dict[tuple[int, ...], Number]] = [{} for _ in self.parts]
        for p, q in itertools.product(range(len(out)), repeat=2):
            if p + q < len(out):
                part = out[p + q]
                pairs = itertools.product(self.parts[p].items(), other.parts[q].items())
                for (i, x), (j, y) in pairs:
                    ij = i + j if i <= j else j + i
                    part[ij] = part[ij] + x * y if ij in part else x * y
        return Jet(*out)

    def chain(self, f: Callable[[int], Number]) -> Jet:
        """f(self) to second order, where f(k) is the k-th derivative of f at the value."""
        d = Jet({}, *self.parts[1:])
        found = d * f(1) + f(0)
        return found + d * d * (f(2) * Fraction(1, 2)) if len(self.parts) > 2 else found

    def __neg__(self) -> Jet:
        return self * Fraction(-1)

    def __sub__(self, other: Any) -> Jet:
        return self + (-other)

    def __rsub__(self, other: Any) -> Jet:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__


def _jet(x: Any, order: int) -> Jet:
    """A number, or what is a jet already, as a jet."""
    return x if isinstance(x, Jet) else Jet({(): x}, *({} for _ in range(order)))


def _variable(v: Number, i: int, order: int) -> Jet:
    """The i-th variable near its value v."""
    return Jet({(): v}, {(i,): Fraction(1)}, *({} for _ in range(order - 1)))


def _plus(a: dict[Any, Number], b: dict[Any, Number]) -> dict[Any, Number]:
    out = dict(a)
    for key, x in b.items():
        out[key] = out[key] + x if key in out else x
    return out


def _scaled(a: dict[Any, Number], c: Number) -> dict[Any, Number]:
    return {key: x * c for key, x in a.items()} if c != 0 else {}


def _raise(x: Any, e: Fraction) -> Any:
    """x^e of a number or a jet."""
    if not isinstance(x, Jet):
        return _power(x, e)
    _demand(e.denominator == 1 or x.v != 0, "θ lies at the edge of a root's domain")
    factors = (Fraction(1), e, e * (e - 1))
    return x.chain(lambda k: factors[k] * _power(x.v, e - k) if factors[k] else Fraction(0))


def _apply(name: str, x: Any) -> Any:
    """f(x) of a number or a jet, for the function f of that name."""
    if not isinstance(x, Jet):
        return _at(name, x)
    _demand(name in DERIVATIVES, f"the function {name[:40]!r} is not carried")
    v = _at(name, x.v)
    rules = DERIVATIVES[name]
    return x.chain(lambda k: _value(_tree(rules[k - 1]), {"z": x.v, "v": v}) if k else v)


# --- 2. expressions -------------------------------------------------------------------------------


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """An expression in whole numbers, names, + - * / ** and functions of one argument."""
    match node:
        case ast.Constant(value=n) if type(n) is int:
            return Fraction(n)
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.Name(id="pi"):
            return _atom("pi", 1)
        case ast.UnaryOp(op=ast.USub(), operand=a):
            return -_value(a, names)
        case ast.BinOp(left=a, op=ast.Add(), right=b):
            return _value(a, names) + _value(b, names)
        case ast.BinOp(left=a, op=ast.Sub(), right=b):
            return _value(a, names) - _value(b, names)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            return _value(a, names) * _value(b, names)
        case ast.BinOp(left=a, op=ast.Div(), right=b):
            return _value(a, names) * _raise(_value(b, names), Fraction(-1))
        case ast.BinOp(left=a, op=ast.Pow(), right=b):
            e = _value(b, {})
            _demand(isinstance(e, Fraction), "an exponent is not rational")
            return _raise(_value(a, names), e)
        case ast.Call(func=ast.Name(id=name), args=[a], keywords=[]):
            return _apply(name, _value(a, names))
    raise Refused(f"not allowed in an expression: {ast.unparse(node)[:40]!r}")


# --- 3. the model ---------------------------------------------------------------------------------

#: σ(z) of a network's hidden units; "power-k" is z**k.
ACTIVATIONS = {
    "identity": "z",
    "square": "z**2",
    "cube": "z**3",
    "relu": "relu(z)",
    "leaky-relu": "z/100 + 99/100*relu(z)",
    "tanh": "tanh(z)",
    "sigmoid": "sigmoid(z)",
    "softplus": "softplus(z)",
    "exp": "exp(z)",
    "sin": "sin(z)",
    "cos": "cos(z)",
    "swish": "z*sigmoid(z)",
    "gelu": "z*(1 + erf(z/2**(1/2)))/2",
}
#: Losses that are sums over all outputs o with targets y, each convex in o, the last two for
#: 0 ≤ y ≤ 1; mean-squared is divided by M.
LOSSES = {
    "half-squared": "(o - y)**2/2",
    "sum-of-squares": "(o - y)**2",
    "mean-squared": "(o - y)**2",
    "quartic": "(o - y)**4",
    "log-cosh": "log(cosh(o - y))",
    "cross-entropy": "-y*log(o)",
    "binary-cross-entropy": "softplus(o) - y*o",
}
SYMBOLS = {"jacobian": "J", "hessian": "H"}


class Problem:
    """The problem of a certificate and its point: F and L in any ring (numbers, jets, polynomials),
    and the matrices at the point."""

    N: int
    K: int
    M: int
    names: list[str]  #: the N free parameters, in their order
    theta: dict[str, Number]  #: the point
    fixed: dict[str, Number]  #: parameters that are not free
    field: dict[str, Number]  #: numbers that have a name
    inputs: list[str]
    x: list[list[Number]]
    y: list[list[Number]]
    forms: list[ast.expr] | None  #: K closed forms of one example, or else
    layers: list[tuple[list[list[str]], list[str] | None]]  #: weights and biases of each layer
    activation: ast.expr
    loss_kind: str  #: of LOSSES, or softmax-cross-entropy, weighted-squared, expression
    loss_form: ast.expr  #: absent for weighted-squared
    factor: Fraction  #: likewise
    W: Matrix | None  #: of weighted-squared
    penalty: ast.expr | None

    def __init__(self, given: Any) -> None:
        _read_problem(self, given)

    def outputs(self, theta: dict[str, Any]) -> list[Any]:
        """F, example by example, for θ in any ring."""
        theta = theta | self.fixed
        found = []
        for row in self.x:
            if self.forms is not None:
                names = theta | dict(zip(self.inputs, row, strict=True))
                found += [_value(form, names) for form in self.forms]
                continue
            a: list[Any] = list(row)
            for l, (weights, biases) in enumerate(self.layers, 1):
                z: list[Any] = [theta[b] for b in biases or ()] or [Fraction(0)] * len(weights)
                for i, line in enumerate(weights):
                    for name, v in zip(line, a, strict=True):
                        z[i] = z[i] + theta[name] * v
                last = l == len(self.layers)
                a = z if last else [_value(self.activation, {"z": v}) for v in z]
            found += a
        return found

    def blocks(self) -> list[tuple[slice, list[Number]]]:
        """ℓ is a sum over blocks of outputs: those of one example, or all for weighted-squared.
        Each with its targets."""
        if self.W is not None:
            return [(slice(0, self.M), list(itertools.chain(*self.y)))]
        return [(slice(self.K * d, self.K * (d + 1)), y) for d, y in enumerate(self.y)]

    def loss(self, o: list[Any], y: list[Number]) -> Any:
        """ℓ on one block, for its outputs o in any ring."""
        if self.W is not None:  # ½ (o − y)ᵀ W (o − y)
            e = [(v - t, row) for v, t, row in zip(o, y, self.W, strict=True)]
            pairs = [(w, a * b) for a, row in e for (b, _), w in zip(e, row, strict=True) if w != 0]
            return sum((Fraction(1, 2) * w * ab for w, ab in pairs), Fraction(0))
        if self.loss_kind in LOSSES:
            skip = self.loss_kind == "cross-entropy"  # 0·log o is 0 there
            pairs = [(v, t) for v, t in zip(o, y, strict=True) if not skip or t != 0]
            terms = [_value(self.loss_form, {"o": v, "y": t}) for v, t in pairs]
            return sum(terms, Fraction(0)) * self.factor
        names = {f"o{k}": v for k, v in enumerate(o, 1)}
        names |= {f"y{k}": v for k, v in enumerate(y, 1)}
        return _value(self.loss_form, names) * self.factor

    def total(self, theta: dict[str, Any]) -> Any:
        """L = ℓ(F(θ)), with the regulariser, for θ in any ring."""
        F = self.outputs(theta)
        value: Any = _value(self.penalty, theta) if self.penalty else Fraction(0)
        return sum((self.loss(F[block], y) for block, y in self.blocks()), value)

    # at the point

    def jets(self, order: int) -> list[Jet]:
        """F and, last, the regulariser, near θ."""
        at = {n: _variable(self.theta[n], i, order) for i, n in enumerate(self.names)}
        R = _value(self.penalty, at) if self.penalty else Fraction(0)
        return [_jet(f, order) for f in (*self.outputs(at), R)]

    @functools.cached_property
    def F(self) -> list[Jet]:
        """F with its first derivatives."""
        return self.jets(1)[:-1]

    @functools.cached_property
    def jacobian(self) -> Matrix:
        """J."""
        return [[row.get(i, Fraction(0)) for i in range(self.N)] for row in map(Jet.first, self.F)]

    @functools.cached_property
    def r_and_A(self) -> tuple[list[Number], dict[tuple[int, int], Number]]:
        """∇ℓ and the entries of ∇²ℓ at F that are not 0."""
        r: list[Number] = [Fraction(0)] * self.M
        A = {}
        for block, y in self.blocks():
            o = [_variable(f.v, m, 2) for m, f in enumerate(self.F)][block]
            l = _jet(self.loss(o, y), 2)
            for m, v in l.first().items():
                r[m] = v
            for (m, n), v in l.second().items():
                A[m, n] = A[n, m] = v
        return r, A

    def linear(self, order: int) -> Jet:
        """Σ r_m F_m + the regulariser near θ, r held fast."""
        terms = zip([*self.r_and_A[0], Fraction(1)], self.jets(order), strict=True)
        return sum((v * f for v, f in terms), _jet(Fraction(0), order))

    @functools.cached_property
    def gradient(self) -> list[Number]:
        """∇L = Jᵀr + the regulariser's."""
        found = self.linear(1).first()
        return [found.get(i, Fraction(0)) for i in range(self.N)]

    @functools.cached_property
    def hessian(self) -> Matrix:
        """H = JᵀAJ + Σ r_m ∇²F_m + the regulariser's: that of ½ Σ A_mn dF_m dF_n + `linear`."""
        dF = [Jet({}, f.parts[1], {}) for f in self.F]
        AdF = [_jet(Fraction(0), 2) for _ in dF]
        for (m, n), a in self.r_and_A[1].items():
            AdF[m] = AdF[m] + a * dF[n]
        terms = (Fraction(1, 2) * (a * b) for a, b in zip(dF, AdF, strict=True))
        H = [[Fraction(0)] * self.N for _ in range(self.N)]
        for (i, j), x in sum(terms, self.linear(2)).second().items():
            H[i][j] = H[j][i] = x
        return H

    def matrix(self, name: Any) -> tuple[str, Matrix]:
        """The symbol and the matrix of a name."""
        known = isinstance(name, str) and name in SYMBOLS
        _demand(known, "matrix is not one of " + ", ".join(SYMBOLS))
        return SYMBOLS[name], self.jacobian if name == "jacobian" else self.hessian

    def rational(self, name: Any) -> tuple[str, list[list[Fraction]]]:
        symbol, A = self.matrix(name)
        _demand(all(isinstance(x, Fraction) for row in A for x in row), f"{symbol} is not rational")
        return symbol, A


# --- 4. statements --------------------------------------------------------------------------------


def _check_statement(certificate: dict[str, Any]) -> str:
    """The sentences that the claims prove about the problem, joined."""
    _keys(certificate, "format version kind about problem claims statement digest")
    about = fingerprint(certificate["problem"])
    _demand(certificate["about"] == about, "about is not the fingerprint of the problem")
    here = _problem(json.dumps(certificate["problem"]))
    sentences: list[str] = []
    for claim in _list(certificate["claims"], None, "claims"):
        sentences.append(sentence(here, claim, sentences))
    statement = ", ".join(sentences)
    proved = bool(statement) and certificate["statement"] == statement
    _demand(proved, f"what is proved is: {statement}")
    return statement


def sentence(here: Problem, claim: Any, proved: list[str]) -> str:
    """What a claim proves of a problem, those before it being proved; Refused if it does not."""
    kind = claim.get("kind") if isinstance(claim, dict) else None
    _demand(isinstance(kind, str) and kind in _CLAIMS, "the kind of a claim is not known")
    return _CLAIMS[str(kind)](here, claim, proved)


# --- 5. rank --------------------------------------------------------------------------------------


def _claim_rank(here: Problem, claim: Any, _: list[str]) -> str:
    """rank A = r, from one object. A is the matrix with each row cleared of denominators; B its
    minor of the given rows and columns, of size r. With B·adj = d·1 and d ≠ 0, B is regular: r is
    a lower bound. With C the columns and P the rows of A through B, d·A = C·adj·P: an upper bound.
    d = det B, and the rows and columns are the first independent ones: the object is unique."""
    _keys(claim, "kind matrix rank rows columns adjugate determinant")
    symbol, given = here.rational(claim["matrix"])
    A = [_cleared(row) for row in given]
    r = _integer(claim["rank"], "rank")
    rows = _increasing(claim["rows"], len(A), "rows")
    columns = _increasing(claim["columns"], len(A[0]) if A else 0, "columns")
    _demand(len(rows) == len(columns) == r, "the minor is not of size rank")
    table = [_list(row, r, "a row of adjugate") for row in _list(claim["adjugate"], r, "adjugate")]
    adj = [[_integer(x, "adjugate") for x in row] for row in table]
    d = _integer(claim["determinant"], "determinant")
    C, P = [[row[j] for j in columns] for row in A], [A[i] for i in rows]
    B = [C[i] for i in rows]
    _demand(d != 0 and d == _determinant(B), f"determinant is not that of the minor of {symbol}")
    unit = [[d * (i == j) for j in range(r)] for i in range(r)]
    _demand(_matmul(B, adj) == unit, f"the minor of {symbol} times adjugate is not determinant·1")
    if r == 0:
        _demand(not any(map(any, A)), f"{symbol} is not 0")
        return f"rank {symbol} = 0"
    down, across = _matmul(C, adj), _matmul(adj, P)
    factors = _matmul(C, across) == [[d * x for x in row] for row in A]
    _demand(factors, f"{symbol} does not factor through the minor")
    first = all(not any(across[k][:j]) for k, j in enumerate(columns))
    first &= all(not any(row[k] for row in down[:i]) for k, i in enumerate(rows))
    _demand(first, "the rows and columns are not the first independent ones")
    return f"rank {symbol} = {r}"


def _cleared(row: list[Fraction]) -> list[int]:
    common = math.lcm(*(x.denominator for x in row))
    return [int(x * common) for x in row]


def _matmul(A: list[list[Any]], B: list[list[Any]]) -> list[list[Any]]:
    """A·B, for a B that has rows where A has."""
    out = []
    for row in A:
        terms = [(x, line) for x, line in zip(row, B, strict=True) if x]
        out.append([sum(x * line[j] for x, line in terms) for j in range(len(B[0]))])
    return out


def _determinant(square: Matrix) -> Fraction:
    """By elimination."""
    A, d = [list(map(Fraction, row)) for row in square], Fraction(1)
    for k in range(len(A)):
        i = next((i for i in range(k, len(A)) if A[i][k]), None)
        if i is None:
            return Fraction(0)
        A[k], A[i] = A[i], A[k]
        d *= A[k][k] if i == k else -A[k][k]
        for row in A[k + 1 :]:
            c = row[k] / A[k][k]
            row[k:] = [x - c * y for x, y in zip(row[k:], A[k][k:], strict=True)]
    return d


# --- 6. inertia -----------------------------------------------------------------------------------


def _claim_inertia(here: Problem, claim: Any, _: list[str]) -> str:
    """The signs of the eigenvalues of H."""
    _keys(claim, "kind matrix order L blocks inertia")
    symbol, S = here.rational(claim["matrix"])
    p, q, z = _inertia(claim, S)
    for k, block in enumerate(itertools.chain(*([b] * len(b) for b in claim["blocks"]))):
        zero = block != [[0]] or not any(row[k] for row in claim["L"][k + 1 :])
        _demand(zero, "L is not 0 beside a block that is 0")
    return f"{symbol} has {p} positive, {q} negative, {z} zero eigenvalues"


def _inertia(claim: dict[str, Any], S: list[list[Fraction]]) -> tuple[int, int, int]:
    """Replays S[order][:, order] = L D Lᵀ with L unit lower triangular (its rows hold what stands
    left of the 1) and D of blocks (d) or ((0, b), (b, 0)); Sylvester: S has the signs of D."""
    n = len(S)
    _demand(all(len(row) == n for row in S), "the matrix is not square")
    _demand(all(S[i][j] == S[j][i] for i in range(n) for j in range(i)), "not symmetric")
    order = [_index(x, n - 1, "order") for x in _list(claim["order"], n, "order")]
    _demand(sorted(order) == list(range(n)), "order is not a permutation")
    left = [_list(row, i, "row of L") for i, row in enumerate(_list(claim["L"], n, "L"))]
    L = [[*(_number(x, "L") for x in row), Fraction(1), *[Fraction(0)] * (n - 1 - i)]
         for i, row in enumerate(left)]  # fmt: skip
    D: list[list[Fraction]] = []
    signs = []
    for block in _list(claim["blocks"], None, "blocks"):
        k, size = len(D), len(block) if isinstance(block, list) else 0
        _demand(size in (1, 2), "a block is neither 1x1 nor 2x2")
        _demand(k + size <= n, "the blocks are larger than the matrix")
        for row in block:
            entries = [_number(x, "blocks") for x in _list(row, size, "a row of a block")]
            D.append([Fraction(0)] * k + entries + [Fraction(0)] * (n - k - size))
        d = D[k][k]
        if size == 2:
            b = D[k][k + 1]
            hyperbolic = d == 0 and b != 0 and D[k + 1][k : k + 2] == [b, 0]
            _demand(hyperbolic, "a 2x2 block is not ((0, b), (b, 0))")
        signs += [1, -1] if size == 2 else [(d > 0) - (d < 0)]
    _demand(len(D) == n, "the blocks are smaller than the matrix")
    turned = [[S[i][j] for j in order] for i in order]
    same = _matmul(_matmul(L, D), [list(c) for c in zip(*L, strict=True)]) == turned
    _demand(same, "L D Lᵀ differs from the matrix")
    p, q, z = (signs.count(s) for s in (1, -1, 0))
    _keys(claim["inertia"], "positive negative zero")
    for name, count in (("positive", p), ("negative", q), ("zero", z)):
        right = _integer(claim["inertia"][name], f"inertia.{name}") == count
        _demand(right, f"inertia.{name} is wrong")
    return p, q, z


# --- reading a certificate ------------------------------------------------------------------------


_FRACTION = re.compile(r"(-?[1-9][0-9]*)/([1-9][0-9]*)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def check(certificate: Any) -> str | None:
    """None if the certificate is accepted, otherwise the reason why it is refused."""
    try:
        prove(certificate)
    except (Refused, Foreign) as refusal:
        return str(refusal)
    return None


def prove(certificate: Any) -> str:
    """What an accepted certificate proves, in words. Raises Refused, or Foreign."""
    try:
        with _long_numbers():
            _WORK[0] = 0
            _demand_known(certificate)
            proved = _PROVERS[certificate["kind"]](certificate)
            _demand(isinstance(certificate["digest"], str), "digest is not a string")
            _demand(certificate["digest"] == digest(certificate), "the digest does not match")
            return proved
    except (RecursionError, MemoryError):
        raise Refused("the certificate is nested too deeply") from None


def recomputed(certificate: Any) -> list[str]:
    """What the checker computes by itself from the problem of such a certificate."""
    return ["F", "J", "r", "A", "∇L", "H"] if certificate.get("kind") == "statement" else []


def digest(certificate: dict[str, Any]) -> str:
    """SHA-256 of the certificate without its digest, keys sorted and no spaces."""
    return fingerprint({key: value for key, value in certificate.items() if key != "digest"})


def fingerprint(value: Any) -> str:
    """SHA-256 of a JSON value, keys sorted and no spaces."""
    with _long_numbers():
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
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


def _demand_known(certificate: Any) -> None:
    kind = certificate.get("kind") if isinstance(certificate, dict) else None
    if kind not in KINDS:
        raise Foreign(f"not a certificate of kind {', '.join(map(repr, KINDS))}")
    if certificate.get("format") != FORMAT:
        raise Foreign(f"format is not {FORMAT!r}")
    if type(certificate.get("version")) is not int:
        raise Foreign("version is not an integer")
    if certificate["version"] != VERSION:
        raise Foreign(f"version is not {VERSION}")


def _demand(condition: bool, reason: str) -> None:
    if not condition:
        raise Refused(reason)


def _keys(value: Any, names: str) -> None:
    _demand(isinstance(value, dict), f"an object with the keys {names} is missing")
    _demand(set(value) == set(names.split()), f"the keys are not exactly {names}")


def _list(value: Any, length: int | None, name: str) -> list[Any]:
    _demand(isinstance(value, list), f"{name} is not a list")
    fits = length is None or len(value) == length
    _demand(fits, f"{name} has {len(value)} entries, not {length}")
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
    short = isinstance(value, str) and len(value) <= MAX_TEXT
    match = _FRACTION.fullmatch(value) if short else None
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


def _whole(text: str) -> int:
    if len(text) > MAX_TEXT:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def read(path: Path) -> Any:
    """The JSON value in a file; OSError or ValueError where it cannot be read."""
    with path.open("rb") as file:
        raw = file.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES} bytes")
    with _long_numbers():
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_inexact,
            parse_constant=_inexact,
        )


def main(arguments: list[str] | None = None) -> int:
    """Command line: exit code 0 accepted, 1 refused, 2 unreadable or foreign, the worst of all; 3
    where the output could not be written, 130 where interrupted."""
    parser = argparse.ArgumentParser(description="Replay certificates.")
    parser.add_argument("certificates", type=Path, nargs="+", help="JSON files")
    paths = parser.parse_args(arguments).certificates
    if isinstance(sys.stdout, io.TextIOWrapper):  # ∇ where the terminal has no such letter
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        worst = max(_report(path) for path in paths)
        print(end="", flush=True)
    except OSError as error:
        print(f"the output could not be written: {error.strerror}", file=sys.stderr)
        with contextlib.suppress(OSError):
            sys.stdout.close()
        return 3
    except KeyboardInterrupt:
        return 130
    return worst


def _report(path: Path) -> int:
    try:
        found, status = f"accepted: {prove(read(path))}", 0
    except Refused as refusal:
        found, status = f"refused: {refusal}", 1
    except (OSError, ValueError, RecursionError, MemoryError, Foreign) as error:
        print(f"{path}: unreadable: {error}", file=sys.stderr)
        return 2
    print(f"{path}: {found}")
    return status


# --- reading a problem ----------------------------------------------------------------------------


def _read_problem(p: Problem, given: Any) -> None:
    """Fills the fields of p, or refuses."""
    named = isinstance(given, dict) and "field" in given
    _keys(given, "model x y loss regulariser point" + " field" * named)
    p.field = _read_field(given["field"]) if named else {}
    names = _read_model(p, given["model"])
    fixed = given["model"]["fixed"]
    _demand(isinstance(fixed, dict) and set(fixed) <= set(names), "fixed is not of parameters")
    p.fixed = {name: _constant(v, "fixed", p.field) for name, v in fixed.items()}
    p.names = [name for name in names if name not in fixed]
    p.x = [
        [_constant(v, "x", p.field) for v in _list(row, len(p.inputs), "a row of x")]
        for row in _list(given["x"], None, "x")
    ]
    p.y = [
        [_constant(v, "y", p.field) for v in _list(row, p.K, "a row of y")]
        for row in _list(given["y"], len(p.x), "y")
    ]
    p.N, p.M = len(p.names), p.K * len(p.x)
    _demand(p.M * p.N <= MAX_ENTRIES and p.N**2 <= MAX_ENTRIES, "J is too large")
    _keys(given["point"], " ".join(p.names))
    p.theta = {name: _constant(given["point"][name], "point", p.field) for name in p.names}
    p.penalty = None if given["regulariser"] is None else _parsed(given["regulariser"])
    _read_loss(p, given["loss"])


def _read_model(p: Problem, model: Any) -> list[str]:
    """The names of all parameters, in their order."""
    if isinstance(model, dict) and model.get("kind") == "network":
        _keys(model, "kind widths activation bias fixed")
        widths = [_index(n, 1 << 16, "widths") for n in _list(model["widths"], None, "widths")]
        _demand(len(widths) >= 2 and min(widths) >= 1, "widths are not two or more numbers ≥ 1")
        _demand(type(model["bias"]) is bool, "bias is neither true nor false")
        size = sum((m + 1) * n for m, n in itertools.pairwise(widths))
        _demand(size <= MAX_ENTRIES, "the network is too large")
        p.forms, p.activation = None, _parsed(_activation(model["activation"]))
        p.layers = []
        for l, (m, n) in enumerate(itertools.pairwise(widths), 1):
            weights = [[f"w{l}_{i}_{j}" for j in range(1, m + 1)] for i in range(1, n + 1)]
            p.layers.append(
                (weights, [f"b{l}_{i}" for i in range(1, n + 1)] if model["bias"] else None)
            )
        p.inputs, p.K = [f"x{j}" for j in range(1, widths[0] + 1)], widths[-1]
        return [name for W, b in p.layers for row in (*W, b or []) for name in row]
    _keys(model, "kind outputs parameters inputs fixed")
    _demand(model["kind"] == "closed-form", "model.kind is not known")
    p.forms = [_parsed(text) for text in _list(model["outputs"], None, "outputs")]
    p.K, p.inputs = len(p.forms), _names(model["inputs"])
    _demand(p.K >= 1, "there are no outputs")
    names = _names(model["parameters"])
    _demand(not set(names) & set(p.inputs), "a parameter and an input share a name")
    return names


def _read_loss(p: Problem, loss: Any) -> None:
    kind = loss.get("kind") if isinstance(loss, dict) else None
    _demand(isinstance(kind, str), "loss.kind is not a name")
    p.loss_kind, p.W = str(kind), None
    if kind == "weighted-squared":
        _keys(loss, "kind weights")
        rows = _list(loss["weights"], p.M, "weights")
        p.W = [[_constant(v, "weights", p.field) for v in _list(r, p.M, "weights")] for r in rows]
        symmetric = all(p.W[i][j] == p.W[j][i] for i in range(p.M) for j in range(i))
        _demand(symmetric, "W is not symmetric")
        return
    _keys(loss, "kind factor" + (" expression" if kind == "expression" else ""))
    p.factor = _number(loss["factor"], "factor")
    _demand(p.factor > 0, "factor is not positive")
    if kind == "mean-squared":
        p.factor /= max(p.M, 1)
    if kind == "expression":
        p.loss_form = _parsed(loss["expression"])
    elif kind == "softmax-cross-entropy":  # −Σ y log p, log p = o − log Σ exp o
        ks = range(1, p.K + 1)
        y, e, yo = (" + ".join(f.format(k) for k in ks) for f in ("y{0}", "exp(o{0})", "y{0}*o{0}"))
        p.loss_form = _tree(f"({y})*log({e}) - ({yo})")
    else:
        _demand(kind in LOSSES, "loss.kind is not known")
        p.loss_form = _tree(LOSSES[p.loss_kind])
    if kind in ("cross-entropy", "binary-cross-entropy", "softmax-cross-entropy"):
        for v in itertools.chain(*p.y):
            _demand(_sign(v) >= 0 and _sign(1 - v) >= 0, "a target is no probability")


def _activation(name: Any) -> str:
    _demand(isinstance(name, str), "activation is not a name")
    power = re.fullmatch(r"power-([1-9][0-9]{0,2})", name)
    _demand(
        power is not None or name in ACTIVATIONS, f"the activation {name[:40]!r} is not carried"
    )
    return f"z**{power[1]}" if power else ACTIVATIONS[name]


def _names(value: Any) -> list[str]:
    names = _list(value, None, "a list of names")
    _demand(all(isinstance(n, str) and _NAME.fullmatch(n) for n in names), "not a list of names")
    _demand(len(set(names)) == len(names), "a name stands there twice")
    return names


def _parsed(text: Any) -> ast.expr:
    fits = isinstance(text, str) and text.isascii() and len(text) <= MAX_TEXT
    _demand(fits, f"not an expression of at most {MAX_TEXT} ASCII characters: {str(text)[:40]!r}")
    return _tree(text)


@functools.lru_cache(maxsize=1 << 12)
def _tree(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        raise Refused(f"not an expression: {text[:40]!r}") from None


def _constant(value: Any, name: str, names: dict[str, Number] | None = None) -> Number:
    """An exact number: an integer, or an expression such as "1/2", "log(3)/2"."""
    if type(value) is int:
        return Fraction(value)
    _demand(isinstance(value, str), f"{name} holds what is not an exact number: {str(value)[:40]}")
    return _value(_parsed(value), names or {})


@functools.lru_cache(maxsize=4)
def _problem(text: str) -> Problem:
    """The problem; the same one is not evaluated twice."""
    return Problem(json.loads(text))


# --- critical points ------------------------------------------------------------------------------


def _claim_critical(here: Problem, claim: Any, _: list[str]) -> str:
    """∇L = 0, recomputed."""
    _keys(claim, "kind")
    _demand(all(g == 0 for g in here.gradient), "∇L is not 0")
    return "∇L = 0"


def _claim_not_critical(here: Problem, claim: Any, _: list[str]) -> str:
    """∂L/∂θ_i ≠ 0 for the parameter that is named."""
    _keys(claim, "kind parameter")
    _demand(claim["parameter"] in here.names, "parameter is not one of the problem")
    _demand(_sign(here.gradient[here.names.index(claim["parameter"])]) != 0, "it is 0")
    return "∇L ≠ 0: θ is no critical point"


# --- global minima: a convex loss at a perfect fit, or of an affine F -----------------------------


def _claim_perfect_fit(here: Problem, claim: Any, _: list[str]) -> str:
    """r = 0 and ℓ convex, without a regulariser: F(θ) minimises ℓ."""
    _keys(claim, "kind")
    _demand(not here.penalty, "there is a regulariser")
    _convex_loss(here)
    _demand(all(v == 0 for v in here.r_and_A[0]), "r is not 0")
    return "r = 0 and θ is a global minimum of L"


def _claim_convex(here: Problem, claim: Any, _: list[str]) -> str:
    """∇L = 0, F affine in θ and ℓ convex, without a regulariser: L is convex."""
    _keys(claim, "kind")
    _demand(not here.penalty, "there is a regulariser")
    _convex_loss(here)
    _demand(all(g == 0 for g in here.gradient), "∇L is not 0")
    for f in here.outputs({n: _atom("variable", n, None) for n in here.names}):
        for m, _c in _terms(f):
            moving = [(g[0], e) for g, e in m if _moves(g)]
            _demand(all(kind == "variable" for kind, _ in moving), "F is not seen to be affine")
            _demand([e for _, e in moving] in ([], [1]), "F is not affine in θ")
    return "θ is a global minimum of L"


def _convex_loss(here: Problem) -> None:
    """ℓ is convex in the outputs: a table, or W ⪰ 0."""
    if here.W is not None:
        _demand(all(isinstance(x, Fraction) for row in here.W for x in row), "W is not rational")
        _demand(_semidefinite(here.W), "W is not positive semidefinite")
        return
    known = here.loss_kind in LOSSES or here.loss_kind == "softmax-cross-entropy"
    _demand(known, "the loss is not in the table of convex losses")


def _semidefinite(S: Matrix) -> bool:
    """S ⪰ 0 by symmetric elimination."""
    S = [list(row) for row in S]
    for k in range(len(S)):
        d = S[k][k]
        if d < 0 or (d == 0 and any(S[k][k:])):
            return False
        for i in range(k + 1, len(S)) if d else ():
            c = S[i][k] / d
            S[i] = [x - c * y for x, y in zip(S[i], S[k], strict=True)]
    return True


# --- global minima: L − L(θ) is a sum of squares --------------------------------------------------


def _claim_squares(here: Problem, claim: Any, _: list[str]) -> str:
    """L − L(θ) = Σ c q², c > 0: an identity of polynomials in the parameters (and in functions of
    them, which are indeterminates where no rule relates them)."""
    _keys(claim, "kind squares")
    names = {n: _atom("variable", n, None) for n in here.names}
    gap = here.total(names) - here.total(here.theta)
    names = here.field | names
    for square in _list(claim["squares"], None, "squares"):
        _keys(square, "weight root")
        c = _number(square["weight"], "weight")
        _demand(c > 0, "a weight is not positive")
        q = _value(_parsed(square["root"]), names)
        gap = gap - c * (q * q)
    _demand(gap == 0, "L − L(θ) is not the sum of these squares")
    return "θ is a global minimum of L"


# --- rank and inertia of H = JᵀAJ with A ≻ 0 ------------------------------------------------------


def _claim_gauss_newton(here: Problem, claim: Any, proved: list[str]) -> str:
    """rank J = r is proved before, Σ r_m ∇²F_m + the regulariser's Hessian is 0, and A ≻ 0. So
    H = JᵀAJ, and vᵀHv = (Jv)ᵀA(Jv) > 0 but for Jv = 0: H has r positive eigenvalues, else 0."""
    _keys(claim, "kind rank proves")
    r = _integer(claim["rank"], "rank")
    _demand(f"rank J = {r}" in proved, "rank J is not claimed before")
    _demand(all(x == 0 for x in here.linear(2).second().values()), "H is not JᵀAJ")
    entries = here.r_and_A[1]
    A = [[entries.get((m, n), Fraction(0)) for n in range(here.M)] for m in range(here.M)]
    if any(m != n for (m, n), x in entries.items() if x != 0):
        _demand(all(isinstance(x, Fraction) for x in entries.values()), "A is not rational")
        definite = _semidefinite(A) and _determinant(A) != 0
    else:
        definite = all(_sign(A[m][m]) > 0 for m in range(here.M))
    _demand(definite, "A is not positive definite")
    _demand(claim["proves"] in ("rank", "inertia"), "proves is neither rank nor inertia")
    if claim["proves"] == "rank":
        return f"rank H = {r}"
    return f"H has {r} positive, 0 negative, {here.N - r} zero eigenvalues"


# --- strict local minima: H ≻ 0 -------------------------------------------------------------------


def _claim_definite(here: Problem, claim: Any, proved: list[str]) -> str:
    """∇L = 0, and a claim before this one says that all eigenvalues of H are positive."""
    _keys(claim, "kind")
    positive = f"H has {here.N} positive, 0 negative, 0 zero eigenvalues"
    _demand("∇L = 0" in proved, "∇L = 0 is not claimed before")
    _demand(positive in proved, "H ≻ 0 is not claimed before")
    return "θ is a strict local minimum of L"


# --- no minima: negative curvature, falling curves ------------------------------------------------


def _claim_curvature(here: Problem, claim: Any, _: list[str]) -> str:
    """vᵀHv < 0: along v or −v, where ∇L·v ≤ 0, L falls."""
    _keys(claim, "kind direction")
    v = [_number(x, "direction") for x in _list(claim["direction"], here.N, "direction")]
    H = here.hessian
    support = [i for i in range(here.N) if v[i]]
    _demand(
        _sign(_sum(v[i] * v[j] * H[i][j] for i in support for j in support)) < 0,
        "vᵀHv is not negative",
    )
    return "H has negative curvature and θ is not a minimum of L"


def _claim_descent(here: Problem, claim: Any, _: list[str]) -> str:
    """A polynomial curve through θ at s = 0 along which L − L(θ) has the leading term c s^k, k > 0,
    with c < 0, or of odd degree: L takes lower values arbitrarily near."""
    _keys(claim, "kind curve")
    _keys(claim["curve"], " ".join(here.names))
    at = {n: _parsed(claim["curve"][n]) for n in here.names}
    start, s = here.field | {"s": Fraction(0)}, _atom("variable", "s", Fraction(0))
    for n in here.names:
        _demand(_value(at[n], start) == here.theta[n], "the curve misses θ at s = 0")
    moved = {n: _value(at[n], here.field | {"s": s}) for n in here.names}
    gap = here.total(moved) - here.total(here.theta)
    _demand(gap != 0, "L is constant on the curve")
    leading: dict[int, list[tuple[Monomial, Fraction]]] = {}
    for m, c in _terms(gap):
        degree = 0
        for g, e in m:
            _demand(g[0] == "variable" or not _moves(g), "L along the curve is no polynomial")
            degree += e if g[0] == "variable" else 0
        leading.setdefault(degree, []).append((m, c))
    k = min(leading)
    sign = _sign(
        _sum(
            _product(c, _one(frozenset((g, e) for g, e in m if g[0] != "variable")))
            for m, c in leading[k]
        )
    )
    _demand(k > 0 and (k % 2 == 1 or sign < 0), "L does not fall on the curve")
    return "L falls along a curve through θ and θ is not a minimum of L"


# --- flat minima: a fibre of constant rank --------------------------------------------------------


def _claim_flat_fibre(here: Problem, claim: Any, proved: list[str]) -> str:
    """∇L = 0, rank J = r, H ⪰ 0 and nullity(H) = N − r, proved before; and M − r independent
    combinations of the outputs are constant near θ. So rank J = r near θ, F and L are functions of
    a submersion to R^r there, and its level set through θ, of dimension N − r, consists of
    critical points, for L has slope 0 on R^r. H is definite across it: a minimum (Morse–Bott)."""
    _keys(claim, "kind free combinations")
    _demand(not here.penalty, "there is a regulariser")
    free = _increasing(claim["free"], here.M, "free")
    flat, r = here.N - here.M + len(free), here.M - len(free)
    _demand(f"rank J = {r}" in proved, "rank J is not claimed before")
    _demand_semidefinite(here, flat, proved)
    _demand_constant(here, free, claim["combinations"])
    return "θ is a local minimum of L, not a strict one"


def _demand_constant(here: Problem, free: list[int], combinations: Any) -> None:
    """Independent combinations of the outputs do not depend on θ, near θ."""
    if not free:
        return
    F = here.outputs({n: _atom("variable", n, here.theta[n]) for n in here.names})
    for own, entries in zip(free, _list(combinations, len(free), "combinations"), strict=True):
        c = [_number(x, "combinations") for x in _list(entries, here.M, "a combination")]
        _demand(all((c[m] != 0) == (m == own) for m in free), "a combination is not alone")
        total = _sum(x * f for x, f in zip(c, F, strict=True) if x)
        _demand(not _varies(total), "a combination of the outputs is not constant")


def _demand_semidefinite(here: Problem, flat: int, proved: list[str]) -> None:
    signs = f"H has {here.N - flat} positive, 0 negative, {flat} zero eigenvalues"
    _demand(flat > 0 and signs in proved, f"nullity(H) = {flat} > 0 is not claimed before")
    _demand("∇L = 0" in proved, "∇L = 0 is not claimed before")


# --- flat minima: a family of critical points -----------------------------------------------------


def _claim_flat_family(here: Problem, claim: Any, proved: list[str]) -> str:
    """∇L = 0, H ⪰ 0 and nullity(H) = k, proved before; and a family through θ whose k derivatives
    are independent, on which ∇L = 0 identically. Its tangents span ker H, and H is definite across
    it: a minimum (Morse–Bott)."""
    _keys(claim, "kind at family")
    _demand(isinstance(claim["at"], dict), "at is not an object")
    at = {s: _number(v, "at") for s, v in claim["at"].items()}
    _demand_semidefinite(here, len(at), proved)
    forms = _family(here, at, claim["family"])
    names = here.field | {s: _atom("variable", s, v) for s, v in at.items()}
    moved = {n: _variable(_value(f, names), i, 1) for i, (n, f) in enumerate(forms.items())}
    L = _jet(here.total(moved), 1)
    _demand(all(g == 0 for g in L.first().values()), "∇L is not 0 on the family")
    return "θ is a local minimum of L, not a strict one"


def _family(here: Problem, at: dict[str, Fraction], family: Any) -> dict[str, ast.expr]:
    """The parameters as forms in the variables of `at`, through θ there, with independent
    derivatives."""
    _keys(family, " ".join(here.names))
    forms = {n: _parsed(family[n]) for n in here.names}
    jets = here.field | {s: _variable(v, k, 1) for k, (s, v) in enumerate(at.items())}
    tangents = [[Fraction(0)] * here.N for _ in at]
    for i, n in enumerate(here.names):
        one = _jet(_value(forms[n], jets), 1)
        _demand(one.v == here.theta[n], "the family misses θ")
        for k, x in one.first().items():
            tangents[k][i] = x
    rational = all(isinstance(x, Fraction) for row in tangents for x in row)
    _demand(rational and _rank(tangents) == len(at), "the tangents are not independent")
    return forms


def _rank(A: list[list[Fraction]]) -> int:
    """By elimination."""
    A, r = [list(row) for row in A], 0
    for j in range(len(A[0]) if A else 0):
        k = next((i for i in range(r, len(A)) if A[i][j]), None)
        if k is not None:
            A[r], A[k] = A[k], A[r]
            for i in range(r + 1, len(A)):
                c = A[i][j] / A[r][j]
                A[i] = [x - c * y for x, y in zip(A[i], A[r], strict=True)]
            r += 1
    return r


# --- strict local minima: a valley of higher order ------------------------------------------------


def _claim_valley(here: Problem, claim: Any, proved: list[str]) -> str:
    """∇L = 0 and H ⪰ 0 of nullity 1 are proved before. On a curve through θ the parameter θ_i named
    as pivot moves as θ_i + s, the derivatives of L by the others, u, vanish to order s^j, j ≥ 1,
    and L − L(θ) = c s^k + …, k > 2. So vᵀHv = 0 for the tangent v: it spans ker H, v_i = 1, and
    H is definite in u. For each s, L has a minimum u(s) near the curve, at a distance O(s^(j+1)),
    where it differs from L on the curve by O(s^(2j+2)). If k ≤ 2j + 1 is even and c > 0, c s^k
    leads L − L(θ) at the minima as well: θ is a strict local minimum."""
    _keys(claim, "kind pivot order curve")
    _demand("∇L = 0" in proved, "∇L = 0 is not claimed before")
    signs = f"H has {here.N - 1} positive, 0 negative, 1 zero eigenvalues"
    _demand(signs in proved, "nullity(H) = 1 is not claimed before")
    _demand(claim["pivot"] in here.names, "pivot is not a parameter")
    order = _index(claim["order"], 16, "order")
    L, slopes, curve = along(here, claim["curve"], order)
    own = claim["pivot"]
    start = [curve[n].c[0] - here.theta[n] for n in here.names]
    _demand(all(x == 0 for x in start), "the curve misses θ at s = 0")
    _demand(curve[own].c[1:] == [1] + [0] * (order - 1), "the pivot does not move as θ_i + s")
    rest = [g for n, g in zip(here.names, slopes, strict=True) if n != own]
    j = next((k for k in range(order + 1) if any(g.c[k] != 0 for g in rest)), order + 1) - 1
    k = next((k for k in range(1, order + 1) if L.c[k] != 0), 0)
    _demand(j >= 1 and 2 < k <= 2 * j + 1, "the curve does not follow the valley so far")
    _demand(k % 2 == 0 and _sign(L.c[k]) > 0, "L does not rise along the valley")
    return "θ is a strict local minimum of L"


def along(here: Problem, curve: Any, order: int) -> tuple[Series, list[Series], dict[str, Series]]:
    """L, its derivatives and the parameters as power series in s on a curve."""
    _demand(order >= 1, "order is not positive")
    _keys(curve, " ".join(here.names))
    s = here.field | {"s": Series([Fraction(0), Fraction(1)] + [Fraction(0)] * (order - 1))}
    moved = {n: s["s"] * 0 + _value(_parsed(curve[n]), s) for n in here.names}
    L = _jet(here.total({n: _variable(moved[n], i, 1) for i, n in enumerate(here.names)}), 1)
    first, zero = L.first(), s["s"] * 0
    return zero + L.v, [zero + first.get(i, Fraction(0)) for i in range(here.N)], moved


class Series:
    """A power series in s, cut off: its coefficients."""

    __slots__ = ("c",)

    def __init__(self, c: list[Number]) -> None:
        self.c = c

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Jet):
            return NotImplemented
        if not isinstance(other, Series):
            return Series([self.c[0] + other, *self.c[1:]])
        return Series([x + y for x, y in zip(self.c, other.c, strict=True)])

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Jet):
            return NotImplemented
        if not isinstance(other, Series):
            return Series([x * other for x in self.c])
        n = len(self.c)
        return Series([_sum(self.c[i] * other.c[k - i] for i in range(k + 1)) for k in range(n)])

    def __neg__(self) -> Any:
        return self * Fraction(-1)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__

    def solve(self, start: Number, slope: Callable[[Series], Any]) -> Series:
        """v with v(0) = start and v' = slope(v)·z', z being this series: each round finds one
        coefficient more."""
        v = self * 0 + start
        for n in range(1, len(self.c)):
            dv = slope(v) * Series([*(k * x for k, x in enumerate(self.c) if k), Fraction(0)])
            v = Series([*v.c[:n], dv.c[n - 1] * Fraction(1, n), *v.c[n + 1 :]])
        return v


def _series_power(z: Series, e: Fraction) -> Any:
    """z^e: by products, or v' = e v z'/z."""
    if e.denominator == 1 and 0 <= e <= 64:
        return math.prod([z] * e.numerator, start=z * 0 + Fraction(1))
    i = _inverse(z.c[0])
    for_inverse = z.solve(i, lambda v: -v * v)
    if e == -1:
        return for_inverse
    return z.solve(_power(z.c[0], e), lambda v: e * v * for_inverse)


def _series_function(name: str, z: Series) -> Any:
    """f(z), by v' = f'(z) z'; for f'' = ±f by Taylor's series."""
    if name == "sign":
        return _at("sign", z.c[0])
    if name in ("sin", "cos", "sinh", "cosh"):
        first = {"sin": "cos", "cos": "sin", "sinh": "cosh", "cosh": "sinh"}[name]
        values = [_at(name, z.c[0]), _at(first, z.c[0]) * (-1 if name == "cos" else 1)]
        total, power = z * 0, z * 0 + Fraction(1)
        for k in range(len(z.c)):
            total = total + power * values[k]
            values.append(values[k] * (-1 if len(name) == 3 else 1))
            power = power * Series([Fraction(0), *z.c[1:]]) * Fraction(1, k + 1)
        return total
    _demand(name in DERIVATIVES, f"the function {name[:40]!r} is not carried")
    slope = _tree(DERIVATIVES[name][0])
    return z.solve(_at(name, z.c[0]), lambda v: _value(slope, {"z": z, "v": v}))


# --- the dimension of the fibre -------------------------------------------------------------------


def _claim_fibre(here: Problem, claim: Any, proved: list[str]) -> str:
    """The largest dimension of manifolds in {θ' : F(θ') = F(θ)} that meet every neighbourhood of θ.
    rank J = r is proved before, k = N − r.

    steady: M − r independent combinations of the outputs are constant near θ (none where r = M), so
    rank J = r there, and the fibre is a manifold of dimension k (constant rank theorem). Else
    family: F is constant on a family through θ with independent derivatives: from below.
    form: from above. rank J ≥ r near θ, so the dimension is at most k. With cᵀJ = 0 let Q be
    Σ c_m ∇²F_m on ker J. r of the outputs cut out an analytic manifold S of dimension k that holds
    the fibre, and Q is the Hessian of cᵀF on S. If Q is definite, cᵀF takes its value at θ nowhere
    else near θ: dimension 0. If Q ≠ 0, cᵀF is not constant on S: at most k − 1."""
    _keys(claim, "kind rank steady family form")
    r = _integer(claim["rank"], "rank")
    _demand(f"rank J = {r}" in proved, "rank J is not claimed before")
    lower, upper = 0, here.N - r
    if claim["steady"] is not None:
        _keys(claim["steady"], "free combinations")
        free = _increasing(claim["steady"]["free"], here.M, "free")
        _demand(len(free) == here.M - r, "there are not M − rank J combinations")
        _demand_constant(here, free, claim["steady"]["combinations"])
        _demand(claim["family"] is claim["form"] is None, "family and form are superfluous")
        return f"the fibre of θ has dimension {upper}"
    if claim["family"] is not None:
        _keys(claim["family"], "at forms")
        _demand(isinstance(claim["family"]["at"], dict), "at is not an object")
        at = {s: _number(v, "at") for s, v in claim["family"]["at"].items()}
        forms = _family(here, at, claim["family"]["forms"])
        names = here.field | {s: _atom("variable", s, v) for s, v in at.items()}
        F = here.outputs({n: _value(form, names) for n, form in forms.items()})
        stays = all(f - known.v == 0 for f, known in zip(F, here.F, strict=True))
        _demand(stays, "F is not constant on the family")
        lower = len(at)
    if claim["form"] is not None:
        _keys(claim["form"], "combination kernel")
        c = [_number(x, "combination") for x in _list(claim["form"]["combination"], here.M, "c")]
        K = _rational_table(claim["form"]["kernel"], upper, here.N, "kernel")
        _demand(_rank(K) == upper > 0, "kernel is not a basis of ker J")
        J = here.jacobian
        _demand(
            all(_sum(x * y for x, y in zip(row, v, strict=True)) == 0 for row in J for v in K),
            "kernel is not a basis of ker J",
        )
        for column in zip(*J, strict=True):
            _demand(_sum(x * y for x, y in zip(c, column, strict=True)) == 0, "cᵀJ is not 0")
        total = sum((x * f for x, f in zip(c, here.jets(2), strict=False)), _jet(Fraction(0), 2))
        B = [[Fraction(0)] * here.N for _ in range(here.N)]
        for (i, j), x in total.second().items():
            B[i][j] = B[j][i] = x
        Q = [[_sum(x * y * B[i][j] for i, x in enumerate(u) for j, y in enumerate(v) if x and y)
              for v in K] for u in K]  # fmt: skip
        _demand(all(isinstance(x, Fraction) for row in Q for x in row), "Q is not rational")
        _demand(any(map(any, Q)), "Q is 0")
        minus = [[-x for x in row] for row in Q]
        definite = _determinant(Q) != 0 and (_semidefinite(Q) or _semidefinite(minus))
        upper = 0 if definite else upper - 1
    _demand(lower <= upper, "the bounds contradict each other")
    shown = f"{lower}" if lower == upper else f"from {lower} to {upper}"
    return f"the fibre of θ has dimension {shown}"


# --- all labels at once: the dual of a linear matrix inequality -----------------------------------


def _claim_all_labels(here: Problem, claim: Any, _: list[str]) -> str:
    """With whatever labels θ is critical with H ⪰ 0, the vectors u of all steps lie in ker H.

    Such labels give an r = ∇ℓ with Jᵀr = 0, and H = JᵀAJ + S, S = Σ r_m ∇²F_m. Each step has u_i
    with J u_i = 0 and weights w_i > 0, so that W = Σ w_i u_i u_iᵀ ⪰ 0, and α, β_v with

        Σ_i w_i u_iᵀ ∇²F_m u_i = (J α)_m + Σ_v β_vᵀ ∇²F_m v   for every output m,

    v being the vectors of the steps before, of which Hv = 0, hence Sv = 0, is known. Summed with
    the r_m the right side is 0, so ⟨W, S⟩ = Σ w_i u_iᵀHu_i = 0, and H ⪰ 0 forces Hu_i = 0. So
    rank H ≤ N − dim span(u)."""
    _keys(claim, "kind bound steps")
    _demand(not here.penalty, "there is a regulariser")
    N, zero = here.N, Fraction(0)
    second = [f.second() for f in here.jets(2)[:-1]]

    def bent(m: int, u: list[Fraction]) -> list[Number]:
        """∇²F_m u."""
        out: list[Number] = [zero] * N
        for (i, j), x in second[m].items():
            out[i] = out[i] + u[j] * x
            if i != j:
                out[j] = out[j] + u[i] * x
        return out

    def dot(a: list[Number], b: list[Number]) -> Number:
        return _sum(x * y for x, y in zip(a, b, strict=True) if x != 0 and y != 0)

    known: list[list[Fraction]] = []
    for step in _list(claim["steps"], None, "steps"):
        _keys(step, "vectors weights alpha beta")
        vectors = _list(step["vectors"], None, "vectors")
        U = _rational_table(vectors, len(vectors), N, "vectors")
        weights = [_number(w, "weights") for w in _list(step["weights"], len(U), "weights")]
        _demand(all(w > 0 for w in weights), "a weight is not positive")
        alpha = [_number(x, "alpha") for x in _list(step["alpha"], N, "alpha")]
        beta = _rational_table(step["beta"], len(known), N, "beta")
        for m, row in enumerate(here.jacobian):
            _demand(all(dot(row, u) == 0 for u in U), "a vector does not lie in ker J")
            left = [w * dot(u, bent(m, u)) for w, u in zip(weights, U, strict=True)]
            right = [dot(b, bent(m, v)) for b, v in zip(beta, known, strict=True)]
            gap = _sum(left) - dot(row, alpha) - _sum(right)
            _demand(gap == 0, "W is not orthogonal to all S")
        known += U
    bound = N - _rank(known)
    _demand(_integer(claim["bound"], "bound") == bound, "bound is not N − dim span of the vectors")
    return f"rank H ≤ {bound} for all labels with which θ is a local minimum of L"


# --- numbers that are not rational ----------------------------------------------------------------
#
# A number is a Fraction, or a Poly: a sum of rational multiples of products of generators. A
# generator is one of
#     ("prime", p) with rational exponents in (0, 1): the positive roots p^(a/b) of a prime p
#     ("turn", 1) with rational exponents r: the roots of unity e(r) = exp(2πi r); a number is real,
#         and so the sum of the real parts of its terms
#     ("zero", m, lo, hi) with exponents below the degree of m: the zero of m between lo and hi
#     ("pi", 1)
#     ("exp", m)   with rational exponents: e^(c·m); m is a product of generators (1 for e itself)
#     ("root", x, n): the positive n-th root of a Poly x > 0, with exponents below n
#     ("sin", x), with exponent 1: sin² is 1 − cos²
#     (f, x) for f = log (of a prime, or of a Poly), tanh, softplus, erf, cos: f at x; for tanh and
#     E = e^(2x) products are reduced by E·tanh x = E − 1 − tanh x and tanh x/E = 1 − 1/E − tanh x
#     ("variable", name, value): an indeterminate, for identities; value: where signs are taken.
# Sums and products of such numbers are exact. A Poly without terms is 0, so x − y = 0 proves x = y.
# The converse is not claimed: that a Poly is not 0, or its sign, is read off an enclosure (4).

Monomial = frozenset[tuple[Any, Any]]
UNIT: Monomial = frozenset()


class Poly:
    """A number that is not written as a fraction: `terms` maps monomials to coefficients."""

    __slots__ = ("terms",)

    def __init__(self, terms: dict[Monomial, Fraction]) -> None:
        self.terms = terms

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Poly) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __repr__(self) -> str:
        return "+".join(sorted(f"{c}*{sorted(map(repr, m))}" for m, c in self.terms.items()))

    def __add__(self, other: Any) -> Any:
        return _sum([self, other]) if _is_number(other) else NotImplemented

    def __mul__(self, other: Any) -> Any:
        return _product(self, other) if _is_number(other) else NotImplemented

    def __neg__(self) -> Any:
        return Poly({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__


def _varies(x: Number) -> bool:
    """Whether an indeterminate occurs in it."""
    return isinstance(x, Poly) and any(_moves(g) for m in x.terms for g, _ in m)


def _moves(g: Any) -> bool:
    if g[0] == "exp":
        return any(_moves(inner) for inner, _ in g[1])
    return g[0] == "variable" or _varies(g[1])


def _is_number(x: object) -> bool:
    return isinstance(x, (int, Fraction, Poly))


def _terms(x: Number) -> Collection[tuple[Monomial, Fraction]]:
    return x.terms.items() if isinstance(x, Poly) else [(UNIT, Fraction(x))]


#: Products of terms so far, in the certificate that is replayed.
_WORK = [0]


def _sum(numbers: Iterable[Number]) -> Number:
    total: dict[Monomial, Fraction] = {}
    for x in numbers:
        for m, c in _terms(x):
            total[m] = total.get(m, Fraction(0)) + c
    total = {m: c for m, c in total.items() if c}
    _demand(len(total) <= MAX_TERMS, "a number has too many terms")
    if any(map(_turns, total)) and any(map(_half, total)):  # √5 is a sum of roots of unity
        return _sum(_product(c * _gauss(_half(m)), _without_half(m)) for m, c in total.items())
    return Poly(total) if set(total) - {UNIT} else total.get(UNIT, Fraction(0))


def _product(x: Number, y: Number) -> Number:
    _WORK[0] += len(_terms(x)) * len(_terms(y))
    _demand(_WORK[0] <= MAX_WORK, "its numbers have too many terms to be multiplied")
    return _sum(
        c * d * e if e is not None else Poly({mn: c * d})
        for m, c in _terms(x)
        for n, d in _terms(y)
        for mn, e in [_monomials(m, n)]
    )


@functools.lru_cache(maxsize=1 << 16)
def _monomials(m: Monomial, n: Monomial) -> tuple[Monomial, Number | None]:
    """m·n as a monomial (and None), or as a number that it reduces to."""
    of: dict[Any, Any] = dict(m)
    rest: Number = Fraction(1)
    for g, e in n:
        of[g] = of.get(g, 0) + e
    for g, e in list(of.items()):
        if g[0] == "prime":
            rest, of[g] = rest * Fraction(g[1]) ** math.floor(e), e - math.floor(e)
        elif g[0] == "turn" and (e % 1 != e or _unreduced(e)):
            rest, of[g] = rest * _turn(Fraction(e)), Fraction(0)
        elif g[0] == "zero" and e >= len(g[1]) - 1:
            powers = [_one(frozenset([(g, k)] if k else [])) for k in range(len(g[1]) - 1)]
            lower = _sum(-c / g[1][-1] * x for c, x in zip(g[1], powers, strict=False) if c)
            rest, of[g] = rest * lower, e - len(powers)
        elif g[0] == "root" and e >= g[2]:
            rest, of[g] = rest * _power(g[1], Fraction(e // g[2])), e % g[2]
        elif g[0] == "sin" and e >= 2:
            cos = _atom("cos", g[1])
            rest, of[g] = rest * _power(1 - cos * cos, Fraction(e // 2)), e % 2
        elif g[0] == "tanh" and len(_terms(g[1])) == 1:
            [(inner, c)] = _terms(g[1])
            exp, have = ("exp", inner), of.get(("exp", inner), 0)
            if e > 0 and abs(have) >= 2 * abs(c):
                step, sign = (2 * c, 1) if have * c > 0 else (-2 * c, -1)
                rest = rest * (sign * (_atom(*exp, exponent=step) - 1) - _atom(*g))
                of[exp], of[g] = have - step, e - 1
    reduced = frozenset((g, e) for g, e in of.items() if e)
    if isinstance(rest, Fraction) and rest == 1:
        return reduced, (None if reduced else Fraction(1))
    return reduced, rest * Poly({reduced: Fraction(1)}) if reduced else rest


def _atom(*generator: Any, exponent: Any = 1) -> Poly:
    return Poly({frozenset([(generator, exponent)]): Fraction(1)})


def _power(x: Number, e: Fraction) -> Number:
    """x^e for a rational e: the positive root where e is not whole."""
    if isinstance(x, Span):
        return _span_power(x, e)
    if isinstance(x, Series):
        return _series_power(x, e)
    _demand(abs(e.numerator) <= 1000 and e.denominator <= 1000, "an exponent is too large")
    if isinstance(x, Fraction):
        _demand(x != 0 or e >= 0, "division by zero")
        size = max(x.numerator.bit_length(), x.denominator.bit_length()) * abs(e.numerator)
        _demand(size <= MAX_BITS, "a number is too long")
    if e < 0:
        return _power(_inverse(x), -e)
    if e.denominator == 1:
        out: Number = Fraction(1)
        for bit in bin(e.numerator)[2:]:
            out = out * out * (x if bit == "1" else 1)
        return out
    if x == 0:
        return x
    _demand(_sign(x) > 0, "a root of a negative number")
    if isinstance(x, Fraction):
        return math.prod((_prime_power(p, k * e) for p, k in _primes(x)), start=Fraction(1))
    return _power(_atom("root", x, e.denominator), Fraction(e.numerator))


def _prime_power(p: int, e: Fraction) -> Number:
    """p^e for a prime p."""
    _demand(abs(e) * p.bit_length() <= MAX_BITS, "a number is too long")
    whole = Fraction(p) ** math.floor(e)
    rest = e - math.floor(e)
    return Poly({frozenset([(("prime", p), rest)]): whole}) if rest else whole


def _inverse(x: Number) -> Number:
    if isinstance(x, Fraction):
        _demand(x != 0, "division by zero")
        return 1 / x
    if _is_algebraic(x) and (len(x.terms) > 1 or not _is_radical(x)):
        return _algebraic_inverse(x)
    _demand(len(x.terms) == 1, "division by a sum of unlike terms is not carried")
    [(m, c)] = x.terms.items()
    out: Number = 1 / c
    for g, e in m:
        if g[0] not in ("exp", "root"):  # those are positive, however large
            _demand(_sign(_atom(*g)) != 0, "division by zero")
        if g[0] == "zero":
            out = out * _algebraic_inverse(_atom(*g, exponent=e))
        else:
            out = out * (_prime_power(g[1], -e) if g[0] == "prime" else _atom(*g, exponent=-e))
    return out


def _primes(x: Fraction) -> list[tuple[int, int]]:
    """The prime factors of a positive rational number with their exponents."""
    found = []
    for n, sign in ((x.numerator, 1), (x.denominator, -1)):
        for p in itertools.chain([2], range(3, 10**5, 2)):
            if p * p > n:
                break
            k = 0
            while n % p == 0:
                n, k = n // p, k + 1
            if k:
                found.append((p, sign * k))
        if n > 1:
            _demand(_is_prime(n), "a number is too long to be factored")
            found.append((n, sign))
    return found


#: Miller-Rabin with the first 13 primes as bases is a proof below this (Sorenson and Webster,
#: "Strong pseudoprimes to twelve prime bases", Math. Comp. 86, 2017).
MAX_PRIME = 3317044064679887385961981
_BASES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)


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


# --- algebraic numbers: roots of primes, roots of unity, zeros of polynomials ---------------------
#
# Products of roots of different primes are independent over Q (Besicovitch 1940). Roots of unity
# are written in the e(r) where r = Σ r_p modulo 1 with r_p = a/p^k in [0, 1 − 1/p), by
# e(r) + e(r + 1/p) + … + e(r + (p − 1)/p) = 0. For each p these are a basis of powers, and the
# fields of different p are linearly disjoint: they are a basis. So a number of one of these kinds
# is 0 only where its form is.


def _is_radical(x: Number) -> bool:
    """Whether x is a combination of roots of rational numbers."""
    return all(g[0] == "prime" for m, _ in _terms(x) for g, _e in m)


def _is_algebraic(x: Number) -> bool:
    return all(g[0] in ("prime", "turn", "zero") for m, _ in _terms(x) for g, _e in m)


def _algebraic_inverse(x: Poly) -> Number:
    """y with x·y = 1: a linear system over all monomials that products with x lead to."""
    basis = [UNIT]
    for m in basis:
        _demand(len(basis) <= 64, "a field of algebraic numbers is too large")
        for found, _ in _terms(_product(x, _one(m))):
            if found not in basis:
                basis.append(found)
    place = {m: i for i, m in enumerate(basis)}
    A = [[Fraction(0)] * len(basis) + [Fraction(m == UNIT)] for m in basis]
    for j, m in enumerate(basis):
        for n, c in _terms(_product(x, _one(m))):
            A[place[n]][j] = c
    for k in range(len(basis)):  # Gauss–Jordan
        pivot = next((i for i in range(k, len(basis)) if A[i][k]), None)
        _demand(pivot is not None, "an inverse is not found")
        assert pivot is not None
        A[k], A[pivot] = A[pivot], A[k]
        A[k] = [v / A[k][k] for v in A[k]]
        for i, row in enumerate(A):
            if i != k and row[k]:
                A[i] = [v - row[k] * w for v, w in zip(row, A[k], strict=True)]
    y = _sum(row[-1] * _one(m) for row, m in zip(A, basis, strict=True) if row[-1])
    _demand(x * y == 1, "an inverse is wrong")
    return y


def _unreduced(r: Fraction) -> int:
    """A prime p for which r_p is not below 1 − 1/p, or 0."""
    for p, k in _primes(Fraction(r.denominator)):
        rest = r.denominator // p**k
        if r.numerator * pow(rest, -1, p**k) % p**k >= p**k - p ** (k - 1):
            return p
    return 0


@functools.lru_cache(maxsize=1 << 12)
def _turn(r: Fraction) -> Number:
    """e(r) in the basis."""
    _demand(r.denominator <= 1 << 12, "the order of a root of unity is too large")
    p = _unreduced(r)
    if p:
        return -_sum(_turn(r - Fraction(j, p)) for j in range(1, p))
    return _atom("turn", 1, exponent=r % 1) if r % 1 else Fraction(1)


def _cosine(r: Fraction) -> Number:
    """cos 2πr."""
    return (_turn(r) + _turn(-r)) * Fraction(1, 2)


@functools.lru_cache(maxsize=1 << 12)
def _turns(m: Monomial) -> bool:
    return any(g[0] == "turn" for g, _ in m)


def _half(m: Monomial) -> int:
    """A prime p < 101 whose square root divides m, or 0."""
    return next((g[1] for g, e in m if g[0] == "prime" and e >= Fraction(1, 2) and g[1] < 101), 0)


def _without_half(m: Monomial) -> Number:
    p = _half(m)
    kept = [(g, e - Fraction(1, 2) if g == ("prime", p) else e) for g, e in m]
    return _one(frozenset((g, e) for g, e in kept if e))


@functools.lru_cache(maxsize=32)
def _gauss(p: int) -> Number:
    """√p, or 1 for p = 0, by the sum of Gauss: Σ (k/p) e(k/p) is √p or i√p for an odd p."""
    if p < 3:
        return _turn(Fraction(1, 8)) + _turn(Fraction(-1, 8)) if p else Fraction(1)
    turn = Fraction(1, 4) if p % 4 == 3 else Fraction(0)
    signs = [1 if pow(k, (p - 1) // 2, p) == 1 else -1 for k in range(1, p)]
    return _sum(s * _turn(Fraction(k, p) - turn) for k, s in enumerate(signs, 1))


def _read_field(given: Any) -> dict[str, Number]:
    _demand(isinstance(given, dict), "field is not an object")
    return {name: zero_of(given[name]) for name in _names(list(given))}


def zero_of(given: Any) -> Number:
    """The only zero of a polynomial between two rational numbers: the signs at the ends differ, and
    Sturm's sequence counts one."""
    _keys(given, "polynomial between")
    m = [_number(c, "polynomial") for c in _list(given["polynomial"], None, "polynomial")]
    _demand(2 <= len(m) <= 65 and m[-1] != 0, "polynomial is not of degree 1 to 64")
    lo, hi = (_number(v, "between") for v in _list(given["between"], 2, "between"))
    _demand(lo < hi and _at_point(m, lo) * _at_point(m, hi) < 0, "no zero between the two")
    chain = [m, [k * c for k, c in enumerate(m)][1:]]
    while len(chain[-1]) > 1:
        chain.append([-c for c in _remainder(chain[-2], chain[-1])])
    changes = []
    for x in (lo, hi):
        values = [v for v in (_at_point(p, x) for p in chain if p) if v]
        changes.append(sum(a * b < 0 for a, b in itertools.pairwise(values)))
    _demand(changes[0] - changes[1] == 1, "more than one zero between the two")
    return _atom("zero", tuple(m), lo, hi) if len(m) > 2 else -m[0] / m[1]


def _at_point(p: Iterable[Fraction], x: Fraction) -> Fraction:
    return sum((c * x**k for k, c in enumerate(p)), Fraction(0))


def _remainder(p: list[Fraction], q: list[Fraction]) -> list[Fraction]:
    """p modulo q ≠ 0, lowest coefficient first, without zeros at the end."""
    p = list(p)
    while len(p) >= len(q):
        c = p[-1] / q[-1]
        for k, x in enumerate(q, len(p) - len(q)):
            p[k] -= c * x
        while p and not p[-1]:
            p.pop()
    return p


# --- functions at such numbers --------------------------------------------------------------------


def _at(name: str, x: Number) -> Number:
    """f(x) for the function f of that name and a number x."""
    if isinstance(x, Span):
        return _span_function(name, x)
    if isinstance(x, Series):
        return _series_function(name, x)
    match name:
        case "exp":
            return _exp(x)
        case "sinh" | "cosh":
            return (_exp(x) + (1 if name == "cosh" else -1) * _exp(-x)) * Fraction(1, 2)
        case "log":
            return _log(x)
        case "tanh":
            return _tanh(x)
        case "sigmoid":
            return _sigmoid(x)
        case "softplus":
            e = _exp(x)
            return _log(1 + e) if isinstance(e, Fraction) else _atom("softplus", x)
        case "sin" | "cos":
            return _circular(name, x)
        case "erf":
            if x == 0:
                return Fraction(0)
            return -_atom("erf", -x) if _turned(x) else _atom("erf", x)
        case "relu" | "abs" | "sign":
            sign = Fraction(_sign(x))
            _demand(sign != 0, "θ lies on a kink")
            return sign if name == "sign" else x * (sign if name == "abs" else (1 + sign) / 2)
    raise Refused(f"the function {name[:40]!r} is not carried")


def _exp(x: Number) -> Number:
    """e^x: a root of a rational number where x is a combination of logarithms of primes."""
    out: Number = Fraction(1)
    for m, c in _terms(x):
        factor = list(m)
        if len(factor) == 1 and factor[0][0][0] == "log" and factor[0][1] == 1:
            out = out * _power_of_log(factor[0][0][1], c)
        elif c:
            out = out * _atom("exp", m, exponent=c)
    return out


def _power_of_log(x: Number, c: Fraction) -> Number:
    """e^(c log x)."""
    return _prime_power(x, c) if isinstance(x, int) else _power(x, c)


def _log(x: Number) -> Number:
    _demand(_sign(x) > 0, "the logarithm of a number that is not positive")
    if isinstance(x, Fraction):
        return _sum(k * _atom("log", p) for p, k in _primes(x))
    [(m, c), *more] = x.terms.items()
    if more or any(g[0] not in ("prime", "exp") for g, _ in m):
        return _atom("log", x)
    logs = [_log(c)]
    for g, e in m:
        logs.append(e * (_atom("log", g[1]) if g[0] == "prime" else _product(_one(g[1]), 1)))
    return _sum(logs)


def _one(m: Monomial) -> Poly:
    return Poly({m: Fraction(1)})


def _tanh(x: Number) -> Number:
    e = _exp(2 * x)
    if _is_algebraic(e):
        return (e - 1) * _inverse(e + 1)
    return -_atom("tanh", -x) if _turned(x) else _atom("tanh", x)


def _turned(x: Number) -> bool:
    """True for one of x and −x, so that odd and even functions see one of them alone."""
    return bool(min(_terms(x), key=lambda term: sorted(map(repr, term[0])))[1] < 0)


def _sigmoid(x: Number) -> Number:
    e = _exp(x)
    if _is_algebraic(e):
        return e * _inverse(e + 1)
    return (1 + _tanh(x * Fraction(1, 2))) * Fraction(1, 2)


def _circular(name: str, x: Number) -> Number:
    if x == 0:
        return Fraction(name == "cos")
    [(m, q), *more] = _terms(x)
    if not more and m == frozenset([(("pi", 1), 1)]):
        return _cosine(q / 2 - (Fraction(1, 4) if name == "sin" else 0))
    if not _turned(x):
        return _atom(name, x)
    return _atom(name, -x) if name == "cos" else -_atom(name, -x)


# --- signs of such numbers ------------------------------------------------------------------------
#
# An interval is a pair of integers (lo, hi) that stands for [lo/2^b, hi/2^b]. Every step rounds
# outward, and the rest of a series is bounded by a geometric one.

Interval = tuple[int, int]


def _sign(x: Number) -> int:
    """−1, 0 or 1; refused where enclosures do not tell."""
    if isinstance(x, (int, Fraction)):
        return (x > 0) - (x < 0)
    for bits in (64, 256, 1024):
        lo, hi = _enclose(x, bits)
        if lo > 0 or hi < 0:
            return 1 if lo > 0 else -1
    raise Refused("a sign is not decided by enclosures")


@functools.lru_cache(maxsize=1 << 14)
def _enclose(x: Number, b: int) -> Interval:
    lo = hi = 0
    for m, c in _terms(x):
        term: Interval = (1 << b, 1 << b)
        for g, e in m:
            term = _mul(term, _enclose_power(g, e, b), b)
        term = _times(term, c)
        lo, hi = lo + term[0], hi + term[1]
    return lo, hi


def _times(a: Interval, c: Fraction) -> Interval:
    lo, hi = sorted((a[0] * c.numerator, a[1] * c.numerator))
    return lo // c.denominator, -(-hi // c.denominator)


def _mul(a: Interval, c: Interval, b: int) -> Interval:
    products = [x * y for x in a for y in c]
    return min(products) >> b, -(-max(products) >> b)


def _reciprocal(a: Interval, b: int) -> Interval:
    _demand(a[0] > 0 or a[1] < 0, "a divisor is not separated from 0")
    return (1 << 2 * b) // a[1], -(-(1 << 2 * b) // a[0])


def _enclose_power(g: Any, e: Any, b: int) -> Interval:
    if g[0] == "prime":
        power = g[1] ** abs(e.numerator) << b
        root = _nth_root((power, power), e.denominator, b)
        return root if e > 0 else _reciprocal(root, b)
    if g[0] == "turn":  # the real part
        lo, hi = _times(_pi(b), 2 * e)
        return _image("cos", lo, hi, b)
    if g[0] == "exp":
        lo, hi = _times(_enclose(_one(g[1]), b), Fraction(e))
        return _exp_at(lo, b)[0], _exp_at(hi, b)[1]
    atom, out = _enclose_atom(g, b), (1 << b, 1 << b)
    for _ in range(abs(e)):
        out = _mul(out, atom, b)
    return out if e > 0 else _reciprocal(out, b)


def _enclose_atom(g: Any, b: int) -> Interval:
    kind, x = g[0], g[1]
    if kind == "pi":
        return _pi(b)
    if kind == "zero":
        return _enclose_zero(g, b)
    if kind == "variable":
        _demand(g[2] is not None, "the sign of an indeterminate")
        return _enclose(g[2], b)
    lo, hi = _enclose(x, b)
    return _nth_root((lo, hi), g[2], b) if kind == "root" else _image(kind, lo, hi, b)


def _image(kind: str, lo: int, hi: int, b: int) -> Interval:
    """The values of a function on [lo, hi]."""
    one = 1 << b
    if kind == "exp":
        return _exp_at(lo, b)[0], _exp_at(hi, b)[1]
    if kind == "log":
        return _log_at(lo, b)[0], _log_at(hi, b)[1]
    if kind == "softplus":
        return _log_at(one + _exp_at(lo, b)[0], b)[0], _log_at(one + _exp_at(hi, b)[1], b)[1]
    if kind == "tanh":  # 1 − 2/(e^2x + 1), increasing
        below, above = one + _exp_at(2 * lo, b)[0], one + _exp_at(2 * hi, b)[1]
        found = _reciprocal((above, above), b)[0], _reciprocal((below, below), b)[1]
        return one - 2 * found[1], one - 2 * found[0]
    if kind == "erf":  # increasing
        return _erf_at(lo, b)[0], _erf_at(hi, b)[1]
    series = _taylor(lo, {"sin": (0, 1, 0, -1), "cos": (1, 0, -1, 0)}[kind], b)
    return series[0] - (hi - lo), series[1] + (hi - lo)  # sin and cos have slopes in [−1, 1]


def _nth_root(a: Interval, n: int, b: int) -> Interval:
    _demand(n <= 1000, "a root is too high")
    lo, hi = (max(x, 0) << b * (n - 1) for x in a)
    return _floor_root(lo, n), _floor_root(hi, n) + 1


def _floor_root(x: int, n: int) -> int:
    lo, hi = 0, 1 << (x.bit_length() // n + 1)
    while hi - lo > 1:
        middle = (lo + hi) // 2
        lo, hi = (middle, hi) if middle**n <= x else (lo, middle)
    return lo


def _taylor(n: int, signs: tuple[int, ...], b: int) -> Interval:
    """Σ signs[j mod 4] x^j/j! at x = n/2^b. As |x|^j/j! ≥ 1/2 for j ≤ 2|x| (its logarithm is
    concave in j, and there j!·2^j ≤ 2·j^j), where it is small j > 2|x|, and the rest is at most
    twice the first term left out."""
    _demand(abs(n) <= 1 << (b + 10), "a number is too large for its function")
    lo, hi, j = 0, 0, 0
    term: Interval = (1 << b, 1 << b)
    while _magnitude(term) > 2:
        signed = _times(term, Fraction(signs[j % 4]))
        lo, hi, j = lo + signed[0], hi + signed[1], j + 1
        term = _times(_mul(term, (n, n), b), Fraction(1, j))
    return lo - 4, hi + 4


def _exp_at(n: int, b: int) -> Interval:
    found = _taylor(abs(n), (1, 1, 1, 1), b)
    return found if n >= 0 else _reciprocal(found, b)


def _log_at(n: int, b: int) -> Interval:
    """log(n/2^b) = k log 2 + log q with 1 ≤ q < 2, and log q = 2 artanh((q − 1)/(q + 1))."""
    _demand(n > 0, "a logarithm is not separated from its pole")
    k = n.bit_length() - 1
    lo, hi = _artanh(n - (1 << k), n + (1 << k), b)
    two = _times(_artanh(1, 3, b), Fraction(2 * (k - b)))
    return 2 * lo + two[0], 2 * hi + two[1]


def _artanh(p: int, q: int, b: int, sign: int = 1) -> Interval:
    """Σ sign^k x^j/j over j = 2k + 1 at x = p/q, for 0 ≤ x ≤ 1/3: artanh x, or arctan x."""
    term = _times((1 << b, 1 << b), Fraction(p, q))
    square, lo, hi, j = _times(_mul(term, term, b), Fraction(sign)), 0, 0, 1
    while _magnitude(term) > 2:
        lo, hi = lo + term[0] // j, hi - (-term[1] // j)
        term, j = _mul(term, square, b), j + 2
    return lo - 4, hi + 4


@functools.lru_cache(maxsize=8)
def _pi(b: int) -> Interval:
    """16 arctan 1/5 − 4 arctan 1/239 (Machin 1706)."""
    five, large = _artanh(1, 5, b, -1), _artanh(1, 239, b, -1)
    return 16 * five[0] - 4 * large[1], 16 * five[1] - 4 * large[0]


def _erf_at(n: int, b: int) -> Interval:
    """erf x = 2/√π e^(−x²) Σ 2^k x^(2k+1)/(2k+1)!! at x = n/2^b. While 4x² > 2k + 1 a term is above
    2/5 (as in `_taylor`), so where it is small the rest is at most twice the first left out."""
    _demand(abs(n) <= 1 << (b + 5), "a number is too large for its function")
    x = (abs(n), abs(n))
    square = _mul(x, x, b)
    term, lo, hi, k = x, 0, 0, 0
    while term[1] > 2:
        lo, hi, k = lo + term[0], hi + term[1], k + 1
        term = _times(_mul(term, square, b), Fraction(2, 2 * k + 1))
    found = _mul((lo, hi + 4), (_exp_at(-square[1], b)[0], _exp_at(-square[0], b)[1]), b)
    root = _nth_root(_pi(b), 2, b)
    lo, hi = _mul(found, _times(_reciprocal(root, b), Fraction(2)), b)
    return (lo, hi) if n >= 0 else (-hi, -lo)


@functools.lru_cache(maxsize=64)
def _enclose_zero(g: Any, b: int) -> Interval:
    """The zero of a polynomial, by bisection at multiples of 2^-b."""
    _, m, low, high = g
    sign = _at_point(m, high) > 0
    lo, hi = math.floor(low * 2**b), math.ceil(high * 2**b)
    while hi - lo > 1:
        middle = Fraction((lo + hi) // 2, 1 << b)
        if middle <= low or (middle < high and (_at_point(m, middle) > 0) != sign):
            lo = (lo + hi) // 2
        else:
            hi = (lo + hi) // 2
    return lo, hi


# --- rank and definiteness where the entries are not rational -------------------------------------


def _claim_rank_enclosed(here: Problem, claim: Any, _: list[str]) -> str:
    """rank A = r. From below: a rational X with ‖X·B − 1‖ < 1 in the row-sum norm for the minor B,
    so that B is regular. From above: the size, or vectors k with A·k = 0, each of which alone is
    nonzero in its own free column."""
    _keys(claim, "kind matrix rank rows columns inverse kernel")
    symbol, A = here.matrix(claim["matrix"])
    r, n = _integer(claim["rank"], "rank"), len(A[0]) if A else 0
    rows = _increasing(claim["rows"], len(A), "rows")
    columns = _increasing(claim["columns"], n, "columns")
    _demand(len(rows) == len(columns) == r, "the minor is not of size rank")
    X = _rational_table(claim["inverse"], r, r, "inverse")
    B = [[_enclose(A[i][j], WORK) for j in columns] for i in rows]
    for i, row in enumerate(_enclosed_product(X, B)):
        _demand(
            _off_unit(row, i) < 1 << WORK, "the inverse does not show that the minor is regular"
        )
    if claim["kernel"] is None:
        _demand(r == min(len(A), n), "there is no upper bound")
        return f"rank {symbol} = {r}"
    _keys(claim["kernel"], "free vectors")
    free = _increasing(claim["kernel"]["free"], n, "free")
    _demand(r == n - len(free), "the kernel has not n − rank vectors")
    vectors = _list(claim["kernel"]["vectors"], len(free), "vectors")
    for own, entries in zip(free, vectors, strict=True):
        k = [_constant(x, "vectors", here.field) for x in _list(entries, n, "a kernel vector")]
        _demand(all(k[j] == 0 for j in free if j != own), "a kernel vector is not alone")
        _demand(_sign(k[own]) != 0, "a kernel vector is 0 in its own free column")
        support = [j for j in range(n) if k[j] != 0]
        for row in A:
            in_kernel = _sum(row[j] * k[j] for j in support) == 0
            _demand(in_kernel, "a kernel vector is not in the kernel")
    return f"rank {symbol} = {r}"


def _claim_inertia_enclosed(here: Problem, claim: Any, proved: list[str]) -> str:
    """rank H = k is proved before, and X·H·Xᵀ is strictly diagonally dominant for a rational X of k
    rows. Its eigenvalues have the signs of its diagonal (shrink what stands off it: none becomes
    0), so H has at least as many of each sign, and no others but zeros."""
    _keys(claim, "kind congruence")
    k, n = len(_list(claim["congruence"], None, "congruence")), here.N
    _demand(f"rank H = {k}" in proved, "rank H is not claimed before")
    X = _rational_table(claim["congruence"], k, n, "congruence")
    H = [[_enclose(x, WORK) for x in row] for row in here.hessian]
    XH = _enclosed_product(X, H)
    S = _enclosed_product(X, [list(column) for column in zip(*XH, strict=True)])
    positive = 0
    for i, row in enumerate(S):
        off, (lo, hi) = sum(map(_magnitude, row[:i] + row[i + 1 :])), row[i]
        _demand(lo > off or hi < -off, "X·H·Xᵀ is not seen to be diagonally dominant")
        positive += lo > off
    return f"H has {positive} positive, {k - positive} negative, {n - k} zero eigenvalues"


WORK = 128  #: bits after the binary point


def _rational_table(value: Any, m: int, n: int, name: str) -> list[list[Fraction]]:
    return [[_number(x, name) for x in _list(row, n, name)] for row in _list(value, m, name)]


def _enclosed_product(X: list[list[Fraction]], B: list[list[Interval]]) -> list[list[Interval]]:
    out = []
    for row in X:
        terms = [[_times(b, x) for b in line] for x, line in zip(row, B, strict=True)]
        out.append([(sum(t[0] for t in c), sum(t[1] for t in c)) for c in zip(*terms, strict=True)])
    return out


def _magnitude(x: Interval) -> int:
    """The largest |t| for t in x."""
    return max(map(abs, x))


def _off_unit(row: list[Interval], i: int) -> int:
    """The largest Σ_j |x_j − δ_ij|, the row-sum norm for the i-th row of a matrix less 1."""
    lo, hi = row[i]
    return sum(map(_magnitude, [*row[:i], (lo - (1 << WORK), hi - (1 << WORK)), *row[i + 1 :]]))


# --- an exact fit near the point, by Krawczyk's test ----------------------------------------------


def _claim_exact_fit(here: Problem, claim: Any, _: list[str]) -> str:
    """An exact solution of F = y near θ, M of the parameters being free. With a rational matrix Y,
    the box X of radius ρ around θ in these M coordinates and G = F − y: where in each row
    |Y·G(θ)| + Σ|1 − Y·G'(X)|·ρ < ρ, the map z − Y·G(z) contracts X into itself (Krawczyk 1969).
    Its fixed point is the only zero of G in X, and Y·G' is regular on X: J has rank M there. ℓ has
    its minimum 0 at F = y; where A = c·1 with c > 0 there, H = JᵀAJ has the rank of J."""
    _keys(claim, "kind free bits inverse")
    _demand(not here.penalty, "there is a regulariser")
    _demand(here.loss_kind in _FIT, "ℓ is not a loss that is 0 exactly at F = y")
    free = _names(claim["free"])
    _demand(set(free) <= set(here.names) and len(free) == here.M > 0, "free is not M parameters")
    bits = _index(claim["bits"], WORK, "bits")
    Y = _rational_table(claim["inverse"], here.M, here.M, "inverse")
    targets = list(itertools.chain(*here.y))
    miss = [[_enclose(f.v - t, WORK)] for f, t in zip(here.F, targets, strict=True)]
    reach = 1 << WORK - bits  # ρ = 2^-bits
    box: dict[str, Any] = {}
    for n, v in here.theta.items():
        at = _span(v)
        if n in free:
            box[n] = _variable(Span(at.lo - reach, at.hi + reach), free.index(n), 1)
        else:
            box[n] = _jet(at, 1)
    slopes = []
    for f in here.outputs(box):
        first = _jet(f, 1).first()
        spans = [_span(first.get(k, Fraction(0))) for k in range(here.M)]
        slopes.append([(x.lo, x.hi) for x in spans])
    steps, products = _enclosed_product(Y, miss), _enclosed_product(Y, slopes)
    for i, (step, row) in enumerate(zip(steps, products, strict=True)):
        off = _off_unit(row, i)
        _demand(off < 1 << WORK, "1 − Y·G' is not small on the box")
        moved = _magnitude(step[0]) + -(-off * reach >> WORK)
        _demand(moved < reach, "the box is not mapped into itself")
    ranks = f"rank J = {here.M}" + (f" and rank H = {here.M}" if here.loss_kind in _ROUND else "")
    return (
        f"F = y has exactly one solution within 2^-{bits} of θ in {' '.join(free)}, the other "
        f"parameters as in θ; there {ranks}, and it is a global minimum of L"
    )


#: Losses that are 0 exactly at F = y, and those of them with A = c·1, c > 0, there.
_FIT = ("half-squared", "sum-of-squares", "mean-squared", "quartic", "log-cosh")
_ROUND = ("half-squared", "sum-of-squares", "mean-squared", "log-cosh")


class Span:
    """All numbers of an interval; sums, products and functions contain those of its elements."""

    __slots__ = ("hi", "lo")

    def __init__(self, lo: int, hi: int) -> None:
        self.lo, self.hi = lo, hi

    def __add__(self, other: Any) -> Any:
        if isinstance(other, Jet):
            return NotImplemented
        x = _span(other)
        return Span(self.lo + x.lo, self.hi + x.hi)

    def __mul__(self, other: Any) -> Any:
        if isinstance(other, Jet):
            return NotImplemented
        if isinstance(other, (int, Fraction)):
            return Span(*_times((self.lo, self.hi), Fraction(other)))
        x = _span(other)
        return Span(*_mul((self.lo, self.hi), (x.lo, x.hi), WORK))

    def __neg__(self) -> Any:
        return Span(-self.hi, -self.lo)

    def __sub__(self, other: Any) -> Any:
        return self + (-other)

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    __radd__, __rmul__ = __add__, __mul__


def _span(x: Any) -> Span:
    return x if isinstance(x, Span) else Span(*_enclose(x, WORK))


def _span_power(x: Span, e: Fraction) -> Any:
    _demand(e.denominator == 1 and abs(e) <= 64, "a power that is not carried over intervals")
    out: Any = Span(1 << WORK, 1 << WORK)
    for _ in range(abs(e.numerator)):
        out = out * x
    return out if e >= 0 else Span(*_reciprocal((out.lo, out.hi), WORK))


def _span_function(name: str, x: Span) -> Any:
    """f on an interval."""
    if name in ("exp", "log", "softplus", "tanh", "erf", "sin", "cos"):
        return Span(*_image(name, x.lo, x.hi, WORK))
    if name == "sigmoid":
        return (1 + Span(*_image("tanh", x.lo // 2, -(-x.hi // 2), WORK))) * Fraction(1, 2)
    if name in ("relu", "abs", "sign") and (x.lo > 0 or x.hi < 0):
        sign = Fraction(1 if x.lo > 0 else -1)
        return sign if name == "sign" else x * (sign if name == "abs" else (1 + sign) / 2)
    raise Refused(f"the function {name[:40]!r} is not carried over intervals, or has a kink there")


# --- one matrix: certificates of kind "rank" and "inertia" ----------------------------------------


def _given_matrix(certificate: dict[str, Any]) -> tuple[list[list[Fraction]], int, int]:
    m, n = (_index(x, MAX_ENTRIES, "shape") for x in _list(certificate["shape"], 2, "shape"))
    _demand(m * n <= MAX_ENTRIES, "the matrix is too large")
    A = [
        [_number(x, "matrix") for x in _list(row, n, "a row of matrix")]
        for row in _list(certificate["matrix"], m, "matrix")
    ]
    return A, m, n


def _check_inertia(certificate: dict[str, Any]) -> str:
    """The numbers of positive, negative and zero eigenvalues of the symmetric matrix."""
    _keys(certificate, "format version kind shape matrix order L blocks inertia digest")
    A, m, n = _given_matrix(certificate)
    _demand(m == n, "the matrix is not square")
    p, q, z = _inertia(certificate, A)
    return f"eigenvalues of a {m}×{n} matrix: {p} positive, {q} negative, {z} zero"


def _check_rank(certificate: dict[str, Any]) -> str:
    """lower ≤ rank ≤ upper. lower: the minor of the given rows and columns, each row cleared of
    denominators, is the given residue modulo the given prime, and not zero (or, with prime null, is
    that integer). upper: the number of rows or columns; or kernel vectors k with matrix k = 0,
    which are independent because each alone is nonzero in its own free column."""
    _keys(certificate, "format version kind shape matrix lower upper digest")
    A, m, n = _given_matrix(certificate)
    _check_lower(certificate["lower"], A, m, n)
    _check_upper(certificate["upper"], A, m, n)
    lower, upper = certificate["lower"]["bound"], certificate["upper"]["bound"]
    _demand(lower <= upper, "the lower bound exceeds the upper bound")
    shown = f"rank {lower}" if lower == upper else f"rank from {lower} to {upper}"
    return f"{shown} of a {m}×{n} matrix"


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


_CLAIMS: dict[str, Callable[[Problem, Any, list[str]], str]] = {
    "rank": _claim_rank,
    "inertia": _claim_inertia,
    "rank-enclosed": _claim_rank_enclosed,
    "inertia-enclosed": _claim_inertia_enclosed,
    "critical": _claim_critical,
    "not-critical": _claim_not_critical,
    "perfect-fit": _claim_perfect_fit,
    "convex": _claim_convex,
    "gauss-newton": _claim_gauss_newton,
    "definite": _claim_definite,
    "valley": _claim_valley,
    "negative-curvature": _claim_curvature,
    "squares": _claim_squares,
    "flat-fibre": _claim_flat_fibre,
    "flat-family": _claim_flat_family,
    "descent": _claim_descent,
    "exact-fit": _claim_exact_fit,
    "fibre": _claim_fibre,
    "all-labels": _claim_all_labels,
}

_PROVERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "statement": _check_statement,
    "rank": _check_rank,
    "inertia": _check_inertia,
}

if __name__ == "__main__":
    sys.exit(main())
