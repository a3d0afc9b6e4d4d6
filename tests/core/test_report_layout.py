"""Which columns of a report stand on a page, and in which cells."""

from core.admin.report_layout import ALWAYS_ROOM, lay_out
from core.reports import Column, RowsPage, money, text


def make_columns(figures: int) -> list[Column]:
    return [
        text("driver", "Driver"),
        text("cab", "Cab"),
        text("lease", "Lease", beside=True),
        *(money(f"figure_{place}", f"Figure {place}") for place in range(figures)),
        money("owes", "Owes", is_answer=True),
    ]


def test_columns_without_a_figure_are_left_out_where_there_are_many():
    few, many = make_columns(ALWAYS_ROOM - 4), make_columns(ALWAYS_ROOM - 3)
    blank = {"figure_0", "figure_2", "owes"}
    assert lay_out(few, blank).left_out == []
    layout = lay_out(many, blank)
    assert layout.left_out == ["Figure 0", "Figure 2"]
    # What a row comes to is an answer, also where it is nothing.
    assert [shown.column.name for shown in layout.columns[2:]] == [
        *(f"figure_{place}" for place in range(ALWAYS_ROOM - 3) if place not in (0, 2)),
        "owes",
    ]
    assert len(layout.show_totals(RowsPage([], 0, {column.name: 0 for column in many if column.has_sum}))) == len(
        layout.columns
    )


def test_what_stands_beside_shares_the_cell():
    layout = lay_out(make_columns(0))
    assert [head.text for head in layout.heads] == ["Driver", "Cab\u00a0·\u00a0lease", "Owes"]
    row = {"driver": "Adams, Ann", "owes": 0}
    short, long_, alone = (
        layout.show_row({**row, "cab": cab, "lease": lease}, None, "")[1]
        for cab, lease in (("6F45", "6"), ("6F45, 8H59", "6, 14"), ("", "6"))
    )
    assert (short.text, alone.text) == ("6F45\u00a0·\u00a06", "6")
    # Of two leases the cell may be broken, but only between the cabs and their leases.
    assert long_.text == "6F45,\u00a08H59\u00a0· 6,\u00a014"
    assert short.classes == "is-shared"
