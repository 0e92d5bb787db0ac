"""Points where L, or F, has no value: no verdict may come of its derivatives' formulas."""

from __future__ import annotations

import random
from fractions import Fraction

import hessrank as hr
from kinds.outcomes import Outcome, Spec

KINDS = ("domain-of-F", "domain-of-loss", "domain-of-regulariser")
#: A function of a number v, and the values of v at which it has none.
HOLES = (
    ("log({})", "<=0"),
    ("1/({})", "=0"),
    ("sqrt({})", "<0"),
    ("({})**(-2)", "=0"),
    ("({})**(1/4)", "<0"),
    ("log({}) - {}", "<=0"),
    ("{}*log({})", "<=0"),
    ("{}/(2*({}))", "=0"),
)


def draw(rng: random.Random, kind: str) -> Spec:
    """A hole in a model, a loss or a regulariser, and a point that lies in it or beside it."""
    text, where = rng.choice(HOLES)
    inside = rng.random() < 0.7
    size = Fraction(rng.randint(1, 20), rng.choice((1, 3, 10)))
    low = {"<=0": rng.choice((-size, Fraction())), "=0": Fraction(), "<0": -size}[where]
    a, b = Fraction(rng.randint(1, 3)), Fraction(rng.randint(-3, 3))
    value = low if inside else size
    return {
        "kind": kind,
        "hole": text,
        "inside": inside,
        "a": str(a),
        "b": str(b),
        "w": str((value - b) / a),  # a·w + b is the value
    }


def run(problem: Spec) -> list[Outcome]:
    """Inside: DomainError of all that needs the value. Outside: an answer."""
    hole, argument = problem["hole"], f"({problem['a']}*{{}} + {problem['b']})"
    places = hole.count("{}")
    outputs, loss, regulariser = ["w*x", "w + v"], "half-squared", None
    match problem["kind"]:
        case "domain-of-F":
            outputs[0] = hole.format(*[argument.format("w*x")] * places)
        case "domain-of-loss":
            loss = hr.Loss.from_expression(
                f"(o2 - y2)**2 + {hole.format(*[argument.format('o1')] * places)}"
            )
        case "domain-of-regulariser":
            regulariser = hole.format(*[argument.format("w")] * places)
    model = hr.Model.from_expressions(outputs, "w v", "x")
    data = hr.Data([1, 1], [[0, 0], [1, 1]])
    here = hr.Problem(model, data, loss, regulariser=regulariser).at({"w": problem["w"], "v": 1})
    asked = {
        "minimum": here.minimum,
        "verdict": here.verdict,
        "rank H": lambda: here.rank("hessian"),
        "rank-equality": lambda: hr.check("rank-equality", here),
    }
    if problem["kind"] == "domain-of-F":
        asked["rank J"] = lambda: here.rank("jacobian")
    outcomes = []
    for name, question in asked.items():
        try:
            found = question()
            answer = str(found)[:80]
        except hr.HessrankError as error:
            kind = type(error).__name__
            wrong = () if problem["inside"] else (f"{name} is refused: {error}",)
            outcomes.append(Outcome(kind, wrong))
            continue
        if name == "rank-equality" and found.outcome.value == "not-applicable":
            outcomes.append(Outcome("not-applicable"))
            continue
        wrong = (f"{name} answers where L has no value: {answer}",) if problem["inside"] else ()
        outcomes.append(Outcome("answered", wrong))
    return outcomes
