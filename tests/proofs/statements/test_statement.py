"""Certificates of whole statements: what they say, and that the checker believes nothing else."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import mpmath
import pytest
import sympy

from hessrank import gallery
from hessrank.__main__ import main
from hessrank.proofs import checker
from hessrank.proofs.statements.problem import problem_json
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.specs.spec import loads, read_spec
from hessrank.symbolic.errors import InputError

ROOT = Path(__file__).parents[3]
_SPEC = importlib.util.spec_from_file_location("mutations", ROOT / "benchmarks" / "mutations.py")
mutations = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(mutations)


def certificate_of(id):
    return json.loads(json.dumps(statement_certificate(read_spec(id).landscape())))


def resealed(certificate):
    return certificate | {
        "about": checker.fingerprint(certificate["problem"]),
        "digest": checker.digest(
            certificate | {"about": checker.fingerprint(certificate["problem"])}
        ),
    }


#: By hand, from the closed forms.
STATEMENTS = {
    # L = (t² + 1)²/2 = 1/2 + t² + t⁴/2: J = 2t = 0, H = 2
    "X1": ["rank J = 0", "rank H = 1", "θ is a global minimum of L"],
    # L = t⁴ + 1/4, J = (1, 0)
    "X2": ["rank J = 1", "rank H = 0", "θ is a global minimum of L"],
    # L = 1/2 everywhere, J = (−sin, cos)
    "X3": ["rank J = 1", "rank H = 0", "θ is a global minimum of L"],
    # u = w: columns 1, 2 of J are equal, and 3, 4 proportional
    "X8": ["rank J = 2", "rank H = 2", "r = 0 and θ is a global minimum of L"],
    # F = v tanh(w·x) + c on two inputs whose activations agree
    "X9": ["rank J = 2", "rank H = 2", "r = 0 and θ is a global minimum of L"],
    # L = −t³ − t⁴/2
    "X14": ["rank H = 0", "∇L = 0", "L falls along a curve through θ and θ is not a minimum of L"],
    # o = t³ − 3t at t = −1: o' = 0, o'' = −6, r = o − y = −1 on both examples with the sign of x
    "spurious-minimum": ["rank J = 0", "rank H = 1", "θ is a strict local minimum of L"],
    # L = (ab − 1)²/2 at 0: H = ((0, −1), (−1, 0))
    "deep-linear-saddle": [
        "rank J = 0",
        "rank H = 2",
        "H has 1 positive, 1 negative, 0 zero eigenvalues",
        "H has negative curvature and θ is not a minimum of L",
    ],
    # the map of 3×3 matrices of rank 2: dimension 2·(3 + 3 − 2) = 8 in 12 parameters
    "deep-linear": ["rank J = 8", "H has 8 positive, 0 negative, 4 zero eigenvalues"],
    # one shift of the logits for each of 3 inputs (2 coordinates and the bias) is lost
    "softmax-classifier": ["rank J = 9", "rank H = 6", "∇L ≠ 0: θ is no critical point"],
    # three points on a line: F_1 − 2F_2 + F_3 = 0 near θ, so rank J = 2 there; N − 2 = 5
    "dead-unit": ["rank J = 2", "θ is a local minimum of L, not a strict one"],
    # quadratic forms in two variables have dimension 3; N − 3 = 6
    "polynomial": ["rank J = 3", "θ is a local minimum of L, not a strict one"],
    # L = (ab − 1)² + 3/4 (a² + b²) at a = b = 1/2
    "weight-decay": ["rank J = 1", "rank H = 2", "θ is a global minimum of L"],
}


@pytest.mark.parametrize("id", STATEMENTS)
def test_what_is_stated(id):
    certificate = certificate_of(id)
    assert checker.check(certificate) is None
    for sentence in STATEMENTS[id]:
        assert (
            sentence in certificate["statement"].split(", ") or sentence in certificate["statement"]
        ), certificate["statement"]


def test_a_copied_checker_accepts_the_whole_gallery_alone(tmp_path):
    """Isolated from every installed package: -I -S."""
    copied = tmp_path / "checker.py"
    shutil.copy(ROOT / "proofs" / "checker.py", copied)
    paths = []
    for id in gallery.ids():
        if id == "tanh-46":  # deciding its ranks takes seconds; benchmarks/mutations.py has it
            continue
        paths.append(tmp_path / f"{id}.json")
        paths[-1].write_text(json.dumps(certificate_of(id)))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(copied), *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done
    assert done.stdout.count("accepted: rank J = ") == len(paths) > 30


@pytest.mark.parametrize(
    ("id", "every"),
    [("X13", 1), ("X14", 1), ("X9", 3), ("xor-tanh", 5), ("softmax-classifier", 11)],
)
def test_a_mutant_is_refused_or_proves_the_same(id, every):
    tried, kept = mutations.accepted(certificate_of(id), every)
    assert tried > 50 and len(kept) < tried / 3
    slack = {"inverse", "congruence", "kernel", "squares", "curve", "columns", "direction", "form"}
    assert {path[2] for path, _ in kept} <= slack


def test_the_mutation_test_can_fail(monkeypatch):
    """A checker that believes everything lets other statements pass."""
    monkeypatch.setattr(checker, "prove", lambda certificate: "yes")
    with pytest.raises(ValueError, match="proves"):
        mutations.accepted(certificate_of("X1"))


def sympy_hessian(id):
    """∇²L at the point by sympy, from the text of the spec: half-squared losses alone."""
    spec = read_spec(id)
    model = spec.problem.model
    names = {n: sympy.Symbol(n) for n in (*model.parameters, *model.inputs)}
    forms = [sympy.sympify(str(f), locals=names) for f in model.outputs]
    L = 0
    for x, y in zip(spec.problem.data.x, spec.problem.data.y, strict=True):
        put = {names[n]: sympy.sympify(str(v)) for n, v in zip(model.inputs, x, strict=True)}
        L += sum(
            (f.subs(put) - sympy.sympify(str(t))) ** 2 / 2 for f, t in zip(forms, y, strict=True)
        )
    at = {names[n]: sympy.sympify(str(v)) for n, v in spec.landscape().values}
    thetas = [names[n] for n in model.parameters]
    return sympy.hessian(L, thetas).subs(at).evalf(40)


@pytest.mark.parametrize("id", ["X8", "X9", "X12", "spurious-minimum", "exponential-lattice"])
def test_the_checkers_hessian_is_that_of_sympy(id):
    found = checker.Problem(problem_json(read_spec(id).landscape())).hessian
    wanted = sympy_hessian(id)
    for i, row in enumerate(found):
        for j, v in enumerate(row):
            lo, hi = checker._enclose(v, 128)
            value = sympy.Rational(lo + hi, 2**129)
            assert abs(value - wanted[i, j]) < sympy.Rational(1, 10**25), (i, j)


def test_enclosures_contain_the_values_of_mpmath():
    rng = random.Random(5)
    functions = {
        "exp": mpmath.exp,
        "log": mpmath.log,
        "tanh": mpmath.tanh,
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
        "sin": mpmath.sin,
        "cos": mpmath.cos,
        "sinh": mpmath.sinh,
        "cosh": mpmath.cosh,
    }
    with mpmath.workdps(60):
        for name, f in functions.items():
            for _ in range(20):
                q = Fraction(rng.randint(1, 400), rng.randint(1, 60)) * (
                    1 if name == "log" else rng.choice((1, -1))
                )
                z = mpmath.mpf(q.numerator) / q.denominator
                jet = checker._apply(name, checker._variable(q, 0, 2))
                value, first, second = jet.v, jet.first()[0], jet.second()[0, 0]
                wanted = (f(z), mpmath.diff(f, z), mpmath.diff(f, z, 2))
                for k, (got, true) in enumerate(zip((value, first, second), wanted, strict=True)):
                    lo, hi = checker._enclose(got, 96)
                    error = mpmath.mpf(10) ** (-50 if k == 0 else -15) * (1 + abs(true))
                    assert lo / mpmath.mpf(2) ** 96 - error <= true, (name, q, k)
                    assert true <= hi / mpmath.mpf(2) ** 96 + error, (name, q, k)
                    assert hi - lo < 2**60 * (1 + abs(true))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("tanh(log(3)/2)", Fraction(1, 2)),  # (e^2z − 1)/(e^2z + 1) at e^2z = 3
        ("sigmoid(log(2))", Fraction(2, 3)),
        ("exp(2*log(3) - log(6))", Fraction(3, 2)),
        ("sqrt_free(2)", None),
        ("2**(1/2)*8**(1/2)", Fraction(4)),
        ("(2 + 3**(1/2))*(2 - 3**(1/2))", Fraction(1)),
        ("1/(1 + 2**(1/2)) - 2**(1/2)", Fraction(-1)),
        ("1/(2**(1/3) + 4**(1/3)) * (2**(1/3) + 4**(1/3))", Fraction(1)),
        ("tanh(log(2)/4)*(2**(1/2) + 1) - 2**(1/2)", Fraction(-1)),
        ("exp(1/2)*exp(-1/2)", Fraction(1)),
        ("sin(1)**2 + cos(1)**2", Fraction(1)),
        ("exp(2)*(1 - tanh(1)) - tanh(1)", Fraction(1)),
        ("log(12) - 2*log(2) - log(3)", Fraction(0)),
        ("softplus(log(2)) - log(3)", Fraction(0)),
        ("1/(1 + exp(1))", None),
        ("log(-1)", None),
        ("0**(-1)", None),
        ("relu(0)", None),
        ("x", None),
        ("__import__('os')", None),
        ("(lambda: 1)()", None),
        ("2**(2**(1/2))", None),
        ("((10**1000)**1000)**1000", None),
    ],
)
def test_exact_values(text, value):
    """Identities of the textbook; what is not carried is refused, never approximated."""
    if value is None:
        with pytest.raises(checker.Refused):
            checker._constant(text, "x")
    else:
        assert checker._constant(text, "x") == value


def forged(id, change):
    """A certificate with one change, its fingerprint and digest made to fit."""
    mutant = copy.deepcopy(certificate_of(id))
    change(mutant)
    return resealed(mutant)


def put(*path, value):
    """A claim is named by its kind, the first of several, so that new kinds may stand anywhere."""

    def change(certificate):
        place = certificate
        for key in path[:-1]:
            place = place[at(place, key)]
        place[at(place, path[-1])] = value

    def at(place, key):
        if isinstance(place, list) and isinstance(key, str):
            return next(i for i, claim in enumerate(place) if claim["kind"] == key)
        return key

    return change


@pytest.mark.parametrize(
    ("id", "change", "reason"),
    [
        ("X13", put("claims", 0, "rank", value=2), "not of size rank"),
        ("X13", put("claims", 0, "rows", value=[1]), "determinant is not that of the minor"),
        ("X13", put("claims", 1, "adjugate", value=[[1, 0], [0, 2]]), "is not determinant·1"),
        ("X11", put("claims", 0, "columns", value=[1]), "not the first independent"),
        ("X13", put("claims", 0, "matrix", value="hessian"), "not factor through"),
        ("X13", put("claims", "inertia", "inertia", "zero", value=1), "inertia.zero is wrong"),
        ("X13", put("problem", "point", "t1", value=1), "∇L is not 0"),
        ("X13", put("problem", "loss", "expression", value="o1"), "determinant is not that"),
        ("X13", put("claims", "squares", "kind", value="perfect-fit"), "the keys are not exactly"),
        ("X13", put("claims", "squares", value={"kind": "perfect-fit"}), "table of convex losses"),
        ("X13", put("claims", "squares", value={"kind": "convex"}), "table of convex losses"),
        (
            "X13",
            put("claims", "squares", "squares", 0, "weight", value=-1),
            "a weight is not positive",
        ),
        ("X13", put("statement", value="θ is good"), "what is proved is: rank J = 1"),
        ("X11", put("problem", "y", value=[[2]]), "H does not factor"),
        ("X12", put("problem", "regulariser", value="t**2"), "is not"),
        ("X14", put("claims", "descent", "curve", "t", value="1 + s"), "misses θ"),
        ("X14", put("claims", "descent", "curve", "t", value="0*s"), "constant on the curve"),
        (
            "X1",
            put("claims", "critical", value={"kind": "definite"}),
            "∇L = 0 is not claimed before",
        ),
        (
            "deep-linear-saddle",
            put("claims", "negative-curvature", "direction", value=[1, -1]),
            "is not negative",
        ),
        ("X15", put("problem", "y", value=[["1/2", "3/4", "-1/4"]]), "no probability"),
        ("X9", put("claims", 0, "inverse", value=[[1, 0], [0, 1]]), "the minor is regular"),
        ("X8", put("claims", 0, "kernel", value=None), "there is no upper bound"),
        ("X9", put("claims", "gauss-newton", "rank", value=1), "rank J is not claimed before"),
        ("X9", put("claims", "gauss-newton", "proves", value="peace"), "neither rank nor inertia"),
        ("X9", put("problem", "y", 0, value=[1]), "H is not JᵀAJ"),
        ("xor-relu", put("problem", "point", "b1_1", value=0), "kink"),
        ("xor-relu", put("problem", "model", "activation", value="mish"), "not carried"),
        ("xor-relu", put("problem", "model", "widths", value=[2, 65536, 65536]), "too large"),
    ],
)
def test_forged_statements_are_refused_for_the_right_reason(id, change, reason):
    assert reason in (checker.check(forged(id, change)) or "accepted")


def test_what_a_forger_may_prove_is_true():
    """With fingerprint and digest made to fit, a changed problem passes only where the claims hold
    of it too: its ranks are found again by hessrank, which shares no code with the checker."""
    tried = passed = 0
    for id in ("X5", "X12", "X13", "merged-inputs"):
        certificate = certificate_of(id)
        spec = read_spec(id)
        for path, new, mutant in mutations.mutants(certificate):
            if path[:2] != ("problem", "y") and path[0:2] != ("problem", "x"):
                continue
            if new is mutations.KEY or not isinstance(new, int) or isinstance(new, bool):
                continue
            tried += 1
            mutant = resealed(mutant)
            if checker.check(mutant) is not None:
                continue
            passed += 1
            data = [mutant["problem"][k] for k in "xy"]
            text = gallery.path(id).read_text().split("[data]")
            rest = "[loss]" + text[1].split("[loss]")[1]
            x = f"x = {data[0]}\n" if spec.problem.model.inputs else ""
            again = loads(f"{text[0]}[data]\n{x}y = {data[1]}\n{rest}", id).landscape()
            for name, symbol in (("jacobian", "J"), ("hessian", "H")):
                assert f"rank {symbol} = {int(again.rank(name))}" in mutant["statement"], path
    assert tried > 40 and passed >= 1


def sentence(outputs, point, y, loss, claim, proved=()):
    """What the checker makes of one claim about closed forms, others being proved before."""
    problem = {
        "model": {
            "kind": "closed-form",
            "outputs": outputs,
            "parameters": list(point),
            "inputs": [],
            "fixed": {},
        },
        "x": [[]],
        "y": [y],
        "loss": loss,
        "regulariser": None,
        "point": point,
    }
    return checker.sentence(checker.Problem(problem), claim, ["∇L = 0", *proved])


SQUARED = {"kind": "half-squared", "factor": 1}
FLAT = "θ is a local minimum of L, not a strict one"
ONE_FLAT = "H has 1 positive, 0 negative, 1 zero eigenvalues"


def family(**forms):
    at = {"s": 0} if "u" not in str(forms) else {"u": 1}
    return {"kind": "flat-family", "at": at, "family": forms}


def test_a_flat_minimum_by_a_family():
    """ab = 1 along (u, 1/u); y² along y = 0."""
    hyperbola = (["a*b"], {"a": 1, "b": 1}, [1], SQUARED)
    found = sentence(*hyperbola, family(a="u", b="u**(-1)"), [ONE_FLAT])
    assert found == FLAT
    for wrong, why in (
        (family(a="u", b="1"), "not 0 on the family"),
        (family(a="u", b="u**(-2)"), "not 0 on the family"),
        (family(a="u", b="2*u**(-1)"), "misses θ"),
        (family(a="1 + 0*s", b="1"), "not independent"),
    ):
        with pytest.raises(checker.Refused, match=why):
            sentence(*hyperbola, wrong, [ONE_FLAT])
    with pytest.raises(checker.Refused, match="claimed before"):
        sentence(*hyperbola, family(a="u", b="u**(-1)"), [])


def test_a_constant_loss_on_a_curve_is_no_minimum():
    """L = y²/2 + x³y is 0 on y = 0, and −x⁶/2 at y = −x³: the curve is not critical."""
    loss = {"kind": "expression", "factor": 1, "expression": "o2**2/2 + o1**3*o2"}
    given = (["x", "y"], {"x": 0, "y": 0}, [0, 0], loss)
    with pytest.raises(checker.Refused, match="not 0 on the family"):
        sentence(*given, family(x="s", y="0*s"), [ONE_FLAT])
    falls = {"kind": "descent", "curve": {"x": "s", "y": "-s**3"}}
    assert sentence(*given, falls) == "L falls along a curve through θ and θ is not a minimum of L"


def test_a_rank_that_does_not_stay_makes_no_fibre():
    """F = (x, xy) at 0: the gradients are dependent there and nowhere else."""
    claim = {"kind": "flat-fibre", "free": [1], "combinations": [[0, 1]]}
    given = (["x", "x*y"], {"x": 0, "y": 0}, [0, 0], SQUARED)
    with pytest.raises(checker.Refused, match="not constant"):
        sentence(*given, claim, ["rank J = 1", ONE_FLAT])
    line = (["x", "2*x + 0*y"], {"x": 0, "y": 0}, [0, 0], SQUARED)
    claim["combinations"] = [[-2, 1]]
    assert sentence(*line, claim, ["rank J = 1", ONE_FLAT]) == FLAT


def test_a_local_minimum_with_residual_and_rank_h_above_rank_j():
    """Two equal tanh units under MSE: rank H > rank J at a local minimum (docs/labels.md)."""
    text = """
[model]
kind = "mlp"
widths = [1, 2, 1]
activation = "tanh"
bias = false

[data]
x = [1, 2, 3]
y = ["-109/98", "1142/245", "5/14"]

[loss]
kind = "mse"

[point]
W1 = [["log(3)/2"], ["log(3)/2"]]
W2 = [[1, 1]]
"""
    certificate = statement_certificate(loads(text, "t").landscape())
    assert checker.check(certificate) is None
    said = certificate["statement"].split(", ")
    assert {"rank J = 2", "rank H = 3", "∇L = 0"} <= set(said)
    assert certificate["statement"].endswith(FLAT)


SHAPES = (None, True, 0, -1, 10**30, "", "x", "1/0", "((", "log(0)", [], [[]], [None], {}, {"a": 1})


@pytest.mark.parametrize("id", ["X9", "X13", "X14", "xor-relu", "weighted-squared", "X15"])
def test_any_shape_in_any_place_is_refused_in_a_sentence(id):
    """No value of another shape makes the checker fall over; digest and fingerprint fit."""
    rng = random.Random(3)
    certificate = certificate_of(id)
    spots = [path for path, _ in mutations.places(certificate) if path[0] != "digest"]
    for path in rng.sample(spots, min(len(spots), 40)):
        for value in SHAPES:
            mutant = copy.deepcopy(certificate)
            put(*path, value=value)(mutant)
            mutant = resealed(mutant)
            said = checker.check(mutant)
            assert said is None or (isinstance(said, str) and said)
            if said is None:
                assert checker.prove(mutant) == mutant["statement"]


@pytest.mark.parametrize(
    ("model", "point", "y", "said"),
    [
        # L = ((t² − 2)² ) / 2 at √2: J = 2√2, r = 0
        ('outputs = ["t**2"]\nparameters = "t"', 't = "sqrt(2)"', "[2]",
         "rank J = 1, rank H = 1, H has 1 positive, 0 negative, 0 zero eigenvalues, ∇L = 0, "
         "the fibre of θ has dimension 0, "
         "r = 0 and θ is a global minimum of L"),
        # L = (t³ − 6t)²/2 at √2: F' = 0, r = −4√2, F'' = 6√2: H = −48
        ('outputs = ["t**3 - 6*t"]\nparameters = "t"', 't = "sqrt(2)"', "[0]",
         "rank J = 0, rank H = 1, H has 0 positive, 1 negative, 0 zero eigenvalues, ∇L = 0, "
         "the fibre of θ has dimension from 0 to 1, "
         "H has negative curvature and θ is not a minimum of L"),
        # two equal units; tanh(log(2)/4) = (√2 − 1)/(√2 + 1)
        ('outputs = ["a*tanh(w) + b*tanh(w)"]\nparameters = "a b w"',
         'a = 1\nb = 1\nw = "log(2)/4"', '["2*tanh(log(2)/4)"]',
         "rank J = 1, rank H = 1, H has 1 positive, 0 negative, 2 zero eigenvalues, ∇L = 0, "
         "the fibre of θ has dimension 2, "
         "r = 0 and θ is a global minimum of L"),
    ],
)  # fmt: skip
def test_algebraic_points(model, point, y, said):
    text = f"[model]\n{model}\n[data]\ny = {y}\n[loss]\nkind = 'half-squared'\n[point]\n{point}\n"
    certificate = json.loads(json.dumps(statement_certificate(loads(text, "t").landscape())))
    assert checker.check(certificate) is None
    assert certificate["statement"] == said


def test_gauss_newton_needs_a_definite_a_and_no_curvature_of_f():
    claim = {"kind": "gauss-newton", "rank": 1, "proves": "rank"}
    at = {"x": 1, "y": 1}
    linear = (["x + y", "2*x + 2*y"], at, [0, 0])
    known = ["rank J = 1"]
    assert sentence(*linear, SQUARED, claim, known) == "rank H = 1"
    signs = "H has 1 positive, 0 negative, 1 zero eigenvalues"
    assert sentence(*linear, SQUARED, claim | {"proves": "inertia"}, known) == signs
    # ℓ = o₁² − o₂²/4 on F = (x, 2x): H = 0; ℓ = o₁o₂: A is indefinite; o₁⁴ + o₂² at 0: A is not ≻ 0
    for loss in ("o1**2 - o2**2/4", "o1*o2", "o1**2 + 0*o2", "(o1 - o2)**2"):
        form = {"kind": "expression", "factor": 1, "expression": loss}
        with pytest.raises(checker.Refused, match="A is not positive definite"):
            sentence(*linear, form, claim, known)
    full = {"kind": "expression", "factor": 1, "expression": "o1**2 + o1*o2 + o2**2"}
    assert sentence(*linear, full, claim, known) == "rank H = 1"
    weighted = {"kind": "weighted-squared", "weights": [[2, 1], [1, 2]]}
    assert sentence(*linear, weighted, claim, known) == "rank H = 1"
    with pytest.raises(checker.Refused, match="A is not positive definite"):
        sentence(*linear, {"kind": "weighted-squared", "weights": [[1, 1], [1, 1]]}, claim, known)
    with pytest.raises(checker.Refused, match="H is not JᵀAJ"):
        sentence(["x*y", "y"], at, [0, 0], SQUARED, claim, known)
    with pytest.raises(checker.Refused, match="claimed before"):
        sentence(*linear, SQUARED, claim, ["rank J = 2"])


TRAINED = """
[model]
kind = "mlp"
widths = [2, 2, 1]
activation = "tanh"

[data]
x = [[0, 0], [0, 1], [1, 0], [1, 1]]
y = [0, 1, 1, 0]

[loss]
kind = "mse"

[point]
W1 = [[1.386, 1.386], [1.386, 1.386]]
b1 = [-0.693, -2.079]
W2 = [[1.2037, -1.2037]]
b2 = [-0.4444]
"""


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """XOR by tanh at weights of four digits, beside the exact fit of the gallery's xor-tanh."""
    folder = tmp_path_factory.mktemp("fit")
    (folder / "t.toml").write_text(TRAINED)
    path = folder / "c.json"
    assert main(["nearby", str(folder / "t.toml"), "--certificate", str(path)]) == 0
    return json.loads(path.read_text())


def test_an_exact_fit_near_a_trained_net(fitted):
    assert checker.check(fitted) is None
    assert "exactly one solution within 2^-80 of θ" in fitted["statement"]
    assert "rank J = 4 and rank H = 4, and it is a global minimum" in fitted["statement"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (put("claims", 0, "bits", value=120), "not mapped into itself"),
        (put("claims", 0, "bits", value=1), "not small on the box"),
        (put("claims", 0, "inverse", 0, 0, value=10**6), "not small on the box"),
        (put("claims", 0, "inverse", value=[]), "inverse has 0 entries, not 4"),
        (put("claims", 0, "free", value=["b2_1"]), "free is not M parameters"),
        (put("problem", "y", 0, value=["1/1000000"]), "not mapped into itself"),
        (put("problem", "regulariser", value="b2_1**2"), "there is a regulariser"),
        (put("problem", "loss", "kind", value="binary-cross-entropy"), "not a loss that is 0"),
    ],
)
def test_a_fit_that_is_none_is_refused(fitted, change, reason):
    mutant = copy.deepcopy(fitted)
    change(mutant)
    assert reason in (checker.check(resealed(mutant)) or "accepted")


def test_intervals_contain_values_and_slopes_of_mpmath():
    """f and f' at points of an interval lie in their enclosures."""
    functions = {
        "exp": mpmath.exp,
        "log": mpmath.log,
        "tanh": mpmath.tanh,
        "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
        "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
        "sin": mpmath.sin,
        "cos": mpmath.cos,
    }
    rng = random.Random(4)
    scale = mpmath.mpf(2) ** checker.WORK
    with mpmath.workdps(60):
        for name, f in functions.items():
            for _ in range(20):
                middle = rng.uniform(0.5, 4) * (1 if name == "log" else rng.choice((1, -1)))
                wide = rng.choice((0.0, 2.0**-40, 2.0**-5, 0.25))
                lo, hi = (int(Fraction(middle + s * wide) * 2**checker.WORK) for s in (-1, 1))
                jet = checker._apply(name, checker._variable(checker.Span(lo, hi), 0, 1))
                value, slope = jet.v, jet.first()[0]
                for z in (lo / scale, hi / scale, (lo + hi) / 2 / scale):
                    for got, true in ((value, f(z)), (slope, mpmath.diff(f, z))):
                        slack = mpmath.mpf(10) ** -15
                        assert got.lo / scale - slack <= true <= got.hi / scale + slack, name
                        assert wide or got.hi - got.lo < 2 ** (checker.WORK - 80), name


def test_a_side_at_a_kink_has_no_words():
    text = gallery.path("xor-relu").read_text()
    here = loads('side = "left"\n' + text, "k").landscape()
    with pytest.raises(InputError, match="side"):
        statement_certificate(here)
