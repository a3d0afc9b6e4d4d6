"""Set one lot of DTRs, as a program of its own: ``pdf.py TEMPLATE FONTS TIMESTAMP < data.json > dtrs.pdf``.

The typesetter keeps what it has laid out, some megabytes for each page, until its process ends. So a long week is set
lot by lot in processes that end; this file imports nothing of the project, to start quickly.
"""

import sys
from pathlib import Path

import typst


def set_document(template: Path, fonts: Path, timestamp: int, data: str) -> bytes:
    """Return the PDF of the template with this data, in no other font than those given."""
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    compiler = typst.Compiler(input=template, root=template.parent, font_paths=own)
    document = compiler.compile(format="pdf", sys_inputs={"data": data}, timestamp=timestamp, pdf_tags=False)
    assert isinstance(document, bytes)
    return document


if __name__ == "__main__":
    sys.stdout.buffer.write(
        set_document(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.stdin.buffer.read().decode())
    )
