"""Certificates of the fibre's dimension and of what holds for all labels: against the engine,
worked examples, random labels, and forgeries."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import numpy as np
import pytest

import hessrank as hr
from hessrank import gallery
from hessrank.__main__ import main
from hessrank.proofs import checker
from hessrank.proofs.fibres.fibre import fibre_dimension
from hessrank.proofs.statements.all_labels import labels_certificate
from hessrank.proofs.statements.fibre import fibre
from hessrank.proofs.statements.problem import problem_json
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import InputError

SMALL = [i for i in gallery.ids() if not i.endswith("-46")]


def said(here: hr.Landscape, claim: dict[str, object], *proved: str) -> str:
    return checker.sentence(checker.Problem(problem_json(here)), claim, list(proved))


def point(outputs: list[str], **theta: object) -> hr.Landscape:
    model = hr.Model.from_expressions(outputs, list(theta))
    return hr.Problem(model, hr.Data([[]], [[0] * len(outputs)])).at(theta)


# --- fibres --------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", SMALL)
def test_bounds_of_the_gallery_hold_those_of_the_engine(id: str) -> None:
    """The first proposal that is accepted; its bounds are right, and but for two they meet."""
    here = read_spec(id).landscape()
    rank = f"rank J = {here.rank('jacobian').lower}"
    for claim in json.loads(json.dumps(list(fibre(here)))):
        try:
            words = said(here, claim, rank)
        except checker.Refused:
            continue
        lower, *upper = map(int, re.findall(r"\d+", words))
        known = fibre_dimension(here)
        assert lower <= known.upper and known.lower <= (upper or [lower])[0]
        assert not upper or id in ("X8", "deep-linear")
        return
    raise AssertionError("no proposal was accepted")


@pytest.mark.parametrize(
    ("outputs", "dimension"),
    [
        # Claim 15 of the catalogue: the origin of x² + y², x², x³, xy, 0
        (["x**2 + y**2"], "0"),
        (["x**2"], "1"),
        (["x**3"], "from 1 to 2"),  # the dimension is 1; nothing to second order tells
        (["x*y"], "1"),
        (["0*x + 0*y"], "2"),
        (["x**2 - y**2", "x"], "0"),
    ],
)
def test_fibres_at_the_origin(outputs: list[str], dimension: str) -> None:
    here = point(outputs, x=0, y=0)
    rank = f"rank J = {int(here.rank('jacobian'))}"
    found = []
    for claim in fibre(here):
        try:
            found.append(said(here, claim, rank).removeprefix("the fibre of θ has dimension "))
        except checker.Refused:
            continue
    assert found[0] == dimension


def test_false_bounds_of_a_fibre_are_refused() -> None:
    here = point(["x*y", "2*x*y"], x=0, y=0)  # the cross: dimension 1
    empty = {"kind": "fibre", "rank": 0, "steady": None, "family": None, "form": None}
    kernel = [[1, 0], [0, 1]]
    form = {"combination": [1, 0], "kernel": kernel}
    line = {"at": {"s": 0}, "forms": {"x": "s", "y": "0"}}
    assert said(here, empty, "rank J = 0").endswith("from 0 to 2")
    both = empty | {"family": line, "form": form}
    assert said(here, both, "rank J = 0") == "the fibre of θ has dimension 1"
    for change, reason in (
        ({"rank": 1}, "rank J is not claimed"),
        ({"steady": {"free": [0, 1], "combinations": [[1, 0], [0, 1]]}}, "is not constant"),
        ({"steady": {"free": [1], "combinations": [[-2, 1]]}}, "there are not M − rank J"),
        ({"family": line | {"forms": {"x": "s", "y": "s"}}}, "F is not constant on the family"),
        ({"family": line | {"forms": {"x": "s**2", "y": "0"}}}, "tangents are not independent"),
        ({"family": line | {"forms": {"x": "s + 1", "y": "0"}}}, "the family misses θ"),
        ({"family": {"at": {"s": 0, "t": 0}, "forms": {"x": "s", "y": "t"}}}, "not constant"),
        ({"form": form | {"combination": [2, -1]}}, "Q is 0"),
        ({"form": form | {"kernel": [[1, 0], [2, 0]]}}, "not a basis"),
        ({"form": form | {"kernel": [[1, 0]]}}, "kernel"),
    ):
        with pytest.raises(checker.Refused, match=reason):
            said(here, both | change, "rank J = 0")
    slope = point(["x + y**2"], x=0, y=0)
    lies = empty | {"rank": 1, "form": {"combination": [1], "kernel": [[0, 1]]}}
    with pytest.raises(checker.Refused, match="cᵀJ is not 0"):
        said(slope, lies, "rank J = 1")
    lies["form"] = {"combination": [0], "kernel": [[1, 1]]}
    with pytest.raises(checker.Refused, match="not a basis of ker J"):
        said(slope, lies, "rank J = 1")


# --- all labels ----------------------------------------------------------------------------------

LOG3 = "log(3)/2"
TRIPLED = (hr.mlp([1, 3, 1], "tanh", bias=False), [[1], [2], [3], [4]],
           {"W1": [[LOG3]] * 3, "W2": [[1, 2, -1]]})  # fmt: skip
FACIAL = (hr.Model.from_expressions(["p", "a**2/2 + p*b", "a*b"], "p a b"), [[]],
          {"p": 0, "a": 0, "b": 0})  # fmt: skip
SADDLES = (hr.Model.from_expressions(["p", "a**2 - b**2", "a*b"], "p a b"), [[]],
           {"p": 0, "a": 0, "b": 0})  # fmt: skip


@pytest.mark.parametrize(("case", "bound"), [(TRIPLED, 2), (FACIAL, 1), (SADDLES, 1)])
def test_no_labels_give_a_gain_of_rank(case: tuple[object, ...], bound: int) -> None:
    """docs/labels.md; and 300 random critical labels, in floating point: H ⪰ 0 has no higher
    rank."""
    found = hr.labels(*case)
    made = json.loads(json.dumps(labels_certificate(found)))
    assert checker.prove(made).endswith(
        f"rank H ≤ {bound} for all labels with which θ is a local minimum of L"
    )
    here = found.here
    J = here.jacobian.to_numpy()
    second = np.array([here.second_derivative(m).to_numpy() for m in range(here.problem.M)])
    left = np.linalg.svd(J.T)[2][np.linalg.matrix_rank(J) :]
    rng = np.random.default_rng(0)
    for _ in range(300):
        r = rng.normal(size=len(left)) @ left * 10 ** rng.uniform(-4, 1)
        values = np.linalg.eigvalsh(J.T @ J + np.tensordot(r, second, 1))
        assert values[0] < -1e-12 or (values > 1e-9).sum() <= bound


def test_labels_that_were_found_are_certified() -> None:
    twice = (hr.mlp([1, 2, 1], "tanh", bias=False), [[1], [2], [3]],
             {"W1": [[LOG3], [LOG3]], "W2": [[1, 2]]})  # fmt: skip
    made = labels_certificate(hr.labels(*twice))
    assert checker.check(json.loads(json.dumps(made))) is None
    assert made["statement"].startswith("rank J = 2, rank H = 3, ")


@pytest.mark.parametrize(
    "spec", ["softmax-classifier", "X3", "X8", "merged-inputs", "weighted-squared"]
)
def test_the_answer_is_printed_with_and_without_a_certificate(
    spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.json"
    assert main(["labels", spec, "--certificate", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "rank J = " in out and not err
    assert ("There is no certificate" in out) is not path.exists()
    assert main(["labels", spec, "--json", "--certificate", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["certificate"] is None) is bool(told["no_certificate"]) is not path.exists()
    if path.exists():
        assert checker.check(json.loads(path.read_text())) is None


def test_a_point_without_a_kernel_has_no_such_certificate() -> None:
    model = hr.Model.from_expressions("t", "t")
    with pytest.raises(InputError, match=r"not shown the reason.* rank J = N"):
        labels_certificate(hr.labels(model, [[]], {"t": 0}))


def test_forged_duals_are_refused() -> None:
    made = json.loads(json.dumps(labels_certificate(hr.labels(*FACIAL))))
    claim = next(c for c in made["claims"] if c["kind"] == "all-labels")
    here = checker.Problem(made["problem"])
    assert checker.sentence(here, claim, [])

    def forged(**change: object) -> dict[str, object]:
        mutant = copy.deepcopy(claim)
        mutant["steps"][0] |= change
        return mutant

    for mutant, reason in (
        (claim | {"bound": 0}, "bound is not"),
        (claim | {"bound": 2}, "bound is not"),
        (claim | {"steps": []}, "bound is not"),
        (forged(weights=[-1] * len(claim["steps"][0]["weights"])), "weight is not positive"),
        (forged(weights=[0] * len(claim["steps"][0]["weights"])), "weight is not positive"),
        (forged(vectors=[[1, 0, 0]], weights=[1]), "does not lie in ker J"),
        (forged(vectors=[[0, 1, 0]], weights=[1], beta=[]), "not orthogonal to all S"),
        (forged(beta=[[0, 0, 0]]), "beta has 1 entries, not 0"),
    ):
        with pytest.raises(checker.Refused, match=reason):
            checker.sentence(here, mutant, [])
    for row in claim["steps"]:
        mutant = copy.deepcopy(claim)
        mutant["steps"].remove(row)
        with pytest.raises(checker.Refused):
            checker.sentence(here, mutant, [])
    regular = checker.Problem(made["problem"] | {"regulariser": "a**2"})
    with pytest.raises(checker.Refused, match="there is a regulariser"):
        checker.sentence(regular, claim, [])


def test_a_gain_of_rank_is_not_excluded() -> None:
    """F = t² at 0: y = −1 makes rank H = 1 > rank J = 0. No α proves the bound 0."""
    here = checker.Problem(problem_json(point(["t**2"], t=0)))
    for alpha in range(-3, 4):
        step = {"vectors": [[1]], "weights": [1], "alpha": [alpha], "beta": []}
        with pytest.raises(checker.Refused, match="not orthogonal"):
            checker.sentence(here, {"kind": "all-labels", "bound": 0, "steps": [step]}, [])
