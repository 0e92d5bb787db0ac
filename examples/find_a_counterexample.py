"""The smallest counterexample within constraints: a grammar is searched, not the gallery alone.

The claim: at a local minimum, rank H = rank J. For square units, half the squared error and one
output it fails; the answer is the smallest of its grammar, or says how far the search came. Then a
claim of one's own, which is refuted without help.

    python examples/find_a_counterexample.py
"""

import hessrank as hr

found = hr.find_smallest("rank-equality", activation="square", scalar=True, seconds=20)
assert found.finding is not None
here = found.finding.subject
print(found.finding)
print(f"{found.examined} classes examined; as a spec file:\n\n{hr.dumps(here)}")
ranks = int(here.rank("hessian")), int(here.rank("jacobian"))
print(f"{here.minimum().kind}: rank H = {ranks[0]}, rank J = {ranks[1]}")

own = hr.Claim(
    hypotheses=[hr.predicate("strict-minimum")], conclusion=hr.predicate("rank H >= rank J")
)
print(hr.counterexample(own))  # L = s⁴: rank H = 0 < rank J = 1
