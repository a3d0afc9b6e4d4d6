"""A file uploaded: each row is told apart, counted and kept, and not a cent moves."""

import io
from datetime import date

import pytest

from core.models import Upload, UploadPart
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory, VehiclePlateFactory
from tests.tickets.files import (
    EZPASS_HEAD,
    FLEET_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    counts,
    fleet_violation,
    leased_cab,
    plated_cab,
    sample,
    stage,
    summons,
    text,
    toll,
    violation,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import ImportRow, Ticket, TicketImport
from tickets.services import staging

pytestmark = pytest.mark.django_db


def rows_of(file: TicketImport) -> list[tuple[int, str, str]]:
    """A file's rows: number in the file, state, and what it would wait for."""
    return list(file.rows.order_by("row").values_list("row", "state", "waits_for"))


def message_of(row: int) -> str:
    return ImportRow.objects.get(row=row).message


def list_kept() -> list[str]:
    """The uploads that are kept, and the same once more by their bytes."""
    parts = UploadPart.objects.values_list("upload__name", flat=True).distinct()
    names = Upload.objects.order_by("name").values_list("name", flat=True)
    assert sorted(parts) == list(names)
    return list(names)


class TestEffect:
    def test_the_shared_statement(self):
        for plate in ("Y000001C", "9Z90B"):
            VehiclePlateFactory.create(
                plate=plate, vehicle=LeaseFactory.create(start_on=date(2025, 1, 1), end_on=date(2026, 1, 1)).vehicle
            )
        with sample("ezpass_synthetic.csv").open("rb") as file:
            staged = services.stage_file(kind="ezpass", file_name="e.csv", file=file, today=TODAY).file

        assert counts(staged) == (11, 7, 4, 1, 3, 0)
        assert count_postings() == 0
        assert staged.file.read() == sample("ezpass_synthetic.csv").read_bytes()

    def test_nothing_becomes_a_ticket_yet(self):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(2)])).file
        assert (staged.state, counts(staged)) == ("STAGED", (2, 2, 0, 0, 0, 0))
        assert (Ticket.objects.count(), count_postings()) == (0, 0)
        assert (staged.imported_count, staged.charged_count, staged.waiting_count) == (0, 0, 0)

    def test_keeps_who_brought_what(self):
        clerk = UserFactory.create()
        content = text(EZPASS_HEAD, [toll(1)])
        staged = services.stage_file(
            kind="ezpass", file_name="week 47.csv", file=io.BytesIO(content), today=TODAY, actor=clerk
        ).file
        staged.refresh_from_db()
        assert (staged.staged_by, staged.file_name, staged.kind) == (clerk, "week 47.csv", "ezpass")
        assert (staged.confirmed_by, staged.confirmed_at, staged.charged_on) == (None, None, None)
        assert list_kept() == [f"tickets/{staged.sha256}.csv"]

    def test_of_a_long_name_the_end_is_kept(self):
        staged = stage(text(EZPASS_HEAD, [toll(1)]), name="x" * 300 + ".csv").file
        assert (len(staged.file_name), staged.file_name[-5:]) == (200, "x.csv")

    def test_tells_errors_by_row_and_column_and_keeps_the_others(self):
        leased_cab()
        rows = [
            toll(1),
            "",
            toll(2, on="51/71/2004"),
            toll("", "NY T100001C"),
            toll(4, amount="9.1.1"),
            toll(5) + ",extra",
            toll(6, on="11/30/2026"),
        ]
        staged = stage(text(EZPASS_HEAD, rows)).file

        errors = ImportRow.objects.filter(state="ERROR").values_list("row", "column")
        assert counts(staged) == (6, 1, 0, 0, 0, 5)
        assert list(errors) == [(4, "Date"), (5, "Lane Txn ID"), (6, "Amount"), (7, "Amount"), (8, "Date")]
        assert message_of(7) == "The row has 10 fields, the header 9."

    def test_tomorrow_is_no_error_and_the_day_after_is(self):
        staged = stage(text(EZPASS_HEAD, [toll(1, on="11/19/2026"), toll(2, on="11/20/2026")])).file
        assert [state for _, state, _ in rows_of(staged)] == ["NEW", "ERROR"]

    def test_a_header_alone_is_a_file_without_rows(self):
        assert counts(stage(text(EZPASS_HEAD, [])).file) == (0, 0, 0, 0, 0, 0)

    def test_says_how_far_it_is(self, monkeypatch):
        monkeypatch.setattr(staging, "ROWS_IN_A_LOT", 2)
        told: list[tuple[str, int]] = []
        content = text(EZPASS_HEAD, [toll(n) for n in range(5)])
        services.stage_file(
            kind="ezpass",
            file_name="e.csv",
            file=io.BytesIO(content),
            today=TODAY,
            on_progress=lambda what, rows: told.append((what, rows)),
        )
        assert told == [("read", 2), ("read", 4), ("read", 5)]


class TestForesight:
    """What each new row would wait for, as it looks when the file is staged."""

    def test_each_reason(self):
        leased_cab()
        shared = leased_cab("T100002C")
        LeaseDriverFactory.create(lease=shared)
        plated_cab("T100003C")
        staged = stage(
            text(
                EZPASS_HEAD,
                [
                    toll(1),
                    toll(2, "NY T100002C"),
                    toll(3, "NY T100003C"),
                    toll(4, "NJ T100001C"),
                    toll(5, agency="CBDTP"),
                    toll(6, amount="$9.11"),
                    toll(7, amount="$0.00"),
                ],
            )
        ).file
        assert [waits_for for _, _, waits_for in rows_of(staged)] == [
            "",
            "DRIVER",
            "LEASE",
            "VEHICLE",
            "CONGESTION",
            "",
            "",
        ]
        assert counts(staged) == (7, 7, 4, 0, 0, 0)

    def test_an_unknown_license(self):
        known = DriverFactory.create()
        staged = stage(
            text(TLC_HEAD, [summons("FN1", license=known.tlc_license), summons("FN2", license="999999")]), "tlc"
        ).file
        assert [waits_for for _, _, waits_for in rows_of(staged)] == ["", "LICENSE"]


class TestKnown:
    def test_twice_in_one_file(self):
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(1)])).file
        assert counts(staged) == (2, 1, 1, 1, 0, 0)
        assert message_of(3) == "The number 1 stands in row 2 too."

    def test_twice_with_and_without_the_zeros_of_its_tag(self):
        staged = stage(text(EZPASS_HEAD, [toll(1, "00470001266"), toll("01", "470001266")])).file
        assert counts(staged) == (2, 1, 1, 1, 0, 0)

    @pytest.mark.parametrize(
        "other",
        [
            toll(1, amount="$-3.00"),
            toll(1, on="11/15/2026"),
            toll(1, at="10:00:01 AM"),
            toll(1, "NJ T100001C"),
            toll(1, " 99900000111"),
        ],
        ids=["amount", "day", "second", "state", "tag"],
    )
    def test_one_number_with_other_facts_is_an_error(self, other):
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(1), other])).file
        assert counts(staged) == (3, 1, 1, 1, 0, 1)
        assert ImportRow.objects.get(state="ERROR").message == "The number 1 stands in row 2 with other facts."

    def test_from_an_earlier_file(self):
        leased_cab()
        bring_in_tolls(toll(1))
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(2)])).file
        assert counts(staged) == (2, 1, 0, 1, 0, 0)
        assert ImportRow.objects.get(file=staged, number="1").message == ""

    def test_an_earlier_one_with_another_amount_is_told(self):
        leased_cab()
        bring_in_tolls(toll(1))
        staged = stage(text(EZPASS_HEAD, [toll(1, amount="$-4.00")])).file
        row = staged.rows.get()
        assert (row.state, row.message) == ("KNOWN", "Changed: it was 9.11 and is 4.00.")

    def test_the_city_and_its_fleet_program_know_the_same_violations(self):
        bring_in(text(PVB_HEAD, [violation(7001)]), "pvb")
        again = [fleet_violation(number, "T100001C", at="1000A") for number in (7001, 7002)]
        staged = stage(text(FLEET_HEAD, again), "pvb-fleet").file
        assert counts(staged) == (2, 1, 1, 1, 0, 0)

    def test_a_toll_and_a_violation_may_have_one_number(self):
        bring_in(text(PVB_HEAD, [violation(7001)]), "pvb")
        assert counts(stage(text(EZPASS_HEAD, [toll(7001)])).file) == (1, 1, 1, 0, 0, 0)


class TestReplay:
    def test_the_same_content_is_the_first_file(self):
        first = stage(text(EZPASS_HEAD, [toll(1)]))
        again = stage(text(EZPASS_HEAD, [toll(1)]), name="other.csv")

        assert (first.is_new, again.is_new, again.file) == (True, False, first.file)
        assert again.file.file_name == "file.csv"
        assert (TicketImport.objects.count(), ImportRow.objects.count()) == (1, 1)
        assert len(list_kept()) == 1

    def test_after_the_import_it_shows_what_became_of_it(self):
        done = bring_in_tolls(toll(1))
        again = stage(text(EZPASS_HEAD, [toll(1)]))
        assert (again.is_new, again.file, again.file.state) == (False, done, "IMPORTED")


class TestRefusals:
    def test_an_unknown_kind(self):
        with nothing_written(services.FileKindInvalid, code="unknown_file_kind", field="kind") as refusal:
            stage(text(EZPASS_HEAD, [toll(1)]), kind="sunpass")
        assert str(refusal.value) == "'sunpass' is not a kind of file (pvb, pvb-fleet, ezpass, tlc)."

    def test_a_file_of_another_kind_keeps_nothing(self):
        with nothing_written(services.TicketFileInvalid, code="unreadable_ticket_file", field="file") as refusal:
            stage(text(EZPASS_HEAD, [toll(1)]), kind="pvb")
        assert "names no column Plate, State, Summons Number" in str(refusal.value)
        assert list_kept() == []

    def test_a_file_that_breaks_off_keeps_nothing(self):
        with nothing_written(services.TicketFileInvalid):
            stage(text(EZPASS_HEAD, [toll(1), '"never ends']))
        assert list_kept() == []

    def test_an_empty_file(self):
        with nothing_written(services.TicketFileInvalid) as refusal:
            stage(b"")
        assert str(refusal.value) == "The file is empty."
        assert list_kept() == []

    def test_known_as_another_kind(self):
        first = stage(text(EZPASS_HEAD, [toll(1)])).file
        with nothing_written(services.FileKnownAsOtherKind, code="file_known_as_other_kind", field="file") as refusal:
            stage(text(EZPASS_HEAD, [toll(1)]), kind="tlc")
        assert str(refusal.value) == "This file was brought in before, as E-ZPass statement."
        assert refusal.value.facts == {"file_id": first.pk}
        assert len(list_kept()) == 1

    def test_a_fault_on_the_way_keeps_nothing(self, monkeypatch):
        def fail(staged: TicketImport) -> None:
            raise OSError("The disk is full.")

        monkeypatch.setattr(staging, "_count", fail)
        with pytest.raises(OSError, match="disk"):
            stage(text(EZPASS_HEAD, [toll(1)]))
        assert not TicketImport.objects.exists()
        assert list_kept() == []


def test_splitting_keeps_the_order_and_the_rest():
    assert list(staging.split(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(staging.split([], 2)) == []
