"""PDFs, set by typst from a template and its data: the same of both gives the same bytes.

The typesetter keeps what it has laid out, some megabytes for each page, until its process ends. So a document is set
in a process that ends: this file, run as ``typesetting.py TEMPLATE FONTS TIMESTAMP < data.json > document.pdf``, which
imports nothing of the project, to start quickly.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst


def typeset(template: Path, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """Return the PDF of a template with this data, dated by that moment."""
    fonts = Path(str(files("font_source_sans_pro") / "files"))
    done = subprocess.run(
        # -P: the modules beside this file are the project's, not the interpreter's.
        [sys.executable, "-P", __file__, str(template), str(fonts), str(int(made_at.timestamp()))],
        input=json.dumps(data).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def _set_document(template: Path, fonts: Path, timestamp: int, data: str) -> bytes:
    """Return the PDF of the template with this data, in no other font than those given."""
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    compiler = typst.Compiler(input=template, root=template.parent, font_paths=own)
    document = compiler.compile(format="pdf", sys_inputs={"data": data}, timestamp=timestamp, pdf_tags=False)
    assert isinstance(document, bytes)
    return document


if __name__ == "__main__":
    sys.stdout.buffer.write(
        _set_document(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.stdin.buffer.read().decode())
    )
