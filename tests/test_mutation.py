"""Which mutants benchmarks/mutation.py sets aside: those of words, and no others."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest

_PATH = Path(__file__).parent.parent / "benchmarks" / "mutation.py"
_SPEC = importlib.util.spec_from_file_location("mutation", _PATH)
mutation = importlib.util.module_from_spec(_SPEC)
sys.modules["mutation"] = mutation  # where dataclasses look for it
_SPEC.loader.exec_module(mutation)


def same(body: str, other: str) -> bool:
    one, two = (
        mutation.skeleton(ast.parse(f"def f__mutmut_{k}(x):\n    {text}"))
        for k, text in enumerate((body, other))
    )
    return one == two


@pytest.mark.parametrize(
    ("body", "other"),
    [
        ('raise InputError("no such name", "x")', "raise InputError(None)"),
        ('return Fact(x, "it is so")', "return Fact(x, None)"),
        ('require(x, int, A_NUMBER, "x")', 'require(x, int, A_NUMBER, "XXxXX")'),
        ("zip(x, x, strict=True)", "zip(x, x, strict=False)"),
        ('why = "it is so"; return x, why', "why = None; return x, why"),
        ('why = "it is so"; return x, why', 'why = "IT IS SO"; return x, why'),
        ('why = f"it is {x}"; return x, why', "why = None; return x, why"),
        ('by = "one way" if x else "two ways"', 'by = "one way" if x else "XXtwo waysXX"'),
    ],
)
def test_mutants_of_words(body: str, other: str) -> None:
    assert same(body, other)


@pytest.mark.parametrize(
    ("body", "other"),
    [
        ('return Fact(x, "it is so")', 'return Fact(None, "it is so")'),
        ('require(x, int, A_NUMBER, "x")', 'require(x, None, A_NUMBER, "x")'),
        ('return Minimum("not a minimum", x)', 'return Minimum("NOT A MINIMUM", x)'),
        ('kind = "not a minimum"', 'kind = "NOT A MINIMUM"'),
        ('what = "hessian"; return x[what]', 'what = "HESSIAN"; return x[what]'),
        ('by = "one way" if x else "two ways"', 'by = "one way" if not x else "two ways"'),
        ("why = None; return x, why", 'why = ""; return x, why'),
        ('why = ""; return x, why', 'why = "XXXX"; return x, why'),
        ('why = "it is so"; return x if why else 0', "why = None; return x if why else 0"),
        ('why = "it is so"; return why or x', "why = None; return why or x"),
        ('why = "it is so"; return "so" in why', 'why = "IT IS SO"; return "so" in why'),
        ('why = "it is so"; return not why', "why = None; return not why"),
        (
            'why = "it is so"; return [v for v in x if why]',
            "why = None; return [v for v in x if why]",
        ),
        ("why = ask(x)", "why = None"),
    ],
)
def test_mutants_of_decisions(body: str, other: str) -> None:
    assert not same(body, other)
