"""The theory: every display passes its check, mutants do not, the page says how each is checked."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from hessrank.proofs.pages.blocks import Formula, Heading, Items, Table, Text
from hessrank.proofs.reasoning.truth import Truth
from hessrank.proofs.theory.equivalent import EQUIVALENT
from hessrank.proofs.theory.mutation import is_equality, mutants, survives
from hessrank.proofs.theory.statement import KINDS, Check, Display
from hessrank.proofs.theory.theory import Theory, chapters, theory

#: Their mutants take seconds; benchmarks/mutants_of_the_theory.py tries them all.
SLOW = {"S2-1", "factor"}


@pytest.fixture(scope="module")
def article() -> Theory:
    return theory()


def displays() -> list[Display]:
    return [d for chapter in chapters() for d in chapter.displays]


def test_every_display_and_step_passes_its_check(article: Theory) -> None:
    checked = article.check()
    assert checked.failed == ()
    assert checked.holds and len(checked.displays) > 80 and len(checked.steps) > 25


def test_all_that_the_posts_ask_for_is_there(article: Theory) -> None:
    words = "\n".join(b.text for b in article.blocks() if isinstance(b, (Text, Heading)))
    words += "\n".join(b.lead for b in article.blocks() if isinstance(b, Text))
    for n in range(1, 17):
        assert re.search(rf"\bT{n}[abc]?\b", words), f"T{n}"
    for said in ("two senses", "2GG^", "Claim 1", "Claim 2", "Claim 3", "Schur", "learning coeff"):
        assert said in words, said


def test_every_number_is_unique_and_every_reference_leads_to_one(article: Theory) -> None:
    numbers = [b.number.split(" ")[0] for b in article.blocks() if isinstance(b, Formula)]
    assert len(numbers) == len(set(numbers)) == len(displays())
    texts = [b.text for b in article.blocks() if isinstance(b, Text)]
    texts += [t for b in article.blocks() if isinstance(b, Items) for t in b.texts]
    referred = {n for text in texts for n in re.findall(r"\((\d+\.\d+)\)", text)}
    assert referred and referred <= set(numbers)
    assert not any("({" in text for text in texts)


def test_every_display_is_marked_by_its_kind_and_listed(article: Theory) -> None:
    shown = {b.number: b.latex for b in article.blocks() if isinstance(b, Formula)}
    assert {number.split(" ")[1] for number in shown} == set(KINDS)
    listed = [b for b in article.blocks() if isinstance(b, Table) and b.columns[0] == "display"]
    assert len(listed[0].rows) == len(shown)


def test_a_wrong_display_is_not_hidden(article: Theory) -> None:
    first = article.chapters[0]
    place = next(i for i, item in enumerate(first.items) if isinstance(item, Display))
    items = list(first.items)
    items[place] = replace(items[place], latex=r"L = 2 \ell(F(\theta))")
    wrong = Theory((replace(first, items=tuple(items)), *article.chapters[1:]))
    checked = wrong.check()
    assert not checked.holds and [name for name, _ in checked.failed] == ["total"]
    assert "FAIL" in str(checked)
    shown = [b.number for b in wrong.blocks() if isinstance(b, Formula)]
    assert shown[0].endswith("NOT CHECKED")


def test_a_lemma_names_what_it_rests_on() -> None:
    for kind in ("L", "C", "X"):
        with pytest.raises(ValueError):
            Check(kind, tuple)


def test_mutants_of_the_displays_fail() -> None:
    """A sample; at least 95% fail, and each that passes is argued to say the same."""
    made = [m for d in displays() if d.label not in SLOW and is_equality(d) for m in mutants(d)]
    assert len(made) > 1000 and {m.what for m in made} == {"index", "sign", "factor"}
    sample = random.Random(0).sample(made, 300)
    of = {d.label: d for d in displays()}
    passed = [m for m in sample if survives(of[m.label], m)]
    assert [m.latex for m in passed if not m.argument] == []
    assert len(passed) <= 0.05 * len(sample)


def test_the_arguments_are_about_mutants_that_pass() -> None:
    for label, argued in EQUIVALENT.items():
        display = next(d for d in displays() if d.label == label)
        made = {" ".join(m.latex.split()): m for m in mutants(display)}
        for latex in argued:
            assert survives(display, made[latex]), latex


def test_a_check_without_a_world_checks_nothing() -> None:
    assert Display("x", "a = a", Check("A", tuple)).run().truth is Truth.UNDECIDED
