"""The source texts: what a claim names as its source, the file of the text and its author."""

S0 = "S0 000_b1f1a6ceff22fc7e (Vivek Hebbar, short version)"
S1 = "S1 001_fc8102245f0e2a25 (Vivek Hebbar, Information loss → basin flatness, with comments)"
S2 = "S2 002_592db72ccb7888e6 (Spencer Becker-Kahn, note on the Hessian of the total loss)"
S3 = "S3 003_37893a47f4eb7eba (comments by the author of S2)"
S4 = "S4 004_df2e47d74155d2f7 (basin broadness, with comments)"
