"""The road of the data: data, point, problem, evaluation, landscape."""
