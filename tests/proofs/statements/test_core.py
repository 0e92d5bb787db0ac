"""The core of the checker against SymPy: jets, activations, networks, losses and regularisers, the
reading of a problem, and the command line."""

from __future__ import annotations

import copy
import functools
import hashlib
import itertools
import json
import random
from fractions import Fraction

import mpmath
import pytest
import sympy

from hessrank.proofs import checker
from hessrank.proofs.certificates import inertia_certificate, rank_certificate

z = sympy.Symbol("z")
SIGMOID = 1 / (1 + sympy.exp(-z))
ACTIVATIONS = {
    "identity": z,
    "square": z**2,
    "cube": z**3,
    "relu": sympy.Max(z, 0),
    "leaky-relu": sympy.Max(z, z / 100),
    "tanh": sympy.tanh(z),
    "sigmoid": SIGMOID,
    "softplus": sympy.log(1 + sympy.exp(z)),
    "exp": sympy.exp(z),
    "sin": sympy.sin(z),
    "cos": sympy.cos(z),
    "swish": z * SIGMOID,
    "gelu": z * (1 + sympy.erf(z / sympy.sqrt(2))) / 2,
    "power-1": z,
    "power-7": z**7,
}


def same(number: object, true: object) -> None:
    """The number is `true` to 25 digits; where it is rational, exactly."""
    if isinstance(number, Fraction):
        true = sympy.simplify(true)
        assert true.is_Rational and number == Fraction(int(true.p), int(true.q))
        return
    lo, hi = checker._enclose(number, 128)
    value = sympy.N(true, 45)
    middle = sympy.Float((lo + hi) / sympy.Integer(2) ** 129, 45)
    assert abs(middle - value) < 1e-25 * (1 + abs(value))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("at", ["2/3", "-3/2"])
def test_activations_and_their_derivatives(name: str, at: str) -> None:
    form, here = ACTIVATIONS[name], sympy.Rational(at)
    if form.has(sympy.Max):
        form = z if here > 0 else form.subs(z, -1) * -z
    jet = checker._variable(Fraction(at), 0, 2)
    found = checker._value(checker._tree(checker._activation(name)), {"z": jet})
    found = checker._jet(found, 2)
    same(found.v, form.subs(z, here))
    same(found.first().get(0, Fraction(0)), form.diff(z).subs(z, here))
    same(found.second().get((0, 0), Fraction(0)), form.diff(z, 2).subs(z, here))


@pytest.mark.parametrize("name", ["power-0", "power-01", "power-1000", "power-x", "Tanh", 3, None])
def test_what_is_no_activation(name: object) -> None:
    with pytest.raises(checker.Refused):
        checker._activation(name)
    assert checker._activation("power-999") == "z**999"


@pytest.mark.parametrize("seed", range(8))
def test_jets_of_rational_functions(seed: int) -> None:
    """Values, slopes and second derivatives in three variables, exactly."""
    rng = random.Random(seed)
    names = ["a", "b", "c"]
    at = {n: Fraction(rng.randint(1, 9), rng.randint(1, 4)) for n in names}
    terms = []
    for _ in range(3):
        powers = "*".join(f"{n}**{rng.randint(-2, 3)}" for n in rng.sample(names, 2))
        terms.append(f"{rng.randint(-3, 3)}/2*{powers}")
    text = f"({terms[0]} + {terms[1]} - 1)*(2 - a*{terms[2]}) - (-b)/(1 + c**2)"
    symbols = dict(zip(names, sympy.symbols(names), strict=True))
    form = sympy.sympify(text, locals=symbols, rational=True)
    put = {symbols[n]: sympy.Rational(v.numerator, v.denominator) for n, v in at.items()}
    for order in (1, 2):
        jets = {n: checker._variable(at[n], i, order) for i, n in enumerate(names)}
        found = checker._value(checker._tree(text), jets)
        same(found.v, form.subs(put))
        for i, n in enumerate(names):
            same(found.first().get(i, Fraction(0)), form.diff(symbols[n]).subs(put))
        assert len(found.parts) == order + 1
    for (i, m), (j, n) in itertools.combinations_with_replacement(enumerate(names), 2):
        true = form.diff(symbols[m], symbols[n]).subs(put)
        same(found.second().get((i, j), Fraction(0)), true)


def test_roots_have_no_derivative_at_the_edge() -> None:
    """L = t^(5/2) + t − t² for t ≥ 0 has a minimum at 0, though L'' = −2 from the right."""
    here = problem(loss={"kind": "expression", "factor": 1, "expression": "o1**(5/2) + o1 - o1**2"})
    for claim in ({"kind": "negative-curvature", "direction": [1]}, {"kind": "critical"}):
        with pytest.raises(checker.Refused, match="edge"):
            checker.sentence(here, claim, [])
    jet = checker._raise(checker._variable(Fraction(4), 0, 2), Fraction(5, 2))
    assert (jet.v, jet.first()[0], jet.second()[0, 0]) == (32, 20, Fraction(15, 2))
    for e in (0, 1, 2, 3):
        jet = checker._raise(checker._variable(Fraction(0), 0, 2), Fraction(e))
        assert (jet.v, jet.first().get(0, 0), jet.second().get((0, 0), 0)) == (
            int(e == 0),
            int(e == 1),
            2 * (e == 2),
        )


# --- whole problems ------------------------------------------------------------------------------

CLOSED = {
    "model": {
        "kind": "closed-form",
        "outputs": ["t"],
        "parameters": ["t"],
        "inputs": [],
        "fixed": {},
    },
    "x": [[]],
    "y": [[0]],
    "loss": {"kind": "half-squared", "factor": 1},
    "regulariser": None,
    "point": {"t": 0},
}
NET = {
    "model": {"kind": "network", "widths": [2, 2, 2], "activation": "square", "bias": True,
              "fixed": {"w1_1_2": "1/2", "b2_1": 3}},
    "x": [[1, -2], ["1/2", 3]],
    "y": [[1, 0], ["2/3", "1/4"]],
    "loss": {"kind": "half-squared", "factor": "3/2"},
    "regulariser": "w1_1_1**2*b1_2 - 2*w2_2_1**3",
    "point": {"w1_1_1": 1, "w1_2_1": "-1/2", "w1_2_2": 2, "b1_1": "1/3", "b1_2": -1, "w2_1_1": 2,
              "w2_1_2": -1, "w2_2_1": "3/2", "w2_2_2": 1, "b2_2": "-2/3"},
}  # fmt: skip


def problem(**change: object) -> checker.Problem:
    return checker.Problem(CLOSED | change)


@functools.cache
def net_by_hand() -> tuple[list[str], list[sympy.Expr], sympy.Matrix, list[sympy.Matrix]]:
    """(free parameters in their order, F, J, and ∇² of each output) of NET at its point, written
    with matrices; the regulariser is the last row of F and J."""
    s = {f"w{l}_{i}_{j}" if k == "w" else f"b{l}_{i}": None
         for l in (1, 2) for k in "wb" for i in (1, 2) for j in (1, 2)}  # fmt: skip
    s = {n: sympy.Symbol(n) for n in s}
    fixed = {s["w1_1_2"]: half, s["b2_1"]: sympy.Integer(3)}
    W1, W2 = (sympy.Matrix([[s[f"w{l}_{i}_{j}"] for j in (1, 2)] for i in (1, 2)]) for l in (1, 2))
    b1, b2 = (sympy.Matrix([s[f"b{l}_1"], s[f"b{l}_2"]]) for l in (1, 2))
    F: list[sympy.Expr] = []
    for x in ((1, -2), (half, 3)):
        hidden = (W1 * sympy.Matrix(x) + b1).applyfunc(lambda v: v**2)
        F += list((W2 * hidden + b2).subs(fixed))
    F.append(s["w1_1_1"] ** 2 * s["b1_2"] - 2 * s["w2_2_1"] ** 3)
    free = [v for v in s.values() if v not in fixed]
    at = {s[n]: sympy.Rational(str(v)) for n, v in NET["point"].items()}
    J = sympy.Matrix(F).jacobian(free)
    second = [J[m, :].jacobian(free).subs(at) for m in range(5)]
    return [v.name for v in free], [f.subs(at) for f in F], J.subs(at), second


half = sympy.Rational(1, 2)
WEIGHTS = [[2, 1, 0, "1/2"], [1, 3, 0, 0], [0, 0, 1, -1], ["1/2", 0, -1, 4]]
Y = [1, 0, sympy.Rational(2, 3), sympy.Rational(1, 4)]


LOSSES = {
    "half-squared": lambda o: half * sum((v - t) ** 2 for v, t in zip(o, Y, strict=True)),
    "sum-of-squares": lambda o: sum((v - t) ** 2 for v, t in zip(o, Y, strict=True)),
    "mean-squared": lambda o: sum((v - t) ** 2 for v, t in zip(o, Y, strict=True)) / 4,
    "quartic": lambda o: sum((v - t) ** 4 for v, t in zip(o, Y, strict=True)),
    "expression": lambda o: sum(
        a**2 * b - t * b + u for a, b, t, u in ((*o[:2], *Y[:2]), (*o[2:], *Y[2:]))
    ),
    "weighted-squared": lambda o: (
        half
        * sum(
            sympy.Rational(str(WEIGHTS[i][j])) * (o[i] - Y[i]) * (o[j] - Y[j])
            for i in range(4)
            for j in range(4)
        )
    ),
}


@pytest.mark.parametrize("kind", LOSSES)
def test_a_network_is_that_of_matrices(kind: str) -> None:
    """F, J, r, A, ∇L, H and L, with two parameters fixed and a regulariser."""
    loss: dict[str, object] = {"kind": kind, "factor": "3/2"}
    if kind == "weighted-squared":
        loss = {"kind": kind, "weights": WEIGHTS}
    if kind == "expression":
        loss["expression"] = "o1**2*o2 - y1*o2 + y2"
    here = checker.Problem(NET | {"loss": loss})
    free, F, J, second = net_by_hand()
    factor = 1 if kind == "weighted-squared" else sympy.Rational(3, 2)
    assert here.names == free and (here.N, here.M, here.K) == (10, 4, 2)
    o = sympy.symbols("o1:5")
    l = LOSSES[kind](list(o)) * factor
    there = dict(zip(o, F[:4], strict=True))
    slopes = [l.diff(v) for v in o]
    r = [v.subs(there) for v in slopes] + [1]
    A = sympy.Matrix([[v.diff(w).subs(there) for w in o] for v in slopes])
    for m in range(4):
        same(here.F[m].v, F[m])
        same(here.r_and_A[0][m], r[m])
        for n in range(4):
            same(here.r_and_A[1].get((m, n), Fraction(0)), A[m, n])
    gradient = J.T * sympy.Matrix(r)
    H = J[:4, :].T * A * J[:4, :]
    for c, D in zip(r, second, strict=True):
        H += c * D
    for i in range(10):
        same(here.gradient[i], gradient[i])
        for m in range(4):
            same(here.jacobian[m][i], J[m, i])
        for j in range(i, 10):
            same(here.hessian[i][j], H[i, j])
            assert here.hessian[j][i] == here.hessian[i][j]
    same(here.total(here.theta), l.subs(there) + F[4])
    assert here.matrix("jacobian") == ("J", here.jacobian)
    assert here.matrix("hessian") == ("H", here.hessian)


def test_zero_targets_of_the_cross_entropy_are_skipped() -> None:
    """−Σ y log o: 0·log 0 is 0; r = −y/o, A = y/o²."""
    loss = {"kind": "cross-entropy", "factor": 2}
    model = CLOSED["model"] | {"outputs": ["a", "b"], "parameters": ["a", "b"]}
    here = problem(model=model, point={"a": 3, "b": 0}, y=[["1/2", 0]], loss=loss)
    r, A = here.r_and_A
    assert r == [Fraction(-1, 3), 0]
    assert {k: v for k, v in A.items() if v} == {(0, 0): Fraction(1, 9)}
    for y in ([0, "1/2"], [1, 1]):
        with pytest.raises(checker.Refused, match="logarithm"):
            _ = problem(model=model, point={"a": 3, "b": 0}, y=[y], loss=loss).r_and_A


@pytest.mark.parametrize(
    ("kind", "y", "r", "A"),
    [
        # (e, e') = (log 2, log 3): tanh is 3/5 and 4/5
        ("log-cosh", [0, 0], ["3/5", "4/5"], {(0, 0): "16/25", (1, 1): "9/25"}),
        # p = (2/5, 3/5), Σy = 1/3: r = p/3 − y, A = (diag p − ppᵀ)/3
        ("softmax-cross-entropy", ["1/3", 0], ["-1/5", "1/5"],
         {(0, 0): "2/25", (1, 1): "2/25", (0, 1): "-2/25", (1, 0): "-2/25"}),
        # p = (2/3, 3/4): r = p − y, A = p(1 − p)
        ("binary-cross-entropy", [1, "1/2"], ["-1/3", "1/4"], {(0, 0): "2/9", (1, 1): "3/16"}),
    ],
)  # fmt: skip
def test_losses_at_logarithms(
    kind: str, y: list[object], r: list[str], A: dict[tuple[int, int], str]
) -> None:
    model = CLOSED["model"] | {"outputs": ["a", "b"], "parameters": ["a", "b"]}
    point, loss = {"a": "log(2)", "b": "log(3)"}, {"kind": kind, "factor": 1}
    here = problem(model=model, point=point, y=[y], loss=loss)
    assert here.r_and_A[0] == list(map(Fraction, r))
    known = {k: v for k, v in here.r_and_A[1].items() if v != 0}
    assert known == {k: Fraction(v) for k, v in A.items()}


def change(given: object, path: tuple[object, ...], value: object) -> object:
    out = copy.deepcopy(given)
    place = out
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return out


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("model", "widths"), [2], "two or more numbers"),
        (("model", "widths"), [2, 0, 2], "two or more numbers"),
        (("model", "widths"), [2, 2, -2], "out of range"),
        (("model", "widths"), [2, (1 << 16) + 1, 2], "out of range"),
        (("model", "widths"), [2, 60000, 60000], "too large"),
        (("model", "widths"), [3, 2, 2], "a row of x has 2 entries, not 3"),
        (("model", "widths"), [2, 2, 3], "a row of y has 2 entries, not 3"),
        (("model", "bias"), 1, "neither true nor false"),
        (("model", "bias"), False, "fixed is not of parameters"),
        (("model", "fixed"), [], "fixed is not of parameters"),
        (("model", "fixed"), {"w9_1_1": 0}, "fixed is not of parameters"),
        (("model", "fixed"), {}, "keys are not exactly"),
        (("model", "kind"), "closed-form", "keys are not exactly"),
        (("model", "more"), 1, "keys are not exactly"),
        (("x",), [[1, -2]], "y has 2 entries, not 1"),
        (("x",), [[1, -2], [1, "t"]], "not allowed"),
        (("y",), [[1, 0]], "y has 1 entries, not 2"),
        (("y", 0, 0), 0.5, "y holds what is not an exact number"),
        (("point", "b1_1"), None, "point holds what is not an exact number"),
        (("point", "b9_1"), 1, "keys are not exactly"),
        (("loss", "factor"), 0, "factor is not positive"),
        (("loss", "factor"), "log(2)", "factor holds what is not an exact number"),
        (("loss", "kind"), "hinge", "loss.kind is not known"),
        (("loss", "expression"), "o1", "keys are not exactly"),
        (("regulariser",), "w1_1_1 + ", "not an expression"),
        (("regulariser",), 7, "not an expression of at most"),
        (("regulariser",), "é", "not an expression of at most"),
        (("field",), {}, "accepted"),
        (("field",), [], "field is not an object"),
    ],
)
def test_what_is_no_problem(path: tuple[object, ...], value: object, reason: str) -> None:
    try:
        checker.Problem(change(NET, path, value))
        said = "accepted"
    except checker.Refused as refusal:
        said = str(refusal)
    assert reason in said


def test_sizes_at_their_limits() -> None:
    """M·N and N² up to 2²²."""
    names = [f"t{i}" for i in range(2049)]

    def closed(parameters: list[str], count: int) -> checker.Problem:
        model = CLOSED["model"] | {"parameters": parameters, "outputs": ["0"], "inputs": ["x"]}
        return problem(model=model, point=dict.fromkeys(parameters, 0), x=[[0]] * count,
                       y=[[0]] * count)  # fmt: skip

    assert closed(names[:2048], 1).N == 2048
    with pytest.raises(checker.Refused, match="too large"):
        closed(names, 1)
    assert closed(names[:1024], 4096).M == 4096
    with pytest.raises(checker.Refused, match="too large"):
        closed(names[:1024], 4097)
    text = "1" + " " * (checker.MAX_TEXT - 1)
    checker._parsed(text)
    with pytest.raises(checker.Refused, match="not an expression of at most"):
        checker._parsed(text + " ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"outputs": []}, "there are no outputs"),
        ({"kind": "net"}, "model.kind is not known"),
        ({"inputs": ["t"]}, "share a name"),
        ({"parameters": ["t", "t"]}, "stands there twice"),
        ({"parameters": ["1t"]}, "not a list of names"),
        ({"outputs": "t"}, "outputs is not a list"),
    ],
)
def test_what_is_no_closed_form(change: dict[str, object], reason: str) -> None:
    with pytest.raises(checker.Refused, match=reason):
        problem(model=CLOSED["model"] | change)


@pytest.mark.parametrize("kind", ["cross-entropy", "binary-cross-entropy", "softmax-cross-entropy"])
def test_targets_are_probabilities(kind: str) -> None:
    loss = {"kind": kind, "factor": 1}
    for y in (0, 1, "1/3", "2**(1/2)/2"):
        problem(y=[[y]], loss=loss)
    for y in (-1, "-1/9", "10/9", 2, "2**(1/2)"):
        with pytest.raises(checker.Refused, match="no probability"):
            problem(y=[[y]], loss=loss)
        problem(y=[[y]])


# --- certificates and the command line -----------------------------------------------------------


def sealed(claims: list[object], statement: str, **other: object) -> dict[str, object]:
    made = {"format": checker.FORMAT, "version": 1, "kind": "statement", "problem": CLOSED,
            "about": checker.fingerprint(CLOSED), "claims": claims,
            "statement": statement}  # fmt: skip
    made |= other
    return made | {"digest": checker.digest(made)}


CRITICAL, FIT = {"kind": "critical"}, {"kind": "perfect-fit"}
SAID = "∇L = 0, r = 0 and θ is a global minimum of L"


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (sealed([CRITICAL, FIT], SAID), None),
        (sealed([CRITICAL], SAID), "what is proved is: ∇L = 0"),
        (sealed([], ""), "what is proved is: "),
        (sealed([{"kind": "faith"}], "∇L = 0"), "the kind of a claim is not known"),
        (sealed([{"kind": ["critical"]}], "∇L = 0"), "the kind of a claim is not known"),
        (sealed(["critical"], "∇L = 0"), "the kind of a claim is not known"),
        (sealed([CRITICAL], "∇L = 0", about="0"), "about is not the fingerprint"),
        (sealed([CRITICAL], "∇L = 0") | {"digest": "0"}, "the digest does not match"),
        (sealed([CRITICAL], "∇L = 0") | {"digest": 0}, "digest is not a string"),
        (sealed([CRITICAL], "∇L = 0", version=2), "version is not 1"),
        (sealed([CRITICAL], "∇L = 0", format="json"), "format is not 'hessrank-certificate'"),
        (sealed([CRITICAL], "∇L = 0", more=1), "keys are not exactly"),
    ],
)
def test_statements(made: dict[str, object], reason: str | None) -> None:
    said = checker.check(made)
    assert said is None if reason is None else reason in (said or "accepted")
    assert checker.recomputed(made) == ["F", "J", "r", "A", "∇L", "H"]
    assert checker.recomputed({"kind": "rank"}) == []


def test_fingerprints_are_sha_256_of_sorted_json() -> None:
    """printf '{"a":[1,"\\\\u00e9"],"b":null}' | sha256sum"""
    text = b'{"a":[1,"\\u00e9"],"b":null}'
    assert checker.fingerprint({"b": None, "a": [1, "é"]}) == hashlib.sha256(text).hexdigest()
    assert checker.digest({"digest": 3, "a": 1}) == checker.fingerprint({"a": 1})


def test_reports_and_exit_statuses(tmp_path, capsys) -> None:
    good, bad, foreign, broken = (
        tmp_path / f"{n}.json" for n in ("good", "bad", "other", "broken")
    )
    made = sealed([CRITICAL, FIT], SAID)
    good.write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    bad.write_text(json.dumps(sealed([CRITICAL], "∇L ≠ 0")), encoding="utf-8")
    foreign.write_text(json.dumps(made | {"kind": "proof"}), encoding="utf-8")
    broken.write_text("{", encoding="utf-8")
    assert checker.main([str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: accepted: {SAID}\n"
    assert checker.main([str(bad), str(good)]) == 1
    shown = capsys.readouterr().out.splitlines()
    assert shown == [f"{bad}: refused: what is proved is: ∇L = 0", f"{good}: accepted: {SAID}"]
    assert checker.main([str(good), str(foreign), str(bad)]) == 2
    assert "unreadable: not a certificate of kind" in capsys.readouterr().err
    for path in (broken, tmp_path / "absent.json", tmp_path):
        assert checker.main([str(path)]) == 2
        shown = capsys.readouterr()
        assert f"{path}: unreadable: " in shown.err and shown.out == ""
    with pytest.raises(SystemExit):
        checker.main([])
    capsys.readouterr()


def test_files_and_numbers_up_to_any_length(tmp_path, monkeypatch) -> None:
    path = tmp_path / "long.json"
    number = 7**9000
    with checker._long_numbers():
        path.write_text(str(number))
    assert checker.read(path) == number
    monkeypatch.setattr(checker, "MAX_BYTES", path.stat().st_size)
    assert checker.read(path) == number
    path.write_text(path.read_text() + " ")
    with pytest.raises(ValueError, match="larger than"):
        checker.read(path)


def test_the_words_of_one_matrix() -> None:
    assert checker.prove(rank_certificate([[1, 2, 3], [2, 4, 6]])) == "rank 1 of a 2×3 matrix"
    said = checker.prove(inertia_certificate([[1, 0, 0], [0, -1, 0], [0, 0, 0]]))
    assert said == "eigenvalues of a 3×3 matrix: 1 positive, 1 negative, 1 zero"
    made = rank_certificate([[1, 2, 3], [2, 4, 7]])
    made["lower"] |= {"bound": 1, "rows": [0], "columns": [2], "prime": None, "determinant": 3}
    made["digest"] = checker.digest(made)
    assert checker.prove(made) == "rank from 1 to 2 of a 2×3 matrix"
    made["upper"] = {"kind": "size", "bound": 3}
    made["digest"] = checker.digest(made)
    assert checker.check(made) == "upper.bound is not the size"
    with mpmath.workdps(20):
        assert checker._sign(checker._constant("pi - 22/7", "x")) == -1
