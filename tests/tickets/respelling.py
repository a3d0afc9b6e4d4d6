"""One row, written as the programs of this world write it: by text, as a spreadsheet keeps it, or as it shows it."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.tickets.files import text, workbook

Draw = Any
#: A column's value in each way of writing it: a text, or what a spreadsheet's cell would hold.
Spelling = Any


def spell_amount(amount: Decimal) -> st.SearchStrategy[Spelling]:
    """Dollars, below zero with each sign there is."""
    plain, comma = f"{abs(amount):.2f}", f"{abs(amount):,.2f}"
    below = ["-{}", "-${}", "$-{}", "({})", "(${})", "$ -{}".replace("$ -", "- $")]
    above = ["{}", "${}", "$ {}"]
    dressed = [dress.format(digits) for dress in (below if amount < 0 else above) for digits in (plain, comma)]
    return st.one_of(st.sampled_from(dressed), st.just(float(amount)))


def spell_day(day: date) -> st.SearchStrategy[Spelling]:
    american = f"{day.month}/{day.day}/{day.year}"
    texts = [f"{day:%m/%d/%Y}", american, day.isoformat(), f"{day:%m/%d/%Y} 00:00", f"{day.isoformat()}T00:00:00"]
    return st.one_of(st.sampled_from(texts), st.just(day))


def spell_clock(clock: time, day: date) -> st.SearchStrategy[Spelling]:
    """A time of day, in twelve hours or twenty-four, alone or with its row's day."""
    hour, half = clock.hour % 12 or 12, "PM" if clock.hour >= 12 else "AM"
    twelve = [f"{hour}:{clock:%M:%S} {half}", f"{hour:02d}:{clock:%M:%S} {half.lower()}", f"{hour}:{clock:%M:%S}{half}"]
    texts = [*twelve, f"{clock:%H:%M:%S}", f"{clock.hour}:{clock:%M:%S}"]
    dated = [f"{day:%m/%d/%Y} {written}" for written in (twelve[0], f"{clock:%H:%M:%S}")]
    return st.one_of(st.sampled_from([*texts, *dated]), st.just(clock))


def spell_city_clock(clock: time) -> st.SearchStrategy[Spelling]:
    """As the city writes it, to the minute."""
    hour, half = clock.hour % 12 or 12, "P" if clock.hour >= 12 else "A"
    return st.sampled_from([f"{hour:02d}:{clock:%M}{half}", f"{hour:02d}{clock:%M}{half}", f"{clock:%H:%M}"])


def spell_digits(digits: str, *, zeros: int = 3) -> st.SearchStrategy[Spelling]:
    """A number whose leading zeros come and go."""
    bare = digits.lstrip("0")
    texts = [bare.zfill(len(bare) + count) for count in range(zeros + 1)]
    return st.one_of(st.sampled_from([*texts, f"'{bare}", f'="0{bare}"']), st.just(int(bare)))


def spell_words(words: str) -> st.SearchStrategy[Spelling]:
    return st.sampled_from([words, words.lower(), words.title(), f"  {words} ", words.replace(" ", "  ")])


def spell_plate(plate: str, state: str) -> st.SearchStrategy[Spelling]:
    """A plate with its state in one cell."""
    return st.sampled_from(
        [
            f"{state} {plate}",
            f"{plate}-{state}",
            f"{state.lower()} {plate.lower()}",
            f" {state}  {plate[:2]} {plate[2:]}",
        ]
    )


def spell_blank() -> st.SearchStrategy[Spelling]:
    return st.sampled_from(["", " ", "-", "--", "N/A", None])


def write_file(draw: Draw, head: Sequence[str], row: dict[str, st.SearchStrategy[Spelling]]) -> bytes:
    """Write a file of one row, its columns in any order, as text or as a workbook."""
    order = draw(st.permutations(list(head)))
    named = {name: draw(st.sampled_from([name, name.lower(), name.title(), f" {name}"])) for name in head}
    cells = [draw(row[name] if name in row else spell_blank()) for name in order]
    heads = [named[name] for name in order]
    if draw(st.booleans()):
        # What keeps digits text in a CSV would be a formula here.
        return workbook(heads, [cell[2:-1] if str(cell).startswith('="') else cell for cell in cells])
    written = [_quote(_as_text(cell)) for cell in cells]
    return text(",".join(heads), [",".join(written)])


def _as_text(cell: Spelling) -> str:
    """A spreadsheet's cell as its own export to CSV shows it."""
    match cell:
        case None:
            return ""
        case float():
            return f"{cell:.2f}"
        case date():
            return f"{cell.month}/{cell.day}/{cell.year}"
        case time():
            return f"{cell:%H:%M:%S}"
        case _:
            return str(cell)


def _quote(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
