"""The commands: read, compute, print; each returns the exit status.

In: the options of `hessrank.arguments`, as keyword arguments. Out: standard output, files where
asked for, and a status. All input is read before anything is computed, and everything is computed
before anything is printed, so that a mistake leaves no half of an answer behind. Heavy imports stay
inside the functions.
"""

from hessrank.commands.claims import audit, check, claims, counterexample, labels, predicates
from hessrank.commands.experiments import experiment
from hessrank.commands.information import information
from hessrank.commands.pictures import plot
from hessrank.commands.points import critical, fit, nearby, sweep
from hessrank.commands.problems import derive, gallery, generic, new, rank, verify
from hessrank.commands.theory import theory

__all__ = [
    "audit",
    "check",
    "claims",
    "counterexample",
    "critical",
    "derive",
    "experiment",
    "fit",
    "gallery",
    "generic",
    "information",
    "labels",
    "nearby",
    "new",
    "plot",
    "predicates",
    "rank",
    "sweep",
    "theory",
    "verify",
]
