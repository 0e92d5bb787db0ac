r"""A reader of LaTeX that knows nothing of the printer: structure, and the value of a formula.

`structure` raises AssertionError for what TeX would choke on: unbalanced braces, environments,
\left/\right or dollars, and for macros that are not on the list of those we mean to use.
`value` reads a formula back as mathematics in floating point.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

MACROS = set(
    re.findall(
        "[A-Za-z]+",
        """documentclass usepackage setlength parindent parskip emergencystretch allowdisplaybreaks
        sloppy mathindent raggedright hangindent hangafter noindent hspace nobreak nopagebreak hfill
        mbox fill relpenalty binoppenalty mathbb mathbf det ker lVert rVert lvert rvert varphi
        varepsilon dimexpr relax AtBeginDocument abovedisplayskip belowdisplayskip
        abovedisplayshortskip
        belowdisplayshortskip begin end par bigskip LARGE section item resizebox ifdim width
        linewidth else fi displaystyle textstyle tag text frac tfrac sqrt left right big sum qquad
        quad cdot times circ approx ldots to partial nabla ell delta theta rho sigma top mathrm
        mathsf operatorname le ge neq succ succeq cap subset perp Rightarrow infty exp log sin cos
        tan arctan sinh cosh tanh pi alpha beta gamma lambda mu textbackslash textbf texttt hline
        endhead cdots vdots subsection subsubsection max min int pm prod mid surd dim sim in notin
        mapsto oplus otimes cong propto psi phi chi omega Theta prec preceq cup setminus subseteq
        Leftrightarrow makeatletter makeatother""",
    )
) | set(r"[]\,;_{}^&%#~$@|")
_TOKENS = re.compile(
    r"\\(?:begin|end)\{[a-z]+\*?\}|\\left(?![a-z])|\\right(?![a-zA-Z])|\\\[|\\\]|\\[^A-Za-z]|[{}$]"
)


def structure(source: str) -> None:
    """Whether a document, a body or a formula is well formed."""
    assert source.isascii(), [c for c in source if not c.isascii()]
    for macro in re.findall(r"\\([A-Za-z]+|.)", source.replace("\n", " ")):
        assert macro in MACROS, macro
    stack: list[str] = []
    opened = {"{": "}", r"\[": r"\]", r"\left": r"\right"}
    for token in _TOKENS.findall(re.sub(r"\\\\\[4pt\]", "", source)):
        if token == "$":
            if stack and stack[-1] == "$":
                stack.pop()
            else:
                stack.append("$")
        elif token in opened:
            stack.append(opened[token])
        elif token.startswith(r"\begin"):
            stack.append(token.replace("begin", "end"))
        elif token in ("}", r"\]", r"\right") or token.startswith(r"\end"):
            assert stack, f"{token} closes nothing"
            assert stack.pop() == token, token
    assert not stack, stack


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "log": math.log, "sin": math.sin, "cos": math.cos, "tan": math.tan,
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "softplus": lambda z: math.log(1 + math.exp(z)), "erf": math.erf,
    "arctan": math.atan, "arsinh": math.asinh,
    "relu": lambda z: max(z, 0.0), "step": lambda z: float(z > 0),
    "sign": lambda z: math.copysign(1, z),
}  # fmt: skip


def value(formula: str, symbols: Mapping[str, float]) -> float:
    """The value of a formula; `symbols` by their LaTeX."""
    reader = _Reader(formula, symbols)
    result = reader.sum()
    assert reader.at == len(reader.tokens), reader.tokens[reader.at :]
    return result


class _Reader:
    def __init__(self, formula: str, symbols: Mapping[str, float]) -> None:
        names = sorted(map(re.escape, symbols), key=len, reverse=True)
        pattern = "|".join([*names, r"\\[A-Za-z]+", r"\d+", r"\S"])
        text = formula.replace(r"\left|", "⟨").replace(r"\right|", "⟩")
        text = re.sub(r"\\(left|right)(?![a-z])", "", text)
        text = re.sub(r"\\operatorname\{(\w+)\}", r"\\\1", text)
        self.tokens = re.findall(pattern, text)
        self.symbols = symbols
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def next(self, expected: str = "") -> str:
        token = self.peek()
        assert not expected or token == expected, (token, expected)
        self.at += 1
        return token

    def sum(self) -> float:
        total = 0.0
        sign = -1.0 if self.peek() == "-" else 1.0
        if self.peek() == "-":
            self.next()
        total += sign * self.product()
        while self.peek() in ("+", "-"):
            sign = 1.0 if self.next() == "+" else -1.0
            total += sign * self.product()
        return total

    def product(self) -> float:
        result = self.raised()
        while self.peek() and self.peek() not in ("+", "-", ")", "}", "]", "/", "⟩"):
            if self.peek() == r"\cdot":
                self.next()
            result *= self.raised()
        return result

    def raised(self) -> float:
        base = self.atom()
        return base ** self.exponent() if self.peek() == "^" else base

    def exponent(self) -> float:
        self.next("^")
        self.next("{")
        top = self.sum()
        if self.peek() == "/":
            self.next()
            top /= self.sum()
        self.next("}")
        return top

    def group(self, left: str, right: str) -> float:
        self.next(left)
        result = self.sum()
        self.next(right)
        return result

    def atom(self) -> float:
        token = self.peek()
        if token in self.symbols:
            return self.symbols[self.next()]
        if token == "(":
            return self.group("(", ")")
        if token == "⟨":
            return abs(self.group("⟨", "⟩"))
        self.next()
        if token.isdigit():
            return float(token)
        if token == "e":
            return math.exp(self.exponent()) if self.peek() == "^" else math.e
        name = token.removeprefix("\\")
        if name == "pi":
            return math.pi
        if name == "frac":
            return self.group("{", "}") / self.group("{", "}")
        if name == "sqrt":
            degree = self.group("[", "]") if self.peek() == "[" else 2.0
            return self.group("{", "}") ** (1 / degree)
        power = self.exponent() if self.peek() == "^" else 1.0
        return FUNCTIONS[name](self.group("(", ")")) ** power
