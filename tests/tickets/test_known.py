"""A number that comes again with other facts is not known: it is told by name, and nobody's money moves by it."""

from decimal import Decimal

import pytest

from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.locks import list_sql
from tests.tickets.files import (
    EZPASS_HEAD,
    FLEET_HEAD,
    HOW,
    LATER_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    counts,
    fleet_violation,
    leased_cab,
    owed,
    stage,
    summons,
    text,
    ticket_of,
    toll,
    violation,
)
from tickets import services
from tickets.models import ImportRow, TicketChange

pytestmark = pytest.mark.django_db

#: Each kind of file: its head, its kind, and how a row of it is made.
TOLLS = (EZPASS_HEAD, "ezpass", lambda **facts: toll(1, facts.pop("whose", "NY T100001C"), **facts))
VIOLATIONS = (PVB_HEAD, "pvb", lambda **facts: violation(1, **facts))
FLEETS = (FLEET_HEAD, "pvb-fleet", lambda **facts: fleet_violation("1", **facts))
SUMMONSES = (TLC_HEAD, "tlc", lambda **facts: summons("1", **facts))

#: A kind of file, what its row tells at first, what it tells then, and how the first one is named.
OTHERS = [
    (TOLLS, {}, {"whose": "NY ZZZ9999"}, "plate: NY T100001C"),
    (TOLLS, {}, {"whose": "NJ T100001C"}, "plate: NY T100001C"),
    (TOLLS, {"whose": "00470002743"}, {"whose": "00470009999"}, "tag: 00470002743"),
    (TOLLS, {}, {"on": "11/10/2026"}, "time: Nov 16, 2026 10:00 AM"),
    (TOLLS, {}, {"at": "10:01:00 AM"}, "time: Nov 16, 2026 10:00 AM"),
    (TOLLS, {"at": ""}, {"on": "11/10/2026"}, "time: Nov 16, 2026"),
    (
        TOLLS,
        {},
        {"whose": "NY ZZZ9999", "on": "11/10/2026", "at": "03:00:00 PM", "agency": "PANYNJ", "plaza": "GWB"},
        "plate: NY T100001C; another time: Nov 16, 2026 10:00 AM",
    ),
    (VIOLATIONS, {}, {"plate": "ZZZ9999"}, "plate: NY T100001C"),
    (FLEETS, {}, {"plate": "7G52C"}, "plate: NY 9Z90B"),
    (FLEETS, {}, {"at": "0752P"}, "time: Nov 16, 2026 7:52 AM"),
    (FLEETS, {}, {"on": "11/15/2026"}, "time: Nov 16, 2026 7:52 AM"),
    (SUMMONSES, {"license": "5401671"}, {"license": "5401672"}, "TLC license: 5401671"),
    (SUMMONSES, {"medallion": "7G52"}, {"medallion": "9Z90"}, "medallion: 7G52"),
    (SUMMONSES, {"plate": "7G52C"}, {"plate": "9Z90B"}, "plate: NY 7G52C"),
    (SUMMONSES, {"plate": "7G52C"}, {"plate": "7G52C", "state": "NJ"}, "plate: NY 7G52C"),
    (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "on": "11/15/2026"}, "time: Nov 16, 2026"),
]
#: A kind of file, and two rows of one document: what only one of them tells, or writes otherwise, is no other fact.
SAME = [
    (TOLLS, {"whose": "00470002743"}, {"whose": "470002743"}),
    (TOLLS, {}, {"whose": "T100001C"}),
    (TOLLS, {}, {"whose": "T100001C-NY"}),
    (TOLLS, {}, {"whose": "00470002743"}),
    (TOLLS, {}, {"at": "10:00:36 AM"}),
    (TOLLS, {}, {"at": ""}),
    (TOLLS, {"on": "11/01/2026", "at": "01:30:00 AM"}, {"on": "11/01/2026", "at": "01:30"}),
    (TOLLS, {}, {"plaza": "ROBERT F KENNEDY"}),
    (FLEETS, {"at": ""}, {}),
    (SUMMONSES, {"license": "5401671"}, {"license": "05401671"}),
    (SUMMONSES, {"license": "5401671"}, {"medallion": "7G52", "plate": "7G52C", "at": "10:00"}),
    (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "type": "Reinspection fee"}),
    (SUMMONSES, {"license": "5401671", "note": "at JFK"}, {"license": "5401671", "due": "12/15/2026"}),
]


def write(kind_of_file, *facts):
    """A file's bytes and its kind: a row for each of these facts."""
    head, kind, make = kind_of_file
    return text(head, [make(**told) for told in facts]), kind


class TestInAnEarlierFile:
    @pytest.mark.parametrize(("kind_of_file", "before", "now", "known"), OTHERS)
    def test_another_fact_is_an_error_by_name(self, kind_of_file, before, now, known):
        bring_in(*write(kind_of_file, before))
        done = bring_in(*write(kind_of_file, now))
        row = done.rows.get()
        assert (counts(done), done.changed_count) == ((1, 0, 0, 0, 0, 1), 0)
        assert (row.state, row.column, row.waits_for, row.change) == ("ERROR", "number", "", "")
        assert row.message == f"The number 1 is known with another {known}."

    @pytest.mark.parametrize("way", [1, -1], ids=["", "and back"])
    @pytest.mark.parametrize(("kind_of_file", "before", "now"), SAME)
    def test_what_one_of_them_leaves_out_or_writes_otherwise_is_none(self, kind_of_file, before, now, way):
        first, then = (before, now)[::way]
        bring_in(*write(kind_of_file, first))
        done = bring_in(*write(kind_of_file, then))
        assert (done.known_count, done.changed_count, done.error_count) == (1, 0, 0)

    def test_whoever_was_charged_stays_charged_and_nobody_else_is(self):
        first, other = (leased_cab(plate).primary_driver for plate in ("T100001C", "T200002C"))
        bring_in_tolls(toll(1))
        done = bring_in_tolls(toll(1, "NY T200002C", amount="$-4.00"))
        assert (done.error_count, TicketChange.objects.count(), count_postings()) == (1, 0, 1)
        assert (owed(first), owed(other)) == ({"EZPASS-1": Decimal("9.11")}, {})
        assert_books_clean()

    def test_another_license_leaves_the_summons_with_its_driver(self):
        named, other = (
            LeaseFactory.create(primary_driver=DriverFactory.create(tlc_license=number)).primary_driver
            for number in ("5401671", "5401672")
        )
        bring_in(*write(SUMMONSES, {"license": "5401671"}))
        bring_in(*write(SUMMONSES, {"license": "5401672"}))
        assert (owed(named), owed(other)) == ({"TLC-1": Decimal("100.00")}, {})

    def test_a_row_beside_it_counts(self):
        leased_cab()
        bring_in_tolls(toll(1))
        done = bring_in_tolls(toll(1, "NY ZZZ9999"), toll(2), toll(1, amount="$-9.11", plaza="RKM"))
        assert [(row.number, row.state) for row in done.rows.order_by("row")] == [
            ("1", "ERROR"),
            ("2", "SENT"),
            ("1", "ERROR"),
        ]
        assert ticket_of(2).state == "CHARGED"

    def test_other_sums_of_the_same_toll_are_a_change(self):
        bring_in_tolls(toll(1))
        done = bring_in_tolls(toll(1, "T100001C", at="10:00", amount="$-4.00"))
        assert (done.changed_count, TicketChange.objects.get().kind) == (1, "REDUCED")

    def test_statements_of_both_styles_overlap(self):
        bring_in_tolls(toll(1), toll(2))
        later = '11/17/2026,{},"$-9.11",11/16/2026,10:00:00 AM,MTAB&T,,RKB,NY T100001C,$85.94,31'
        done = bring_in(text(LATER_HEAD, [later.format(number) for number in (1, 2, 3)]))
        assert counts(done) == (3, 1, 1, 2, 0, 0)

    def test_both_files_of_the_city_tell_one_violation(self):
        bring_in(*write(VIOLATIONS, {"fine": "65.00"}))
        same = {"plate": "T100001C", "at": "1000A", "money": "65.00,0.00,0.00,0.00,0.00", "due": "65.00"}
        assert counts(stage(*write(FLEETS, same)).file) == (1, 0, 0, 1, 0, 0)
        assert counts(stage(*write(FLEETS, same | {"plate": "T200002C"})).file) == (1, 0, 0, 0, 0, 1)

    def test_a_summons_entered_by_hand(self):
        services.enter_summons(
            number="1", violation="Directive", issued_on=TODAY, amount=Decimal("100.00"), license="5401671", **HOW
        )
        staged = stage(*write(SUMMONSES, {"license": "5401672", "on": f"{TODAY:%m/%d/%Y}"})).file
        assert staged.rows.get().message == "The number 1 is known with another TLC license: 5401671."

    def test_a_row_that_repeats_one_that_is_another_is_another_too(self):
        bring_in_tolls(toll(1))
        other = toll(1, "NY ZZZ9999", amount="$-4.00")
        done = bring_in_tolls(other, other)
        assert (done.error_count, done.changed_count, TicketChange.objects.count()) == (2, 0, 0)
        assert set(done.rows.values_list("message", flat=True)) == {
            "The number 1 is known with another plate: NY T100001C."
        }

    def test_as_many_statements_however_many_there_are(self):
        def count_of(first: int, many: int) -> int:
            numbers = range(first, first + many)
            bring_in_tolls(*(toll(number) for number in numbers))
            others = text(EZPASS_HEAD, [toll(number, "NY ZZZ9999") for number in numbers])
            return len(list_sql(lambda: stage(others)))

        assert count_of(100, 2) == count_of(200, 40)


class TestInAFileConfirmedMeanwhile:
    @pytest.fixture
    def done(self):
        """A file of two tolls and a repetition, one of which another file brought first, as another plate's."""
        leased_cab()
        rows = [toll(1, "NY ZZZ9999"), toll(2), toll(1, "NY ZZZ9999"), toll(3)]
        staged = stage(text(EZPASS_HEAD, rows)).file
        assert counts(staged) == (4, 3, 1, 1, 0, 0)
        bring_in_tolls(toll(1), toll(3))
        return services.confirm_import(import_id=staged.pk, today=TODAY)

    def test_is_an_error_by_name_as_well(self, done):
        assert (done.state, *counts(done)) == ("IMPORTED", 4, 1, 1, 1, 0, 2)
        told = {row.row: (row.state, row.message) for row in ImportRow.objects.filter(file=done)}
        another = ("ERROR", "The number 1 is known with another plate: NY T100001C.")
        assert told == {2: another, 3: ("SENT", ""), 4: another, 5: ("KNOWN", "")}

    def test_charges_what_is_new_alone(self, done):
        assert (done.imported_count, done.charged_count) == (1, 1)
        assert (str(ticket_of(1).amount), ticket_of(1).plate) == ("9.11", "T100001C")
        assert_books_clean()


class TestInOneFile:
    @pytest.mark.parametrize(("kind_of_file", "first", "then", "known"), OTHERS)
    def test_another_fact_is_an_error(self, kind_of_file, first, then, known):
        staged = stage(*write(kind_of_file, first, then)).file
        assert (staged.new_count, staged.error_count) == (1, 1)
        assert staged.rows.get(row=3).message == "The number 1 stands in row 2 with other facts."

    @pytest.mark.parametrize(
        ("kind_of_file", "first", "then"),
        [
            (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "medallion": "7G52"}),
            (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "due": "12/15/2026"}),
            (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "at": "00:00"}),
            (SUMMONSES, {"license": "5401671"}, {"license": "5401671", "type": "Reinspection fee"}),
            (TOLLS, {}, {"agency": "PANYNJ"}),
            (TOLLS, {}, {"plaza": "RKM"}),
        ],
    )
    def test_so_is_what_only_one_of_them_tells_and_where_it_was(self, kind_of_file, first, then):
        assert stage(*write(kind_of_file, first, then)).file.error_count == 1

    @pytest.mark.parametrize(
        ("kind_of_file", "first", "then"),
        [
            (SUMMONSES, {"license": "05401671"}, {"license": "5401671", "type": "DIRECTIVE"}),
            (SUMMONSES, {"plate": "7G52C", "state": "NY"}, {"plate": "7G52-C"}),
            (TOLLS, {"plaza": "RKB"}, {"plaza": "rkb", "at": "10:00"}),
        ],
    )
    def test_the_same_row_spelt_otherwise_is_known(self, kind_of_file, first, then):
        staged = stage(*write(kind_of_file, first, then)).file
        assert (staged.new_count, staged.known_count) == (1, 1)
        assert staged.rows.get(row=3).message == "The number 1 stands in row 2 too."
