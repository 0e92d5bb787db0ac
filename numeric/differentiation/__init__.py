"""Forward passes as programs, in any precision, and their derivatives."""
