"""Displayed relations read back and evaluated: against NumPy, SymPy and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import sympy

from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.theory import worlds
from hessrank.proofs.theory.arithmetic import IllFormed, matrix_of
from hessrank.proofs.theory.chapters.theorems import sums
from hessrank.proofs.theory.meaning import holds
from hessrank.proofs.theory.reading import NotRead, read
from hessrank.proofs.theory.world import Space, World, null_space
from hessrank.symbolic.expressions.exchange.to_sympy import to_sympy
from hessrank.symbolic.expressions.expression import number, symbol

RNG = np.random.default_rng(7)


def numbers(rows: int, columns: int) -> np.ndarray:
    return RNG.integers(-4, 5, size=(rows, columns))


def as_numbers(a: np.ndarray) -> np.ndarray:
    return worlds.of([[int(v) for v in row] for row in a])


def truth(latex: str, world: World) -> Truth:
    return holds(latex, world).truth


def test_products_sums_and_indices_are_numpys() -> None:
    A = np.array([[1, 2, -3], [0, 4, 1], [5, -2, 2]])
    B, v = np.array([[1, 0], [2, 3], [-1, 4]]), np.array([[2], [-1], [3]])
    values = {n: as_numbers(a) for n, a in {"A": A, "B": B, "v": v}.items()}
    values |= {
        "s": number(int(np.einsum("ij,jk->", A, B))),
        "q": number(int((v.T @ A @ v).item())),
        "p": number(int(sum(A[i, j] for i in range(3) for j in range(3) if i < j))),
        "t": number(int(np.trace(A))),
        "d": number(round(np.linalg.det(A))),
        "e": number(int(A[0, 1])),
    }
    world = World("numbers", values, {"i": 3, "j": 3, "k": 2})
    for true in (
        r"s = \sum_{i,j} \sum_{k} A_{ij} B_{jk}",
        r"q = v^{\top} A v",
        r"q = \sum_{i,j} v_i A_{ij} v_j",
        r"p = \sum_{i<j} A_{ij}",
        r"t = \operatorname{tr} A = \sum_{i} A_{ii}",
        r"d = \det A",
        r"e = A_{1,2}",
        r"(A B)_{ik} = \sum_{j} A_{ij} B_{jk}",
        r"\lVert v\rVert^2 = v^{\top} v",
        r"2 q \le 2 q + 1",
    ):
        assert truth(true, world) is Truth.TRUE, true
    for false in (
        r"q = v^{\top} A^{\top} v + 1",
        r"p = \sum_{i<j} A_{ji}",
        r"(A B)_{ik} = \sum_{j} A_{ji} B_{jk}",
        r"q + 1 \le q",
    ):
        assert truth(false, world) is Truth.FALSE, false


def test_derivatives_are_sympys() -> None:
    """The jets' L, its gradient and Hessian, and those of SymPy."""
    world = worlds.jets(2, 1, cubes=False)
    L = to_sympy(world.values["L"])
    names = [sympy.Symbol(f"theta_{i}", real=True) for i in range(2)]
    ours = sympy.Matrix(2, 2, [to_sympy(v) for v in world.values["H"].flat])
    theirs = sympy.hessian(L, names)
    assert (ours - theirs).expand() == sympy.zeros(2, 2)
    assert truth(r"H_{ij} = \frac{\partial^2 L}{\partial\theta_i\,\partial\theta_j}", world) is (
        Truth.TRUE
    )
    wrong = r"H_{ij} = \frac{\partial L}{\partial\theta_i} \frac{\partial L}{\partial\theta_j}"
    assert truth(wrong, world) is Truth.FALSE


@pytest.mark.parametrize(
    ("latex", "error"),
    [
        (r"A v = v A", IllFormed),
        (r"A = B", IllFormed),
        (r"w = v", IllFormed),
        (r"A_{ik} = A_{ik}", IllFormed),
        (r"\frac{\partial^2 q}{\partial x} = 0", NotRead),
        (r"q = ", NotRead),
        (r"q = q ) ", NotRead),
        (r"\rank q = 1", IllFormed),
    ],
)
def test_what_means_nothing_is_refused(latex: str, error: type[Exception]) -> None:
    values = {"A": worlds.matrix("A", 2, 2), "v": worlds.column("v", 2), "q": symbol("q")}
    values |= {"B": worlds.matrix("B", 2, 3), "x": symbol("x")}
    with pytest.raises((error, IllFormed)):
        holds(latex, World("", values, {"i": 2, "k": 3}))


def test_blocks_and_inverses() -> None:
    values = {"P": worlds.symmetric("P", 2), "B": worlds.matrix("B", 2, 1)}
    values["I"] = worlds.ANY_IDENTITY
    world = World("", values)
    assert truth(r"P P^{-1} P = P", world) is Truth.TRUE
    shear = (
        r"\begin{pmatrix} I & B \\ 0 & I \end{pmatrix} \begin{pmatrix} I & -B \\ 0 & I "
        r"\end{pmatrix} = \begin{pmatrix} P P^{-1} & 0 \\ 0 & 1 \end{pmatrix}"
    )
    assert truth(shear, world) is Truth.TRUE
    assert truth(shear.replace("-B", "B"), world) is Truth.FALSE


def test_spaces_have_the_dimensions_that_ranks_give() -> None:
    """dim(U ∩ V) = rank U + rank V − rank [U V], and nullity = columns − rank."""
    for _ in range(20):
        U, V = numbers(4, 2), numbers(4, 3)
        V[:, 0] = U[:, 0] + U[:, 1]
        found = Space(matrix_of(as_numbers(U))).meet(Space(matrix_of(as_numbers(V)))).dimension
        rank = np.linalg.matrix_rank
        assert found == rank(U) + rank(V) - rank(np.hstack([U, V]))
        A = matrix_of(as_numbers(V.T))
        assert null_space(A).rank() == 4 - A.rank()
        assert (A * null_space(A)).rank() == 0


def test_signs_of_the_samples_are_those_of_the_eigenvalues() -> None:
    for world in sums():
        for name in ("H", "Y"):
            A = world.values[name]
            roots = np.linalg.eigvalsh([[float(v.value) for v in row] for row in A])
            assert world.values["i_+"](A) == sum(roots > 1e-9)
            assert world.values["i_-"](A) == sum(roots < -1e-9)


def test_what_is_read_keeps_its_place() -> None:
    latex = r"H = J^{\top} A J + \sum_{m=1}^{M} r_m \nabla^2 F_m"
    chain = read(latex)
    assert [latex[slice(*part.span)].strip() for part in chain.parts] == latex.split(" = ")
