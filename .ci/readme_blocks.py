"""Prints the code blocks of one language in a Markdown file, without comments and blank lines.

usage: readme_blocks.py FILE LANGUAGE
"""

import sys
from pathlib import Path


def blocks(markdown: str, language: str) -> list[str]:
    """The lines inside ```language fences."""
    lines, inside = [], False
    for line in markdown.splitlines():
        if line.startswith("```"):
            inside = line == f"```{language}" and not inside
        elif inside and line.strip() and not line.startswith("#"):
            lines.append(line)
    return lines


if __name__ == "__main__":
    print(*blocks(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2]), sep="\n")
