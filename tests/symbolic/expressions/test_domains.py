"""0·undefined is undefined: what a user writes keeps its domain."""

from __future__ import annotations

import pickle
from fractions import Fraction

import pytest
import sympy

import hessrank as hr
from hessrank.symbolic.errors import DomainError, KinkError
from hessrank.symbolic.expressions.expression import evaluate, free_symbols, symbol
from hessrank.symbolic.expressions.parsing import parse
from hessrank.symbolic.expressions.substitution import replace, substitute
from hessrank.symbolic.fields.field import Field

#: Texts without a value: a factor 0 or an exponent 0 beside a pole, a logarithm or an even root
#: outside its domain, some of them only seen to be so after a cancellation.
UNDEFINED = (
    "0/(sqrt(2)-sqrt(2))",
    "0*log(sin(4))",
    "(1/sin(pi))**0",
    "(log(sin(4)))**0",
    "0*tan(pi/2)",
    "0*(0-pi)**(1/2)",
    "0*(log(cos(2)))*(1+exp(1))",
    "0/(exp(1)*exp(-1)-1)",
    "0*(sqrt(3)-sqrt(2)-sqrt(5-2*sqrt(6)))**(-1)",
    "exp(0*log(sin(4)))",
    "2**(0/(pi-pi))",
    "-(0/(pi-pi))",
    "5*(0*log(sin(4)))",
    "0*(0*log(sin(4)))",
    "(0*log(sin(4)))**2",
    "(0/(pi-pi))/(2*pi)",
)
DEFINED = ("0/pi", "0*log(2)", "0*sqrt(2)", "0*tan(1)", "0*log(sin(1))", "0/(sqrt(3)-sqrt(2))")


@pytest.mark.parametrize("text", UNDEFINED)
@pytest.mark.parametrize("ask", [hr.rank, hr.generic_rank], ids=["rank", "generic_rank"])
def test_an_entry_without_a_value_has_no_rank(text: str, ask) -> None:  # type: ignore[no-untyped-def]
    for matrix in ([[text, 1]], [[text]], [[1, text], [text, 2]]):
        with pytest.raises(DomainError):
            ask(matrix)


JUMPS = ("step(0)", "sign(sin(pi))", "0*step(log(2)+log(3)-log(6))", "1+sign(sqrt(2)-sqrt(2))")


@pytest.mark.parametrize("text", ["1/(pi-pi)", "log(cos(2))", "sqrt(sin(4))", *JUMPS])
def test_the_entry_is_named(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        hr.rank([["tanh(1)", 1], [2, text]])
    assert caught.value.key == "matrix"
    assert str(caught.value).startswith(f"the entry {parse(text, set())}: ")
    assert isinstance(caught.value, KinkError) is (text in JUMPS)
    if text not in JUMPS:
        with pytest.raises(DomainError, match=r"the constant .*: ") as caught:
            hr.generic_rank([["u", 1], [2, text]])
        assert caught.value.key == "matrix"


def test_in_a_complex_matrix_too() -> None:
    i = sympy.I
    with pytest.raises(DomainError, match="the entry log"):
        hr.rank([[i, 1], [2, "log(cos(2))"]])


@pytest.mark.parametrize("text", UNDEFINED)
def test_nor_beside_a_variable(text: str) -> None:
    for matrix in ([[text, "u"]], [[f"u*({text})", 1]], [[f"u+({text})"]]):
        with pytest.raises(DomainError):
            hr.generic_rank(matrix)
        with pytest.raises(DomainError):
            hr.rank_locus(matrix)


@pytest.mark.parametrize("text", DEFINED)
def test_a_value_of_zero_is_zero(text: str) -> None:
    assert int(hr.rank([[text]])) == 0 == int(hr.generic_rank([[text]]))
    assert int(hr.rank([[f"({text[2:]})**0"]])) == 1


def test_a_divisor_that_is_zero_everywhere() -> None:
    for text in ("0/(u-u)", "(u/(u-u))**0", "0*log(u)/(u*u-u**2)"):
        with pytest.raises(DomainError, match="nowhere"):
            hr.generic_rank([[text, 1]])
    assert int(hr.generic_rank([["0/u", "(1/u)**0"]])) == 1


def test_the_guard_survives_substitution_and_pickling() -> None:
    form = parse("0/w + 3", {"w"})
    others = [
        pickle.loads(pickle.dumps(form)),
        *replace([form], {symbol("v"): symbol("u")}),
        *substitute([parse("0/v + 3", {"v"})], {"v": symbol("w")}),
        parse(str(form), {"w"}),
    ]
    for other in (form, *others):
        assert free_symbols(other) == {"w"}
        assert evaluate([other], Field(), {"w": Field.number(Fraction(2))}) == [3]
        with pytest.raises(DomainError):
            evaluate([other], Field(), {"w": Field.number(Fraction(0))})
    with pytest.raises(KinkError):
        hr.rank([["0*sign(pi-pi)"]])


def test_a_model_keeps_its_domain() -> None:
    model = hr.Model.from_expressions(outputs=["0/w + w*x"], parameters="w", inputs="x")
    problem = hr.Problem(model, hr.Data(x=[[1]], y=[[0]]), loss="half-squared")
    assert int(problem.at({"w": 2}).rank("jacobian")) == 1
    with pytest.raises(DomainError):
        _ = problem.at({"w": 0}).outputs
