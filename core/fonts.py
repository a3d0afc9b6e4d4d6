"""The fonts that papers are set in: which of them a text needs, and which of its letters none of them has.

They come as wheels, so a paper looks alike on every machine, and its bytes are the same: the system's own fonts are
never asked. Most papers need the first alone; looking through those of all scripts takes the typesetter a sixth of a
second. An office that needs yet another script puts a font of it into ``FONTS_DIR``.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

from django.conf import settings

#: In the order in which they are asked: Latin, Greek and Cyrillic; most scripts; Chinese, Japanese and Korean.
_WHEELS = (("font_source_sans_pro", "files"), ("manimgx_fonts", ""), ("manimgx_fonts_cjk", ""))
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
#: What is no letter: control and format characters, which are never drawn.
_NOT_DRAWN = ("Cc", "Cf")
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)
#: Formats of character maps.
_SHORT, _LONG = 4, 12


def choose_fonts(text: str) -> tuple[list[Path], str]:
    """Return the folders of fonts that a text needs, and its letters that are in none of them, in order."""
    left = {letter for letter in set(text) if _is_drawn(letter)}
    folders = []
    for folder in _list_folders():
        folders.append(folder)
        known = _read_folder(folder)
        left = {letter for letter in left if ord(letter) not in known}
        if not left:
            break
    return folders, "".join(sorted(left))


def _is_drawn(letter: str) -> bool:
    return unicodedata.category(letter) not in _NOT_DRAWN and ord(letter) not in _VARIATION_SELECTORS


def _list_folders() -> Iterator[Path]:
    for wheel, inside in _WHEELS:
        yield Path(str(files(wheel))) / inside
    if settings.FONTS_DIR:
        yield Path(settings.FONTS_DIR)


@cache
def _read_folder(folder: Path) -> frozenset[int]:
    """The code points that any font of the folder draws."""
    fonts = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES)
    return frozenset().union(*(read_code_points(path.read_bytes()) for path in fonts))


def read_code_points(font: bytes) -> set[int]:
    """Return the code points that a font has a glyph for, by its character map (of a collection, its first font's)."""
    start = struct.unpack_from(">I", font, 12)[0] if font[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", font, start + 4)[0]
    records = (struct.unpack_from(">4sIII", font, start + 12 + 16 * number) for number in range(tables))
    at = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    count = struct.unpack_from(">H", font, at + 2)[0]
    maps = [at + struct.unpack_from(">HHI", font, at + 4 + 8 * number)[2] for number in range(count)]
    # Where there is a map of all code points, the short one repeats a part of it.
    of_all = [place for place in maps if struct.unpack_from(">H", font, place)[0] == _LONG]
    of_some = [place for place in maps if struct.unpack_from(">H", font, place)[0] == _SHORT]
    return {*_read_long_map(font, of_all[0])} if of_all else {*_read_short_map(font, of_some[0])}


def _read_short_map(font: bytes, at: int) -> Iterator[int]:
    """Format 4: segments of the first 65,536 code points, whose glyphs are counted on or looked up."""
    segments = struct.unpack_from(">H", font, at + 6)[0] // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{segments}H", font, at + 14 + 2 * segments * place + (2 if place else 0))
        for place in range(4)
    )
    looked_up = at + 16 + 6 * segments
    for place, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for point in range(start, end + 1):
            glyph = point
            if offset:
                glyph = struct.unpack_from(">H", font, looked_up + 2 * place + offset + 2 * (point - start))[0]
            if (glyph + delta) % 0x10000 if glyph or not offset else 0:
                yield point


def _read_long_map(font: bytes, at: int) -> Iterator[int]:
    """Format 12: groups of code points whose glyphs are counted on."""
    groups = struct.unpack_from(">I", font, at + 12)[0]
    for start, end, glyph in struct.iter_unpack(">III", font[at + 16 : at + 16 + 12 * groups]):
        yield from range(start if glyph else start + 1, end + 1)
