"""Independent references for the tests."""
