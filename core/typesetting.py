"""PDFs, set by typst from a template and its data: the same of both gives the same bytes.

The typesetter keeps what it has laid out, some megabytes for each page, until its process ends. So a document is set
in a process that ends: this file, run as ``typesetting.py TEMPLATE FONTS TIMESTAMP < data.json > document.pdf``, which
imports nothing of the project, to start quickly. FONTS are folders, in JSON.
"""

import json
import logging
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

logger = logging.getLogger(__name__)


def typeset(template: Path, data: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """Return the PDF of a template with this data, dated by that moment.

    A letter that no font has is told in the log, and drawn as a box.
    """
    from core.fonts import choose_fonts  # not where this file is the process that ends

    text = json.dumps(data, ensure_ascii=False)
    folders, missing = choose_fonts(text)
    if missing:
        named = ", ".join(f"U+{ord(letter):04X} {unicodedata.name(letter, '')}".rstrip() for letter in missing[:10])
        logger.warning("%s is printed with boxes: no font has %s. Put one into FONTS_DIR.", template.name, named)
    done = subprocess.run(  # nosec B603  # this very file, no shell
        # -P: the modules beside this file are the project's, not the interpreter's.
        [sys.executable, "-P", __file__, template, json.dumps([*map(str, folders)]), str(int(made_at.timestamp()))],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def _set_document(template: Path, fonts: list[str], timestamp: int, data: str) -> bytes:
    """Return the PDF of the template with this data, in no other font than those given."""
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=fonts)
    compiler = typst.Compiler(input=template, root=template.parent, font_paths=own)
    document = compiler.compile(format="pdf", sys_inputs={"data": data}, timestamp=timestamp, pdf_tags=False)
    assert isinstance(document, bytes)
    return document


if __name__ == "__main__":
    sys.stdout.buffer.write(
        _set_document(Path(sys.argv[1]), json.loads(sys.argv[2]), int(sys.argv[3]), sys.stdin.buffer.read().decode())
    )
