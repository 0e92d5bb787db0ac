"""Weights from files: .safetensors and .npz.

In: a path. Out: named arrays in order, or the weights of a model by layer.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hessrank.frameworks.arrays import layer_shapes, shape
from hessrank.symbolic.errors import InputError
from hessrank.symbolic.expressions.exact import exact
from hessrank.symbolic.models.models import Model

#: Files of more bytes than this are refused.
MAX_BYTES = 50_000_000


def tensors(path: str | Path) -> dict[str, Any]:
    """The arrays of a .safetensors or .npz file by name, as nested lists, in the natural order of
    their names. Raises InputError of one line, which names the file."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InputError(f"{file}: longer than {MAX_BYTES} bytes")
        found = _npz(file) if file.suffix == ".npz" else _safetensors(file)
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from None
    if not found:
        raise InputError(f"{file}: holds no tensors")
    return dict(sorted(found.items(), key=lambda item: _natural(item[0])))


def _npz(file: Path) -> dict[str, Any]:
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as archive:
            return {name: archive[name].tolist() for name in archive.files}
    except (ValueError, EOFError, KeyError, AttributeError, TypeError) as error:
        raise InputError(f"{file}: no .npz file of plain arrays ({_line(error)})") from None
    except Exception as error:  # zipfile.BadZipFile and zlib.error
        raise InputError(f"{file}: no .npz file ({_line(error)})") from None


def _safetensors(file: Path) -> dict[str, Any]:
    if file.suffix != ".safetensors":
        raise InputError(f"{file}: expected a .safetensors or .npz file")
    try:
        from safetensors import safe_open
    except ImportError:
        raise InputError(
            f"{file}: reading it needs safetensors: pip install 'hessrank[safetensors]'"
        ) from None
    found = {}
    try:
        with safe_open(str(file), framework="numpy") as archive:
            names = list(archive.keys())
            for name in names:
                try:
                    found[name] = archive.get_tensor(name).tolist()
                except TypeError:
                    kind = archive.get_slice(name).get_dtype()
                    raise InputError(
                        f"{file}: tensor {name!r} is {kind}, which NumPy cannot hold: "
                        "save it as F32, which is exact"
                    ) from None
    except InputError:
        raise
    except Exception as error:  # safetensors.SafetensorError is known only where it is installed
        raise InputError(f"{file}: no safetensors file ({_line(error)})") from None
    return found


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__


def _natural(name: str) -> list[tuple[int, int, str]]:
    """2.weight before 10.weight; weight before bias."""
    parts = re.split(r"(\d+)", name.replace("weight", "0weight").replace("bias", "1bias"))
    return [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in parts]


def weights_for(model: Model, path: str | Path) -> dict[str, Any]:
    """The file's tensors as W1, b1, … of a network. By these names where the file has them, else
    in order. Raises InputError where shapes do not fit."""
    blocks, found = layer_shapes(model), tensors(path)
    if not blocks:
        raise InputError(f"{path}: weights from a file are for networks, this model has no layers")
    pairs = list(found.items())
    if set(found) <= set(blocks):
        pairs = [(name, found[name]) for name in blocks if name in found]
    names = list(blocks)
    if len(pairs) != len(names):
        raise InputError(
            f"{path}: {len(pairs)} tensors ({', '.join(found)}), and the model has {len(names)} "
            f"({', '.join(names)})"
        )
    out = {}
    for name, (tensor, value) in zip(names, pairs, strict=True):
        wanted = blocks[name]
        if shape(value) != wanted:
            raise InputError(
                f"{path}: tensor {tensor!r} has shape {list(shape(value))}, and {name} of the "
                f"model {list(wanted)}"
            )
        out[name] = exact(value, f"{path}: {tensor}")
    return out
