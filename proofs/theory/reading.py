r"""Displayed mathematics read back: LaTeX to a tree that can be evaluated.

In: the LaTeX of a displayed relation, in the small dialect of the theory's pages. Out: a `Node`,
with the place in the text of everything that was read. What is printed is thus the very thing that
is checked. The dialect: sums and products by juxtaposition, ^ and _, \frac, ∂/∂θ_i, ∇, sums over
indices, matrices, \operatorname{rank} and the like, which take the rest of their product.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from hessrank.symbolic.expressions.functions import FUNCTIONS

Span = tuple[int, int]


@dataclass(frozen=True)
class Node:
    """kind, the nodes below it, what it carries as text, and where it stands in the source."""

    kind: str
    parts: tuple[Node, ...] = ()
    text: str = ""
    span: Span = (0, 0)


class NotRead(Exception):
    """The text is not in the dialect."""


@dataclass(frozen=True)
class _Token:
    text: str
    span: Span


_TOKEN = re.compile(
    r"\\operatorname\{[A-Za-z]+\}|\\(?:mathrm|text|mathbf|mathsf)\{[^{}]*\}|\\(?:begin|end)\{[a-z]+\}"
    r"|\\\\(?:\[\d+pt\])?|\\[A-Za-z]+|\\.|\d+|[A-Za-z]|[^\sA-Za-z\d]"
)
#: What only moves or sizes.
_SPACING = {
    r"\,", r"\;", r"\!", r"\:", r"\quad", r"\qquad", r"\left", r"\right", r"\big", r"\Big",
    r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\displaystyle", r"\textstyle", r"\cdot",
}  # fmt: skip
#: An activation and its derivatives are functions wherever they stand.
APPLIED = frozenset({r"\sigma", r"\sigma'", r"\sigma''"})
RELATIONS = {"=": "=", r"\le": "<=", r"\leq": "<=", r"\ge": ">=", r"\geq": ">="}
#: Operators that take the rest of their product, or one bracket.
_PREFIX = {
    r"\det": "det", r"\ker": "ker", r"\dim": "dim",
    **{f.latex: name for name, f in FUNCTIONS.items()},
}  # fmt: skip
_OPERATOR = re.compile(r"\\operatorname\{([a-z]+)\}")
_LAYER = re.compile(r"\{\([a-zA-Z\d]+([-+,][a-zA-Z\d]+)*\)(\\top)?\}")
_ACCENTS = {r"\bar", r"\hat", r"\dot", r"\tilde", r"\ddot"}
_CLOSERS = {")", "]", "}", r"\rVert", r"\rvert", "&", ","}


def read(latex: str, functions: Collection[str] = ()) -> Node:
    r"""The relation a = b (≤ c …) as a node "chain"; a bracket after a name in `functions` holds
    its arguments.

    >>> [part.kind for part in read(r"H = J^{\top} A J").parts]
    ['sum', 'sum']
    """
    return _Reader(latex, functions).chain()


class _Cursor:
    """A place among the tokens."""

    def __init__(self, latex: str, functions: Collection[str]) -> None:
        self.tokens = [
            _Token(m.group(), m.span()) for m in _TOKEN.finditer(latex) if m.group() not in _SPACING
        ]
        self.at = 0
        self.functions = functions

    @property
    def next(self) -> str:
        return self.tokens[self.at].text if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> _Token:
        if self.at >= len(self.tokens) or (expected and self.next != expected):
            raise NotRead(f"expected {expected or 'more'}, found {self.next or 'the end'}")
        self.at += 1
        return self.tokens[self.at - 1]

    def made(self, kind: str, parts: tuple[Node, ...], start: int, text: str = "") -> Node:
        return Node(
            kind, parts, text, (self.tokens[start].span[0], self.tokens[self.at - 1].span[1])
        )


class _Reader(_Cursor):
    """A method a rule of the dialect."""

    # --- relations and sums -----------------------------------------------------------------------

    def chain(self) -> Node:
        sides, signs = [self.sum()], []
        while self.next in RELATIONS:
            signs.append(RELATIONS[self.take().text])
            sides.append(self.sum())
        if self.at < len(self.tokens):
            raise NotRead(f"{self.next} is not read")
        return Node("chain", tuple(sides), " ".join(signs))

    def sum(self) -> Node:
        start, signs = self.at, ""
        terms = []
        while True:
            sign = self.take().text if self.next in ("+", "-", r"\cap") else "+"
            signs += "&" if sign == r"\cap" else sign
            terms.append(self.product())
            if self.next not in ("+", "-", r"\cap"):
                return self.made("sum", tuple(terms), start, signs)

    def product(self) -> Node:
        start, factors = self.at, []
        while self.next and self.next not in RELATIONS and self.next not in _CLOSERS:
            if self.next in ("+", "-", r"\cap", r"\\", "<", r"\rangle", ":") or (
                self.next.startswith((r"\end", r"\\["))
            ):
                break
            factors.append(self.factor())
        if not factors:
            raise NotRead(f"a term is missing before {self.next or 'the end'}")
        return self.made("product", tuple(factors), start)

    # --- factors ----------------------------------------------------------------------------------

    def factor(self) -> Node:
        token, start = self.next, self.at
        if token == r"\sum":
            return self.big_sum()
        if token in _PREFIX or _OPERATOR.fullmatch(token):
            return self.prefixed()
        if token in ("/", r"\circ"):
            self.take()
            after = self.factor()
            return self.made("over" if token == "/" else "entrywise", (after,), start)
        return self.postfixed(self.primary(), start)

    def prefixed(self) -> Node:
        start = self.at
        word = self.take().text
        named = _OPERATOR.fullmatch(word)
        name = _PREFIX.get(word) or (named.group(1) if named else word)
        power = None
        if self.next == "^":
            self.take()
            power = self.group()
        bracket = self.next in ("(", r"\lvert") or self.next.startswith(r"\begin")
        argument = self.primary() if bracket else self.product()
        found = self.made("op", (argument,), start, name)
        return found if power is None else self.made("power", (found, power), start)

    def big_sum(self) -> Node:
        start = self.at
        self.take()
        self.take("_")
        names, condition = self.binders()
        upper: tuple[Node, ...] = ()
        if self.next == "^":
            self.take()
            upper = (self.group(),)
        body = self.product()
        return self.made("over-indices", (*upper, body), start, f"{','.join(names)}|{condition}")

    def binders(self) -> tuple[list[str], str]:
        """The indices below a sum, as in {p,q=1}, {i<j}, {l \\ge 1} or m."""
        if self.next != "{":
            return [self.index_name()], ""
        self.take()
        names, condition = [self.index_name()], ""
        while self.next != "}":
            token = self.take().text
            if token == ",":
                names.append(self.index_name())
            elif token == "=":
                self.take("1")
            elif token in ("<", r"\ne", r"\neq"):
                condition = "<" if token == "<" else "!="
                names.append(self.index_name())
            else:
                raise NotRead(f"{token} is not read below a sum")
        self.take("}")
        return names, condition

    def index_name(self) -> str:
        name = self.take().text
        while self.next == "'":
            name += self.take().text
        return name

    def group(self) -> Node:
        """{…}, or one token."""
        if self.next == "{":
            self.take()
            inside = self.sum()
            self.take("}")
            return inside
        start = self.at
        return self.postfixed(self.primary(), start, bare=True)

    def primary(self) -> Node:
        start, token = self.at, self.next
        if token in ("(", r"\{", "{", "["):
            self.take()
            inside = self.sum()
            if token == "(" and self.next == ",":
                rest = [inside]
                while self.next == ",":
                    self.take()
                    rest.append(self.sum())
                self.take(")")
                return self.made("tuple", tuple(rest), start)
            self.take({"(": ")", r"\{": r"\}", "{": "}", "[": "]"}[token])
            return self.made("bracket", (inside,), start)
        if token in (r"\lVert", r"\lvert"):
            self.take()
            inside = self.sum()
            self.take({r"\lVert": r"\rVert", r"\lvert": r"\rvert"}[token])
            return self.made("norm" if token == r"\lVert" else "absolute", (inside,), start)
        if token in (r"\frac", r"\tfrac"):
            return self.fraction()
        if token == r"\sqrt":
            self.take()
            return self.made("root", (self.group(),), start)
        if token == r"\nabla":
            return self.nabla()
        if token.startswith(r"\begin"):
            return self.matrix()
        if token.isdigit():
            self.take()
            return self.made("number", (), start, token)
        return self.name()

    def name(self) -> Node:
        start = self.at
        text = self.take().text
        if text in _ACCENTS:
            inside = self.take().text
            if inside == "{":
                inside = self.take().text
                self.take("}")
            text = f"{text} {inside}"
        elif not re.fullmatch(r"[A-Za-z]|\\[A-Za-z]+(\{[^{}]*\})?", text):
            raise NotRead(f"{text} is not read")
        while self.next == "'":
            text += self.take().text
        return self.made("name", (), start, text)

    def postfixed(self, node: Node, start: int, bare: bool = False) -> Node:
        """Subscripts, powers, transposition, arguments."""
        while True:
            if self.next == "_":
                node = self.subscripted(node, start)
            elif self.next == "^" and self.layered():
                node = self.layer(node, start)
            elif self.next == "^" and not bare:
                self.take()
                if self.next == "*":
                    self.take()
                    node = self.made("name", (), start, node.text + "*")
                    continue
                exponent = self.group()
                if _only(exponent) == r"\top":
                    node = self.made("transposed", (node,), start)
                elif _only(exponent) == "*":
                    node = self.made("name", (), start, node.text + "*")
                else:
                    node = self.made("power", (node, exponent), start)
            elif self.next == "(" and self.callable(node):
                self.take()
                arguments = [self.sum()]
                while self.next == ",":
                    self.take()
                    arguments.append(self.sum())
                self.take(")")
                node = self.made("call", (node, *arguments), start)
            else:
                return node

    def layered(self) -> bool:
        """Whether a layer stands above, as in W^{(l+1)} or W^{(2)}."""
        after = "".join(t.text for t in self.tokens[self.at + 1 : self.at + 12])
        return bool(_LAYER.match(after))

    def layer(self, node: Node, start: int) -> Node:
        r"""W^{(l+1)}, a name of its own, and W^{(l+1)\top}."""
        for expected in ("^", "{", "("):
            self.take(expected)
        label = ""
        while self.next != ")":
            label += self.take().text
        self.take(")")
        node = self.made("name", (), start, f"{node.text}^({label})")
        if self.next == r"\top":
            self.take()
            node = self.made("transposed", (node,), start)
        self.take("}")
        return node

    def callable(self, node: Node) -> bool:
        if node.kind == "entry" and node.parts[0].text in APPLIED:
            return False  # a letter of its own, such as σ_w
        if node.kind in ("entry", "nabla", "transposed"):
            return self.callable(node.parts[0])
        return node.kind == "name" and node.text in self.functions

    def subscripted(self, node: Node, start: int) -> Node:
        self.take("_")
        if node.kind == "number":  # 0 of a size
            self.take("{")
            while self.take().text != "}":
                pass
            return node
        if self.next in ("<", ">", "+", "-", "0") or self.next.startswith(r"\text"):
            text = self.take().text
            return self.made("name", (), start, f"{node.text}_{text}")
        if self.next == "{" and self.tokens[self.at + 1].text in ("<", ">", "+", "-"):
            self.take()
            text = self.take().text
            self.take("}")
            return self.made("name", (), start, f"{node.text}_{text}")
        if self.next == "{" and self.tokens[self.at + 1].text.startswith((r"\text", r"\mathrm")):
            self.take()
            text = self.take().text
            while self.next == ",":
                text += self.take().text + self.take().text
            self.take("}")
            return self.made("name", (), start, f"{node.text}_{text}")
        return self.made("entry", (node, *self.indices()), start)

    def indices(self) -> list[Node]:
        if self.next != "{":
            return [self.one_index()]
        self.take()
        found = []
        while self.next != "}":
            if self.next in (",", "(", ")"):
                self.take()
                continue
            found.append(self.one_index())
        self.take("}")
        return found

    def one_index(self) -> Node:
        start = self.at
        if self.next.isdigit():
            text = self.take().text
            return self.made("index", (), start, text)
        if not re.fullmatch(r"[a-z]|\\[a-z]+", self.next):
            raise NotRead(f"{self.next} is no index")
        text = self.index_name()
        return self.made("index", (), start, text)

    # --- derivatives, fractions, matrices ---------------------------------------------------------

    def nabla(self) -> Node:
        start = self.at
        self.take()
        text, inside = "1", tuple[Node, ...]()
        if self.next == "^":
            self.take()
            text = self.take().text
        elif self.next == "_":
            self.take()
            inside = tuple(self.indices())
            if self.next == "^":
                self.take()
                text = self.take().text
        begun = self.at
        operand = self.nabla() if self.next == r"\nabla" else self.primary()
        while self.next == "_":
            operand = self.subscripted(operand, begun)
        return self.made("nabla", (operand, *inside), start, text)

    def fraction(self) -> Node:
        start = self.at
        self.take()
        if self.next.isdigit() and len(self.next) == 2:  # \tfrac12
            digits = self.take().text
            parts = tuple(Node("number", (), d, self.tokens[start + 1].span) for d in digits)
            return self.made("fraction", parts, start)
        if self.next == "{" and self.tokens[self.at + 1].text == r"\partial":
            return self.derivative(start)
        above = self.group()
        return self.made("fraction", (above, self.group()), start)

    def derivative(self, start: int) -> Node:
        self.take("{")
        self.take(r"\partial")
        order = 1
        if self.next == "^":
            self.take()
            order = int(self.take().text)
        body = None if self.next == "}" else self.product()
        self.take("}")
        self.take("{")
        variables = []
        while self.next == r"\partial":
            self.take()
            begun = self.at
            variables.append(self.postfixed(self.primary(), begun, bare=True))
            if self.next == "^":
                self.take()
                variables += variables[-1:] * (int(self.take().text) - 1)
        self.take("}")
        if len(variables) != order:
            raise NotRead(f"{order} derivatives in {len(variables)} variables")
        if body is None:
            body = self.product()
        return self.made("derivative", (body, *variables), start)

    def matrix(self) -> Node:
        start = self.at
        environment = self.take().text
        if environment == r"\begin{array}":
            while self.take().text != "}":
                pass
        rows: list[Node] = []
        while True:
            begun, row = self.at, [self.cell()]
            while self.next == "&":
                self.take()
                row.append(self.cell())
            rows.append(self.made("row", tuple(row), begun))
            if not self.next.startswith("\\\\"):
                break
            self.take()
        self.take(environment.replace("begin", "end"))
        return self.made("matrix", tuple(rows), start)

    def cell(self) -> Node:
        """A sum; where a symmetric matrix shows no entry, nothing or a word."""
        if self.next.startswith((r"\text", "&", "\\\\", r"\end")):
            place = self.tokens[self.at].span[0]
            if self.next.startswith(r"\text"):
                self.take()
            return Node("blank", (), "", (place, place))
        return self.sum()


def _only(node: Node) -> str:
    """The text of a node that is one name in whatever wraps it."""
    while len(node.parts) == 1 and node.kind in ("sum", "product"):
        node = node.parts[0]
    return node.text if node.kind == "name" else ""
