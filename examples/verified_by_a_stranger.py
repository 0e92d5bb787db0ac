"""A counterexample as a folder that a stranger can verify, and the stranger's part.

The claim: at a local minimum with A ≻ 0, rank H = rank J. Without a perfect fit it is wrong; the
folder proves that in three ways, none of which needs hessrank (the fourth is for Coq).
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from hessrank.__main__ import main

with tempfile.TemporaryDirectory() as place:
    folder = Path(place) / "counterexample"
    main(["counterexample", "rank-equality", "--without", "perfect-fit", "--package", str(folder)])
    print(*sorted(path.name for path in folder.iterdir()))
    for command in (["checker.py", "certificate.json"], ["replay.py"]):
        subprocess.run([sys.executable, "-I", "-S", *command], cwd=folder, check=True)
