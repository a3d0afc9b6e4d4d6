"""An XLSX workbook's sheets as rows of text, as its cells are shown, read as a stream: a few rows are in memory.

Whoever made it, a workbook costs no more than its :class:`Limits` say. Numbers come in their shortest decimal form,
days as MM/DD/YYYY, times as HH:MM:SS, both where a cell shows both. Formulas come as what they last came to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import BinaryIO

from core.packages import BadPackageError, Package

#: By which these files are told from text.
ZIP_MARK = b"PK\x03\x04"

_LONGEST_TEXT = 100_000
_MOST_TEXTS = 1_000_000
_LONGEST_ROW = 16_384
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d:\d\d)(?:\.\d+)?)?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+", re.ASCII)
#: What a number format says without showing it: quoted text, escaped characters, colors and conditions.
_FORMAT_NOISE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DAYS, _TIMES, _ELAPSED = 1, 2, 4
#: Excel's built-in formats of days and times; those from 27 on are of East Asian editions.
_BUILT_IN = {
    **dict.fromkeys([14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)], _DAYS),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 34, 35, 45, 47], _TIMES),
    22: _DAYS | _TIMES,
    46: _ELAPSED,
}


class BadWorkbookError(ValueError):
    """The file can't be read as a workbook; its sentence says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a workbook may come to at most: bytes unpacked, rows and columns of a sheet, cells of all sheets read.

    ``packing`` is how many times larger it may be unpacked than it is.
    """

    unpacked: int
    rows: int
    columns: int
    cells: int = 10_000_000
    packing: int = 200


@dataclass(slots=True)
class _Styles:
    """Whether a cell of a style shows a day or a time, by the style's number, and from when days are counted."""

    shows: list[int]
    first_day: datetime = datetime(1899, 12, 30)  # noqa: DTZ001  (what a wall clock showed)


class WorkbookFile:
    """An open workbook: the names of its sheets in order, and the rows of each."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._cells_left = limits.cells
        try:
            self._package = Package(file, unpacked=limits.unpacked, packing=limits.packing)
            home = _find_home(self._package)
            self._parts, self._is_from_1904 = _list_sheets(self._package, home)
            self._texts, self._styles = self._read_common(home)
        except BadPackageError as bad:
            raise BadWorkbookError(str(bad)) from None

    @property
    def sheets(self) -> list[str]:
        return [name for name, _ in self._parts]

    def rows(self, place: int) -> Iterator[tuple[int, list[str]]]:
        """Read a sheet, the first being 0: each row that has cells, with its number, cut behind its last filled cell.

        :raises BadWorkbookError: it is damaged or larger than the limits
        """
        sheet = _Sheet(self._texts, self._styles, self._limits, self._cells_left)
        try:
            for _ in self._package.read(self._parts[place][1], sheet.start, sheet.end, sheet.text):
                yield from sheet.take()
        except BadPackageError as bad:
            raise BadWorkbookError(str(bad)) from None
        self._cells_left = sheet.cells_left

    def _read_common(self, home: str) -> tuple[list[str], _Styles]:
        related = _read_relations(self._package, home)
        styles, texts = _StyleSheet(), _Texts()
        for kind, target in related.values():
            if kind == "styles" and self._package.has(target):
                _drain(self._package.read(target, styles.start, _ignore, _ignore))
            elif kind == "sharedStrings" and self._package.has(target):
                _drain(self._package.read(target, texts.start, texts.end, texts.text))
        found = _Styles(styles.shows)
        if self._is_from_1904:
            found.first_day = datetime(1904, 1, 1)  # noqa: DTZ001  (what a wall clock showed)
        return texts.texts, found


class _Texts:
    """The texts that cells share."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] | None = None
        self._is_open, self._skip, self._length = False, 0, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._length = [], 0
        elif name == "rPh":
            self._skip += 1
        elif name == "t":
            self._is_open = self._skip == 0

    def text(self, text: str) -> None:
        if self._is_open and self._parts is not None:
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise BadPackageError("The workbook holds a text that is longer than a cell.")
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._is_open = False
        elif name == "rPh":
            self._skip -= 1
        elif name == "si":
            if len(self.texts) >= _MOST_TEXTS:
                raise BadPackageError(f"The workbook holds more than {_MOST_TEXTS:,} different texts.")
            self.texts.append("".join(self._parts or ()))
            self._parts = None


class _StyleSheet:
    """Which of the styles of cells show days or times."""

    def __init__(self) -> None:
        self.shows: list[int] = []
        self._formats: dict[str, int] = {}
        self._is_open = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt" and len(self._formats) < _LONGEST_TEXT:
            self._formats[attributes.get("numFmtId", "")] = _read_format(attributes.get("formatCode", ""))
        elif name in ("cellXfs", "cellStyleXfs", "dxfs", "cellStyles"):
            self._is_open = name == "cellXfs"
        elif name == "xf" and self._is_open and len(self.shows) < _LONGEST_TEXT:
            number = attributes.get("numFmtId", "0")
            built_in = _BUILT_IN.get(int(number), 0) if number.isdecimal() and len(number) < 6 else 0
            self.shows.append(self._formats.get(number, built_in))


def _read_format(code: str) -> int:
    shown = _FORMAT_NOISE.sub("", code.split(";")[0]).lower()
    if "general" in shown:
        return 0
    if "[" in shown:
        return _ELAPSED
    times = _TIMES if any(letter in shown for letter in "hs") else 0
    days = _DAYS if any(letter in shown for letter in "yd") or ("m" in shown and not times) else 0
    return days | times


class _Sheet:
    """What is read of a sheet: rows that are whole wait to be taken."""

    def __init__(self, texts: list[str], styles: _Styles, limits: Limits, cells_left: int) -> None:
        self.cells_left = cells_left
        self._texts, self._styles, self._limits = texts, styles, limits
        self._done: list[tuple[int, list[str]]] = []
        self._number = self._place = self._length = 0
        self._cells: list[str] | None = None
        self._type = self._style = ""
        self._parts: list[str] | None = None
        self._is_open, self._skip = False, 0

    def take(self) -> list[tuple[int, list[str]]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._start_cell(attributes)
        elif name == "v" or name == "t":
            self._is_open = self._skip == 0
        elif name == "rPh":
            self._skip += 1
        elif name == "row":
            self._start_row(attributes.get("r", ""))

    def text(self, text: str) -> None:
        if self._is_open and self._parts is not None:
            self._length += len(text)
            if self._length > _LONGEST_TEXT:
                raise BadPackageError("The workbook holds a text that is longer than a cell.")
            self._parts.append(text)

    def end(self, name: str) -> None:
        if name == "v" or name == "t":
            self._is_open = False
        elif name == "c":
            self._end_cell()
        elif name == "rPh":
            self._skip -= 1
        elif name == "row" and self._cells is not None:
            self._done.append((self._number, self._cells))
            self._cells = None

    def _start_row(self, told: str) -> None:
        number = int(told) if told.isdecimal() and len(told) < 9 else self._number + 1
        if number <= self._number:
            raise BadPackageError(f"The workbook's row {number} comes after row {self._number}.")
        if number > self._limits.rows:
            raise BadPackageError(f"The sheet has more than {self._limits.rows:,} rows.")
        self._number, self._place, self._cells = number, 0, []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.cells_left -= 1
        if self.cells_left < 0:
            raise BadPackageError(f"The workbook has more than {self._limits.cells:,} cells.")
        reference = attributes.get("r")
        self._place = self._place + 1 if reference is None else _find_column(reference)
        self._type, self._style = attributes.get("t", ""), attributes.get("s", "")
        self._parts, self._length = [], 0

    def _end_cell(self) -> None:
        if not self._parts or self._cells is None:
            self._parts = None
            return
        text = "".join(self._parts)
        self._parts = None
        text = self._convert(text)
        if not text:
            return
        cells, missing = self._cells, self._place - 1 - len(self._cells)
        if self._place > self._limits.columns:
            limit = self._limits.columns
            raise BadPackageError(f"Row {self._number} has {self._place} columns; at most {limit} are read.")
        if missing < 0:
            raise BadPackageError(f"The workbook's row {self._number} holds a cell twice.")
        if missing:
            cells.extend([""] * missing)
        cells.append(text)

    def _convert(self, text: str) -> str:
        kind = self._type
        if kind == "s":
            place = int(text) if text.isdecimal() and len(text) < 9 else _MOST_TEXTS
            if place >= len(self._texts):
                raise BadPackageError("The workbook is damaged.")
            return self._texts[place]
        if kind in ("", "n"):
            style = self._style
            shown = 0
            if style:
                place = int(style) if style.isdecimal() and len(style) < 7 else _MOST_TEXTS
                shown = self._styles.shows[place] if place < len(self._styles.shows) else 0
            return _say_moment(text, shown, self._styles.first_day) if shown else _say_number(text)
        if kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if kind == "d":
            return _say_iso(text)
        return text


@lru_cache(maxsize=20_000)
def _find_column(reference: str) -> int:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise BadPackageError("The workbook is damaged.")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return min(column, _LONGEST_ROW)


def _say_number(text: str) -> str:
    if _INTEGER.fullmatch(text):
        return str(int(text))
    try:
        number = float(text)
    except ValueError:
        return text
    if number.is_integer() and abs(number) < 10**15:
        return str(int(number))
    # A spreadsheet shows fifteen digits; what is behind them is how the number is kept.
    return repr(float(f"{number:.15g}"))


@lru_cache(maxsize=10_000)
def _say_moment(text: str, shown: int, first_day: datetime) -> str:
    try:
        serial = float(text)
        days = int(serial)
        seconds = round((serial - days) * 86_400)
        moment = first_day + timedelta(days=days, seconds=seconds)
    except (ValueError, OverflowError):
        return text
    if not 0 <= serial < 2_958_466:
        return _say_number(text)
    if shown & _ELAPSED:
        hours, rest = divmod(days * 86_400 + seconds, 3_600)
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    # A time of day has no day, unless it bears one that its format does not show.
    clock = f"{moment:%H:%M:%S}"
    if shown & _TIMES and serial < 1:
        return clock
    day = f"{moment.month:02d}/{moment.day:02d}/{moment.year:04d}"
    return f"{day} {clock}" if shown & _TIMES else day


def _say_iso(text: str) -> str:
    match = _ISO.fullmatch(text)
    if match is None:
        return text
    day = f"{match[2]}/{match[3]}/{match[1]}"
    return f"{day} {match[4]}" if match[4] and match[4] != "00:00:00" else day


def _find_home(package: Package) -> str:
    """The part that lists the sheets."""
    for kind, target in _read_relations(package, "").values():
        if kind == "officeDocument":
            return target
    return "xl/workbook.xml"


def _list_sheets(package: Package, home: str) -> tuple[list[tuple[str, str]], bool]:
    """The sheets by name with their parts, and whether days are counted from 1904."""
    related = _read_relations(package, home)
    sheets: list[tuple[str, str]] = []
    is_from_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal is_from_1904
        if name == "workbookPr":
            is_from_1904 = attributes.get("date1904", "0") in ("1", "true")
        elif name == "sheet":
            key = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            kind, target = related.get(key, ("", ""))
            if kind == "worksheet" and len(sheets) < _LONGEST_ROW:
                sheets.append((attributes.get("name", ""), target))

    _drain(package.read(home, start, _ignore, _ignore))
    return sheets, is_from_1904


def _read_relations(package: Package, source: str) -> dict[str, tuple[str, str]]:
    """What a part refers to, by the key it uses: the kind, and the part's name. Nothing, where it has no list."""
    folder, _, name = source.rpartition("/")
    listed = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    related: dict[str, tuple[str, str]] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External" and len(related) < _LONGEST_ROW:
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = _resolve(folder, attributes.get("Target", ""))
            related[attributes.get("Id", "")] = (kind, target)

    if package.has(listed):
        _drain(package.read(listed, start, _ignore, _ignore))
    return related


def _resolve(folder: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    steps = folder.split("/") if folder else []
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step != ".":
            steps.append(step)
    return "/".join(steps)


def _drain(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def _ignore(*_: object) -> None:
    pass
