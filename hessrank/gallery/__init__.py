"""The gallery: every entry a spec file that the command line reads like any other."""
