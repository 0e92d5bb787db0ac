"""A stand-alone Python file that replays one landscape with `fractions` alone.

In: a `Landscape` whose values are rational, or combinations of logarithms where they are arguments
of exponential functions; and what is claimed of it. Out: the text of a program without imports but
`fractions`. It differentiates L itself, and so is a second way beside `proofs/checker.py`, which
composes H from J, r and A.
"""

from __future__ import annotations

import ast
import re

from hessrank.proofs import checker
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import Expr
from hessrank.symbolic.expressions.substitution import put_in
from hessrank.symbolic.problems.evaluation import total_loss
from hessrank.symbolic.problems.landscape import Landscape

#: Longer closed forms are not written out.
MAX_TEXT = 400_000


def replay_file(here: Landscape, statement: str) -> str:
    """The program; it ends with status 0 and says what it found, or with an AssertionError.

    Raises InputError where the ranks of J and H are not in the statement, J or H is not rational,
    or the closed forms are too long.

    >>> from hessrank.symbolic.models.models import Model
    >>> from hessrank.symbolic.problems.data import Data
    >>> from hessrank.symbolic.problems.landscape import Problem
    >>> here = Problem(Model.from_expressions("t**2", "t"), Data([[]], [[-1]])).at({"t": 0})
    >>> "return Q(1) / Q(2)" in replay_file(here, "rank J = 0, rank H = 1, ∇L = 0")
    True
    """
    ranks = {name: re.search(rf"rank {name} = (\d+)", statement) for name in "JH"}
    if not all(ranks.values()):
        raise InputError("the ranks of J and H are not both in the certificate")
    for name in ("jacobian", "hessian"):
        matrix = here.matrix(name)
        if not matrix.is_rational:
            raise InputError(f"{name} has entries that are not rational")
    names = here.problem.model.parameters
    outputs = [form for row in dict.fromkeys(here.problem.data.x) for form in _forms(here, row)]
    L = _python(total_loss(here.problem))
    F = ",\n        ".join(map(_python, outputs))
    if len(L) + len(F) > MAX_TEXT:
        raise InputError(f"closed forms of more than {MAX_TEXT} characters")
    theta = ",\n    ".join(f'"{n}": {_python(v)}' for n, v in here.values)
    used = [name for name in _FUNCTIONS if re.search(rf"\b{name}\(", L + F + theta)]
    functions = "\n\n".join(_FUNCTIONS[name].strip("\n") for name in used)
    expected = ", ".join(f'"{name}": {found[1]}' for name, found in ranks.items() if found)
    critical = "∇L = 0" in statement.split(", ")
    unpacked = f"    {', '.join(names)}, = t\n" if names else ""
    return f'''"""{checker.FORMAT}: a replay with fractions alone.

{statement}

The parameters are jets (value, gradient, Hessian) of exact numbers; F and L are evaluated on them.
Numbers are fractions, or logarithms: Log(q, {{p: c}}) is q plus the sum of c log p.
"""

from fractions import Fraction as Q
{_CORE}

{functions}


THETA = {{
    {theta}
}}


def F(t):
    """The outputs, each distinct example once."""
{unpacked}    return [
        {F}
    ]


def L(t):
    """The loss."""
{unpacked}    return {L}


def main():
    n = len(THETA)
    jets = [Jet(v, {{i: Q(1)}}, {{}}) for i, v in enumerate(THETA.values())]
    outputs, loss = [jet(f) for f in F(jets)], jet(L(jets))
    J = [[f.g.get(i, Q(0)) for i in range(n)] for f in outputs]
    H = [[loss.h.get((min(i, j), max(i, j)), Q(0)) for j in range(n)] for i in range(n)]
    ranks = {{"J": rank(J), "H": rank(H)}}
    positive, negative = signs(H)
    critical = all(v == 0 for v in loss.g.values())
    assert ranks == {{{expected}}}, ranks
    assert critical is {critical}
    print(
        f"rank J = {{ranks['J']}}, rank H = {{ranks['H']}}, H: {{positive}} positive, "
        f"{{negative}} negative, {{n - positive - negative}} zero, gradient zero: {{critical}}"
    )


if __name__ == "__main__":
    main()
'''


def _forms(here: Landscape, row: tuple[Expr, ...]) -> list[Expr]:
    """The outputs on one example, in θ."""
    model = here.problem.model
    return put_in(model.outputs, dict(zip(model.inputs, row, strict=True)))


class _Exact(ast.NodeTransformer):
    """Whole numbers become Q(n), but for exponents."""

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Call(ast.Name("Q", ast.Load()), [node], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if not isinstance(node.op, ast.Pow):
            return ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))
        exponent = ast.literal_eval(ast.unparse(node.right)) if _whole(node.right) else None
        if exponent is None:
            raise InputError("roots are not replayed with fractions alone")
        return ast.BinOp(self.visit(node.left), node.op, ast.Constant(exponent))


def _whole(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, int)


def _python(form: Expr) -> str:
    """A closed form as Python over exact numbers."""
    tree = _Exact().visit(ast.parse(str(form), mode="eval"))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            if call.func.id not in (*_FUNCTIONS, "Q"):
                raise InputError(f"{call.func.id} is not replayed with fractions alone")
        elif isinstance(call, ast.Name) and call.id == "pi":
            raise InputError("pi is not replayed with fractions alone")
    return ast.unparse(ast.fix_missing_locations(tree))


_CORE = '''

class Log:
    """q + the sum of c log p over primes p."""

    def __init__(self, q, logs):
        self.q, self.logs = q, {p: c for p, c in logs.items() if c}

    def __add__(self, other):
        if isinstance(other, Jet):
            return NotImplemented
        other = other if isinstance(other, Log) else Log(other, {})
        primes = {*self.logs, *other.logs}
        logs = {p: self.logs.get(p, 0) + other.logs.get(p, 0) for p in primes}
        found = Log(self.q + other.q, logs)
        return found if found.logs else found.q

    def __mul__(self, c):
        if isinstance(c, Jet):
            return NotImplemented
        assert not isinstance(c, Log), "a product of logarithms"
        return Log(self.q * c, {p: k * c for p, k in self.logs.items()}) if c else Q(0)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * (1 / other)

    __radd__, __rmul__ = __add__, __mul__


class Jet:
    """A function to second order: value, g[i], h[i, j] for i <= j; what is missing is 0."""

    def __init__(self, v, g, h):
        self.v, self.g, self.h = v, g, h

    def __add__(self, other):
        other = jet(other)
        return Jet(self.v + other.v, plus(self.g, other.g), plus(self.h, other.h))

    def __mul__(self, other):
        other = jet(other)
        h = plus(times(self.h, other.v), times(other.h, self.v))
        for i, x in self.g.items():
            for j, y in other.g.items():
                key = (min(i, j), max(i, j))
                h[key] = h.get(key, 0) + x * y * (2 if i == j else 1)
        return Jet(self.v * other.v, plus(times(self.g, other.v), times(other.g, self.v)), h)

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __pow__(self, n):
        v = self.v
        slope = n * v ** (n - 1) if n else 0
        curvature = n * (n - 1) * v ** (n - 2) if n * (n - 1) else 0
        return chain(self, v**n, slope, curvature)

    def __truediv__(self, other):
        return self * jet(other) ** -1

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__, __rmul__ = __add__, __mul__


def jet(x):
    return x if isinstance(x, Jet) else Jet(x, {}, {})


def plus(a, b):
    return {k: a.get(k, 0) + b.get(k, 0) for k in {**a, **b}}


def times(a, c):
    return {k: x * c for k, x in a.items()} if c != 0 else {}


def chain(x, f, f1, f2):
    """f(x), from f and its first two derivatives at the value of x."""
    h = times(x.h, f1)
    keys = sorted(x.g)
    for i in keys:
        for j in keys:
            if i <= j and f2 != 0:
                h[i, j] = h.get((i, j), 0) + f2 * x.g[i] * x.g[j]
    return Jet(f, times(x.g, f1), h)


def e_to(z):
    """e^z, rational where z is a whole combination of logarithms."""
    z = z if isinstance(z, Log) else Log(z, {})
    assert z.q == 0 and all(Q(c).denominator == 1 for c in z.logs.values()), "not rational"
    out = Q(1)
    for p, c in z.logs.items():
        out *= Q(p) ** int(c)
    return out


def log_of(x):
    """log x of a positive fraction."""
    assert x > 0
    logs = {}
    for n, sign in ((x.numerator, 1), (x.denominator, -1)):
        p = 2
        while n > 1:
            p = p if p * p <= n else n
            while n % p == 0:
                n, logs[p] = n // p, logs.get(p, 0) + sign
            p += 1
    return Log(Q(0), logs) if logs else Q(0)


def rank(A):
    """By elimination."""
    A, r = [list(row) for row in A], 0
    for j in range(len(A[0]) if A else 0):
        k = next((i for i in range(r, len(A)) if A[i][j] != 0), None)
        if k is None:
            continue
        A[r], A[k] = A[k], A[r]
        for i in range(r + 1, len(A)):
            c = A[i][j] / A[r][j]
            A[i] = [x - c * y for x, y in zip(A[i], A[r])]
        r += 1
    return r


def signs(S):
    """How many squares are positive and negative, by Lagrange's reduction."""
    S, n, found = [list(row) for row in S], len(S), [0, 0]
    for k in range(n):
        if S[k][k] == 0:
            j = next((j for j in range(k + 1, n) if S[k][j] != 0), None)
            if j is None:
                continue
            c = 1 if S[j][j] + 2 * S[k][j] != 0 else -1  # a new basis vector: e_k + c e_j
            S[k] = [x + c * y for x, y in zip(S[k], S[j])]
            for row in S:
                row[k] += c * row[j]
        found[S[k][k] < 0] += 1
        for i in range(k + 1, n):
            c = S[i][k] / S[k][k]
            S[i] = [x - c * y for x, y in zip(S[i], S[k])]
    return found
'''

_FUNCTIONS = {
    "exp": """
def exp(x):
    if not isinstance(x, Jet):
        return e_to(x)
    e = e_to(x.v)
    return chain(x, e, e, e)
""",
    "log": """
def log(x):
    return chain(x, log_of(x.v), 1 / x.v, -1 / x.v**2) if isinstance(x, Jet) else log_of(x)
""",
    "tanh": """
def tanh(x):
    x = jet(x)
    e = e_to(2 * x.v)
    t = (e - 1) / (e + 1)
    return chain(x, t, 1 - t * t, -2 * t * (1 - t * t))
""",
    "sigmoid": """
def sigmoid(x):
    x = jet(x)
    e = e_to(x.v)
    s = e / (e + 1)
    return chain(x, s, s * (1 - s), s * (1 - s) * (1 - 2 * s))
""",
    "softplus": """
def softplus(x):
    x = jet(x)
    e = e_to(x.v)
    s = e / (e + 1)
    return chain(x, log_of(1 + e), s, s * (1 - s))
""",
    "cosh": """
def cosh(x):
    x = jet(x)
    e = e_to(x.v)
    c, s = (e + 1 / e) / 2, (e - 1 / e) / 2
    return chain(x, c, s, c)
""",
    "relu": """
def relu(x):
    x = jet(x)
    assert x.v != 0, "a kink"
    return x if x.v > 0 else jet(Q(0))
""",
    "abs": """
def abs(x):
    x = jet(x)
    assert x.v != 0, "a kink"
    return x if x.v > 0 else -x
""",
    "sin": """
def sin(x):
    x = jet(x)
    assert x.v == 0, "not rational"
    return chain(x, Q(0), Q(1), Q(0))
""",
    "cos": """
def cos(x):
    x = jet(x)
    assert x.v == 0, "not rational"
    return chain(x, Q(1), Q(0), Q(-1))
""",
}
