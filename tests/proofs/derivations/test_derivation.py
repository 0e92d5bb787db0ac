"""Derivations: checked against the forward pass, caught when wrong, and typeset so that TeX runs.

References that share nothing with what is tested: `numeric.measure` (its own differentiator),
SymPy's derivatives, a transcription of the printed recurrences into NumPy, and pdflatex.
"""

from __future__ import annotations

import itertools
import random
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import sympy

from hessrank import gallery
from hessrank.numeric.forward_pass import forward_pass
from hessrank.numeric.measure import evaluate
from hessrank.proofs.derivations import identity
from hessrank.proofs.derivations.derivation import ONLY, Derivation, derive
from hessrank.proofs.derivations.derived import Derived
from hessrank.proofs.pages import latex
from hessrank.proofs.pages.blocks import Formula, Text
from hessrank.specs.spec import read_spec
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.expression import free_symbols, symbol
from hessrank.symbolic.models.losses import Loss
from hessrank.symbolic.models.models import Model, mlp
from hessrank.symbolic.models.sequential import sequential
from hessrank.symbolic.problems.data import Data
from hessrank.symbolic.problems.landscape import Problem
from oracles.latex_reader import structure

SLOW = {"tanh-46", "square-46"}
QUICK = [entry for entry in gallery.ids() if entry not in SLOW]
DUPLICATED = "X8"
MATRICES = ("F", "J", "r", "A", "GN", "R", "P", "H")


@pytest.fixture(scope="module")
def neurons() -> Derivation:
    return derive(read_spec(DUPLICATED).landscape())


# --- the check ------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", QUICK)
def test_the_gallery_agrees_with_the_forward_pass(entry: str) -> None:
    derivation = derive(read_spec(entry).landscape())
    found = derivation.check(points=1)
    assert found.holds, str(found)
    assert found.digits == 30 and found.worst < 1e-25
    compared = {source for source, _ in found.deviations}
    assert {"one example", "point"} <= compared
    assert ("all examples" in compared) == (derivation.everywhere is not None)
    structure(derivation.latex())


@pytest.mark.parametrize("loss", ["log-cosh", "softmax-cross-entropy", "mean-squared", "weighted"])
@pytest.mark.parametrize("activation", ["tanh", "swish", "gelu", "softplus", "power-3", "relu"])
def test_activations_times_losses(loss: str, activation: str) -> None:
    net = mlp([1, 2, 2], activation, bias=activation != "gelu")
    chosen = Loss.weighted([[2, 1, 0, 1], [1, 3, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0]])
    data = Data(x=[["1/2"], [-1]], y=[["1/4", "3/4"], [1, 0]])
    problem = Problem(net, data, chosen if loss == "weighted" else loss, regulariser="l2")
    derivation = derive(problem, expanded=True)
    assert derivation.everywhere is not None
    assert derivation.check(points=1).holds
    structure(derivation.latex())


def changed(derived: Derived, key: str) -> Derived:
    """With 1/1000 added to the first entry of a matrix."""
    (first, *others), *rows = derived.matrices[key]
    return replace(
        derived, matrices={**derived.matrices, key: ((first + symbol("a") / 1000, *others), *rows)}
    )


@pytest.mark.parametrize(
    ("source", "key", "blamed"),
    [
        ("one", "J", ("one example", "J")),
        ("one", "f", ("one example", "F")),
        ("one", "D2_1", ("one example", "R")),
        *(
            ("everywhere", k, ("all examples", k))
            for k in ("F", "J", "r", "A", "GN", "R", "P", "H")
        ),
    ],
)
def test_a_wrong_entry_is_caught(
    neurons: Derivation, source: str, key: str, blamed: tuple[str, str]
) -> None:
    assert neurons.check(points=1).holds
    wrong = replace(neurons, **{source: changed(getattr(neurons, source), key)})
    found = wrong.check(points=1)
    assert not found.holds
    assert blamed in found.wrong
    assert "DISAGREES" in str(found)


def test_a_wrong_definition_loss_or_value_is_caught(neurons: Derivation) -> None:
    one, loss, point = neurons.one, neurons.loss, neurons.point
    assert one and loss and point
    (name, value), *others = one.definitions
    assert (
        not replace(neurons, one=replace(one, definitions=((name, value + 1), *others)))
        .check()
        .holds
    )
    wrong_loss = replace(loss, matrices={**loss.matrices, "A": ((symbol("o1"),),)})
    assert ("one example", "A") in replace(neurons, loss=wrong_loss).check().wrong
    (first, *row), *rows = point.matrices["J"]
    wrong_point = replace(point, matrices={**point.matrices, "J": ((first * 2, *row), *rows)})
    assert replace(neurons, point=wrong_point).check(points=0).wrong == (("point", "J"),)


def test_nothing_compared_is_no_agreement(neurons: Derivation) -> None:
    found = replace(neurons, here=None).check(points=0)
    assert not found.holds and "not compared" in str(found)


# --- the identity (claim 31) ----------------------------------------------------------------------


@pytest.mark.parametrize(("N", "M"), [*itertools.product((1, 2, 3), (1, 2, 3)), (5, 4)])
def test_the_identity_holds_for_generic_quadratic_maps(N: int, M: int) -> None:
    assert identity.representative(N, M) == (N, M)
    assert identity.holds(N, M)


def test_the_identity_on_random_cubics_by_sympy() -> None:
    rng = random.Random(1)
    t, o = sympy.symbols("t1:3"), sympy.symbols("o1:3")
    monomials = [t[0] ** i * t[1] ** j for i in range(4) for j in range(4 - i)]
    F = [sum(rng.randint(-3, 3) * m for m in monomials) for _ in o]
    loss = o[0] ** 3 + 2 * o[0] * o[1] - o[1]
    at = dict(zip(o, F, strict=True))
    J = sympy.Matrix(F).jacobian(t)
    right = J.T * sympy.hessian(loss, o).subs(at) * J
    for v, f in zip(o, F, strict=True):
        right += loss.diff(v).subs(at) * sympy.hessian(f, t)
    L = sympy.Poly(loss.subs(at), *t)
    for i, j in itertools.product(range(2), repeat=2):
        assert L.diff(t[i]).diff(t[j]) == sympy.Poly(right[i, j], *t)


# --- the recurrences as printed -------------------------------------------------------------------


@pytest.mark.parametrize("widths", [[2, 3, 2], [1, 2, 2, 2]])
def test_the_printed_recurrences(widths: list[int]) -> None:
    """δ, P, T and the two blocks transcribed from the page, against the measured residual term."""
    rng = random.Random(2)
    net = mlp(widths, "tanh", bias=True)
    examples = [[f"{rng.randint(-9, 9)}/10" for _ in range(widths[0])] for _ in range(2)]
    problem = Problem(net, Data(x=examples, y=[[0] * widths[-1]] * 2))
    here = problem.at({n: f"{rng.randint(-9, 9)}/10" for n in net.parameters})
    measured = evaluate(forward_pass(here))
    L = len(widths) - 1
    theta = {n: float(v.value) for n, v in here.values}
    W = {l: np.array([[theta[f"w{l}_{i}_{j}"] for j in range(1, widths[l - 1] + 1)]
                      for i in range(1, widths[l] + 1)]) for l in range(1, L + 1)}  # fmt: skip
    b = {l: np.array([theta[f"b{l}_{i}"] for i in range(1, widths[l] + 1)]) for l in W}
    assert net.network is not None
    position = {(l, i, j): int(p) for l, block in enumerate(net.network.blocks, 1)
                for (i, j), p in np.ndenumerate(block)}  # fmt: skip
    total = np.zeros((len(position),) * 2)
    for d, row in enumerate(problem.data.x):
        a = {0: np.array([float(v.value) for v in row])}
        s, c = {}, {}
        for l in range(1, L + 1):
            z = W[l] @ a[l - 1] + b[l]
            a[l] = np.tanh(z)
            s[l], c[l] = 1 - a[l] ** 2, -2 * a[l] * (1 - a[l] ** 2)
        K = widths[-1]
        delta, e = {L: measured.loss_gradient[d * K : d * K + K]}, {}
        for l in range(L - 1, 0, -1):
            e[l] = W[l + 1].T @ delta[l + 1]
            delta[l] = e[l] * s[l]
        for l in range(1, L + 1):
            P = {l: np.eye(widths[l])}
            for m in range(l + 1, L + 1):
                P[m] = W[m] @ np.diag(s[m - 1]) @ P[m - 1]
            T = {L: np.zeros((widths[L], widths[l]))}
            for m in range(L - 1, l - 1, -1):
                T[m] = np.diag(s[m]) @ W[m + 1].T @ T[m + 1] + np.diag(e[m] * c[m]) @ P[m]
            for m in range(l, L + 1):
                for i, j in itertools.product(range(widths[l]), range(widths[l - 1] + 1)):
                    for i2, j2 in itertools.product(range(widths[m]), range(widths[m - 1] + 1)):
                        left = np.append(a[l - 1], 1)[j]
                        value = T[m][i2, i] * left * np.append(a[m - 1], 1)[j2]
                        if l < m and j2 < widths[m - 1]:
                            value += delta[m][i2] * (np.diag(s[m - 1]) @ P[m - 1])[j2, i] * left
                        p, q = position[l, i, j], position[m, i2, j2]
                        total[p, q] += value
                        if l < m:
                            total[q, p] += value
    assert np.allclose(total, measured.residual, atol=1e-12)


# --- the text -------------------------------------------------------------------------------------


def test_both_formats_hold_every_matrix_and_the_verdict(neurons: Derivation) -> None:
    assert neurons.here is not None
    for text in (neurons.latex(), neurons.markdown()):
        for left in ("F = ", "J = ", "r = ", "A = ", r"J^{\top} A J", r"\nabla^2 F_m"):
            assert left in text
        assert "the ranks agree (T4)" in text
    assert neurons.markdown().count("$$") % 2 == 0
    assert neurons._repr_latex_() == neurons.latex(standalone=False)
    structure(neurons._repr_latex_())
    assert neurons._repr_markdown_() == neurons.markdown()
    assert r"\tag{1}" in neurons.markdown() and r"\mbox{(1)}" in neurons.latex()


def test_names_of_our_own_avoid_the_users() -> None:
    model = Model.from_expressions("t*tanh(c*x) + tanh(c*x)**2 + r", "t c r", "x")
    derivation = derive(Problem(model, Data(x=[[1]], y=[[0]])))
    assert derivation.one and {n[:3] for n, _ in derivation.one.definitions} == {"@g_"}
    assert r"\mathsf{r}" in derivation.latex() and "sans serif" in derivation.latex()
    assert derivation.check().holds


def test_large_networks_keep_their_layers_and_say_what_is_left_out() -> None:
    problem = read_spec("tanh-46").problem
    blocks = derive(problem).blocks()
    said = " ".join(b.text for b in blocks if isinstance(b, Text))
    assert "they follow from the recurrences" in said and "left out here" in said
    assert all(len(b.latex) < 4000 for b in blocks if isinstance(b, Formula))
    huge = derive(Problem(mlp([9, 30, 30, 3]), problem_data(9, 3)))
    assert huge.one is None
    structure(huge.latex())


def test_closed_forms_that_explode_are_left_out() -> None:
    form = symbol("x")
    for _ in range(60):  # the logistic map: 2^60 factors when written out
        form = symbol("a") * form * (1 - form)
    data = Data(x=[["1/3"]], y=[[0]])
    derivation = derive(Problem(Model.from_expressions([form], "a", "x"), data))
    left_out = derivation.one is None and derivation.everywhere is None
    assert left_out
    assert "is left out" in derivation.latex()
    structure(derivation.latex())


def problem_data(n: int, K: int) -> Data:
    return Data(x=[list(range(n))], y=[[0] * K])


def test_a_smaller_limit_shows_less(neurons: Derivation) -> None:
    short = replace(neurons, limit=2).latex()
    assert "its first 2 columns are shown" in short
    structure(short)
    with pytest.raises(InputError):
        derive(neurons.problem, limit=0)


def test_no_data_and_no_parameters() -> None:
    nothing = Problem(Model.from_expressions(["a", "2"], "a"), Data(x=[], y=[]))
    structure(derive(nothing).latex())
    fixed = mlp([1, 1], bias=False, fixed={"w1_1_1": 2})
    structure(derive(Problem(fixed, Data(x=[[1]], y=[[1]])).at({})).latex())


# --- files ----------------------------------------------------------------------------------------


def test_save_writes_whole_files(neurons: Derivation, tmp_path: Path) -> None:
    for name, expected in (("h.tex", neurons.latex()), ("h.md", neurons.markdown())):
        neurons.save(tmp_path / name)
        assert (tmp_path / name).read_text(encoding="utf-8") == expected
    with pytest.raises(InputError, match="ends in"):
        neurons.save(tmp_path / "h.docx")
    with pytest.raises(InputError, match="cannot be written"):
        neurons.save(tmp_path / "missing" / "h.tex")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["h.md", "h.tex"]


def test_without_latex_the_message_says_what_to_install(
    neurons: Derivation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="install tectonic"):
        neurons.save(tmp_path / "h.pdf", tex=True)
    monkeypatch.setattr("hessrank.proofs.pages.formats.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"pip install 'hessrank\[report\]'"):
        neurons.save(tmp_path / "h.pdf")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("entry", [DUPLICATED, "X15", "xor-tanh-untrained", "weighted-squared"])
def test_the_document_compiles(entry: str, tmp_path: Path) -> None:
    """With a real LaTeX where there is one; `structure` has looked at the document anyway."""
    derivation = derive(read_spec(entry).landscape(), expanded=True)
    structure(derivation.latex())
    if any(map(shutil.which, latex.ENGINES)):
        derivation.save(tmp_path / "h.pdf")
        assert (tmp_path / "h.pdf").read_bytes().startswith(b"%PDF")


def test_the_structural_check_notices() -> None:
    for broken in ("{", r"\left( x )", r"\begin{pmatrix} 1", r"\nosuchmacro", "$x", r"\[ x", "²"):
        with pytest.raises(AssertionError):
            structure(broken)


TIED: dict[str, tuple[list[object], object]] = {
    "two linear layers in a row": ([{"linear": 2}, "tanh", {"linear": 2}, {"linear": 1}], 2),
    "two activations in a layer": (
        [{"linear": 3}, {"activation": ["tanh", "square", "tanh"]}, {"linear": 2}],
        1,
    ),
    "convolution": ([{"conv": 1, "kernel": [2]}, "sigmoid", {"linear": 1}], [1, 3]),
    "skip": ([{"residual": [{"linear": 2}, "tanh", {"linear": 2}]}, {"linear": 1}], 2),
    "nothing but linear": ([{"linear": 2}, {"linear": 1}], 1),
}


@pytest.mark.parametrize("name", TIED)
@pytest.mark.parametrize("expanded", [False, True])
def test_tied_networks(name: str, expanded: bool) -> None:
    """What is written of one example of a tied network is the differentiated forward pass, and
    every name in it is defined, once."""
    layers, inputs = TIED[name]
    model = sequential(layers, inputs)  # type: ignore[arg-type]
    n = len(model.inputs)
    data = Data(
        [[i + 2 * j for j in range(n)] for i in range(2)],
        [[1] * model.output_count] * 2,
    )
    derivation = derive(Problem(model, data), expanded=expanded)
    assert derivation.one is not None
    names = [name for name, _ in derivation.one.definitions]
    assert len(set(names)) == len(names)
    assert derivation.check(points=1).holds
    assert "@" not in derivation.latex(standalone=False)


# --- instances ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small_net() -> Derivation:
    data = Data([[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]])
    return derive(Problem(mlp([2, 3, 1]), data), title="XOR")


def test_the_row_of_a_small_net_is_printed(small_net: Derivation) -> None:
    """∂f/∂w = v σ′(z) x and ∂²f/∂w² = v σ″(z) x², by hand; all 13 parameters are named."""
    shown = small_net.markdown()
    assert shown.startswith("# The Hessian of the loss: XOR\n")
    w, v, z = r"w^{(1)}_{1,1}", r"w^{(2)}_{1,1}", r"z^{(1)}_{1}"
    assert rf"\frac{{\partial f}}{{\partial {w}}} = {v} x_{{1}} \sigma'({z})" in shown
    twice = (
        rf"\frac{{\partial^2 f}}{{\partial {w}\,\partial {w}}} = {v} x_{{1}}^{{2}} \sigma''({z})"
    )
    assert twice in shown
    # 13 first derivatives; 9 + 9 + 9 second ones: 6 in w, w, b of a unit, 3 with its v
    assert shown.count(r"\frac{\partial f}{\partial ") == 13 + 1  # and the head
    assert shown.count(r"\frac{\partial^2 f}{\partial ") == 27
    theta = shown.partition(r"\theta = ")[2].partition("$$")[0]
    assert r"b^{(2)}_{1})^{\top}" in theta and "ldots" not in theta
    assert "recurrences: they" not in shown


def test_no_letter_has_two_senses(small_net: Derivation) -> None:
    shown = small_net.markdown()
    assert not {r"s^{(1)}_{1}", r"c^{(1)}_{1}", "c_{1}"} & set(
        re.findall(r"[a-z][\^_{}(),\d]+", shown)
    )
    wide = derive(Problem(mlp([1, 2, 3]), Data([[1]], [[1, 0, 0]]), "softmax-cross-entropy"))
    assert "c_{1}" not in wide.latex()


def test_softmax_is_diag_p_minus_pp() -> None:
    derivation = derive(read_spec("softmax-classifier").landscape())
    shown = derivation.markdown()
    assert r"\nabla_o^2 \ell = \operatorname{diag}(p) - p p^{\top}" in shown
    assert derivation.check().holds
    loss = derivation.loss
    assert loss is not None
    wrong = replace(loss, matrices={**loss.matrices, "A": ((symbol("@p_1"),) * 3,) * 3})
    assert ("one example", "A") in replace(derivation, loss=wrong).check().wrong


def test_names_of_the_user_are_their_own() -> None:
    model = Model.from_expressions("sigma_w*x + rate_in**2", "sigma_w rate_in", "x")
    shown = derive(Problem(model, Data(x=[[1]], y=[[0]]))).latex()
    assert r"\sigma_{w}" in shown and r"\mathrm{rate}_{\mathrm{in}}" in shown
    structure(shown)
    twins = Model.from_expressions("a1*x + a_1", "a1 a_1", "x")
    shown = derive(Problem(twins, Data(x=[[1]], y=[[0]]))).latex()
    assert r"\mathsf{a1}" in shown and r"\mathsf{a\_1}" in shown
    structure(shown)


def test_labels_of_theorems_are_explained_and_tall_columns_lie(neurons: Derivation) -> None:
    assert neurons.here is not None
    shown = neurons.markdown()
    assert "**T4:** where $r = 0$" in shown
    tall = derive(Problem(mlp([1, 1]), Data([[i] for i in range(5)], [[i] for i in range(5)])))
    assert r"Y^{\top} = \begin{pmatrix} 0 & 1 & 2 & 3 & 4 \end{pmatrix}" in tall.markdown()


SQUARES = Problem(Model.from_expressions("a*x**2 + b", "a b", "x"), Data([[1], [2]], [[0], [1]]))


def test_one_matrix_alone(neurons: Derivation) -> None:
    """J = [[1, 1], [4, 1]] and H = JᵀJ = [[17, 5], [5, 2]] by hand."""
    alone = derive(SQUARES, only="hessian").latex(standalone=False)
    assert alone == "\\[\nH = \\begin{pmatrix} 17 & 5 \\\\ 5 & 2 \\end{pmatrix}\n\\]"
    assert SQUARES.jacobian.latex() == r"\begin{pmatrix} 1 & 1 \\ 4 & 1 \end{pmatrix}"
    here = SQUARES.at({"a": 1, "b": 0})
    assert here.hessian.latex() == r"\begin{pmatrix} 17 & 5 \\ 5 & 2 \end{pmatrix}"
    assert "At the point" not in derive(here, only="hessian").markdown()
    for name in ONLY:
        structure(derive(neurons.problem, only=name).latex())
        assert neurons.here is not None
        structure(derive(neurons.here, only=name).latex())
    with pytest.raises(InputError, match="expected one of"):
        derive(SQUARES, only="G")


def test_H_in_theta_alone(neurons: Derivation) -> None:
    """Every symbol of J, both terms and H is a parameter, and they are those with names."""
    derivation = derive(neurons.problem, in_theta=True)
    found = derivation.everywhere
    assert found is not None and found.definitions == ()
    names = {s for rows in found.matrices.values() for row in rows for s in free_symbols(*row)}
    assert names == {"a", "b", "u", "w"}
    assert derivation.check(points=1).holds
    net = derive(Problem(mlp([1, 2, 1]), Data([[1], [2]], [[0], [1]])), in_theta=True)
    assert net.everywhere is not None and net.check(points=1).holds
