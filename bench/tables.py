"""Rows for people to read."""

from collections.abc import Iterator, Mapping, Sequence

from bench.measure import Row

_WIDTHS = (58, 44, 12, 12, 9)


def say_table(rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Yield the lines of a table: a part for each measurement."""
    yield _line("", "beside", "ours", "beside it", "ratio", "aim")
    for name, some in rows.items():
        yield name
        for row in some:
            yield _line(
                f"  {row.what}",
                row.beside,
                say_number(row.ours, row.unit),
                "" if row.yardstick is None else say_number(row.yardstick, row.unit),
                "" if row.ratio is None else say_ratio(row.ratio),
                "" if row.is_met is None else f"{row.aim:10} {'met' if row.is_met else 'MISSED'}",
            )


def say_aims(rows: Mapping[str, Sequence[Row]]) -> str:
    """Say in a sentence how many aims are met, and which are not."""
    aimed = [row for some in rows.values() for row in some if row.is_met is not None]
    missed = [row.what for row in aimed if not row.is_met]
    told = f"{len(aimed) - len(missed)} of {len(aimed)} aims are met"
    return f"{told}." if not missed else f"{told}; missed: {'; '.join(dict.fromkeys(missed))}."


def say_figure(row: Row) -> str:
    """What counts of a row, as people read it."""
    return say_ratio(row.figure) if row.is_of_ratio else say_number(row.figure, row.unit)


def say_ratio(ratio: float) -> str:
    return f"{ratio:.3f}" if ratio < 10 else f"{ratio:,.1f}"


def say_number(number: float, unit: str) -> str:
    digits = 0 if number >= 100 else 1 if number >= 10 else 2
    return f"{number:,.{digits}f}{'' if unit.startswith('/') else ' '}{unit}"


def _line(what: str, beside: str, ours: str, yardstick: str, ratio: str, aim: str) -> str:
    a, b, c, d, e = _WIDTHS
    return f"{what:{a}} {beside:{b}} {ours:>{c}} {yardstick:>{d}} {ratio:>{e}}  {aim}".rstrip()
