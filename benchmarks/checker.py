"""The certificates of the whole gallery, replayed by a copy of the checker alone.

In: nothing. Out: seconds of each replay, of all in a fresh interpreter without installed packages
(python -I -S), and what is proved. Exit status 1 where one is refused.

    python benchmarks/checker.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hessrank import gallery
from hessrank.proofs import checker
from hessrank.proofs.statements.statement import statement_certificate
from hessrank.specs.spec import read_spec


def main() -> int:
    print("| certificate | kB | s | proved |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(checker.__file__, folder / "checker.py")
        for id in gallery.ids():
            path = folder / f"{id}.json"
            path.write_text(json.dumps(statement_certificate(read_spec(id).landscape())))
            certificate = checker.read(path)
            start = time.perf_counter()
            proved = checker.prove(certificate)
            seconds = time.perf_counter() - start
            print(f"| {id} | {path.stat().st_size / 1000:.1f} | {seconds:.2f} | {proved} |")
        command = [
            sys.executable,
            "-I",
            "-S",
            "checker.py",
            *(f"{id}.json" for id in gallery.ids()),
        ]
        start = time.perf_counter()
        status = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL).returncode
        seconds = time.perf_counter() - start
    print(f"\nAll by a copied checker alone, status {status}: {seconds:.1f} s.")
    return status


if __name__ == "__main__":
    sys.exit(main())
