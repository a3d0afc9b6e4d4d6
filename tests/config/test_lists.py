"""Every list of money: its file, what it comes to, what narrows it, and how heavy its page is."""

import csv
import gzip
import io
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.db import IntegrityError, connection, transaction
from django.db.models import DecimalField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from core.admin import change_lists, files
from core.admin.cells import is_money
from core.admin.pages import list_files
from core.admin.records import NOT_NARROWED
from core.models import SavedView
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.config.test_reports import fleet as fleet
from tests.dtr.fleet import SUNDAY, card, cash, drive, leased_driver, start
from tests.dtr.test_credit_earnings import credit
from tests.factories import DriverFactory, UserFactory
from tests.ledger.admin_pages import browse, errors_on, messages_on, owe, url_of
from tests.ledger.proofs import pay
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

PAYMENTS = "ledger_interimpayment"
#: Lists with dollars that are not added up, and why.
NOT_SUMMED = {
    "ledger_journalbatch": "each batch is a file of its own; its figure is debits and credits both",
    "leases_weeklycap": "rules: the most that a week may cost",
    "tickets_chargetype": "rules: what is filled in where a charge is entered",
}


def money_lists() -> dict[str, Any]:
    return {
        f"{model._meta.app_label}_{model._meta.model_name}": its
        for model, its in admin.site._registry.items()
        if getattr(its, "list_sum", None)
    }


def test_every_list_with_dollars_is_added_up():
    """And so it has files, a page to print and views."""
    shown = {}
    for model, its in admin.site._registry.items():
        fields = {field.name for field in model._meta.get_fields() if isinstance(field, DecimalField)}
        dollars = {str(name) for name in its.list_display if not str(name).endswith("_percent")}
        shown[f"{model._meta.app_label}_{model._meta.model_name}"] = [
            name for name in dollars if is_money(name) or name in fields
        ]
    with_dollars = {name for name, columns in shown.items() if columns}
    assert with_dollars - set(money_lists()) == set(NOT_SUMMED)
    assert set(money_lists()) <= with_dollars


def test_what_was_counted_back_and_voided_is_taken_off():
    """Counted 17.30 and 14.30 with 3.30 of taxes each; the void of the week takes all of it back."""
    lease = leased_driver()
    drive(card(), cash())
    start()
    credit(lease.primary_driver)
    client, url = browse("Auditor"), url_of("curb_tripcount_changelist")

    def told(**asked: str) -> tuple[Any, ...]:
        found = client.get(url, asked).context["cl"].told
        return list(found.parts), found.rows

    assert told() == ([("$31.60", "of trips"), ("$6.60", "of taxes")], "in 2 counted trips")
    assert told(payment_type__exact="CASH") == ([("$14.30", "of trips"), ("$3.30", "of taxes")], "in 1 counted trip")
    taxes = LedgerPosting.objects.get(reference_id=f"TAXES-2026-03-07-L{lease.pk}", kind="OBLIGATION")
    ledger.void_posting(posting_id=taxes.pk, reason="Too early", actor=None, effective_on=SUNDAY)
    assert told() == ([("$0.00", "of trips"), ("$0.00", "of taxes")], "in 4 counted trips")
    heads, *rows = rows_of(file_of(client, "curb_tripcount"))
    place = heads.index("Total")
    assert [row[place] for row in rows] == ["-14.30", "-17.30", "14.30", "17.30"]


def file_of(client: Any, name: str, form: str = "csv", **asked: Any) -> bytes:
    answer = client.get(url_of(f"{name}_file", form), asked)
    assert answer.status_code == 200, name
    return b"".join(answer.streaming_content)


def rows_of(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


def test_every_list_of_money_is_a_file_of_the_same_rows_and_columns(fleet):
    lists = money_lists()
    assert set(lists) >= {
        *(f"ledger_{name}" for name in ("interimpayment", "payout", "ledgerposting", "ledgerbalance", "transfer")),
        *("tickets_ticket", "tickets_misccharge", "curb_trip", "curb_cardtransaction", "curb_tripcount", "dtr_dtr"),
        *("repairs_repairinvoice", "loans_driverloan", "leases_lease"),
    }
    client = browse()
    for name in lists:
        page = client.get(url_of(f"{name}_changelist"))
        changes = page.context["cl"]
        heads, *rows = rows_of(file_of(client, name))
        columns = [column for column in changes.list_display if column != "action_checkbox"]
        assert (len(heads), len(rows)) == (len(columns), changes.result_count), name
        told = f"all {changes.result_count} of them." in " ".join(page.content.decode().split())
        assert told == bool(changes.result_count), name
        assert changes.told is not None, name
        sheet = load_workbook(io.BytesIO(file_of(client, name, "xlsx"))).active
        assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=1)] == [heads], name
        assert sheet.max_row == len(rows) + 1, name
        # By date and by amount, where the list says so.
        for place, column in enumerate(changes.list_display):
            if column in (changes.sortable_by or ()):
                assert client.get(url_of(f"{name}_changelist"), {"o": str(place)}).status_code == 200, (name, column)


def test_no_day_is_told_as_programs_write_it(fleet):
    """In the rows of any list and on the page of its first record; what holds a day in its name, as L12, is no day."""
    at = timezone.now()
    Ticket.objects.update(decided_at=at)
    client, read, told = browse(), 0, {}
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        first = model._default_manager.first()
        if first is None or name.startswith(("django_celery", "auth_")):
            continue
        for page in (url_of(f"{name}_changelist"), url_of(f"{name}_change", first.pk)):
            answer = client.get(page)
            words = re.sub(r"(?s)<(script|style|textarea|option).*?</\1>|<[^>]+>", " ", answer.content.decode())
            read += answer.status_code == 200
            if found := re.findall(r"(?<![\w-])20\d\d-\d\d-\d\d(?![\w-])", words):
                told[page] = found
    assert told == {}
    assert read > 30


def test_who_may_not_see_a_list_may_not_save_it():
    assert browse("Cashier").get(url_of("curb_cardtransaction_file", "csv")).status_code == 403
    assert browse("Auditor").get(url_of(f"{PAYMENTS}_file", "pdf")).status_code == 404


def test_the_sum_is_of_what_is_filtered_and_leaves_out_what_was_voided():
    rosa = UserFactory.create(username="rosa")
    driver, other = DriverFactory.create(last_name="=1+1"), DriverFactory.create()
    owe(driver, "MISC-1", "500.00")
    pay(driver, "300.00", {"MISC-1": "300.00"}, actor=rosa)
    pay(other, "31.69")
    voided = pay(other, "244.82")
    ledger.void_payment(
        payment_id=voided.pk, reason="Counted twice", actor=None, effective_on=timezone.localdate(), was_at_bank=None
    )
    client, url = browse("Auditor"), url_of(f"{PAYMENTS}_changelist")

    def told(**asked: str) -> tuple[Any, ...]:
        found = client.get(url, asked).context["cl"].told
        return [amount for amount, _ in found.parts], found.rows, found.apart

    assert told() == (["$331.69"], "in 2 payments", "1 voided or returned, 244.82, not counted")
    assert told(received_by__id__exact=str(rosa.pk)) == (["$300.00"], "in 1 payment", "")
    assert told(state="undone") == (["$0.00"], "in 0 payments", "1 voided or returned, 244.82, not counted")
    assert told(state="stands") == (["$331.69"], "in 2 payments", "")
    assert told(state="nonsense", q="PAY-000002") == (["$31.69"], "in 1 payment", "")
    heads, row = rows_of(file_of(client, PAYMENTS, state="stands", q="PAY-000001"))
    told_row = dict(zip(heads, row, strict=True))
    assert (told_row["Amount"], told_row["Cashier"], told_row["Status"]) == ("300.00", "rosa", "Received")
    assert told_row["Driver"].startswith("'=1+1")
    postings = client.get(url_of("ledger_ledgerposting_changelist"), {"category__exact": "MISC"}).context["cl"].told
    assert postings.parts == [("$500.00", "debit"), ("$300.00", "credit")]


def test_money_reads_by_one_rule_on_pages_and_in_files():
    driver = DriverFactory.create()
    pay(driver, "1200.50")
    voided = pay(driver, "244.82")
    ledger.void_payment(payment_id=voided.pk, reason="Twice", actor=None, effective_on=timezone.localdate())
    for number, amount in (("1", "-9.11"), ("2", "0.00")):
        moment = timezone.now()
        Ticket.objects.create(
            kind="EZPASS",
            number=number,
            at=moment,
            at_latest=moment,
            amount=amount,
            state="WAITING",
            waits_for="DRIVER",
        )
    client = browse("Auditor")
    page = client.get(url_of(f"{PAYMENTS}_changelist")).content.decode()
    assert ">1,200.50<" in page
    assert "<s>244.82</s>" in page
    assert page.count("data-dollars") == 1
    tickets = client.get(url_of("tickets_ticket_changelist")).content.decode()
    assert ">\u22129.11<" in tickets
    assert ">\u2013<" in tickets
    heads, *rows = rows_of(file_of(client, "tickets_ticket"))
    assert [row[heads.index("Amount")] for row in rows] == ["0.00", "-9.11"]
    heads, *rows = rows_of(file_of(client, PAYMENTS))
    assert [row[heads.index("Amount")] for row in rows] == ["244.82", "1200.50"]
    printed = client.get(url_of(f"{PAYMENTS}_print"), {"method__exact": "CASH"})
    assert [is_void for is_void, _ in printed.context["rows"]] == [True, False]
    text = " ".join(printed.content.decode().split())
    assert "Method Cash" in text
    assert "1 voided or returned, 244.82, not counted" in text
    assert "All 2 rows." in text


def test_a_print_says_what_it_leaves_out(monkeypatch):
    for _ in range(3):
        pay(DriverFactory.create(), "1.00")
    monkeypatch.setattr(list_files, "MOST_PRINTED", 2)
    page = browse("Auditor").get(url_of(f"{PAYMENTS}_print"))
    assert len(page.context["rows"]) == 2
    assert "The first 2 rows" in page.content.decode()
    assert browse("Cashier").get(url_of("curb_cardtransaction_print")).status_code == 403


def test_what_is_filtered_is_found_first_and_sorted_then():
    driver = DriverFactory.create()
    for _ in range(53):
        pay(driver, "1.00")
    client, url = browse("Auditor"), url_of(f"{PAYMENTS}_changelist")
    first, rest = (client.get(url, {"method__exact": "CASH", "p": page}).context["cl"] for page in ("1", "2"))
    numbers = [payment.number for changes in (first, rest) for payment in changes.result_list]
    assert numbers == list(range(53, 0, -1))
    assert len(first.result_list) == 50
    # By the primary key alone PostgreSQL would walk all of the table, back to what was filtered. Only keys are sorted,
    # as they are counted, and their rows told.
    with CaptureQueriesContext(connection) as asked:
        client.get(url, {"method__exact": "CASH"})
    (keys,) = [query["sql"] for query in asked.captured_queries if "ARRAY_AGG" in query["sql"]]
    assert keys.endswith("""FROM "ledger_payments" WHERE "ledger_payments"."method" = 'CASH' LIMIT 10001) subquery""")
    (rows,) = [query["sql"] for query in asked.captured_queries if 'JOIN "auth_user"' in query["sql"]]
    assert '"ledger_payments"."id" IN (' in rows
    assert "CASH" not in rows
    # One that fits a page is told whole, whatever page is asked for.
    assert len(client.get(url, {"q": "PAY-000007", "p": "5"}).context["cl"].result_list) == 1
    # So is what a file and a page to print have of it, which read all of the rows.
    for door, of_form in (("file", ["csv"]), ("print", [])):
        with CaptureQueriesContext(connection) as asked:
            client.get(url_of(f"{PAYMENTS}_{door}", *of_form), {"method__exact": "CASH"})
        (whole,) = [query["sql"] for query in asked.captured_queries if 'JOIN "auth_user"' in query["sql"]]
        assert "+ 0) DESC" in whole


def test_what_narrows_a_list_is_told_and_taken_away():
    driver = DriverFactory.create()
    asked = {"received_on_from": "2026-03-01", "method__exact": "CASH", "driver__id__exact": str(driver.pk)}
    asked |= {"state": "undone", "lease__isnull": "True", "q": "PAY-000007", "o": "1"}
    page = browse("Auditor").get(url_of(f"{PAYMENTS}_changelist"), asked)
    chips = {chip.label: chip for chip in page.context["cl"].chips}
    assert {label: chip.value for label, chip in chips.items()} == {
        "Found by": "PAY-000007",
        "Method": "Cash",
        "Received on": "from Mar 1, 2026",
        "Driver": str(driver),
        "Status": "Voided or returned",
        "Lease": "none",
    }
    assert "received_on" not in chips["Received on"].url
    assert ("q=" in chips["Found by"].url, "q=" in chips["Method"].url) == (False, True)
    assert page.context["cl"].clear_url == "?o=1"
    # How many there are is told once, below the list, beside what they come to.
    assert "Show all" not in page.content.decode()
    assert "method__exact=CASH" in chips["Received on"].url
    assert "Clear" in page.content.decode()


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        (PAYMENTS, {"received_on_from": "2026-11-31"}),
        (PAYMENTS, {"received_on_to": "soon"}),
        (PAYMENTS, {"nothing": "1"}),
        ("tickets_ticket", {"at_from_0": "2026-11-31"}),
        ("tickets_ticket", {"at_to_0": "2026-11-27", "at_to_1": "25:00"}),
        ("tickets_ticket", {"at_to_1": "10:00"}),
    ],
)
def test_what_a_list_can_not_read_is_said_and_nothing_is_a_file_of_all_rows(name, asked):
    client = browse("Supervisor")
    for page in (f"{name}_changelist", f"{name}_print", f"{name}_sum"):
        answer = client.get(url_of(page), asked, follow=True)
        assert answer.redirect_chain[-1][0].endswith("?e=1")
        assert messages_on(answer) == [NOT_NARROWED]
    answer = client.get(url_of(f"{name}_file", "csv"), asked, follow=True)
    assert messages_on(answer) == [NOT_NARROWED]
    read = {"received_on_from": "11/27/2026"} if name == PAYMENTS else {"at_from_0": "2026-11-27", "at_from_1": "10:00"}
    assert messages_on(client.get(url_of(f"{name}_changelist"), read)) == []


def test_a_long_list_is_neither_summed_nor_sorted(monkeypatch):
    driver = DriverFactory.create()
    pay(driver, "10.00")
    pay(driver, "30.00")
    pay(driver, "20.00")
    client, url = browse("Auditor"), url_of(f"{PAYMENTS}_changelist")
    names = list(client.get(url).context["cl"].list_display)
    by_amount = {"o": f"-{names.index('money')}", "method__exact": "CASH"}
    assert [row.amount for row in client.get(url, by_amount).context["cl"].result_list] == [30, 20, 10]
    monkeypatch.setattr(change_lists, "COUNT_UP_TO", 2)
    page = client.get(url, by_amount)
    assert [row.amount for row in page.context["cl"].result_list] == [20, 30, 10]
    assert page.context["cl"].told is None
    assert "Add up" in page.content.decode()
    sum_url = page.context["cl"].sum_url
    asked = client.get(sum_url, headers={"HX-Request": "true"}).content.decode()
    assert "<strong>$60.00</strong>  in 3 payments" in asked
    assert "voided" not in asked
    without_script = client.get(sum_url, follow=True)
    assert messages_on(without_script) == ["Payments of this list: $60.00 in 3 payments."]
    assert without_script.context["cl"].params == {"method__exact": "CASH"}
    by_day = client.get(url, {"o": str(names.index("received_on"))}).context["cl"]
    assert not by_day.is_too_long_to_sort
    monkeypatch.setitem(files.MOST_ROWS, "csv", 2)
    refused = client.get(url_of(f"{PAYMENTS}_file", "csv"), follow=True)
    assert "more than 2 rows" in messages_on(refused)[0]


def test_a_full_page_is_light_and_brings_no_chart_library():
    driver = DriverFactory.create()
    for _ in range(52):
        pay(driver, "1.00")
    page = browse("Supervisor").get(url_of(f"{PAYMENTS}_changelist"), headers={"accept-encoding": "gzip"})
    whole = gzip.decompress(page.content)
    assert len(page.context["cl"].result_list) == 50
    assert (len(whole) <= 150_000, len(page.content) <= 25_000) == (True, True), (len(whole), len(page.content))
    chart = Path(str(finders.find("unfold/js/chart/chart.js")))
    assert chart.is_relative_to(settings.BASE_DIR / "core")
    assert chart.stat().st_size < 200


def test_a_cell_breaks_where_its_words_may(fleet):
    """Long references and names, and moments between day and hour: so that a wide list fits a desk."""
    long = "NJB418FD6DE58AC7269821"
    Ticket.objects.filter(pk=Ticket.objects.earliest("pk").pk).update(number=long)
    page = browse().get(url_of("tickets_ticket_changelist")).content.decode()
    assert 'class="result-list is-dense' in page
    looks = dict(re.findall(r'class="field-(\S+) (list-cell[^"]*)" data-label="[^"]*">', page))
    assert looks["at"] == "list-cell is-moment"
    assert re.search(rf'<th class="field-__str__ list-cell is-long"[^>]*><a [^>]*>[A-Z]+-{long}</a>', page)
    transfers = browse().get(url_of("ledger_transfer_changelist")).content.decode()
    assert "is-dense" not in transfers


def test_views_are_kept_offered_and_forgotten_by_their_owner():
    client, other, url = browse("Supervisor"), browse("Auditor"), url_of(f"{PAYMENTS}_changelist")
    page = client.get(url, {"method__exact": "CHECK", "p": "1"})
    save = page.context["cl"].save_url
    assert client.post(save, {"name": "Checks", "is_shared": "on", "_confirm": "1"}).status_code == 302
    assert client.post(url_of(f"{PAYMENTS}_save_view"), {"name": "My own", "_confirm": "1"}).status_code == 302
    again = client.post(save, {"name": "Checks", "_confirm": "1"})
    assert errors_on(again) == {"name": ["You have a view named Checks of this list."]}
    assert errors_on(client.post(save, {"name": " ", "_confirm": "1"})).keys() == {"name"}
    shown = {view.name: view for view in client.get(f"{url}?method__exact=CHECK").context["cl"].views}
    assert [(name, view.is_shown, view.is_shared) for name, view in shown.items()] == [
        ("Checks", True, True),
        ("My own", False, False),
    ]
    (offered,) = other.get(url).context["cl"].views
    assert (offered.name, offered.url, offered.forget_url) == ("Checks", "?method__exact=CHECK", "")
    assert other.post(shown["Checks"].forget_url, {"_confirm": "1"}).status_code == 404
    assert client.get(shown["Checks"].forget_url).status_code == 200
    client.post(shown["Checks"].forget_url, {"_confirm": "1"})
    assert other.get(url).context["cl"].views == []
    assert browse("Cashier").get(url_of("curb_cardtransaction_save_view")).status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(owner=UserFactory.create(), list_name="x.y", name="")


def test_a_row_leads_back_to_what_it_was_found_by():
    payment = pay(DriverFactory.create(), "1.00")
    page = browse("Auditor").get(url_of(f"{PAYMENTS}_changelist"), {"method__exact": "CASH"}).content.decode()
    back = urlencode({"_changelist_filters": "method__exact=CASH"})
    assert f'href="{url_of(f"{PAYMENTS}_change", payment.pk)}?{back}"' in page
