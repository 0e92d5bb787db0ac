"""The kinds of random problems of `campaign.py`: how each is drawn, and what its answer is held
against. A kind is a module with

    draw(rng)      a problem as a JSON object, from a `random.Random`;
    run(problem)   an `Outcome` for each question that was asked of it.

They use hessrank through its public names alone; expected answers come from the construction, from
mpmath, SymPy, python-flint or Singular.
"""
