"""Find a counterexample in the gallery: a critical point where rank H and rank J differ.

The hypotheses are checked exactly at each entry; what is left is sorted by size.
"""

import hessrank as hr

found = []
for entry in hr.gallery.ids():
    spec = hr.read_spec(entry)
    verdict = hr.verdict(spec.landscape())
    critical = verdict.facts["critical point"].truth is hr.Truth.TRUE
    differs = verdict.rank_equality.truth is hr.Truth.FALSE
    if critical and differs:
        found.append((spec.problem.N, len(spec.problem.data), spec, verdict))

found.sort(key=lambda entry: entry[:2])
for N, _, spec, verdict in found:
    J, H = (int(verdict.ranks[name]) for name in ("jacobian", "hessian"))
    print(f"{spec.id:20} N = {N:2}  rank J = {J}, rank H = {H}  {spec.title}")

smallest = found[0][2]
print(f"\nThe smallest, {smallest.id}, as a spec file:\n")
print(hr.dumps(smallest.landscape()))
