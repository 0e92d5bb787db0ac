"""A spec to start from, with a comment at each key.

In: nothing. Out: text that `read_spec` reads: XOR with a small tanh net at
trained weights of four digits, beside which an exact fit lies.
"""

TEMPLATE = """\
# A problem and a point for hessrank: `hessrank rank FILE`, `nearby FILE`, `derive FILE -o h.pdf`.
# Numbers are exact: 0.1 is 1/10; "1/3", "sqrt(2)" and "log(3)/2" stand in quotes.
# All keys: docs/spec.md. Layers, convolutions and tied weights: docs/points.md.

title = "XOR"

[model]
kind = "mlp"                 # fully connected, with a linear last layer
widths = [2, 2, 1]           # inputs, hidden units, outputs
activation = "tanh"          # relu, sigmoid, gelu, swish, square, identity, ...
# bias = false
# Or layers in a row:
#   kind = "sequential"
#   inputs = [1, 4]
#   layers = [{conv = 2, kernel = [2]}, "relu", "flatten", {linear = 1}]
# Or closed forms:
#   outputs = ["a*tanh(u*x) + b*max(w*x, 0)"]
#   parameters = "a b u w"
#   inputs = "x"

[data]
x = [[0, 0], [0, 1], [1, 0], [1, 1]]   # one row an example
y = [0, 1, 1, 0]

[loss]
kind = "half-squared"        # mean-squared (mse), softmax-cross-entropy, log-cosh, quartic, ...
# Or the loss of one example:
#   expression = "(o - y)**4"

# [regulariser]
# kind = "l2"
# strength = "1/1000"

[point]                      # by layer, one row a unit; or by parameter: w1_1_1 = 2.1
W1 = [[-0.8913, -0.8933], [-1.6385, -1.6448]]
b1 = [1.1997, 0.3931]
W2 = [[1.4723, -1.4637]]
b2 = [-0.6799]
# file = "weights.safetensors"   # or .npz, beside this file
"""
