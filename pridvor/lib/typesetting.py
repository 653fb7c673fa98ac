"""Typst, started once: a compiler for each thread and each folder of templates."""

import json
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

_local = threading.local()


def typeset(template: Path, data: dict[str, Any], *, at: datetime, **options: Any) -> bytes:
    """The template, filled with data, as PDF; the same data and moment give the same bytes. Raises typst.TypstError.

    Data goes in as JSON and comes out as text: nothing in it is markup. The template sees nothing beside its folder.
    """
    made = _compiler(template.parent).compile(
        input=str(template),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=at,
        **options,
    )
    assert isinstance(made, bytes)  # one output format, one file
    return made


def _compiler(root: Path) -> typst.Compiler:
    """One for each thread: a Compiler cannot be shared. Its root holds templates and nothing else."""
    compilers: dict[Path, typst.Compiler] = _local.__dict__.setdefault("compilers", {})
    if root not in compilers:
        fonts = typst.Fonts(include_system_fonts=False)
        compilers[root] = typst.Compiler(root=str(root), font_paths=fonts, ignore_system_fonts=True)
    return compilers[root]
