"""The silent-error corpus: for each trap the right rank or "undecided", never a wrong one.

The true ranks come from theorems, papers or constructions named beside them. The tools that each
entry claims to fool are run too, so that no entry is there for show.
"""

import warnings

import pytest

from corpus import finite_fields, identities, isolated, rounding
from corpus.entry import Entry
from corpus.naive import TOOLS
from hessrank.symbolic.ranks.rank import rank

CORPUS: list[Entry] = [
    *rounding.ENTRIES,
    *identities.ENTRIES,
    *finite_fields.ENTRIES,
    *isolated.ENTRIES,
]
NAMES = [e.name for e in CORPUS]


def test_the_corpus_is_large_and_names_are_unique():
    assert len(CORPUS) >= 60
    assert len(set(NAMES)) == len(NAMES)
    assert all(e.source and e.fooled for e in CORPUS)


@pytest.mark.parametrize("entry", CORPUS, ids=NAMES)
def test_never_a_wrong_rank(entry):
    found = rank(entry.rows)
    assert found.lower <= entry.rank <= found.upper, (found, entry.source)


def test_every_entry_is_decided():
    undecided = [e.name for e in CORPUS if not rank(e.rows).decided]
    assert not undecided


@pytest.mark.parametrize(
    "entry, tool",
    [(e, t) for e in CORPUS for t in e.fooled],
    ids=[f"{e.name}: {t}" for e in CORPUS for t in e.fooled],
)
def test_the_tool_is_fooled(entry, tool):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert TOOLS[tool](entry.rows) != entry.rank


@pytest.mark.parametrize("entry", CORPUS, ids=NAMES)
def test_the_transpose_and_a_doubled_row_change_nothing(entry):
    """rank Aᵀ = rank A, and a repeated row adds nothing: three answers must not contradict."""
    rows = [list(r) for r in entry.rows]
    transposed = rank([list(c) for c in zip(*rows, strict=True)])
    doubled = rank([*rows, rows[0]])
    for found in (transposed, doubled):
        assert found.lower <= entry.rank <= found.upper, found


#: Honest refusals: what we do not decide, with the reason. The bounds must hold the truth.
OPEN = [
    # logarithms of numbers of a quadratic field are not reduced to units; an algebraic number that
    # is equal to another only by a separation bound is not recognised within another function
    ([["log(3 + 2*sqrt(2))", "log(1 + sqrt(2))"], [2, 1]], 1, "3 + 2√2 = (1 + √2)²"),
    ([["exp(cos(pi/7) - cos(2*pi/7) + cos(3*pi/7))", "exp(1/2)"], [1, 1]], 1, "IMO 1963"),
    ([["sin(cos(pi/5))", "sin((1 + sqrt(5))/4)"], [1, 1]], 1, "cos π/5 = (1 + √5)/4"),
]


@pytest.mark.parametrize("rows, true, source", OPEN, ids=[o[2] for o in OPEN])
def test_what_is_not_decided_is_bounded(rows, true, source):
    found = rank(rows)
    assert found.lower <= true <= found.upper, source
