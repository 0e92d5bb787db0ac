"""Pictures of a landscape: spectra, slices, contours.

In: a `Landscape`. Out: a Figure of matplotlib (extra `plot`), in a file where one is named.
"""
