"""The checker accepts what is true and refuses every certificate with any number changed."""

import ast
import copy
import json
import os
import subprocess
import sys
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import isprime

from hessrank.proofs import checker
from hessrank.proofs.certificates import (
    checked_rank,
    inertia_certificate,
    rank_certificate,
    replay,
)
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.ranks.rational_rank import rational_rank

CHECKER = Path(checker.__file__)
DELTAS = (1, -1, 2, -3, 10**6, 2**64)


@st.composite
def matrices(draw):
    """Rational matrices up to 5x5 of low rank."""
    m, n = draw(st.integers(0, 5)), draw(st.integers(1, 5))
    r = draw(st.integers(0, 3))
    small = st.integers(-3, 3)
    A = [[Fraction(draw(small), draw(st.integers(1, 3))) for _ in range(r)] for _ in range(m)]
    B = [[draw(small) for _ in range(n)] for _ in range(r)]
    return [
        [sum((A[i][k] * B[k][j] for k in range(r)), Fraction(0)) for j in range(n)]
        for i in range(m)
    ]


def stored(certificate):
    """As it comes back from a file."""
    return json.loads(json.dumps(certificate))


def certificates(matrix):
    """One of each kind: the matrix's rank, and the inertia of M S Mᵀ for an indefinite S."""
    form = [
        [
            sum((x * y * (-1) ** k for k, (x, y) in enumerate(zip(u, v, strict=True))), Fraction(0))
            for v in matrix
        ]
        for u in matrix
    ]
    return stored(rank_certificate(matrix)), stored(inertia_certificate(form))


def numbers(value, path=()):
    """The path to, and value of, every number: integers, and both parts of "p/q"."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from numbers(item, (*path, index))
    elif isinstance(value, int) or (isinstance(value, str) and "/" in value):
        yield path, value


def changes(value):
    """What one number may be changed into."""
    if isinstance(value, int):
        return [value + delta for delta in DELTAS]
    p, q = map(int, value.split("/"))
    return [p, f"{p + 1}/{q}", f"{-p}/{q}", f"{p}/{q + 1}", f"{p}/{-q}", f"{2 * p}/{2 * q}"]


def changed(certificate, path, value):
    mutant = copy.deepcopy(certificate)
    place = mutant
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return mutant


def claim_is_true(certificate):
    """Whether what is claimed holds, by python-flint and nothing of ours."""
    n = certificate["shape"][1]
    rows = certificate["matrix"]
    pairs = [[Fraction(x) for x in row] for row in rows]
    M = flint.fmpq_mat(len(rows), n, [flint.fmpq(x.numerator, x.denominator)
                                     for row in pairs for x in row])  # fmt: skip
    if certificate["kind"] == "rank":
        return certificate["lower"]["bound"] <= M.rank() <= certificate["upper"]["bound"]
    if pairs != [list(column) for column in zip(*pairs, strict=True)]:
        return False
    # Descartes' rule is exact for a polynomial whose roots are all real.
    coefficients = [c for c in M.charpoly().coeffs() if c != 0]
    positive = sum(a * b < 0 for a, b in pairwise(coefficients))
    zero = n - M.rank()
    claim = certificate["inertia"]
    return claim == {"positive": positive, "negative": n - zero - positive, "zero": zero}


@settings(max_examples=40, deadline=None)
@given(matrices())
def test_true_certificates_are_accepted(matrix):
    for certificate in certificates(matrix):
        assert replay(certificate) is None
        assert claim_is_true(certificate)


@settings(max_examples=60, deadline=None)
@given(matrices())
def test_any_changed_number_is_refused(matrix):
    for certificate in certificates(matrix):
        for path, value in numbers(certificate):
            for other in changes(value):
                mutant = changed(certificate, path, other)
                assert replay(mutant) is not None, (path, value, other)


@settings(max_examples=60, deadline=None)
@given(matrices())
def test_a_forged_digest_does_not_help_a_false_claim(matrix):
    """With the digest made to fit, only what is still true may pass."""
    for certificate in certificates(matrix):
        for path, value in numbers(certificate):
            for other in changes(value):
                mutant = changed(certificate, path, other)
                mutant["digest"] = checker.digest(mutant)
                if checker.check(mutant) is None:
                    assert claim_is_true(mutant), (path, value, other)


def test_forged_claims_are_refused_for_the_right_reason():
    """Each step of the replay is reached: one forgery for each, digest made to fit."""
    rank = stored(rank_certificate([[1, 2, 3], [2, 4, 6], [1, 0, Fraction(1, 2)]]))
    form = stored(inertia_certificate([[0, 1, 0], [1, 0, 0], [0, 0, 4]]))
    assert rank["upper"]["kind"] == "kernel"
    forgeries = [
        (rank, ("lower", "bound"), 3, "lower.bound is not its size"),
        (rank, ("lower", "determinant"), 0, "the minor is zero"),
        (rank, ("lower", "prime"), 9, "not a prime"),
        (rank, ("lower", "prime"), checker.MAX_PRIME, "not a prime of provable size"),
        (rank, ("lower", "rows"), [0, 1], "the minor is not lower.determinant"),
        (rank, ("lower", "rows"), [2, 0], "unsorted"),
        (rank, ("lower", "rows"), [0, 0], "unsorted"),
        (rank, ("lower", "rows"), [0, 3], "out of range"),
        (rank, ("lower", "columns"), [0], "not square"),
        (rank, ("upper", "bound"), 1, "upper.bound is not the number"),
        (rank, ("upper", "kind"), "faith", "neither 'size' nor 'kernel'"),
        (rank, ("upper", "vectors", 0, 0), 7, "not in the kernel"),
        (rank, ("upper", "vectors", 0), [0, 0, 0], "not nonzero in its own free column"),
        (rank, ("shape", 0), 2, "matrix has 3 entries"),
        (rank, ("shape", 0), 2**30, "out of range"),
        (rank, ("matrix", 0, 0), True, "not an exact number"),
        (rank, ("matrix", 0, 0), 1.0, "not an exact number"),
        (rank, ("matrix", 0, 0), "2/4", "lowest terms"),
        (rank, ("matrix", 0, 0), "1/1", "lowest terms"),
        (rank, ("matrix", 0, 0), "0x1", "not an exact number"),
        (rank, ("matrix", 0), [1, 2], "has 2 entries, not 3"),
        (rank, ("surplus",), 1, "keys are not exactly"),
        (rank, ("version",), 2, "version"),
        (rank, ("version",), True, "not an integer"),
        (rank, ("format",), "other", "format"),
        (rank, ("kind",), "minimum", "not a certificate of kind"),
        (form, ("matrix", 0, 1), 2, "not symmetric"),
        (form, ("order",), [0, 0, 1], "not a permutation"),
        (form, ("inertia", "positive"), 1, "inertia.positive is wrong"),
        (form, ("inertia", "zero"), 1, "inertia.zero is wrong"),
        (form, ("L", 2, 0), 5, "L D Lᵀ differs"),
        (form, ("blocks",), [[[4]]], "smaller than the matrix"),
        (form, ("blocks",), [[[4]]] * 4, "larger than the matrix"),
        (form, ("blocks",), [[[4]], [[0, 1], [2, 0]]], "not ((0, b), (b, 0))"),
        (form, ("blocks",), [[[4]], [[0, 0], [0, 0]]], "not ((0, b), (b, 0))"),
        (form, ("blocks",), [[[4, 0, 0]] * 3], "neither 1x1 nor 2x2"),
        (form, ("blocks",), 7, "blocks is not a list"),
    ]
    for certificate, path, value, reason in forgeries:
        mutant = changed(certificate, path, value)
        mutant["digest"] = checker.digest(mutant)
        assert reason in (replay(mutant) or "accepted"), (path, value)


@pytest.mark.parametrize("value", [None, [], 3, "text", {}, {"kind": []}, {"kind": "rank"}])
def test_what_is_no_certificate_is_refused(value):
    assert replay(value) is not None


def test_deep_nesting_is_refused():
    deep = []
    for _ in range(10**5):
        deep = [deep]
    certificate = stored(rank_certificate([[1]]))
    certificate["matrix"] = deep
    assert replay(certificate) is not None


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.integers(-5, 2000), st.integers(0, 2**80)))
def test_primality_agrees_with_sympy(n):
    assert checker._is_prime(n) == isprime(n)


def test_strong_pseudoprimes_are_no_primes():
    """ψ_4, ψ_8, ψ_11 of OEIS A014233: they fool the first 4, 8, 11 bases."""
    for n in (3215031751, 341550071728321, 3825123056546413051):
        assert not checker._is_prime(n)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6), st.integers(0, 2**32))
def test_determinants_agree_with_flint(n, seed):
    minor = np.random.default_rng(seed).integers(-9, 10, (n, n)).tolist()
    det = int(flint.fmpz_mat(n, n, [x for row in minor for x in row]).det())
    assert checker._determinant(minor) == det
    assert checker._determinant_mod(minor, 101) == det % 101


def test_an_exact_determinant_may_stand_for_a_prime():
    certificate = rank_certificate([[1, 2], [3, 4]])
    certificate["lower"] |= {"prime": None, "determinant": -2}
    certificate["digest"] = checker.digest(certificate)
    assert replay(certificate) is None


def test_a_probabilistic_result_gets_a_kernel():
    rng = np.random.default_rng(2)
    A = rng.integers(-9, 10, (30, 5)) @ rng.integers(-9, 10, (5, 30))
    result = rational_rank(A, certify=False)
    assert result.status == "probabilistic"
    certificate = rank_certificate(A, result)
    assert certificate["upper"]["kind"] == "kernel" and replay(certificate) is None


def test_checked_status():
    result, certificate = checked_rank([[1, 2], [2, 4]])
    assert result.status == "checked" and int(result) == 1 and replay(certificate) is None


def test_a_result_for_another_shape_is_bad_input():
    with pytest.raises(InputError, match="shape"):
        rank_certificate([[1, 2]], rational_rank([[1], [2]]))


def test_very_long_numbers():
    """Longer than Python prints by default; the limit is as before afterwards."""
    limit = sys.get_int_max_str_digits()
    certificate = rank_certificate([[7**9000, 1], [7**9000, 1]])
    assert replay(certificate) is None
    assert sys.get_int_max_str_digits() == limit


def test_the_checker_imports_the_standard_library_alone():
    tree = ast.parse(CHECKER.read_text(encoding="utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module)
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_command_line(tmp_path):
    """Run as one file, isolated from the installed package."""
    good, bad, broken = (tmp_path / name for name in ("good.json", "bad.json", "broken.json"))
    certificate = rank_certificate([[1, 2], [2, 4]])
    good.write_text(json.dumps(certificate))
    bad.write_text(json.dumps(changed(certificate, ("lower", "bound"), 2)))
    broken.write_text("{")
    for path, code in ((good, 0), (bad, 1), (broken, 2), (tmp_path / "absent.json", 2)):
        done = subprocess.run(
            [sys.executable, "-I", str(CHECKER), str(path)], capture_output=True, text=True
        )
        assert done.returncode == code, done


@pytest.mark.parametrize("row", [[1, 1, 1], [0, 0, 5], [Fraction(1, 2), -1, 0]])
def test_unit_vectors_are_no_kernel(row):
    """Vectors that are nonzero only at their own index would make any rank 0."""
    forged = stored(rank_certificate([row]))
    forged["lower"] |= {"bound": 0, "rows": [], "columns": [], "determinant": 1, "prime": None}
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    forged["upper"] = {"kind": "kernel", "bound": 0, "free": [0, 1, 2], "vectors": unit}
    forged["digest"] = checker.digest(forged)
    assert "not in the kernel" in (replay(forged) or "accepted")
    honest = stored(rank_certificate([[0, 0, 0]]))
    assert replay(honest) is None


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '{"a": 0.5}', '{"a": NaN}', "[" * 10**5, "\x00", '"\ud800'[:1]]
)
def test_unreadable_files(tmp_path, text, capsys):
    path = tmp_path / "certificate.json"
    path.write_text(text, encoding="utf-8")
    assert checker.main([str(path)]) == 2
    assert "unreadable" in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_letters_that_the_terminal_lacks_change_no_verdict(tmp_path, encoding):
    for w, status in (("0", 0), ("1", 1)):
        certificate = _critical(w)
        path = tmp_path / f"{status}.json"
        path.write_text(json.dumps(certificate), encoding="utf-8")
        done = _run(path, PYTHONIOENCODING=encoding)
        assert (done.returncode, done.stderr) == (status, b"")
        assert b"L" in done.stdout


def _critical(w):
    """That ∇L = w² is 0 at w, for L = w³/3."""
    model = {"kind": "closed-form", "outputs": ["w"], "parameters": ["w"], "inputs": []}
    loss = {"kind": "expression", "factor": "1/3", "expression": "o1**3"}
    problem = {"model": model | {"fixed": {}}, "x": [[]], "y": [[0]], "loss": loss}
    problem |= {"regulariser": None, "point": {"w": w}}
    certificate = {
        "format": checker.FORMAT,
        "version": checker.VERSION,
        "kind": "statement",
        "about": checker.fingerprint(problem),
        "problem": problem,
        "claims": [{"kind": "critical"}],
        "statement": "∇L = 0",
    }
    return certificate | {"digest": checker.digest(certificate)}


def _run(path, stdout=subprocess.PIPE, **environment):
    return subprocess.run(
        [sys.executable, "-S", str(CHECKER), str(path)],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=os.environ | environment,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_disk_is_no_verdict(tmp_path):
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(rank_certificate([[1, 2], [2, 4]])))
    with Path("/dev/full").open("wb") as full:
        done = _run(path, stdout=full)
    assert done.returncode == 3
    assert done.stderr.decode().splitlines() == [
        "the output could not be written: No space left on device"
    ]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless device here")
def test_a_device_without_end_is_not_read_to_the_end(capsys, monkeypatch):
    monkeypatch.setattr(checker, "MAX_BYTES", 1000)
    assert checker.main(["/dev/zero"]) == 2
    assert "larger than 1000 bytes" in capsys.readouterr().err


def test_numbers_of_a_million_digits_are_refused(tmp_path, capsys):
    path = tmp_path / "certificate.json"
    path.write_text(f'{{"shape": {"7" * 10**6}}}')
    assert checker.main([str(path)]) == 2
    assert "a number of 1000000 digits" in capsys.readouterr().err
    certificate = rank_certificate([[1, 2], [2, 4]])
    certificate["matrix"][0][0] = "1/" + "3" * 10**6
    assert "not an exact number" in replay(certificate | {"digest": checker.digest(certificate)})


HOSTILE = {
    "a power of a sum of unlike numbers": "(exp(1) + exp(2) + pi + log(2) + log(3))**200",
    "powers of powers": "(((1 + pi + exp(1))**30)**30)**30",
    "a product of sums of roots": "*".join(f"(1 + {p}**(1/2) + pi)" for p in (2, 3, 5, 7, 11) * 9),
    "roots of unity": "(cos(pi/61) + cos(pi/7))**9",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_numbers_that_grow_are_refused_in_time(name, monkeypatch):
    monkeypatch.setattr(checker, "MAX_WORK", 1 << 14)
    start = time.process_time()
    refusal = replay(_critical(HOSTILE[name]))
    assert "too many terms" in refusal
    assert time.process_time() - start < 20
    monkeypatch.setattr(checker, "MAX_WORK", 1 << 20)
    assert replay(_critical("0")) is None


def test_the_core_is_read_in_half_an_hour():
    """Derivatives, expressions, model, statements, rank and inertia: 400 lines, blanks apart."""
    _, _, core = CHECKER.read_text(encoding="utf-8").partition("# --- 1. derivatives ")
    core, mark, _ = core.partition("# --- reading a certificate ")
    assert mark and "# --- 6. inertia " in core
    assert sum(bool(line.strip()) for line in core.splitlines()) <= 400
