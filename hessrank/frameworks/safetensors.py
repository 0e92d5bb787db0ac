"""From a file of weights and the names of the layers.

In: the path of a .safetensors or .npz file, an architecture. Out: the exact `Landscape`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hessrank.frameworks.arrays import shape
from hessrank.frameworks.drawn import Drawn
from hessrank.frameworks.files import tensors
from hessrank.frameworks.torch import ACTIVATIONS
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.models.activations import activation
from hessrank.symbolic.problems.landscape import Landscape


def from_safetensors(
    path: str | Path, architecture: str, x: Any, y: Any, loss: Any = "half-squared"
) -> Landscape:
    """The landscape of a network whose weights lie in a .safetensors (or .npz) file, exactly.

    architecture: its layers, such as "Linear,Tanh,Linear": Linear takes the next tensor of the file
    and, where that is one of biases, the one after it; activations by their PyTorch names or ours.
    Raises InputError that names the file or the layer.
    """
    found = list(tensors(path).items())
    drawn = Drawn()
    for i, word in enumerate(part.strip() for part in architecture.split(",")):
        name = f"layer {i} ({word})"
        if word == "Linear":
            if not found or len(shape(found[0][1])) != 2:
                what = f"{found[0][0]!r} is no matrix" if found else "no tensor is left"
                raise InputError(f"{path}: {name}: {what}", "architecture")
            W = found.pop(0)[1]
            has_bias = bool(found) and len(shape(found[0][1])) == 1
            drawn.linear(W, found.pop(0)[1] if has_bias else None, f"{path}: {name}")
        elif word in ("Flatten", "Identity"):
            continue
        else:
            sigma = ACTIVATIONS.get(word, word)
            drawn.layers.append(activation(sigma, "architecture").name)
    if found:
        left = ", ".join(name for name, _ in found)
        raise InputError(f"{path}: the architecture leaves {left} over", "architecture")
    return drawn.landscape(x, y, loss)
