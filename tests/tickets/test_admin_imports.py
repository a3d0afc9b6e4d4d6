"""The import wizard: upload, look, confirm, and see what became of it."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.ledger.admin_pages import browse, errors_on, messages_on, url_of
from tests.tickets.files import (
    FLEET_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    count_postings,
    fleet_violation,
    owed,
    summons,
    text,
    violation,
    workbook,
)
from tests.tickets.pages import (
    UPLOAD,
    buttons_on,
    current_lease,
    facts_on,
    import_by_pages,
    recent_toll,
    send,
    upload,
)
from tickets.admin.lists.imports import ROWS_ON_A_PAGE, VIEWS
from tickets.admin.pages import imports as import_pages
from tickets.importers import tables
from tickets.models import Ticket, TicketImport
from tickets.tasks import import_part_task, read_file_task, rematch_waiting_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return current_lease()


@pytest.fixture
def office():
    return browse("Office")


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What workers are sent to read."""
    sent: list[Any] = []
    monkeypatch.setattr(read_file_task, "apply_async", sent.append)
    return sent


def page_of(client, file, **query):
    return client.get(url_of("tickets_ticketimport_change", file.pk), query)


class TestUpload:
    def test_the_page_offers_each_kind_and_the_template(self, office):
        page = office.get(url_of(UPLOAD))
        assert page.status_code == 200
        kinds = [value for value, _ in page.context["form"].fields["kind"].choices]
        assert kinds == ["", "pvb", "pvb-fleet", "ezpass", "tlc"]
        assert url_of("tickets_ticketimport_template") in page.content.decode()

    def test_keeps_the_file_and_leaves_it_to_a_worker(self, office, lease, sent, monkeypatch):
        monkeypatch.setattr(tables, "read_lines", None)
        page = send(office, recent_toll(1), kind="ezpass")
        file = page.context["original"]
        assert messages_on(page) == ["tolls.csv is being read. Nothing is charged until you confirm."]
        assert (file.state, file.row_count, sent) == ("RECEIVED", 0, [(file.pk,)])
        assert file.staged_by.groups.get().name == "Office"
        assert 'http-equiv="refresh"' in page.content.decode()
        assert buttons_on(page) == []

    def test_then_its_page_shows_what_the_file_would_do(self, office, lease):
        page = upload(office, recent_toll(1), recent_toll(2, amount="x"), recent_toll(3, "NY ZZZ9999"))
        file = page.context["original"]
        assert [(row.row, row.column) for row in page.context["rows"]] == [(3, "Amount")]
        assert (file.state, file.new_count, file.unmatched_count, file.error_count) == ("STAGED", 2, 1, 1)
        assert count_postings() == 0
        assert 'http-equiv="refresh"' not in page.content.decode()

    def test_without_a_kind_the_header_tells_it(self, office, lease):
        page = upload(office, recent_toll(1), kind="")
        assert facts_on(page)["Kind"] == "E-ZPass statement"

    def test_a_workbook(self, office):
        row = ["FN1", "Directive", "11/16/2026", None, 1234567, None, None, None, 100, None, None]
        page = upload(office, kind="tlc", content=workbook(TLC_HEAD.split(","), row))
        assert page.context["original"].new_count == 1

    def test_the_same_again_shows_what_became_of_it(self, office, lease):
        import_by_pages(office, recent_toll(1))
        again = send(office, recent_toll(1), kind="ezpass")
        assert messages_on(again)[-1:] == [
            "tolls.csv was uploaded before, with the very same content: this is what became of it."
        ]
        assert (TicketImport.objects.count(), Ticket.objects.count()) == (1, 1)

    @pytest.mark.parametrize(
        ("kind", "content", "says"),
        [
            ("pvb", b"\x00\xff", "The file is neither text nor an XLSX workbook."),
            ("ezpass", text(PVB_HEAD, []), "This is not an E-ZPass statement"),
            ("ezpass", b"PK\x03\x04broken", "The workbook is damaged."),
            ("", text("a,b", []), "The names of its columns, in its first row, are those of no kind of file"),
        ],
    )
    def test_what_is_none_of_these_is_kept_with_the_reason(self, office, kind, content, says):
        page = upload(office, kind=kind, content=content)
        file = page.context["original"]
        assert (file.state, file.refusal_code) == ("REFUSED", "unreadable_ticket_file")
        assert facts_on(page)["Refused because"].startswith(says)
        assert says in page.content.decode().replace("&#x27;", "'")
        assert buttons_on(page) == ["Read again"]

    def test_another_kind_names_the_one_that_would_fit(self, office):
        page = upload(office, recent_toll(1), kind="pvb")
        assert page.context["original"].refusal.endswith("By its columns it is of the kind E-ZPass statement (ezpass).")

    def test_an_empty_file_is_refused_at_the_file(self, office):
        page = office.post(url_of(UPLOAD), {"file": SimpleUploadedFile("none.csv", b""), "kind": "", "_confirm": "1"})
        assert list(errors_on(page)) == ["file"]
        assert not TicketImport.objects.exists()

    def test_known_as_another_kind_is_told_at_the_file(self, office):
        upload(office, recent_toll(1))
        page = send(office, recent_toll(1), kind="tlc")
        assert errors_on(page) == {"file": ["This file was brought in before, as E-ZPass statement."]}

    @pytest.mark.parametrize(("typed", "at"), [({"kind": "ezpass"}, "file"), ({"kind": "sunpass"}, "kind")])
    def test_what_is_left_out_is_told_at_its_input(self, office, typed, at):
        page = office.post(url_of(UPLOAD), {**typed, "_confirm": "1"})
        assert at in errors_on(page)

    def test_the_template_is_read_as_it_is(self, office):
        got = office.get(url_of("tickets_ticketimport_template"))
        assert got["Content-Type"].startswith("text/csv")
        assert got["Content-Disposition"] == 'attachment; filename="tlc-summonses.csv"'
        assert got.content.decode() == f"{TLC_HEAD}\r\n"
        filled = got.content + summons("FN1", license="999999", on="11/16/2026").encode()
        assert upload(office, kind="tlc", content=filled).context["original"].new_count == 1


class TestReadAgain:
    @pytest.fixture
    def refused(self, office):
        return upload(office, kind="ezpass", content=text(PVB_HEAD, [violation(1)])).context["original"]

    def test_as_another_kind(self, office, refused, sent):
        url = url_of("tickets_ticketimport_read", refused.pk)
        page = office.get(url)
        assert page.context["sentence"] == refused.refusal
        done = office.post(url, {"kind": "", "_confirm": "1"}, follow=True)
        assert messages_on(done) == ["tolls.csv is being read. Nothing is charged until you confirm."]
        assert sent[-1:] == [(refused.pk,)]
        read_file_task(refused.pk)
        refused.refresh_from_db()
        assert (refused.state, refused.kind, refused.refusal) == ("STAGED", "pvb", "")

    def test_uploaded_again_it_is_read_anew(self, office, refused):
        page = upload(office, kind="pvb", content=text(PVB_HEAD, [violation(1)]))
        assert page.context["original"].pk == refused.pk
        assert page.context["original"].state == "STAGED"

    def test_a_field_without_a_name_is_proposed_where_it_is_known_to_stand(self, office):
        odd = fleet_violation().replace(",NY,", ",,NY,", 1)
        page = upload(office, kind="", content=text(FLEET_HEAD, [odd]))
        file = page.context["original"]
        assert file.refusal_code == "field_without_name"
        url = url_of("tickets_ticketimport_read", file.pk)
        typed = office.get(url).context["form"].initial
        assert typed == {"kind": "pvb-fleet", "extra_field_after": "PLATE"}
        office.post(url, {**typed, "_confirm": "1"})
        read_file_task(file.pk)
        file.refresh_from_db()
        assert (file.state, file.new_count, file.error_count) == ("STAGED", 1, 0)

    def test_what_was_read_is_not_read_again(self, office, lease):
        file = upload(office, recent_toll(1)).context["original"]
        page = office.post(url_of("tickets_ticketimport_read", file.pk), {"kind": "", "_confirm": "1"})
        assert errors_on(page) == {"__all__": ["tolls.csv was not refused."]}

    def test_nothing_of_it_can_be_confirmed(self, office, refused):
        page = office.post(url_of("tickets_ticketimport_confirm", refused.pk), {"_confirm": "1"})
        assert errors_on(page) == {"__all__": ["tolls.csv was refused."]}
        refused.refresh_from_db()
        assert refused.state == "REFUSED"


class TestFilePage:
    @pytest.fixture
    def file(self, office, lease):
        rows = (
            recent_toll(1),
            recent_toll(1),
            recent_toll(2, "NY ZZZ9999"),
            recent_toll(3, amount="x"),
            ",' ',,,,PAYMENT,10/03/2025,,$25.00",
        )
        return upload(office, *rows).context["original"]

    @pytest.mark.parametrize(
        ("rows", "shown"),
        [
            ("errors", [5]),
            ("unmatched", [4]),
            ("known", [3]),
            ("nobodys", [6]),
            ("all", [2, 3, 4, 5, 6]),
            ("", [5]),
            ("nonsense", [5]),
        ],
    )
    def test_lists_the_rows_that_are_asked_for(self, office, file, rows, shown):
        assert [row.row for row in page_of(office, file, rows=rows).context["rows"]] == shown

    def test_without_errors_it_begins_with_all_rows(self, office, lease):
        page = upload(office, recent_toll(1))
        assert page.context["chosen"] == "all"

    def test_says_why_a_row_is_left_out_or_waits(self, office, file):
        content = page_of(office, file, rows="all").content.decode()
        for words in (
            "&#x27;x&#x27; is not an amount in dollars.",
            "The number 1 stands in row 2 too.",
            "No cab of ours had this plate or tag then",
            "Payment: not a driver&#x27;s.",
        ):
            assert words in content

    def test_counts_each_kind_of_row(self, office, file):
        facts = facts_on(page_of(office, file))
        assert facts["Rows"] == 5
        assert (facts["New"], facts["Of these unmatched, for review"], facts["Known before"]) == (2, 1, 1)
        assert (facts["Nobody's (payments, tag fees)"], facts["With errors, left out"]) == (1, 1)
        assert (facts["Imported"], facts["Confirmed"]) == (0, None)

    def test_every_view_opens(self, office, file):
        for name in VIEWS:
            assert page_of(office, file, rows=name).status_code == 200

    def test_never_shows_a_long_file_at_once(self, office, lease):
        page = upload(office, *(recent_toll(n, amount="x") for n in range(120)))
        rows = page.context["rows"]
        assert (len(rows), rows.paginator.num_pages) == (ROWS_ON_A_PAGE, 3)
        last = page_of(office, page.context["original"], rows="errors", page="3").context["rows"]
        assert [row.row for row in last] == list(range(102, 122))

    def test_a_page_that_is_not_there_shows_the_last(self, office, file):
        assert page_of(office, file, rows="all", page="99").context["rows"].number == 1


class TestConfirm:
    def test_says_what_it_will_do_and_does_it(self, office, lease):
        file = upload(office, recent_toll(1), recent_toll(2, "NY ZZZ9999")).context["original"]
        assert buttons_on(page_of(office, file)) == ["Confirm"]
        url = url_of("tickets_ticketimport_confirm", file.pk)
        page = office.get(url)
        assert page.context["title"] == "Import tolls.csv"
        assert (facts_on(page)["New"], count_postings()) == (2, 0)

        done = office.post(url, {"_confirm": "1"}, follow=True)
        assert messages_on(done) == ["2 imported: 1 charged or credited, 1 wait in review."]
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
        assert (facts_on(done)["State"], facts_on(done)["Charged or credited"]) == ("Imported", 1)
        assert buttons_on(done) == []

    def test_opening_the_page_confirms_nothing(self, office, lease):
        file = upload(office, recent_toll(1)).context["original"]
        office.get(url_of("tickets_ticketimport_confirm", file.pk))
        file.refresh_from_db()
        assert (file.state, Ticket.objects.count()) == ("STAGED", 0)

    def test_twice_is_refused_above_the_form(self, office, lease):
        file = import_by_pages(office, recent_toll(1))
        page = office.post(url_of("tickets_ticketimport_confirm", file.pk), {"_confirm": "1"})
        assert errors_on(page) == {"__all__": ["tolls.csv was imported before."]}
        assert count_postings() == 1

    def test_of_a_file_that_is_not_there(self, office):
        assert office.get(url_of("tickets_ticketimport_confirm", 999_999)).status_code == 404

    def test_a_long_file_is_left_to_a_worker(self, office, lease, monkeypatch):
        monkeypatch.setattr(import_pages, "ROWS_AT_ONCE", 1)
        sent = []
        monkeypatch.setattr(import_part_task, "apply_async", lambda arguments: sent.append(arguments))
        file = import_by_pages(office, recent_toll(1), recent_toll(2))
        assert (file.state, count_postings(), sent) == ("IMPORTING", 0, [(file.pk, 0)])
        page = page_of(office, file)
        assert "0 of 2 imported" in page.content.decode()
        assert page.context["percent"] == 0
        rematch_waiting_task()
        file.refresh_from_db()
        assert (file.state, file.charged_count) == ("IMPORTED", 2)
        assert not page_of(office, file).context["is_importing"]


class TestList:
    def test_offers_the_upload_to_who_may(self, office):
        assert buttons_on(office.get(url_of("tickets_ticketimport_changelist"))) == ["Upload a file"]
        assert buttons_on(browse("Auditor").get(url_of("tickets_ticketimport_changelist"))) == []

    @pytest.mark.parametrize(("term", "found"), [("toll", 1), ("TOLLS", 1), ("olls", 0)])
    def test_finds_by_the_first_letters_of_the_name(self, office, term, found):
        upload(office, recent_toll(1))
        page = office.get(url_of("tickets_ticketimport_changelist"), {"q": term})
        assert page.context["cl"].result_count == found

    def test_finds_by_the_whole_hash(self, office):
        file = upload(office, recent_toll(1)).context["original"]
        page = office.get(url_of("tickets_ticketimport_changelist"), {"q": file.sha256})
        assert list(page.context["cl"].queryset) == [file]
