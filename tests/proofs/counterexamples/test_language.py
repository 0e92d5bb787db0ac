"""Claims in one's own words: what is read, what is refused, and the verdicts on known examples."""

from __future__ import annotations

import pytest
import sympy

from hessrank.proofs.counterexamples.language import EXAMPLES, PREDICATES, predicate
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.models import mlp
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem


def _on(text, entry):
    return predicate(text)(read_spec(entry).landscape()).truth


@pytest.mark.parametrize(
    ("text", "entry", "expected"),
    [
        ("rank H > rank J", "X1", True),  # ranks 1 and 0
        ("rank(H) >= rank(J) + 1", "X1", True),
        ("rank H = 2*rank J", "X13", True),  # ranks 2 and 1
        ("rank J - rank H = 1", "X2", True),
        ("rank H ≥ rank J", "X2", False),
        ("zero H = N - rank H", "X5", True),
        ("dim fibre < N-M", "X5", True),
        ("rank H-rank J = 1", "X1", True),
        ("dim fibre < N - M", "X5", True),  # the fibre is a point, N = 3, M = 2
        ("rank H/2 = rank J/2", "X5", True),
        ("local-minimum & ~perfect-fit", "X1", True),
        ("perfect-fit | N > 5", "X1", False),
        ("~(perfect-fit | N > 5)", "X1", True),
        ("lambda = 1/4", "X2", True),  # L = θ⁴ + ¼
        ("λ = rank(H)/2", "X2", False),
        ("strict-minimum", "X1", True),
    ],
)
def test_verdicts_on_known_examples(text, entry, expected):
    assert _on(text, entry) is (Truth.TRUE if expected else Truth.FALSE)


@pytest.mark.parametrize("name", PREDICATES)
def test_each_predicate_holds_on_its_example(name):
    assert _on(name, EXAMPLES[name]) is Truth.TRUE


@pytest.mark.parametrize(
    "text",
    [
        "",
        "local-minimun",
        "rank Q > 1",
        "rank H >",
        "rank H",
        "rank H > rank J > 0",
        "__import__('os').system('true')",
        "N > 1/0",
        "local-minimum &",
        "(" * 60 + "N > 1" + ")" * 60,
        "N > 1 " * 900,
        "lambda: 0",
        "1 < 2 if 1 else 0",
    ],
)
def test_what_is_no_predicate_is_refused(text):
    with pytest.raises(InputError):
        predicate(text)


_SIZES = [
    Problem(mlp([N, K], bias=False), Data([[1] * N] * D, [[0] * K] * D)).at([0] * (N * K))
    for N in (1, 2)
    for K in (1, 2)
    for D in (1, 2)
]


@pytest.mark.parametrize("outer", ["{} & {}", "{} | {}", "~({} & {})", "~({} | {})"])
@pytest.mark.parametrize("inner", ["({} & {})", "({} | {})", "~({} & {})", "{}"])
def test_the_name_of_a_predicate_states_it(outer, inner):
    # read again, it has the same truth table: of networks of one layer, M = K·D
    parts = ("N = 1", "M = 1", "D = 1")
    left = inner.format(*parts[:2])
    for text in (outer.format(left, parts[2]), outer.format(parts[2], left)):
        made = predicate(text)
        for shown in (made.name, made.words):
            for word, sign in (("and", "&"), ("or", "|"), ("not", "~")):
                shown = shown.replace(word, sign)
            for here in _SIZES:
                assert predicate(shown)(here).truth is made(here).truth


def test_the_nearest_name_is_offered():
    with pytest.raises(InputError, match="local-minimum"):
        predicate("local-minimun")


N, M, FIT = sympy.symbols("N, M, perfect-fit")
H, J = sympy.Symbol("rank H"), sympy.Symbol("rank J")


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        (sympy.Eq(H, J), "rank H = rank J"),
        (sympy.Ne(H, J), "rank H != rank J"),
        (J + 1 >= H, "rank J + 1 >= rank H"),
        ((N > M) & ~FIT, "N > M & ~perfect-fit"),
        (sympy.Implies(FIT, sympy.Eq(H, J)), "~perfect-fit | rank H = rank J"),
        (3 * N / 2 - M / 2 - 1 < H, "3/2*N - M/2 - 1 < rank H"),
    ],
    ids=str,
)
def test_a_statement_of_sympy_says_what_its_text_says(statement, text: str) -> None:
    for entry in ("X1", "X2", "X4", "X8", "X13"):
        here = read_spec(entry).landscape()
        assert predicate(statement)(here).truth is predicate(text)(here).truth


@pytest.mark.parametrize("bad", [N * M > 1, sympy.sin(N) > 0, sympy.true, N + M, sympy.Symbol("x")])
def test_what_is_no_statement_of_sympy_is_one_line(bad) -> None:
    with pytest.raises(InputError) as caught:
        predicate(bad)
    assert "\n" not in str(caught.value)
