r"""The mathematics in a plain sentence, for the formats that set mathematics.

In: words such as `H = JᵀAJ + Σ_m r_m∇²F_m, so rank H ≤ rank J`. Out: the pieces of the text, those
that are mathematics as LaTeX. A run of letters, signs and brackets is mathematics where it can be
read as such; what could be a word (a, A, I, a name, an initial, a label such as X5) stays a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from hessrank.proofs.pages.blocks import words
from hessrank.proofs.pages.plain import ABOVE, BELOW
from hessrank.proofs.pages.signs import BINARY, LETTERS, OPERATORS, RELATIONS
from hessrank.proofs.pages.signs import WORDS as FUNCTIONS

_UP = {glyph: plain for plain, glyph in ABOVE.items() if plain != "*"} | {"ᵀ": "⊤", "ᵏ": "k"}
_DOWN = {glyph: plain for plain, glyph in BELOW.items()}
_COMMANDS = {glyph: f"\\{name} " for name, glyph in (LETTERS | OPERATORS).items()} | {
    "−": "-", "–": "-", "≤": r"\le ", "≥": r"\ge ", "≠": r"\neq ", "→": r"\to ",
    "⇒": r"\Rightarrow ", "⇔": r"\Leftrightarrow ", "⊤": r"\top ", "‖": r"\| ", "′": "'", "″": "''",
    "½": r"\tfrac12 ", "¼": r"\tfrac14 ", "Σ": r"\sum ", "∑": r"\sum ", "Π": r"\prod ",
    "∏": r"\prod ", "ℝ": r"\mathbb{R}", "ε": r"\varepsilon ", "φ": r"\varphi ", "…": r"\ldots ",
    "√": "√", "~": r"\sim ", "*": r"\cdot ",
}  # fmt: skip
_NAMED = FUNCTIONS | {
    "rank", "im", "diag", "tr", "relu", "sigmoid", "softmax", "softplus", "vol", "const",
    "erf",
}  # fmt: skip
#: Products that a sentence holds without a sign that shows them as such.
_PRODUCTS = re.compile(
    r"[A-Z]{0,3}[vw]|QR|PJ|AJ|CJ|EB|TZ|RQ|PAP|UBV|GG|ab|wx|ux|xy|ak|tg|tv|sv|st|ax|bx"
)
_NO_PRODUCTS = {
    "an", "as", "at", "be", "by", "do", "fn", "go", "if", "in", "is", "it", "no", "of", "on", "or",
    "so", "to", "up", "us", "vs", "we", "thm", "cor", "sec", "eq", "and", "the", "for", "not",
    "net", "all", "one", "two", "are", "has", "its", "but", "can", "any", "off", "out", "let",
    "he", "me", "my", "am",
}  # fmt: skip
_GREEK = "".join(sorted(set(LETTERS.values()) - set("⊤…⋯⋮√")))
#: Letters with accents, of words alone.
_ACCENTED = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f"
#: What an index in brackets may hold.
_INDEX = rf"[A-Za-z0-9 ,.+=<>≤≥−–·/½∞{re.escape(_GREEK)}-]+"
_SIGNS = "".join(sorted((RELATIONS | BINARY | set("·×∘∩∪∖/⊗⊕⊥∣|⟂~*")) - {"-"}))
_BRACKETS = {"(": ")", "[": "]", "{": "}"}

#: One token; the name of the group is its kind.
_TOKEN = re.compile(
    rf"""
    (?P<word>[A-Za-z]*[{_ACCENTED}][A-Za-z{_ACCENTED}]*|\(\d+(?:\.\d+)+\)|(?:[A-Za-z]\.){{2,}}|[A-Za-z]+(?:[’'][a-z]+)+
      |(?=[A-Za-z0-9-]*[A-Za-z]{{2}})[A-Za-z0-9]+(?:-[A-Za-z0-9>]+)+|[A-Za-z]+\d+[a-z]?\b
      |n/a\b|\d+(?:\.\d+)?e-\d+|[A-Za-z]{{2}}[A-Za-z0-9]*_[A-Za-z0-9_]{{3,}}
      |\[[A-Z]{{2,}}\]|[A-Z]\.\d+|\d+(?:\.\d+){{2,}}|\d+(?:nd|rd|th|st|x\d+)\b)
    |(?P<script>[{re.escape("".join(_UP))}]+|[{re.escape("".join(_DOWN))}]+
      |_(?:\{{{_INDEX}\}}|(?:test|train|out|max|min)\b|\d+|[a-z]{{2}}(?![A-Za-z_])|[A-Za-z<>])
      |(?:\^|\*\*)(?:\{{{_INDEX}\}}|\({_INDEX}\)|[−-]?\d+|[A-Za-z∞]))
    |(?P<prime>[′″]+|'+(?![a-z])|!(?=[/·.,)\s]|$))
    |(?P<letters>[A-Za-z]+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<greek>[{re.escape(_GREEK)}ℝ½¼√]|[Σ∑Π∏])
    |(?P<dots>…|\.\.\.|⋯)
    |(?P<sign>[{re.escape(_SIGNS)}‖]|(?<=[\s(,\[])-(?=[\s\dA-Za-z(])
      |(?<=\b[A-Za-z])[-–](?=[A-Za-z\d]\b))
    |(?P<bracket>[()\[\]{{}}])
    |(?P<comma>[,;:])
    |(?P<space>\ +)
    |(?P<other>.)
    """,
    re.X | re.S,
)


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


_APOSTROPHE = re.compile(r"(?<=\w)'(?=\w)|(?<=s)'(?=\s)")


def set_words(text: str) -> Iterator[tuple[str, bool]]:
    r"""`blocks.words` for formats that set mathematics: that of plain words is LaTeX too.

    >>> list(set_words("then r_m = 0 in $J$"))
    [('then ', False), ('r_{m} = 0', True), (' in ', False), ('J', True)]
    """
    for piece, is_latex in words(text):
        if is_latex:
            yield piece, True
        else:
            for part, found in mathematics(piece):
                yield part if found else _APOSTROPHE.sub("’", part), found


def mathematics(text: str) -> Iterator[tuple[str, bool]]:
    r"""The pieces of a sentence, each with whether it is LaTeX.

    >>> list(mathematics("so rank J' ≤ N − 1."))
    [('so ', False), ("\\operatorname{rank} J' \\le N - 1", True), ('.', False)]
    >>> list(mathematics("n/a for tanh_fit, 3.67e-7"))
    [('n/a for tanh_fit, 3.67e-7', False)]
    """
    tokens = [_Token(m.lastgroup or "other", m[0]) for m in _TOKEN.finditer(text)]
    plain, at = "", 0
    while at < len(tokens):
        end = _run(tokens, at, plain)
        if end > at:
            if plain:
                yield plain, False
            yield _latex(tokens[at:end]), True
            plain, at = "", end
        else:
            plain += tokens[at].text
            at += 1
    if plain:
        yield plain, False


#: What stands before rank where it is a noun.
_NOUN = re.compile(
    r"\b(?:full|effective|has|have|the|lower|higher|of|low|a|same|constant|its) $", re.I
)

# --- where a run ends -----------------------------------------------------------------------------


def _run(tokens: Sequence[_Token], at: int, before: str) -> int:
    """Where the mathematics that begins at `at` ends; `at` where none does."""
    if before and before[-1].isalnum():
        return at  # the end of a word
    if tokens[at].text == "rank" and _NOUN.search(before):
        return at
    if not _opens(tokens[at], _at(tokens, at + 1)):
        return at
    end = _sequence(tokens, at, inside=False)
    while end > at and not _closes(tokens, at, end):
        end -= 1
    found = tokens[at:end]
    if not found or not _is_mathematics(found, before, tokens[end : end + 8]):
        return at
    return end


def _opens(token: _Token, after: _Token | None) -> bool:
    if token.kind in ("number", "greek"):
        return True
    if token.kind == "letters":
        return len(token.text) == 1 or token.text in _NAMED or _is_product(token.text, after)
    return token.text in ("(", "[", "{", "−", "±", "|", "‖")


def _closes(tokens: Sequence[_Token], at: int, end: int) -> bool:
    last = tokens[end - 1]
    if last.kind in ("space", "comma", "dots") or last.text in _NAMED - {"const"}:
        return False
    if last.kind == "sign":
        return last.text in "|‖" and _bars_close(tokens[at:end])
    balance = 0
    for token in tokens[at:end]:
        if token.kind == "bracket":
            balance += 1 if token.text in _BRACKETS else -1
    return balance == 0 and _bars_close(tokens[at:end])


def _bars_close(tokens: Sequence[_Token]) -> bool:
    return all(sum(t.text == bar for t in tokens) % 2 == 0 for bar in "‖") and (
        sum(t.text == "|" for t in tokens) % 2 == 0 or any(t.text == "[" for t in tokens)
    )


def _sequence(tokens: Sequence[_Token], at: int, inside: bool) -> int:
    """The end of the tokens from `at` on that are mathematics; inside brackets, lists too."""
    start = at
    while at < len(tokens):
        token = tokens[at]
        before = tokens[at - 1] if at > start else None
        if token.kind == "bracket":
            if token.text not in _BRACKETS:
                return at
            apart = before is not None and before.kind == "space" and not inside
            if apart and (at < start + 2 or not _wants_operand(tokens[at - 2])):
                return at  # words in brackets, not a factor
            close = _sequence(tokens, at + 1, inside=True)
            if close >= len(tokens) or tokens[close].text != _BRACKETS[token.text]:
                return at
            at = close + 1
        elif token.kind == "space":
            after = _at(tokens, at + 1)
            if before is None and not inside:
                return at
            if not inside and not _joined(before, after, first=at - 1 == start):
                return at
            at += 1
        elif token.kind in ("comma", "dots"):
            if not inside and token.text != "⋯":
                return at
            at += 1
        elif token.kind == "letters":
            adjacent = before is not None and before.kind not in ("space", "comma")
            factors = inside or (at > start + 1 and _wants_operand(tokens[at - 2]))
            if not (
                len(token.text) == 1
                or token.text in _NAMED
                or _is_product(token.text, _at(tokens, at + 1))
                or (token.text not in _NO_PRODUCTS and len(token.text) <= 3 and adjacent)
                or (token.text not in _NO_PRODUCTS and len(token.text) == 2 and factors)
            ):
                return at
            at += 1
        elif token.kind in ("script", "prime"):
            closed = before is not None and (before.kind != "sign" or before.text in "|‖")
            if not closed or before is None or before.kind in ("space", "comma", "other"):
                return at
            if _twice(tokens[start : at + 1]):
                return at
            at += 1
        elif token.kind in ("number", "greek", "sign"):
            at += 1
        else:
            return at
    return at


def _twice(tokens: Sequence[_Token]) -> bool:
    """Whether the last token is a second index, or a second exponent, of one thing."""
    places: list[str] = []
    for token in reversed(tokens):
        if token.kind not in ("script", "prime") or token.text == "!":
            break
        below = token.text[0] == "_" or token.text[0] in _DOWN
        places.append("_" if below else "'" if token.kind == "prime" else "^")
    last, rest = places[:1], places[1:]
    if not last or (last[0] == "'" and rest[:1] == ["'"]):
        return False
    above = {"^", "'"} if last[0] == "'" or rest[:1] != ["'"] else {"^"}
    return last[0] in rest or (last[0] != "_" and any(place in above for place in rest))


def _wants_operand(token: _Token) -> bool:
    return token.kind == "sign" or token.text in _NAMED or token.text in "ΣΠ∑∏"


def _joined(before: _Token | None, after: _Token | None, first: bool) -> bool:
    """Whether two things with a blank between them are one formula."""
    if before is None or after is None:
        return False
    if after.kind == "sign" or before.kind == "sign":
        return True
    if before.text in _NAMED:
        return after.kind in ("letters", "greek", "number", "bracket")
    if before.kind == "script" and after.kind in ("letters", "greek"):
        return len(after.text) == 1 or after.text in _NAMED
    if before.text in "ΣΠ∑∏":
        return after.kind in ("letters", "greek", "bracket")
    if before.kind in ("letters", "greek", "prime") and after.kind in ("letters", "greek"):
        if after.text in FUNCTIONS - {"ker", "dim"}:
            return True
        if first and before.text in ("a", "A", "I"):
            return False
        return len(after.text) == 1 and after.text not in ("a", "A", "I")
    return False


def _at(tokens: Sequence[_Token], at: int) -> _Token | None:
    return tokens[at] if at < len(tokens) else None


def _is_product(text: str, after: _Token | None) -> bool:
    """Whether some letters are factors: known ones, and before a script any two or three."""
    if text in _NO_PRODUCTS:
        return False
    scripted = after is not None and after.kind == "script" and len(text) <= 3
    return scripted or _PRODUCTS.fullmatch(text) is not None


# --- whether a run is mathematics -----------------------------------------------------------------

_BEFORE_A = re.compile(r"(?:^|[.:!?“(]\s*)$")
#: What is said of the matrix A, and of no noun.
_OF_A = re.compile(
    r" (?:is|has|and|in|as)\b|( (?:positive|diagonal|singular|(semi)?definite))+(:|$)"
)


def _is_mathematics(run: Sequence[_Token], before: str, after: Sequence[_Token]) -> bool:
    kinds = {t.kind for t in run}
    letters = [t for t in run if t.kind == "letters" and t.text not in _NAMED]
    if len(run) == 1 and letters:
        return _lone(run[0].text, before, "".join(t.text for t in after))
    if letters or "greek" in kinds:
        return True
    return "script" in kinds or any(t.text in RELATIONS or t.text == "−" for t in run)


def _lone(letter: str, before: str, after: str) -> bool:
    """Whether a letter by itself is a symbol."""
    if letter in "aI" or not (before or after):
        return False
    if re.match(r"\.\s?[A-Za-z]", after) and re.search(r"(?:^|[,;.(&]\s|\b(?:and|by)\s)$", before):
        return False  # an initial
    if re.match(r"\.[A-Za-z0-9]|[-/’'][A-Za-z]", after) or (before and before[-1] in "-’'/."):
        return False
    if letter == "A" and _BEFORE_A.search(before):
        return _OF_A.match(after) is not None
    return True


#: What √ covers without a bracket: a number, a letter.
_COVERED = re.compile(
    rf"√(\d+|[A-Za-z](?![A-Za-z])|\\(?:{'|'.join(n for n, g in LETTERS.items() if g.isalpha())})\b)"
)


# --- as LaTeX -------------------------------------------------------------------------------------


def _latex(run: Sequence[_Token]) -> str:
    found = "".join(map(_written, _barred(run)))
    found = _COVERED.sub(r"\\sqrt{\1}", found)
    found = _rooted(found)
    found = re.sub(r"\b([RC])(?=\^)", lambda m: r"\mathbb{R}" if m[1] == "R" else "C", found)
    return re.sub(r" +", " ", found).strip()


def _rooted(latex: str) -> str:
    """√ with the bracket that it covers; before a name of a function a mere sign."""
    at = latex.find("√")
    if at < 0:
        return latex
    rest = latex[at + 1 :].lstrip()
    if not rest.startswith("("):
        return rf"{latex[:at]}\surd {_rooted(rest)}"
    depths = accumulate((c == "(") - (c == ")") for c in rest)
    end = next((n for n, depth in enumerate(depths) if not depth), len(rest))
    return rf"{latex[:at]}\sqrt{{{rest[1:end]}}}{_rooted(rest[end + 1 :])}"


def _barred(run: Sequence[_Token]) -> Iterator[_Token]:
    """The run, its bars as the brackets that they are where they stand in pairs."""
    paired = not sum(t.text == "|" for t in run) % 2
    apart = _Token("bracket", r"\mid ")
    opened = False
    for token in run:
        if token.text == "|" and paired:
            opened = not opened
            yield _Token("bracket", r"\lvert " if opened else r"\rvert ")
        else:
            yield apart if token.text == "|" else token


def _written(token: _Token) -> str:
    match token.kind:
        case "letters" if token.text in FUNCTIONS:
            return f"\\{token.text} "
        case "letters" if token.text in _NAMED:
            return rf"\operatorname{{{token.text}}} "
        case "script":
            return _script(token.text)
        case "prime":
            return token.text if token.text == "!" else "'" * len(token.text.replace("″", "''"))
        case "bracket" if token.text in "{}":
            return f"\\{token.text}"
        case "dots":
            return r"\cdots " if token.text == "⋯" else r"\ldots "
        case "comma":
            return token.text
        case "space":
            return " "
    return "".join(_COMMANDS.get(c, c) for c in token.text)


def _script(text: str) -> str:
    if text[0] in "_^*":
        text = text.replace("**", "^")
        inside = text[1:].strip("{}()")
        if len(inside) > 2 and inside.isalpha() and text[1] != "{":
            inside = rf"\mathrm{{{inside}}}"
        return f"{text[0]}{{{''.join(_COMMANDS.get(c, c) for c in inside).strip()}}}"
    mark, table = ("^", _UP) if text[0] in _UP else ("_", _DOWN)
    if set(text) == {"′"}:
        return "'" * len(text)
    return f"{mark}{{{''.join(_COMMANDS.get(table[c], table[c]) for c in text).strip()}}}"
