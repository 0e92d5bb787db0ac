"""Small certificates by hand, one claim each: what is true is accepted, every forgery refused."""

from __future__ import annotations

from fractions import Fraction

import pytest

from hessrank.proofs import checker

HALF = {"kind": "half-squared", "factor": 1}


def form(text: str) -> dict[str, object]:
    return {"kind": "expression", "factor": 1, "expression": text}


def say(
    outputs: str,
    point: dict[str, object],
    claim: dict[str, object],
    *proved: str,
    y: list[object] | None = None,
    loss: dict[str, object] = HALF,
    regulariser: str | None = None,
) -> str:
    """What the claim proves, or why it is refused."""
    forms = outputs.split("; ")
    model = {"kind": "closed-form", "outputs": forms, "parameters": list(point), "inputs": [],
             "fixed": {}}  # fmt: skip
    given = {"model": model, "x": [[]], "y": [y or [0] * len(forms)], "loss": loss,
             "regulariser": regulariser, "point": point}  # fmt: skip
    try:
        return checker.sentence(checker.Problem(given), claim, list(proved))
    except checker.Refused as refusal:
        return f"refused: {refusal}"


XY, XYZ = {"x": 0, "y": 0}, {"x": 0, "y": 0, "z": 0}
T = {"t": 0}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "rank J = 2"),
        ({"rows": [0, 2], "adjugate": [[1, 0], [0, 1]]}, "not the first independent"),
        ({"columns": [1, 2], "determinant": 2, "adjugate": [[1, 0], [-12, 2]]}, "not the first"),
        ({"columns": [0, 1], "determinant": 0, "adjugate": [[0, 0], [0, 0]]}, "determinant is not"),
        ({"determinant": 2, "adjugate": [[2, 0], [-12, 2]]}, "determinant is not that"),
        ({"adjugate": [[1, 0], [6, 1]]}, "is not determinant·1"),
        ({"adjugate": [[1, 0]]}, "adjugate has 1 entries, not 2"),
        ({"rank": 1}, "not of size rank"),
        ({"rank": 1, "rows": [0]}, "not of size rank"),
        ({"rank": 1, "rows": [0], "columns": [0], "adjugate": [[1]]}, "not factor"),
        ({"rank": 0, "rows": [], "columns": [], "adjugate": []}, "J is not 0"),
        ({"matrix": "hesse"}, "matrix is not one of jacobian, hessian"),
    ],
)
def test_ranks(change: dict[str, object], said: str) -> None:
    """J = (1 2 0; 2 4 1/3; 0 0 1), cleared of denominators (1 2 0; 6 12 1; 0 0 1)."""
    claim = {"kind": "rank", "matrix": "jacobian", "rank": 2, "rows": [0, 1], "columns": [0, 2],
             "determinant": 1, "adjugate": [[1, 0], [-6, 1]]}  # fmt: skip
    assert said in say("x + 2*y; 2*x + 4*y + z/3; z", XYZ, claim | change)


def test_ranks_of_zero_and_of_irrational_matrices() -> None:
    nothing = {"kind": "rank", "matrix": "jacobian", "rank": 0, "rows": [], "columns": [],
               "determinant": 1, "adjugate": []}  # fmt: skip
    assert say("t**2", T, nothing) == "rank J = 0"
    assert "J is not rational" in say("t*exp(1)", T, nothing)
    assert "determinant is not" in say("t**2", T, nothing | {"determinant": 2})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "H has 1 positive, 1 negative, 1 zero eigenvalues"),
        ({"L": [[], [0], [0, 1]]}, "L D Lᵀ differs"),
        ({"blocks": [[[0, 2], [2, 0]], [[1]]]}, "L D Lᵀ differs"),
        ({"blocks": [[[0, 3], [3, 0]], [[0]]]}, "L D Lᵀ differs"),
        ({"order": [0, 2, 1]}, "L D Lᵀ differs"),
        ({"order": [0, 1]}, "order has 2 entries, not 3"),
        ({"L": [[], [0], [0]]}, "row of L has 1 entries, not 2"),
        ({"blocks": [[[0, 2], [2, 0]]]}, "smaller than the matrix"),
        ({"blocks": [[[0, 2], [2, 0]], [[0, 2], [2, 0]]]}, "larger than the matrix"),
        ({"inertia": {"positive": 2, "negative": 0, "zero": 1}}, "inertia.positive is wrong"),
        ({"inertia": {"positive": 1, "negative": 0, "zero": 1}}, "inertia.negative is wrong"),
        ({"inertia": {"positive": 1, "negative": 1}}, "keys are not exactly"),
    ],
)
def test_inertia(change: dict[str, object], said: str) -> None:
    """H of 2xy."""
    claim = {"kind": "inertia", "matrix": "hessian", "order": [0, 1, 2], "L": [[], [0], [0, 0]],
             "blocks": [[[0, 2], [2, 0]], [[0]]],
             "inertia": {"positive": 1, "negative": 1, "zero": 1}}  # fmt: skip
    assert said in say("x; y; z", XYZ, claim | change, loss=form("2*o1*o2"))


def test_a_null_block_in_the_middle_has_nothing_below() -> None:
    """diag(4, 0, −9) after x ↦ x + y/2: L may hold something below 4, and nothing below 0."""
    claim = {"kind": "inertia", "matrix": "hessian", "order": [0, 1, 2],
             "L": [[], ["1/2"], [0, 0]], "blocks": [[[4]], [[0]], [[-9]]],
             "inertia": {"positive": 1, "negative": 1, "zero": 1}}  # fmt: skip
    loss = form("2*(o1 + o2/2)**2 - 9*o3**2/2")
    assert say("x; y; z", XYZ, claim, loss=loss).startswith("H has 1 positive")
    said = say("x; y; z", XYZ, claim | {"L": [[], ["1/2"], [0, 5]]}, loss=loss)
    assert "beside a block that is 0" in said


ENCLOSED = {"kind": "rank-enclosed", "matrix": "jacobian", "rank": 2, "rows": [0, 1],
            "columns": [0, 1], "inverse": [["37/100", "-13/50"], [0, "7/10"]],
            "kernel": None}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "rank J = 2"),
        ({"inverse": [[0, 0], [0, "7/10"]]}, "minor is regular"),  # a row of exactly 1
        ({"inverse": [["37/100", "-13/50"], [0, 0]]}, "minor is regular"),
        ({"inverse": [["37/100", 1], [0, "7/10"]]}, "minor is regular"),
        ({"inverse": [["-37/100", "-13/50"], [0, "7/10"]]}, "minor is regular"),
        ({"rank": 1}, "not of size rank"),
        ({"rank": 1, "rows": [0], "columns": [0], "inverse": [["1/3"]]}, "no upper bound"),
        ({"rows": [1, 0]}, "rows is unsorted"),
        ({"inverse": [["37/100", "-13/50"]]}, "inverse has 1 entries"),
        ({"kernel": {"free": [], "vectors": []}}, "rank J = 2"),
        ({"kernel": {"free": [1], "vectors": [[0, 1]]}}, "not n − rank vectors"),
    ],
)
def test_enclosed_ranks(change: dict[str, object], said: str) -> None:
    """J = (e 1; 0 √2)."""
    assert said in say("x*exp(1) + y; y*2**(1/2)", XY, ENCLOSED | change)


@pytest.mark.parametrize(
    ("free", "vectors", "said"),
    [
        ([1, 2], [["-exp(1)", 1, 0], [-1, 0, 1]], "rank J = 1"),
        ([1, 2], [["-exp(1)", 1, 0], ["-1-exp(1)", 1, 1]], "not alone"),
        ([1, 2], [["exp(1)", 1, 0], [-1, 0, 1]], "not in the kernel"),
        ([1, 2], [["-exp(1)", 1, 0], [0, 0, 0]], "0 in its own free column"),
        ([0, 2], [["-exp(1)", 1, 0], [-1, 0, 1]], "not alone"),
        ([1], [["-exp(1)", 1, 0]], "not n − rank vectors"),
        ([1, 2], [["-exp(1)", 1, 0]], "vectors has 1 entries, not 2"),
        ([1, 2], [["-exp(1)", 1], [-1, 0, 1]], "a kernel vector has 2 entries, not 3"),
    ],
)
def test_kernels(free: list[int], vectors: list[list[object]], said: str) -> None:
    """J = (1, e, 1) twice, the second row times √2."""
    claim = {"kind": "rank-enclosed", "matrix": "jacobian", "rank": 1, "rows": [0],
             "columns": [0], "inverse": [[1]],
             "kernel": {"free": free, "vectors": vectors}}  # fmt: skip
    outputs = "x + exp(1)*y + z; 2**(1/2)*(x + exp(1)*y + z)"
    assert said in say(outputs, XYZ, claim)


@pytest.mark.parametrize(
    ("loss", "X", "rank", "said"),
    [
        ("exp(1)*o1**2 - 2**(1/2)*o2**2", [[1, 0], [0, 1]], 2, "H has 1 positive, 1 negative, 0"),
        ("exp(1)*o1**2 - 2**(1/2)*o2**2", [[1, 0]], 1, "H has 1 positive, 0 negative, 1 zero"),
        ("exp(1)*o1**2 - 2**(1/2)*o2**2", [[1, 0]], 2, "rank H is not claimed before"),
        ("-exp(1)*o1**2 - 2**(1/2)*o2**2", [[1, 0], [0, 9]], 2, "H has 0 positive, 2 negative"),
        ("exp(1)*o1*o2", [[1, 0], [0, 1]], 2, "not seen to be diagonally dominant"),
        ("exp(1)*o1*o2", [[1, 1], [1, -1]], 2, "H has 1 positive, 1 negative, 0 zero"),
        ("exp(1)*(o1 + o2)**2", [[1, 0], [0, 1]], 2, "not seen to be diagonally dominant"),
        ("-exp(1)*(o1 + o2)**2", [[1, 0], [0, 1]], 2, "not seen to be diagonally dominant"),
        ("exp(1)*(o1**2 + o2**2)", [[1, 0], [2, 0]], 2, "not seen to be diagonally dominant"),
        ("exp(1)*(2*o1**2 + o1*o2 + o2**2)", [[1, 0], [0, 1]], 2, "H has 2 positive, 0 negative"),
        ("exp(1)*o1**2", [[0, 1]], 1, "not seen to be diagonally dominant"),
    ],
)
def test_enclosed_inertia(loss: str, X: list[list[int]], rank: int, said: str) -> None:
    claim = {"kind": "inertia-enclosed", "congruence": X}
    assert said in say("x; y", XY, claim, f"rank H = {rank}", loss=form(loss))


FIT = {"kind": "exact-fit", "free": ["t"], "bits": 10, "inverse": [["100/283"]]}
NEAR = {"t": "7071/5000", "u": 2}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "within 2^-10 of θ in t, the other parameters as in θ; there rank J = 1 and rank H"),
        ({"bits": 0}, "within 2^-0 of θ"),  # between 0.41 and 2.42
        ({"bits": 16}, "within 2^-16 of θ"),  # 1.356e-5 < 1.526e-5
        ({"bits": 17}, "not mapped into itself"),
        ({"bits": 128}, "not mapped into itself"),
        ({"bits": 129}, "bits is out of range"),
        ({"inverse": [[0]]}, "not small on the box"),
        ({"inverse": [["200/283"]]}, "not small on the box"),
        ({"inverse": [["-100/283"]]}, "not small on the box"),
        ({"inverse": [["1/5"]]}, "within 2^-10 of θ"),
        # |Y·G| + 0.46·ρ < ρ fails at ρ = 7.629e-6, though |Y·G| = 7.288e-6 is smaller
        ({"inverse": [["1/5"]], "bits": 16}, "within 2^-16 of θ"),
        ({"inverse": [["19/100"]], "bits": 17}, "not mapped into itself"),
        ({"inverse": [["100/283", 0]]}, "inverse has 2 entries"),
        ({"free": ["t", "u"]}, "free is not M parameters"),
        ({"free": ["v"]}, "free is not M parameters"),
        ({"free": []}, "free is not M parameters"),
        ({"free": ["u"], "inverse": [["500/7071"]]}, "within 2^-10 of θ in u, the other"),
    ],
)
def test_exact_fits(change: dict[str, object], said: str) -> None:
    """t² = 2 near t = 1.4142, where Y·(F − y) = −1.356e-5; and tu = 2.8284 at that t near u = 2."""
    outputs, y = ("t*u", ["7071/2500"]) if change.get("free") == ["u"] else ("t**2", [2])
    assert said in say(outputs, NEAR, FIT | change, y=y)


def test_an_exact_fit_of_two_outputs() -> None:
    """(a + b, ab) = (3, 2) near (1, 2): the zero (2, 1) lies outside of the box."""
    claim = {"kind": "exact-fit", "free": ["a", "b"], "bits": 4, "inverse": [[-1, 1], [2, -1]]}
    at: dict[str, object] = {"a": "101/100", "b": "199/100"}
    assert "in a b, the other parameters as in θ; there rank J = 2 and rank H = 2" in say(
        "a + b; a*b", at, claim, y=[3, 2]
    )
    assert "not small on the box" in say("a + b; a*b", at, claim | {"bits": 0}, y=[3, 2])
    wrong = claim | {"inverse": [[-1, 1], [-1, 2]]}
    assert "not small on the box" in say("a + b; a*b", at, wrong, y=[3, 2])
    assert "not mapped" in say("a + b; a*b", at, claim, y=[3, 3])


@pytest.mark.parametrize(
    ("loss", "ranks"),
    [
        ("half-squared", "rank J = 1 and rank H = 1, and"),
        ("sum-of-squares", "rank J = 1 and rank H = 1, and"),
        ("mean-squared", "rank J = 1 and rank H = 1, and"),
        ("log-cosh", "rank J = 1 and rank H = 1, and"),
        ("quartic", "rank J = 1, and"),
        ("binary-cross-entropy", "not a loss that is 0 exactly"),
    ],
)
def test_which_losses_fit(loss: str, ranks: str) -> None:
    given = {"kind": loss, "factor": 1}
    assert ranks in say("t", {"t": "1/2"}, FIT | {"inverse": [[1]]}, y=["1/2"], loss=given)
    said = say("t", {"t": "1/2"}, FIT | {"inverse": [[1]]}, y=["1/2"], regulariser="t**2")
    assert "there is a regulariser" in said


CONVEX = {"kind": "convex"}


@pytest.mark.parametrize(
    ("outputs", "y", "said"),
    [
        ("exp(1)*x + 2**(1/2)*y + 1; x - y", [1, 0], "θ is a global minimum of L"),
        ("(x + 1)**2 - x**2 - 2*x + y", [1], "θ is a global minimum of L"),
        ("x**2", [0], "not affine in θ"),
        ("x*y", [0], "not affine in θ"),
        ("x**2*2**(1/2)", [-1], "not affine in θ"),
        ("exp(x**2)", [0], "not seen to be affine"),
        ("exp(x**2) - 1 + y", [0], "not seen to be affine"),
        ("y + x*exp(y**2) - x", [0], "not seen to be affine"),
        ("cos(x) + y", [1], "not seen to be affine"),
        ("x", [1], "∇L is not 0"),
        ("relu(x + 1) - 1", [0], "sign of an indeterminate"),
    ],
)
def test_convex_problems(outputs: str, y: list[object], said: str) -> None:
    assert said in say(outputs, XY, CONVEX, y=y)


def test_which_losses_are_convex() -> None:
    def weighted(*W: object) -> dict[str, object]:
        return {"kind": "weighted-squared", "weights": list(W)}

    for loss, said in (
        (weighted([2, 1], [1, 2]), "global minimum"),
        (weighted([1, 1], [1, 1]), "global minimum"),
        (weighted([1, 2], [2, 1]), "not positive semidefinite"),
        (weighted(["2**(1/2)", 0], [0, 1]), "W is not rational"),
        (form("o1**2 + o2**2"), "table of convex losses"),
        ({"kind": "softmax-cross-entropy", "factor": 2}, "global minimum"),
        ({"kind": "quartic", "factor": 2}, "global minimum"),
    ):
        for claim in (CONVEX, {"kind": "perfect-fit"}):
            assert said in say("x; x - y", XY, claim, loss=loss), loss
            refused = say("x; x - y", XY, claim, loss=loss, regulariser="x**2 - x**4")
            assert "there is a regulariser" in refused
    assert "r is not 0" in say("t", T, {"kind": "perfect-fit"}, y=[1])


def test_squares_with_a_regulariser() -> None:
    """(t − 1)²/2 + t² = 1/3 + 3/2 (t − 1/3)²."""
    for weight, root, said in (
        ("3/2", "t - 1/3", "θ is a global minimum of L"),
        ("3/2", "t + 1/3", "not the sum"),
        (1, "t - 1/3", "not the sum"),
        (0, "t - 1/3", "not positive"),
        ("-3/2", "t - 1/3", "not positive"),
    ):
        claim = {"kind": "squares", "squares": [{"weight": weight, "root": root}]}
        at: dict[str, object] = {"t": "1/3"}
        assert said in say("t", at, claim, y=[1], regulariser="t**2")


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("o1**3", "L falls along"),
        ("-o1**3", "L falls along"),
        ("-o1**4", "L falls along"),
        ("o1", "L falls along"),
        ("o1**4", "does not fall"),
        ("o1**2 - o1**3", "does not fall"),
        ("o1**4 - o1**5", "does not fall"),
        ("(2**(1/2) - 3/2)*o1**4 + o1**6", "L falls along"),
        ("(2**(1/2) - 7/5)*o1**4 - o1**6", "does not fall"),
        ("exp(1)*o1**2 - 3*o1**2 + pi*o1**4", "L falls along"),
        ("3*o1**2 - exp(1)*o1**2 - pi*o1**4", "does not fall"),
        ("-exp(o1) + o1", "no polynomial"),
        ("0*o1 + 7", "constant on the curve"),
        ("abs(1 + o1) - o1**2", "L falls along"),
    ],
)
def test_falling_curves(loss: str, said: str) -> None:
    claim = {"kind": "descent", "curve": {"t": "s"}}
    assert said in say("t", T, claim, loss=form(loss))
    for curve, why in (("s + 1", "misses θ"), ("s**(1/2)", "decided"), ("abs(s)", "kink")):
        assert why in say("t", T, claim | {"curve": {"t": curve}}, loss=form(loss))


@pytest.mark.parametrize(
    ("v", "said"),
    [
        ([1, -1], "H has negative curvature and θ is not a minimum of L"),
        (["1/2", -3], "H has negative curvature"),
        ([1, 1], "vᵀHv is not negative"),
        ([1, 0], "vᵀHv is not negative"),
        ([0, 0], "vᵀHv is not negative"),
        ([1], "direction has 1 entries, not 2"),
        ([1, 0.5], "not an exact number"),
    ],
)
def test_negative_curvature(v: list[object], said: str) -> None:
    for factor in (1, "2**(1/2)"):
        loss = form(f"{factor}*o1*o2 + o1**2/100")
        assert said in say(
            "x; y", XY, {"kind": "negative-curvature", "direction": v}, loss=loss
        ) or v == [1, 0]
    assert "not negative" in say(
        "x; y", XY, {"kind": "negative-curvature", "direction": [1, 0]}, loss=form("o1*o2")
    )


def test_critical_or_not() -> None:
    claim = {"kind": "not-critical", "parameter": "x"}
    assert say("x + y**2", XY, claim, y=[1]) == "∇L ≠ 0: θ is no critical point"
    assert "it is 0" in say("x + y**2", XY, claim | {"parameter": "y"}, y=[1])
    assert "not one of the problem" in say("x + y**2", XY, claim | {"parameter": "z"}, y=[1])
    assert say("x + y**2", XY, {"kind": "critical"}) == "∇L = 0"
    assert "∇L is not 0" in say("x + y**2", XY, {"kind": "critical"}, y=[1])
    assert "∇L is not 0" in say("y**2", XY, {"kind": "critical"}, regulariser="y/9")


FLAT = "θ is a local minimum of L, not a strict one"
SIGNS = ("∇L = 0", "rank J = 1", "H has 1 positive, 0 negative, 1 zero eigenvalues")


@pytest.mark.parametrize(
    ("free", "combinations", "said"),
    [
        ([1, 2], [[-2, 1, 0], [-3, 0, 1]], FLAT),
        ([0, 1], [[3, 0, -1], [0, 3, -2]], FLAT),
        ([1, 2], [[-2, 1, 0], [-1, -1, 1]], "not alone"),
        ([1, 2], [[-2, 1, 0], [-2, 1, 0]], "not alone"),
        ([1, 2], [[-2, 1, 0], [0, 0, 0]], "not alone"),
        ([1, 2], [[-2, 1, 0], [-2, 0, 1]], "not constant"),
        ([1, 2], [[-2, 1, 0]], "combinations has 1 entries, not 2"),
        ([1, 2], [[-2, 1, 0], [-3, 0]], "a combination has 2 entries, not 3"),
        ([2], [[-3, 0, 1]], "rank J is not claimed before"),
        ([0, 1, 2], [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "rank J is not claimed before"),
    ],
)
def test_flat_fibres(free: list[int], combinations: list[list[int]], said: str) -> None:
    """F = (ab, 2ab, 3ab) at a = b = 1."""
    claim = {"kind": "flat-fibre", "free": free, "combinations": combinations}
    at: dict[str, object] = {"a": 1, "b": 1}
    assert said in say("a*b; 2*a*b; 3*a*b", at, claim, *SIGNS, y=[1, 2, 3])
    for missing in SIGNS:
        proved = [words for words in SIGNS if words != missing]
        refused = say("a*b; 2*a*b; 3*a*b", at, claim, *proved, y=[1, 2, 3])
        assert refused.startswith("refused: ")
    refused = say("a*b; 2*a*b; 3*a*b", at, claim, *SIGNS, y=[1, 2, 3], regulariser="0*a")
    assert "there is a regulariser" in refused


def test_strict_minima() -> None:
    claim = {"kind": "definite"}
    positive = "H has 2 positive, 0 negative, 0 zero eigenvalues"
    assert say("x; y", XY, claim, "∇L = 0", positive) == "θ is a strict local minimum of L"
    assert "∇L = 0 is not claimed" in say("x; y", XY, claim, positive)
    for other in (SIGNS[2], "H has 1 positive, 1 negative, 0 zero eigenvalues"):
        assert "H ≻ 0 is not claimed" in say("x; y", XY, claim, "∇L = 0", other)


@pytest.mark.parametrize(
    ("output", "kernel", "said"),
    [
        ("x**2 + y**2", [[1, 0], [0, 1]], "dimension 0"),
        ("-x**2 - x*y - y**2", [[1, 0], [0, 1]], "dimension 0"),
        ("x**2 - y**2", [[1, 0], [0, 1]], "from 0 to 1"),
        ("x**2", [[1, 0], [0, 1]], "from 0 to 1"),
        ("-x**2", [[1, 1], [1, 0]], "from 0 to 1"),
        ("x*y", [[1, 0], [0, 1]], "from 0 to 1"),
        ("x**2 + y**4", [[1, 0], [0, 1]], "from 0 to 1"),
        ("x**3", [[1, 0], [0, 1]], "Q is 0"),
        ("exp(1)*x**2", [[1, 0], [0, 1]], "Q is not rational"),
        ("x**2 + y**2", [[1, 0]], "kernel has 1 entries, not 2"),
        ("x**2 + y**2", [[1, 0], [3, 0]], "not a basis"),
        ("x + y**2", [[1, 0], [0, 1]], "not a basis of ker J"),
    ],
)
def test_bounds_of_fibres_from_above(output: str, kernel: list[list[int]], said: str) -> None:
    claim = {"kind": "fibre", "rank": 0, "steady": None, "family": None,
             "form": {"combination": [1], "kernel": kernel}}  # fmt: skip
    assert said in say(output, XY, claim, "rank J = 0")


def test_a_form_on_the_kernel_of_another_output() -> None:
    """F = (z, z + x² + c·y²): cᵀF = F₂ − F₁; without the kernel's restriction z is no zero."""
    form_of = {"combination": [-1, 1], "kernel": [[1, 0, 0], [0, 1, 0]]}
    claim = {"kind": "fibre", "rank": 1, "steady": None, "family": None, "form": form_of}
    assert say("z; z + x**2 + 3*y**2", XYZ, claim, "rank J = 1").endswith("dimension 0")
    assert say("z; z + x**2 - 3*y**2", XYZ, claim, "rank J = 1").endswith("from 0 to 1")
    lies = claim | {"form": form_of | {"combination": [0, 1]}}
    assert "cᵀJ is not 0" in say("z; z + x**2 + 3*y**2", XYZ, lies, "rank J = 1")
    said = say("z; z + x**2 + 3*y**2", XYZ, claim, "rank J = 1", regulariser="x**2 - 9*y")
    assert said.endswith("dimension 0")
    steady = {"free": [1], "combinations": [[-2, 1]]}
    whole = {"kind": "fibre", "rank": 1, "steady": steady, "family": None, "form": None}
    assert say("x + y; 2*x + 2*y", XY, whole, "rank J = 1").endswith("dimension 1")
    for more in ({"family": {"at": {}, "forms": XY}}, {"form": form_of}):
        assert "superfluous" in say("x + y; 2*x + 2*y", XY, whole | more, "rank J = 1")


def test_all_labels_of_a_product() -> None:
    """F = (ab, a² − b²) at 0: tr ∇²F = 0 for both, so W = 1 shows Hu = 0 for all u, and rank H = 0;
    with a² + 2b² the weights are to be 2 and −1, or the labels real."""
    step = {"vectors": [[1, 0], [0, 1]], "weights": [1, 1], "alpha": [0, 0], "beta": []}
    claim = {"kind": "all-labels", "bound": 0, "steps": [step]}
    words = "rank H ≤ 0 for all labels with which θ is a local minimum of L"
    at: dict[str, object] = {"a": 0, "b": 0}
    assert say("a*b; a**2 - b**2", at, claim) == words
    for change in ({"weights": [1, 2]}, {"vectors": [[1, 0], [1, 1]]}, {"weights": [1, "1/2"]}):
        wrong = claim | {"steps": [step | change]}
        assert "not orthogonal" in say("a*b; a**2 - b**2", at, wrong)
    twice = claim | {"steps": [step | {"weights": [2, 1]}]}
    assert say("a*b; a**2 - 2*b**2", at, twice) == words
    # the slope of a third parameter takes what is left: u with ∇²F(u, u) = J·α
    tilted = step | {"vectors": [[1, 0, 0], [0, 1, 0]], "alpha": [0, 0, 6]}
    at["c"] = 0
    one = {"kind": "all-labels", "bound": 1, "steps": [tilted]}
    assert say("a**2 + 2*b**2 + c; a*b", at, one).startswith("rank H ≤ 1")
    wrong = one | {"steps": [tilted | {"alpha": [0, 0, 5]}]}
    assert "not orthogonal" in say("a**2 + 2*b**2 + c; a*b", at, wrong)
    assert "does not lie in ker J" in say(
        "a**2 + 2*b**2 + c; a*b", at, one | {"steps": [tilted | {"vectors": [[0, 0, 1]] * 2}]}
    )


def test_second_steps_use_the_vectors_before() -> None:
    """F = (p, a²/2 + pb, ab) at 0: first u = b, ∇²F(b, b) = 0; then a with ∇²F₂(a, a) = 1 =
    ∇²F₂(p, b): β = p."""
    first = {"vectors": [[0, 0, 1]], "weights": [1], "alpha": [0, 0, 0], "beta": []}
    second = {"vectors": [[0, 1, 0]], "weights": [1], "alpha": [0, 0, 0], "beta": [[1, 0, 0]]}
    claim = {"kind": "all-labels", "bound": 1, "steps": [first, second]}
    at: dict[str, object] = {"p": 0, "a": 0, "b": 0}
    outputs = "p; a**2/2 + p*b; a*b"
    assert say(outputs, at, claim).startswith("rank H ≤ 1")
    for beta in ([[0, 0, 0]], [[2, 0, 0]], [[-1, 0, 0]], [[1, 1, 0]]):
        wrong = claim | {"steps": [first, second | {"beta": beta}]}
        assert "not orthogonal" in say(outputs, at, wrong)
    assert "beta has 0 entries, not 1" in say(
        outputs, at, claim | {"steps": [first, second | {"beta": []}]}
    )
    assert Fraction(1, 2) == checker._number("1/2", "n")
