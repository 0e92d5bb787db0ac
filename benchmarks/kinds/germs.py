"""Critical points whose kind, and fibres whose dimension, are known by construction: a germ whose
nature is textbook, behind a polynomial change of coordinates with a polynomial inverse, which keeps
both. Where Singular is installed, its local dimension (of complex zeros) bounds fibres from above.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from fractions import Fraction

import hessrank as hr
from kinds.outcomes import Outcome, Spec, judged

KINDS = ("minimum", "fibre")
#: (germ at 0 in s, t, u; whether 0 is a local minimum; whether it is a strict one)
GERMS = (
    ("s**2 + t**2 + u**2", True, True),
    ("s**2 + t**4 + u**2", True, True),
    ("s**2 + t**4 + u**6", True, True),
    ("(s + t)**4 + t**4 + u**2", True, True),
    ("s**4 - s**2*t**2 + t**4 + u**2", True, True),
    ("s**2 + t**2", True, False),
    ("s**2*t**2 + u**2", True, False),
    ("(s - t**2)**2 + u**2", True, False),
    ("s**2", True, False),
    ("s**2 - t**2 + u**2", False, False),
    ("s**2 + t**3 + u**2", False, False),
    ("s**2 + t**5 + u**2", False, False),
    ("s**2 - t**4 + u**2", False, False),
    ("s**2 - t**6 + u**4", False, False),
    ("(s - t**2)*(s - 2*t**2) + u**2", False, False),
    ("(s - t**3)*(s - 2*t**3) + u**2", False, False),
    ("s*t + u**2", False, False),
    ("s**3 + t**2 + u**2", False, False),
    ("s*t*u", False, False),
    ("s**2*t + u**4", False, False),
)
#: (outputs that vanish at 0; the dimension of their real zeros at 0; that of the complex ones)
FIBRES = (
    (("s*t",), 2, 2),
    (("s*t", "u"), 1, 1),
    (("s**2 + t**2", "u"), 0, 1),
    (("s**2 - t**2", "u"), 1, 1),
    (("s*t", "s*u"), 2, 2),
    (("s**2 - t**3",), 2, 2),
    (("s**2 - t**3", "u - s"), 1, 1),
    (("s", "t", "u"), 0, 0),
    (("s", "t"), 1, 1),
    (("s**2", "t*u"), 1, 1),
    (("s**2 + t**2 + u**2",), 0, 2),
    (("s**2 + t**4",), 1, 2),
    (("s - t", "s + t"), 1, 1),
    (("s**3", "t**2 - u**3"), 1, 1),
    (("s*t", "t*u", "s*u"), 1, 1),
    (("s - t**2", "s + t**2"), 1, 1),
    (("s**2 + t**2 - u**2",), 2, 2),
    (("s**2 - t**2*u",), 2, 2),
    (("s**2 + t**2*u**2",), 1, 2),
    (("s**2 + t**6 + u**4",), 0, 2),
    (("s*t*(s**2 + t**2)",), 2, 2),
    (("s*u", "(s**2 - t**3)*u"), 2, 2),
    (("s**2 + 2*t**2", "u**2"), 0, 1),
    (("s**2 - 2*t**2", "t*u"), 1, 1),
    (("s**2 + t**2 - u**3", "s - t"), 1, 1),
    (("(s - t**2)**2 - u**3", "t*u"), 1, 1),
)


def draw(rng: random.Random, kind: str) -> Spec:
    """A germ, and a triangular change of coordinates around a point."""
    names = ["x", "y", "z"]
    rng.shuffle(names)
    point = {name: str(Fraction(rng.randint(-3, 3), rng.choice((1, 2)))) for name in "xyz"}

    def shifted(name: str) -> str:
        return f"({name} - ({point[name]}))"

    a, b, c = (rng.randint(-2, 2) for _ in range(3))
    s, t, u = (shifted(name) for name in names)
    match rng.choice(("none", "linear", "curved")):
        case "linear":
            s, t = f"({s} + {a}*{t} + {b}*{u})", f"({t} + {c}*{u})"
        case "curved":
            s, t = f"({s} + {a}*{t}**2 + {b}*{t}*{u})", f"({t} + {c}*{u}**2)"
    forms = {"s": s, "t": t, "u": u}

    def written(text: str) -> str:
        return "".join(forms.get(letter, letter) for letter in text)

    if kind == "minimum":
        germ, local, strict = rng.choice(GERMS)
        return {
            "kind": kind,
            "outputs": [written(germ)],
            "point": point,
            "local": local,
            "strict": strict,
        }
    outputs, real, complex_ = rng.choice(FIBRES)
    return {
        "kind": kind,
        "outputs": [written(o) for o in outputs],
        "point": point,
        "dimension": real,
        "complex": complex_,
    }


def run(problem: Spec) -> list[Outcome]:
    """The kind of the point, or the dimension of the fibre."""
    model = hr.Model.from_expressions(problem["outputs"], "x y z")
    if problem["kind"] == "minimum":
        linear = hr.Loss.from_expression("o - y")
        here = hr.Problem(model, hr.Data([[]], [[0]]), linear).at(problem["point"])
        found = here.minimum()
        outcomes = [judged("local minimum", found.local.truth, problem["local"])]
        if problem["local"]:
            outcomes.append(judged("strict", found.strict, problem["strict"]))
        return outcomes
    zeros = [[0] * len(problem["outputs"])]
    here = hr.Problem(model, hr.Data([[]], zeros), "half-squared").at(problem["point"])
    known = problem["dimension"]
    outcomes = [
        judged(f"dim fibre {sign} {k}", _holds(f"dim fibre {sign} {k}", here), expected)
        for sign, k, expected in (("=", known, True), (">=", known + 1, False))
    ]
    if shutil.which("Singular"):
        found = singular_dimension(problem)
        wrong = () if found == problem["complex"] else (f"Singular: {found}",)
        outcomes.append(Outcome("Singular", wrong))
    return outcomes


def _holds(conclusion: str, here: hr.Landscape) -> hr.Truth:
    outcome = hr.check(hr.Claim(conclusion=hr.predicate(conclusion)), here).outcome.value
    return {"holds": hr.Truth.TRUE, "fails": hr.Truth.FALSE}.get(outcome, hr.Truth.UNDECIDED)


def singular_dimension(problem: Spec) -> int:
    """The dimension at the point of the complex zeros of the outputs, by a local standard basis."""
    moved = [f"{name} + ({value})" for name, value in problem["point"].items()]
    lines = [
        "ring r = 0, (x, y, z), ds;",
        f"ideal i = {', '.join(problem['outputs'])};".replace("**", "^"),
        f"map f = r, {', '.join(moved)};",
        "ideal j = std(f(i)); dim(j); quit;",
    ]
    done = subprocess.run(
        ["Singular", "-q"], input="\n".join(lines), capture_output=True, text=True, timeout=60
    )
    return int(done.stdout.split()[-1])
