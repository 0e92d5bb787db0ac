"""Matrices and problems on which common tools give a wrong rank without saying so.

Each `Entry` names its true rank with a source that is not this package, and the naive tools (see
`naive`) that are fooled by it. tests/test_silent_errors.py holds us to all of them.
"""
