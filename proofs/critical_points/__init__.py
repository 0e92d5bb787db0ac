"""All critical points of a polynomial landscape: ideals, strata of constant ranks, real points."""
