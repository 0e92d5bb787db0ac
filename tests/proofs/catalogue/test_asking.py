"""Claims asked of a user's own net, and its kernels explained: outcomes against ranks that SymPy
finds, kernel vectors against J and H differentiated by SymPy, on random networks."""

from __future__ import annotations

import json
import math
import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import hessrank as hr
from hessrank.__main__ import main
from hessrank.gallery import ids
from hessrank.proofs.catalogue import CLAIMS
from hessrank.proofs.catalogue.kernel import COUNTED, kernel
from hessrank.proofs.information_loss.cuts import cuts
from hessrank.proofs.reasoning.statement import Outcome
from hessrank.proofs.reasoning.truth import Truth
from hessrank.specs.spec import read_spec
from hessrank.specs.writer import dumps
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.problems.landscape import Landscape
from hessrank.verification import claims_on

RELU = hr.mlp([2, 2, 1], "relu")
X, Y = [[1, 0], [0, 1], [1, 1], [2, 1]], [[1], [1], [2], [3]]
POINT = {"W1": [[1, 1], [1, -2]], "b1": [0, -3], "W2": [[1, 1]], "b2": [0]}


@pytest.fixture(scope="module")
def net() -> Landscape:
    """y = x1 + x2 fitted by the first unit; the second is dead on all data."""
    return hr.Problem(RELU, hr.Data(X, Y)).at(POINT)


def test_every_claim_answers_for_a_net(net: Landscape) -> None:
    found = claims_on(net)
    assert set(found) == {c.id for c in CLAIMS}
    for id, forms in found.items():
        assert any(f is not None for f in forms.values()), id
        for finding in forms.values():
            assert finding is None or finding.reason
    assert all(f.outcome is Outcome.HOLDS for f in found["rank-equality"].values() if f)
    # r = 0 and A = I: rank H = rank J (T4), by hand: rows of J are (x·v, x, 1) of the live unit
    rows = sympy.Matrix([[a, b, 1, a + b, 1] for a, b in X])
    assert rows.rank() == 3 == int(net.rank("jacobian")) == int(net.rank("hessian"))


@pytest.mark.parametrize("entry", ids())
def test_no_theorem_fails_on_the_gallery(entry: str) -> None:
    here = read_spec(entry).landscape()
    if here.problem.N > 20:
        pytest.skip("asked in the benchmark")
    for id, forms in claims_on(here).items():
        best = forms["best"]
        assert best is None or best.outcome is not Outcome.FAILS, (id, best)


def test_every_hypothesis_that_fails_is_named() -> None:
    here = hr.Problem(hr.Model.from_expressions("t**2", "t"), hr.Data([[]], [[1]]), "quartic")
    finding = claims_on(here.at({"t": 2}), 26)["rank-equality"]["as_written"]
    assert finding is not None and finding.outcome is Outcome.NOT_APPLICABLE
    for name in ("overparameterised", "squared-loss", "local-minimum"):  # N = M = 1, ∇L ≠ 0
        assert name in finding.reason


def test_loss_that_moves_is_not_constant(net: Landscape) -> None:
    finding = claims_on(net, 30)["behaviour-may-move"]["as_written"]
    assert finding is not None and finding.outcome is Outcome.NOT_APPLICABLE
    assert "constant-loss" in finding.reason


def test_what_is_missing_is_named_with_the_way_to_give_it(net: Landscape) -> None:
    for claim, words in ((19, "--test-inputs"), (53, "--split"), (22, "regulariser")):
        with pytest.raises(InputError, match=words):
            claims_on(net, claim)
    with pytest.raises(InputError, match="from 1 to 1"):
        claims_on(net, 46, layer=2)
    for split in (["nothing"], ["w1_1_1", "w1_1_1"], list(RELU.parameters)):
        with pytest.raises(InputError):
            claims_on(net, 53, split=split)


def test_split_and_further_inputs(net: Landscape) -> None:
    coupled = claims_on(net, 53, split=["w1_1_1", "w1_1_2"])["low-rank-is-sparse"]["best"]
    assert coupled is not None and coupled.outcome is Outcome.HOLDS
    near = claims_on(net, 19, test=[[3, 1]])["off-data-arbitrary"]["best"]
    assert near is not None and near.outcome is Outcome.NOT_APPLICABLE  # in the row space of J


def test_a_layer_is_named_once_for_a_whole_statement() -> None:
    """[1, 1, 1, 1] tanh merged at layer 2 only: layer 1 keeps the examples apart."""
    deep = hr.mlp([1, 1, 1, 1], "tanh", bias=False)
    here = hr.Problem(deep, hr.Data([[1], [2]], [[0], [0]])).at(
        {"W1": [[1]], "W2": [[0]], "W3": [[1]]}
    )
    merged = [
        claims_on(here, 40, layer=l)["equal-activations-equal-gradients"]["best"] for l in (1, 2)
    ]
    assert [f.outcome for f in merged if f] == [Outcome.NOT_APPLICABLE, Outcome.HOLDS]


def outcome(here: Landscape, claim: int | str, form: str) -> Outcome:
    ((_, forms),) = claims_on(here, claim).items()
    finding = forms[form]
    assert finding is not None
    return finding.outcome


def closed(text: str, names: str, y: list, **options: object) -> hr.Problem:
    return hr.Problem(hr.Model.from_expressions(text, names), hr.Data([[]], [y]), **options)


def test_a_basin_without_curvature_is_the_flattest() -> None:
    """Claim 39 speaks of basins: H = 0 is flatter than every one of full rank, a saddle is none."""
    flat = closed("t**2", "t", [0]).at({"t": 0})  # L = ½t⁴
    assert outcome(flat, 39, "strong") is Outcome.HOLDS
    valley = closed("s", "s t", [0]).at([0, 0])  # L = ½s²: the bowl of half its mean curvature is
    assert outcome(valley, 39, "strong") is Outcome.FAILS  # I/4, and tr H = 1 > 1/2
    saddle = closed("s**2 - t**2", "s t u", [-1]).at([0, 0, 0])
    assert outcome(saddle, 39, "strong") is Outcome.NOT_APPLICABLE


def test_where_theta_is_no_minimum_nothing_is_said_of_minimisers() -> None:
    decay = closed("a*b", "a b", [1], loss="sum-of-squares", regulariser="l2")
    assert outcome(decay.at([2, 3]), 22, "strong") is Outcome.NOT_APPLICABLE
    # ℓ = (ab − y)² + a² + b² with y = 0: H = 2I at 0
    assert outcome(closed("a*b", "a b", [0], regulariser="l2").at([0, 0]), 22, "strong") is (
        Outcome.HOLDS
    )


def test_a_net_at_zero_weights_is_not_affine() -> None:
    """tanh [2, 3, 1]: J is 0 but for the bias at θ = 0, and of rank 2 at θ = 1."""
    net = hr.mlp([2, 3, 1], "tanh")
    here = hr.Problem(net, hr.Data([[1, 0], [0, 1]], [0, 0])).at([0] * 13)
    finding = claims_on(here, 13)["linear-solution-dimension"]["as_written"]
    assert finding is not None and finding.outcome is Outcome.NOT_APPLICABLE


def test_of_a_map_with_kinks_no_piece_speaks_for_the_whole_set() -> None:
    """|s| = 1 is affine near s = 1, and has two components."""
    here = closed("abs(s)", "s", [1]).at([1])
    for claim in (7, 20):
        with pytest.raises(InputError, match="kinks"):
            claims_on(here, claim)
    # relu of data alone is a number: F = x⁺ + w·(−x)⁺ is affine in w
    fixed = {"w1_1_1": 1, "w1_2_1": -1, "w2_1_1": 1}
    net = hr.mlp([1, 2, 1], "relu", bias=False, fixed=fixed)
    straight = hr.Problem(net, hr.Data([1, -2], [1, 2])).at([1])
    assert outcome(straight, 7, "as_written") is Outcome.HOLDS


def test_an_activation_null_space_reaches_to_infinity() -> None:
    """x1 = x2 on all data: W1 + t·(1, −1) in a row changes no output, for every t."""
    net = hr.mlp([2, 1, 1], "tanh", bias=False)
    here = hr.Problem(net, hr.Data([[1, 1], [2, 2]], [0, 0])).at({"W1": [[1, 2]], "W2": [[3]]})
    assert outcome(here, 21, "as_written") is Outcome.HOLDS
    a, b, v, t = sympy.symbols("a b v t")
    for x in (1, 2):
        assert sympy.simplify(v * sympy.tanh((a + t) * x + (b - t) * x - (a + b) * x)) == 0


def test_at_a_kink_every_claim_is_asked_and_the_kernels_are_unknown() -> None:
    kinked = hr.Problem(hr.mlp([1, 1, 1], "relu"), hr.Data([1, 2], [0, 0])).at(
        {"W1": [[1]], "b1": [-1], "W2": [[1]], "b2": [0]}
    )
    everything = claims_on(kinked)
    for claim in CLAIMS:
        try:
            alone = claims_on(kinked, claim)[claim.id]
        except InputError:
            continue
        assert [f and f.outcome for f in alone.values()] == [
            f and f.outcome for f in everything[claim.id].values()
        ]
    found = kernel(kinked)
    assert found.unexplained == {"jacobian": None, "hessian": None}
    assert "kink" in found.why["jacobian"]


def test_activations_without_an_exact_number_are_told_apart() -> None:
    """A tanh net at thousandths on examples of which the first and the third are the same: two
    classes at either layer, as tanh is injective and the preactivations 0.3·x + 0.1 show."""
    net = hr.mlp([1, 2, 2, 2], "tanh")
    rng = random.Random(1)
    theta = [Fraction(rng.randint(1, 2000), 1000) for _ in net.parameters]
    here = hr.Problem(net, hr.Data([[1], [2], [1]], [[1, 0]] * 3), "softmax-cross-entropy")
    classes = [cut.classes for cut in cuts(here.at(theta))]
    assert [c.groups for c in classes] == [((0, 2), (1,))] * 2
    assert all(c.separated.truth is Truth.TRUE for c in classes)
    assert outcome(here.at(theta), 81, "as_written") is Outcome.HOLDS
    assert outcome(here.at(theta), 50, "as_written") is Outcome.NOT_APPLICABLE  # two hidden layers


# --- kernels -------------------------------------------------------------------------------------


def test_kernels_without_closed_forms_are_named_or_counted() -> None:
    """A tanh classifier at thousandths: no entry of H can be written down, and yet the three shifts
    of all logits are its kernel where the rank is N − 3: no loss moves along them."""
    net = hr.mlp([2, 2, 3], "tanh")
    rng = random.Random(0)
    theta = [Fraction(rng.randint(-2000, 2000), 1000) for _ in net.parameters]
    x, y = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [2, 1]]), np.eye(3)[[0, 1, 2, 0, 0]]
    data = hr.Data(x.tolist(), y.astype(int).tolist())
    here = hr.Problem(net, data, "softmax-cross-entropy").at(theta)
    found = kernel(here)
    rows = [[float(v) for v in row.vector] for row in found.rows if row.matrix == "hessian"]
    assert found.unexplained["hessian"] == 0 and not found.counted
    assert int(here.rank("hessian")) == len(theta) - 3 == len(theta) - np.linalg.matrix_rank(rows)

    def loss(p: np.ndarray) -> float:
        a = np.tanh(x @ p[:4].reshape(2, 2).T + p[4:6])
        o = a @ p[6:12].reshape(3, 2).T + p[12:]
        return float((np.log(np.exp(o).sum(axis=1)) - (y * o).sum(axis=1)).sum())

    at = np.array([float(v) for v in theta])
    assert all(abs(loss(at + 0.7 * np.array(v)) - loss(at)) < 1e-9 for v in rows)
    # J of one example has full rank: what is left is the number of parameters less that of outputs
    one = hr.Problem(net, hr.Data(x[1:2].tolist(), [[1, 0, 0]]), "softmax-cross-entropy")
    assert kernel(one.at(theta)).unexplained["jacobian"] == 0


def test_a_unit_that_acts_on_few_examples_has_a_null_space_of_its_own() -> None:
    """relu(w·x + b) alive at x = 1 alone of −1 and 1: w + t, b − t keeps both outputs, to any t."""
    net = hr.mlp([1, 1, 1], "relu")
    here = hr.Problem(net, hr.Data([-1, 1], [0, 1])).at(
        {"W1": [[1]], "b1": ["1/2"], "W2": [[2]], "b2": [0]}
    )
    rows = [row for row in kernel(here).rows if row.matrix == "jacobian"]
    assert ("-1", "1", "0", "0") in [r.vector for r in rows if "of a unit" in r.name]
    for t in (Fraction(1, 10), Fraction(-1, 10)):
        w, b = 1 + t, Fraction(1, 2) - t
        assert [2 * max(0, w * x + b) for x in (-1, 1)] == [0, 3]


@pytest.mark.parametrize("entry", ids())
def test_nothing_is_unexplained_on_the_gallery(entry: str) -> None:
    found = kernel(read_spec(entry).landscape())
    assert all(left in (0, None) for left in found.unexplained.values()), found.unexplained
    assert all(found.why[name] for name, left in found.unexplained.items() if left is None)


small = st.integers(-2, 2)


@settings(deadline=None, max_examples=25)
@given(st.data(), st.sampled_from(["relu", "identity", "square"]), st.booleans())
def test_kernel_vectors_span_and_are_exact(
    data: st.DataObject, activation: str, bias: bool
) -> None:
    model = hr.mlp([2, 2, 1], activation, bias=bias)
    values = data.draw(
        st.lists(small, min_size=len(model.parameters), max_size=len(model.parameters))
    )
    x = data.draw(st.lists(st.tuples(small, small), min_size=1, max_size=3))
    problem = hr.Problem(model, hr.Data([list(r) for r in x], [[1]] * len(x)))
    here = problem.at(dict(zip(model.parameters, values, strict=True)))
    try:
        matrices = {n: _sympy(getattr(here, n)) for n in ("jacobian", "hessian")}
    except hr.HessrankError:
        return  # a kink
    found = kernel(here)
    for name, matrix in matrices.items():
        vectors = [sympy.Matrix(r.vector) for r in found.rows if r.matrix == name]
        nullity = matrix.shape[1] - matrix.rank()
        assert len(vectors) == nullity, dumps(here)
        assert all((matrix * v).is_zero_matrix for v in vectors), dumps(here)
        assert not vectors or sympy.Matrix.hstack(*vectors).rank() == nullity, dumps(here)


def _sympy(matrix: object) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(str(v)) for v in row] for row in matrix.fractions()])


def test_what_has_no_known_cause_is_unexplained() -> None:
    """F = (s + t + u, s·t): at (1, 1, 0) the rows of J are (1, 1, 1), (1, 1, 0): one kernel vector,
    s against t, which act in proportion. F = (s + 2t, 3t + s²u) has none that is known."""
    model = hr.Model.from_expressions(["s + t + u", "s + 2*t + 3*u", "2*s + 3*t + 4*u"], "s t u")
    found = kernel(hr.Problem(model, hr.Data([[]], [[0, 0, 0]])).at({"s": 0, "t": 0, "u": 0}))
    assert found.unexplained["jacobian"] == 1  # (1, −2, 1): the third row is the sum of the others
    (row,) = [r for r in found.rows if r.matrix == "jacobian"]
    assert row.name == "unexplained" and sympy.Matrix(row.vector).dot([1, 1, 1]) == 0


def test_counted_directions_need_more_parameters_than_outputs() -> None:
    for entry in ids():
        here = read_spec(entry).landscape()
        if any(r.name == COUNTED for r in kernel(here).rows):
            assert here.problem.N > here.problem.M


# --- the command line ----------------------------------------------------------------------------


def test_the_json_of_one_claim(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "rank-equality", "X1", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["strong"]["outcome"] == "fails"
    assert {"outcome", "reason", "facts"} <= set(shown["best"])
    assert main(["claims", "gradients-perpendicular", "X1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["strong"] is None


def test_the_json_of_all_claims(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["claims", "--all", "xor-relu", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown["claims"]) == {c.id for c in CLAIMS}
    assert {"matrix", "vector", "name", "where"} == set(shown["kernel"][0])
    assert shown["unexplained"] == {"jacobian": 0, "hessian": 0}
    assert main(["verify", "xor-relu", "--claims", "--json"]) == 0
    verified = json.loads(capsys.readouterr().out)["gallery"]["xor-relu"]
    assert verified["claims"] == shown["claims"] and verified["kernel"] == shown["kernel"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["claims", "--all"],
        ["claims", "26", "--layer", "1"],
        ["claims", "40", "X1", "--layer", "1"],
        ["claims", "53", "X11", "--split", "a,b"],
        ["claims", "19", "X8", "--test-inputs", "1,2"],
        ["claims", "51", "X1"],
        ["verify", "--claims"],
    ],
)
def test_bad_input_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_long_entries_of_a_kernel_are_printed_as_decimals() -> None:
    """J = (tanh u, a(1 − tanh² u)), so the kernel is spanned by (a(1 − tanh² u), −tanh u)."""
    model = hr.Model.from_expressions(["a*tanh(u*x)"], "a u", "x")
    here = hr.Problem(model, hr.Data([1], [0])).at({"a": "0.3147", "u": "1.2345"})
    (row,) = [r for r in hr.explain_kernel(here).rows if r.matrix == "jacobian"]
    t = math.tanh(1.2345)
    entries = row.shown.text.strip("()").split(", ")
    assert all(entry.startswith("≈") and len(entry) < 12 for entry in entries)
    shown = [float(entry[1:]) for entry in entries]
    assert shown == pytest.approx([0.3147 * (1 - t * t), -t], rel=1e-5)
    assert all("exp" in entry for entry in row.vector)


def test_a_channel_of_a_convolution_rescales() -> None:
    """w·x + b through relu times v: (w, b, −v) lies in ker J, by Euler's identity; SymPy finds the
    rank of J at a point where all units but one are active."""
    here = read_spec("examples/convolution.toml").landscape()
    found = kernel(here)
    rows = [r for r in found.rows if r.name == "rescaling"]
    assert {r.matrix for r in rows} == {"jacobian", "hessian"}
    vector = sympy.Matrix([sympy.Rational(v) for v in rows[0].vector])
    theta = sympy.Matrix([1, 1, 0, -1, -1, 0])  # (w, b, −v, 0) at the point of the spec
    assert sympy.Matrix.hstack(vector, theta).rank() == 1


def test_what_cannot_be_computed_follows_from_a_proof_where_the_hypotheses_hold() -> None:
    """Of a trained net's exact fit a box is known: H = JᵀJ there is a theorem (T4), no computation.
    A form without a proof stays open, and so does one of which a hypothesis is open."""
    from hessrank.proofs.existence.nearby import nearby

    at = nearby(read_spec("examples/trained_tanh.toml").landscape())
    found = claims_on(at.landscape, 73)["hessian-is-two-gram"]["best"]
    assert found is not None and found.outcome is Outcome.HOLDS
    assert found.facts[-1][0] == "proof" and found.facts[-2][1].truth.value == "undecided"
    open_ = claims_on(at.landscape, 74)["sensitivity-translates"]["as_written"]  # refuted elsewhere
    assert open_ is not None and open_.outcome is Outcome.UNDECIDED


def test_parts_that_are_none_of_the_landscape_are_refused_whatever_is_asked(
    net: Landscape, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ({"split": ["zz"]}, {"test": [[1]]}, {"test": [["a", 1]]}, {"layer": 3}):
        with pytest.raises(InputError):
            claims_on(net, **part)
    one = hr.mlp([1, 3], "identity")
    flat = hr.Problem(one, hr.Data([[1]], [[0, 0, 0]])).at([1] * 6)
    with pytest.raises(InputError, match="no hidden layer"):
        claims_on(flat, layer=1)
    assert claims_on(flat, 91)["weight-is-not-signal"]["as_written"].outcome is (
        Outcome.NOT_APPLICABLE
    )
    assert main(["claims", "--all", "X9", "--test-inputs", "a,1"]) == 2
    assert "test-inputs" in capsys.readouterr().err
