"""Signs that an output cannot carry, written with those that it can.

In: text with mathematics, on its way to a stream in ASCII or a code page. Out: the same in words:
`>=` for ≥, `theta` for θ. `register` makes it an error handler, so that no `?` stands for a sign.
"""

from __future__ import annotations

import codecs

ERRORS = "hessrank-plain"

_SIGNS = {
    "−": "-",
    "–": "-",
    "—": "-",
    "’": "'",
    "·": "*",
    "×": "x",
    "⋯": "...",
    "…": "...",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "≈": "~",
    "≅": "~=",
    "≡": "==",
    "∈": "in",
    "∉": "not in",
    "⊂": "subset of",
    "⊆": "subset of",
    "∪": "union",
    "∩": "intersection",
    "∖": "\\",
    "⊕": "(+)",
    "⊗": "(x)",
    "∘": "o",
    "⊥": "perp",
    "⪰": ">=",
    "⪯": "<=",
    "≻": ">",
    "≺": "<",
    "→": "->",
    "↦": "|->",
    "⇒": "=>",
    "∝": "~",
    "⇔": "<=>",
    "∞": "inf",
    "√": "sqrt",
    "∂": "d",
    "∇": "grad ",
    "Σ": "Sum",
    "∑": "Sum",
    "Π": "Prod",
    "∏": "Prod",
    "‖": "||",
    "⟨": "<",
    "⟩": ">",
    "⌊": "floor(",
    "⌋": ")",
    "ᵀ": "^T",
    "⁺": "^+",
    "⁻": "^-",
    "₊": "_+",
    "₋": "_-",
    "⁽": "^(",
    "⁾": ")",
    "⎛": "/",
    "⎜": "|",
    "⎝": "\\",
    "⎞": "\\",
    "⎟": "|",
    "⎠": "/",
    "⎡": "[",
    "⎢": "[",
    "⎣": "[",
    "⎤": "]",
    "⎥": "]",
    "⎦": "]",
    "⎧": "/",
    "⎨": "<",
    "⎩": "\\",
    "′": "'",
    "“": '"',
    "”": '"',
    "″": "''",
    "Ł": "L",
    "µ": "mu",
    "½": "1/2",
    "¼": "1/4",
    "¬": "not ",
    "∀": "for all ",
    "∃": "exists ",
    "∅": "{}",
    "∓": "-+",
    "∗": "*",
    "∣": "|",
    "∧": " and ",
    "∨": " or ",
    "∫": "Int",
    "∼": "~",
    "≪": "<<",
    "≫": ">>",
    "⊇": "superset of",
    "⊤": "^T",
    "⋀": " and ",
    "⋂": "intersection",
    "⋃": "union",
    "⋮": "...",
    "⟂": "perp",
    "⏞": "^",
    "⏟": "_",
    "✓": "yes",
    "✗": "no",
}


def plain(text: str) -> str:
    """`text` in ASCII.

    >>> plain("θ² ≥ ½, ∇L ≠ 0, ‖r‖ → ∞, Erdős")
    'theta^2 >= 1/2, grad L != 0, ||r|| -> inf, Erdos'
    """
    return "".join(c if c.isascii() else _plain_sign(c) for c in text)


def _plain_sign(c: str) -> str:
    if c in _SIGNS:
        return _SIGNS[c]
    import unicodedata

    name = unicodedata.name(c, "")
    if name.startswith("GREEK "):
        letter = name.rpartition(" ")[2].lower()
        letter = {"lamda": "lambda"}.get(letter, letter)
        return letter.capitalize() if "CAPITAL" in name else letter
    base = unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode()
    if name.startswith(("SUPERSCRIPT", "MODIFIER LETTER")) and base:
        return f"^{base}"
    if "SUBSCRIPT" in name and base:
        return f"_{base}"
    if unicodedata.combining(c):
        return ""
    if name.startswith("BOX DRAWINGS"):
        return "|" if "VERTICAL" in name else "-"
    return base or f"<{name.lower() or ord(c)}>"


def register() -> str:
    """Makes the error handler known, and returns its name."""

    def handler(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return plain(error.object[error.start : error.end]), error.end

    codecs.register_error(ERRORS, handler)
    return ERRORS
