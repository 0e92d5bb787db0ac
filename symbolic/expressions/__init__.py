"""Closed forms: nodes, functions, derivatives, substitution, text in and paper out."""

from hessrank.symbolic.expressions import printing as printing
