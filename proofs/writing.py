"""Files are written whole or not at all.

In: a path and text (or bytes). Out: the file, moved into place in one step.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hessrank.symbolic.errors import OutputError


def write(path: str | Path, content: str | bytes) -> None:
    """Writes `content` to `path` through a temporary file beside it and a rename.

    Raises OutputError where the folder is missing or may not be written.
    """
    target = Path(path)
    raw = content.encode("utf-8") if isinstance(content, str) else content
    if target.exists() and not target.is_file():
        raise OutputError(f"{path}: cannot be written: it is no regular file")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{path}: cannot be written: {reason}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, target)
    except OSError as error:
        os.unlink(name)
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from None


def check_new_folder(path: str | Path) -> None:
    """Raises OutputError where no new folder can be made there."""
    target = Path(path)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{path}: cannot be written: it is there already")
    check_folder(path)


def check_folder(path: str | Path) -> None:
    """Raises OutputError where the folder above `path` is missing."""
    if not Path(path).absolute().parent.is_dir():
        raise OutputError(f"{path}: cannot be written: there is no folder for it")


def write_folder(path: str | Path, files: Mapping[str, str | bytes]) -> None:
    """Writes the files into a new folder, whole or not at all.

    Raises OutputError where something is there already, or the folder above is missing.
    """
    target = Path(path)
    check_new_folder(path)
    made = None
    try:
        made = Path(tempfile.mkdtemp(dir=target.absolute().parent, prefix=f".{target.name}."))
        os.chmod(made, 0o777 & ~_umask())
        for name, content in files.items():
            write(made / name, content)
        os.replace(made, target)
    except OSError as error:
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
