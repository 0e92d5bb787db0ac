"""The house: imports of the source form no circle and never run up, lazy and type-only ones too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
#: Files that a recipe may name.
SEEN = {".py", ".toml", ".md"}
#: A layer may import those before it.
LAYERS = ("symbolic", "numeric", "proofs", "hessrank")
#: The one exception: the types of the three methods of a landscape that the layers above answer.
ANSWERED_ABOVE = "hessrank.symbolic.problems.landscape"


def module_of(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    inside = parts if parts[0] == "hessrank" else ["hessrank", *parts]
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def sources() -> dict[str, str]:
    """Every module but the packages' own files, with its text."""
    paths = [p for layer in LAYERS for p in (ROOT / layer).rglob("*.py")]
    return {module_of(p): p.read_text(encoding="utf-8") for p in paths if p.name != "__init__.py"}


def imports(module: str, text: str, known: set[str]) -> Iterator[str]:
    """The modules of `known` that are imported anywhere in `text`: absolute, relative, lazy,
    type-only, or named in a string."""
    tree = ast.parse(text)
    if module == ANSWERED_ABOVE:
        tree.body = [
            n
            for n in tree.body
            if not (isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING")
        ]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield from (m for m in (inner, source) if m in known)
        elif isinstance(node, ast.Constant) and node.value in known:
            yield str(node.value)


def arrows(texts: dict[str, str]) -> dict[str, set[str]]:
    known = set(texts)
    return {m: {i for i in imports(m, text, known) if i != m} for m, text in texts.items()}


def layer_of(module: str) -> int:
    part = module.split(".")[1]
    return LAYERS.index(part) if part in LAYERS else len(LAYERS) - 1


def upward(found: dict[str, set[str]]) -> list[tuple[str, str]]:
    return [(m, i) for m, all_ in found.items() for i in all_ if layer_of(i) > layer_of(m)]


def circle(found: dict[str, set[str]]) -> list[str]:
    """Modules that are left when those without an import among the rest are taken away."""
    left = {m: set(i) for m, i in found.items()}
    while free := [m for m, i in left.items() if not i & set(left)]:
        for m in free:
            del left[m]
    return sorted(left)


def test_no_import_runs_up_and_none_closes_a_circle() -> None:
    found = arrows(sources())
    assert len(found) > 200
    assert upward(found) == []
    assert circle(found) == []


def test_the_test_can_fail() -> None:
    """A circle of two, hidden in a function and in a string; an import that runs up; a relative."""
    texts = {
        "hessrank.symbolic.a": "def f():\n    from hessrank.symbolic.b import g",
        "hessrank.symbolic.b": "name = 'hessrank.symbolic.a'",
        "hessrank.symbolic.c": "if TYPE_CHECKING:\n    from hessrank.proofs.d import x",
        "hessrank.proofs.d": "from .e import y",
        "hessrank.proofs.e": "",
    }
    found = arrows(texts)
    assert circle(found) == ["hessrank.symbolic.a", "hessrank.symbolic.b"]
    assert upward(found) == [("hessrank.symbolic.c", "hessrank.proofs.d")]
    assert found["hessrank.proofs.d"] == {"hessrank.proofs.e"}


#: Where arrays hold floats or residues, or where `@` is the product of two `Matrix`.
PRODUCTS_OF_NUMBERS = {
    "symbolic/linear_algebra/ball_inertia.py": "floats",
    "symbolic/linear_algebra/lifting.py": "residues",
    "symbolic/linear_algebra/primefield.py": "residues",
    "symbolic/linear_algebra/regular_minor.py": "floats",
    "symbolic/modular/specialisation.py": "residues",
    "symbolic/ranks/rational_rank.py": "integers",
    "symbolic/ranks/unexpanded/residue_ring.py": "integers",
    "numeric/differentiation/arithmetic.py": "floats",
    "numeric/differentiation/layered.py": "floats",
    "proofs/catalogue/hessian/predicates.py": "Matrix",
    "proofs/counterexamples/fewer.py": "floats",
    "proofs/existence/critical.py": "floats",
    "proofs/existence/krawczyk.py": "floats",
    "proofs/experiments/cells.py": "floats",
    "proofs/experiments/networks.py": "floats",
    "proofs/facts/landscape_facts.py": "Matrix",
    "proofs/searching/screening.py": "residues",
}
NUMPY_PRODUCTS = {"dot", "einsum", "inner", "matmul", "matvec", "tensordot", "vdot", "vecdot"}


def numpy_products(text: str) -> list[str]:
    """What multiplies arrays in `text` by NumPy: `@`, a.dot(b), np.matmul(a, b)."""
    return [
        ast.unparse(node)
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in NUMPY_PRODUCTS
            and (node.func.attr == "dot" or ast.unparse(node.func.value) == "np")
        )
    ]


def test_no_object_matrices_are_multiplied_by_numpy() -> None:
    """NumPy's product of object arrays loses a reference where an element's product raises: see
    symbolic/linear_algebra/object_matrices.py, whose `matmul` is for them."""
    found = {
        str(path.relative_to(ROOT))
        for layer in LAYERS
        for path in (ROOT / layer).rglob("*.py")
        if numpy_products(path.read_text(encoding="utf-8"))
    }
    assert found == set(PRODUCTS_OF_NUMBERS)


def test_products_by_numpy_are_seen() -> None:
    text = "a @ b\nc @= d\nnp.matmul(a, b)\na.dot(b)\nmatmul(a, b)\nnumbers.matmul(a, b)"
    assert len(numpy_products(text)) == 4


def test_the_recipes_name_what_is_there() -> None:
    """Each file and each name in code that CONTRIBUTING.md's recipes send a reader to."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    recipes = text.partition(" recipes\n")[2].partition("\n## ")[0].splitlines()
    recipes = [line for line in recipes if line.startswith("- ")]
    assert len(recipes) >= 7
    for recipe in recipes:
        quoted = re.findall(r"`([^`]+)`", recipe)
        paths = [ROOT / q for q in quoted if "/" in q and " " not in q]
        assert paths and all(p.exists() for p in paths), recipe
        code = [p for p in paths if p.is_file()]
        code += [f for p in paths if p.is_dir() for f in p.rglob("*.*") if f.suffix in SEEN]
        everything = "\n".join(p.read_text(encoding="utf-8") for p in code)
        files = {p.name for c in code for p in c.parent.iterdir()}
        for name in quoted:
            if "/" in name or " " in name:
                continue
            known = name in files or re.search(rf"\b{re.escape(name.split('.')[-1])}\b", everything)
            assert known, f"{name}: {recipe}"
