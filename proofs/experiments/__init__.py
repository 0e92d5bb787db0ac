"""experiments: seeded runs for the empirical claims. What they find is measured, no verdict."""
