"""One page per driver: one sentence of who owes whom, what can be done, and all that happened, in few questions."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from config.dossiers.driver import say_close
from core.clock import at
from core.dossier import driver_url, list_sections
from core.finders import find_people
from core.models import UploadPart
from dtr.selectors import CurrentBalance
from leases import services as leases
from leases.models import Driver
from leases.selectors import get_file_name
from ledger import services as ledger
from ledger.selectors import Debt
from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.owner import as_owner

#: The person, their rights and roles (five statements), what the band asks, the counts, and one section.
MOST_QUERIES = 26
#: Each source of the timeline besides, with one more for what was before the changes on its page.
TIMELINE_QUERIES = 35


def browse(*roles: str, **user: Any) -> Client:
    client = Client()
    client.force_login(UserFactory.create(groups=list(roles), **user))
    return client


def read(page: Any) -> str:
    """Return what a page says, without its markup."""
    assert page.status_code == 200
    main = page.content.decode().partition('class="sheet driver-band"')[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split()).replace(" ,", ",")


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def driver() -> Driver:
    return DriverFactory.create(first_name="Anil", last_name="Jeudy", tlc_license="5401838", phone="(718) 555-1013")


@pytest.fixture
def charge(driver: Driver, today: date) -> Callable[[str, str, date], None]:
    def make(reference: str, amount: str, due_on: date) -> None:
        ledger.create_obligation(
            driver_id=driver.pk,
            category="MISC",
            reference_id=reference,
            amount=Decimal(amount),
            due_on=due_on,
            effective_on=min(due_on, today),
            description=f"Lost key {reference}",
            actor=None,
        )

    return make


def pay(driver: Driver, amount: str, today: date, **allocations: Decimal) -> None:
    ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={name.replace("_", "-"): part for name, part in allocations.items()},
        driver_id=driver.pk,
        payment_method="CASH",
        effective_on=today,
    )


SATURDAY, NEXT = date(2026, 11, 28), date(2026, 12, 5)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"owed": "652.25", "coming_in": {"LEASE": Decimal("575.00")}, "taxes_total": "96.50", "card_total": "412.30"},
         "$575.00 rent and $96.50 trip taxes added, $412.30 card fares used. Anil would owe $911.45."),
        ({"held": "50.00", "card_total": "25.00"}, "$25.00 card fares used. $75.00 would be due to Anil."),
        ({"held": "50.00", "owed": "50.00"}, "Anil would owe nothing."),
    ],
)  # fmt: skip
def test_the_coming_close_is_one_sentence(facts: dict[str, Any], sentence: str) -> None:
    amounts: dict[str, Any] = {
        name: amount if isinstance(amount, dict) else Decimal(amount) for name, amount in facts.items()
    }
    assert say_close(CurrentBalance(driver_id=1, name="Jeudy, Anil", **amounts), "Anil") == sentence


@pytest.mark.parametrize(
    ("past", "coming", "last", "held", "sentence"),
    [
        ("369.25", "283.00", SATURDAY, "0.00",
         "Anil owes $652.25: $369.25 is past due, $283.00 comes due on Saturday, Nov 28."),
        ("369.25", "0.00", None, "0.00", "Anil owes $369.25, and all of it is past due."),
        ("0.00", "283.00", SATURDAY, "0.00", "Anil owes $283.00, which comes due on Saturday, Nov 28."),
        ("0.00", "283.00", NEXT, "0.00",
         "Anil owes $283.00, which comes due from Saturday, Nov 28 to Saturday, Dec 5."),
        ("0.00", "0.00", None, "75.25", "Anil owes nothing. The fleet holds $75.25 for Anil."),
        ("50.00", "50.00", SATURDAY, "30.00",
         "Anil owes $100.00; the fleet holds $30.00. Together Anil owes $70.00."),
        ("50.00", "50.00", SATURDAY, "130.00",
         "Anil owes $100.00; the fleet holds $130.00. Together the fleet owes Anil $30.00."),
        ("0.00", "0.00", None, "0.00", "Nothing is owed and nothing is held."),
    ],
)  # fmt: skip
def test_one_sentence_says_who_owes_whom(past: str, coming: str, last: date | None, held: str, sentence: str) -> None:
    first = SATURDAY if last else None
    debt = Debt(Decimal(past), None, Decimal(coming), first, last, Decimal(held), Decimal("0.00"))
    assert debt.say("Anil") == sentence


@pytest.mark.django_db
class TestDriverPage:
    def test_it_says_who_what_is_owed_and_what_can_be_done(self, driver: Driver, charge: Any, today: date) -> None:
        lease = LeaseFactory.create(
            primary_driver=driver,
            vehicle=VehicleFactory.create(medallion="8H59"),
            start_on=today - timedelta(days=30),
            end_on=today + timedelta(days=30),
        )
        yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
        charge("MISC-1", "100.00", yesterday)
        charge("MISC-2", "40.00", tomorrow)
        pay(driver, "30.75", today, MISC_1=Decimal("30.75"))

        page = browse("Supervisor").get(driver_url(driver.pk))
        told = read(page)

        assert "Anil Jeudy Active TLC license 5401838 · (718) 555-1013" in told
        assert f"Cab 8H59, plate {lease.vehicle.plate} · {lease}" in told
        # 100.00 − 30.75 = 69.25; with 40.00 it is 109.25.
        sentence = "Anil owes <strong>$109.25</strong>: $69.25 is past due, $40.00 comes due on"
        assert sentence in page.content.decode()
        assert re.search(r"Lost key MISC-1 MISC-1 100\.00 30\.75 69\.25", told)
        assert "Owed today 140.00 30.75 109.25" in told
        assert "Pay out Nothing is held for Anil" in told
        assert "Settle deposit: No deposit is held" in told
        owed = f"driver__id__exact={driver.pk}&amp;status__exact=OPEN&amp;entry_type__exact=DEBIT"
        assert f'{reverse("admin:ledger_ledgerbalance_changelist")}?{owed}">Write off<' in page.content.decode()
        close = browse("Cashier").get(reverse("driver_close", args=[driver.pk])).content.decode()
        assert "If the week closed now: Anil would owe $109.25." in close
        assert f'href="{reverse("admin:ledger_driver_payment", args=[driver.pk])}"' in page.content.decode()
        assert f'href="{reverse("admin:ledger_driver_payout", args=[driver.pk])}"' not in page.content.decode()

        cashier = read(browse("Cashier").get(driver_url(driver.pk)))
        assert "Take payment" in cashier
        assert "Pay out" not in cashier
        assert "Lock" not in cashier
        assert browse().get(driver_url(driver.pk)).status_code in (302, 403)
        assert browse("Auditor").get(driver_url(999_999_999)).status_code == 404

    def test_everybody_lands_on_it(self, driver: Driver) -> None:
        client, url = browse("Office", "Supervisor"), driver_url(driver.pk)
        record = reverse("admin:leases_driver_change", args=[driver.pk])
        assert client.get(record)["Location"] == url
        assert url in client.get(f"{record}?edit=1").content.decode()
        user = UserFactory.create(groups=["Supervisor"])
        hits, _ = find_people(user, "jeudy", at=timezone.now(), shown=5)
        assert [hit.found.url for hit in hits] == [url]

    def test_its_timeline_has_money_notes_locks_and_changes_in_pages(
        self, driver: Driver, charge: Any, today: date
    ) -> None:
        maya = UserFactory.create(first_name="Maya", last_name="Ortiz")
        charge("MISC-1", "100.00", today)
        pay(driver, "60.00", today, MISC_1=Decimal("60.00"))
        leases.write_note(driver_id=driver.pk, text="Will pay on Friday", actor=maya)
        leases.lock_driver(driver_id=driver.pk, reason="Owes a hearing", actor=maya)
        leases.unlock_driver(driver_id=driver.pk, reason="Heard", actor=maya)
        driver.phone = "(718) 555-1014"
        driver.save()
        client, url = browse("Supervisor"), f"{driver_url(driver.pk)}?tab=timeline"

        told = read(client.get(url))

        happened = [
            "Phone changed from (718) 555-1013 to (718) 555-1014",
            "Lock lifted: Heard by Maya Ortiz",
            "Locked: Owes a hearing by Maya Ortiz",
            "Note: “Will pay on Friday” by Maya Ortiz",
            "Paid $60.00 in cash by the system · PAY-000001 −60.00 owes 40.00",
            "Lost key MISC-1 charged by the system · MISC-1 +100.00 owes 100.00",
            "Entered as a driver",
        ]
        places = [told.find(one) for one in happened]
        assert -1 not in places, dict(zip(happened, places, strict=True))
        # All at the moment of this test's one transaction: told apart by what they are, and none twice.
        assert len(set(places)) == len(happened)
        money = read(client.get(f"{url}&show=money"))
        assert "Paid $60.00" in money
        assert "Will pay on Friday" not in money

        for number in range(35):
            leases.write_note(driver_id=driver.pk, text=f"Note number {number}", actor=None)
        assert len(re.findall(r"Note number \d+", read(client.get(f"{url}&few")))) == 8  # as below the account
        seen: list[str] = []
        while url:
            page = client.get(url)
            seen += re.findall(r"Note number \d+", read(page))
            older = re.search(r'href="([^"]+)">Older<', page.content.decode())
            url = unescape(older.group(1)) if older else ""
        assert sorted(seen) == sorted(f"Note number {number}" for number in range(35))
        for junk in ("x", "2026-01-01T00:00:00~ledger~1", "2026-13-01T00:00:00+00:00~a~1", "~~"):
            assert client.get(driver_url(driver.pk), {"tab": "timeline", "before": junk}).status_code == 200

    def test_every_tab_asks_the_same_few_questions_however_much_there_is(
        self, driver: Driver, charge: Any, today: date
    ) -> None:
        client = browse("Supervisor")
        tabs = dict.fromkeys(section.name for section in list_sections(UserFactory.create(is_superuser=True)))
        assert list(tabs) == [
            "account", "timeline", "leases", "plans", "tickets-and-tolls", "trips", "dtrs", "documents", "notes"
        ]  # fmt: skip
        client.get(driver_url(driver.pk))

        def count(tab: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(driver_url(driver.pk), {"tab": tab}).status_code == 200
            return len(captured)

        def grow(numbers: range) -> None:
            for number in numbers:
                charge(f"MISC-{number}", "1.00", today)
                pay(driver, "0.50", today)
                leases.write_note(driver_id=driver.pk, text="x", actor=None)
                leases.record_paper(
                    driver_id=driver.pk,
                    kind="OTHER",
                    number=str(number),
                    good_to=today + timedelta(days=90),
                    actor=None,
                )
                LeaseDriverFactory.create(driver=driver)

        grow(range(2, 4))
        few = {tab: count(tab) for tab in tabs}
        grow(range(4, 9))
        assert {tab: count(tab) for tab in tabs} == few
        assert few.pop("timeline") <= TIMELINE_QUERIES
        assert max(few.values()) <= MOST_QUERIES, few

    def test_locks_notes_papers_and_files_are_made_on_it(self, driver: Driver, today: date) -> None:
        client = browse("Supervisor", "Office")

        def post(name: str, data: dict[str, Any], *args: int) -> Any:
            answer = client.post(reverse(f"admin:{name}", args=args or [driver.pk]), {**data, "_confirm": "1"})
            assert answer.status_code == 302, answer.context["form"].errors
            assert answer["Location"] == driver_url(driver.pk)
            return answer

        def show(tab: str = "") -> str:
            return read(client.get(driver_url(driver.pk), {"tab": tab}))

        post("leases_driver_lock", {"reason": "Owes a hearing"})
        payout = client.get(reverse("admin:ledger_driver_payout", args=[driver.pk])).content.decode()
        assert "Locked (Owes a hearing): nothing is paid out until that is taken back." in payout
        told = show()
        assert "Anil Jeudy Locked" in told
        assert "Locked. Owes a hearing. Nothing is paid out and no lease is started" in told
        assert "Start lease: Anil is locked" in told
        hits, _ = find_people(UserFactory.create(groups=["Cashier"]), "jeudy", at=at(today), shown=5)
        assert hits[0].labels == ["Locked", "No lease"]
        post("leases_driver_unlock", {"reason": "Heard"})
        assert "Anil Jeudy Active" in show()

        post("leases_driver_note", {"text": "Drives nights"})
        assert "Drives nights" in show("notes")
        refused = client.post(reverse("admin:leases_driver_note", args=[driver.pk]), {"text": " ", "_confirm": "1"})
        assert refused.status_code == 200
        assert refused.context["form"].errors["text"]

        soon = today + timedelta(days=10)
        post("leases_driver_paper", {"kind": "TLC_LICENSE", "number": "5401838", "good_to": soon})
        assert f"TLC license 5401838 ends on {soon:%b} {soon.day}. See the paper" in show()
        paper = driver.papers.get()
        at_counter = browse("Cashier").get(reverse("driver_notices", args=[driver.pk])).content.decode()
        assert f"TLC license 5401838 ends on {soon:%b} {soon.day}." in at_counter
        assert "the payment is taken as always" in at_counter
        assert browse().get(reverse("driver_notices", args=[driver.pk])).status_code == 403
        answer = browse("Cashier").get(reverse("driver_beside", args=[driver.pk]))
        beside = answer.content.decode()
        assert f"number 5401838 · good to {soon:%b} {soon.day}, {soon.year}" in beside
        assert "Drives nights" in beside
        assert browse().get(reverse("driver_beside", args=[driver.pk])).status_code == 403
        assert browse("Cashier").get(reverse("driver_beside", args=[driver.pk + 99])).status_code == 404
        later = {"number": "5401838", "good_to": soon + timedelta(days=365), "reason": "Misread"}
        post("leases_paper_correct", later, paper.pk)
        assert "See the paper" not in show()
        assert "Misread" in client.get(reverse("admin:leases_paper_change", args=[paper.pk])).content.decode()
        assert browse("Cashier").get(reverse("admin:leases_paper_correct", args=[paper.pk])).status_code == 403

        post("leases_driver_file", {"file": SimpleUploadedFile("a <b>.pdf", b"%PDF-1.7", "text/html")})
        file = driver.files.get()
        assert "Documents 2" in show()
        answer = client.get(reverse("admin:leases_file", args=[file.pk]))
        assert (answer.content, answer["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
        assert answer["Content-Disposition"].startswith("attachment;")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE core_upload_parts DISABLE TRIGGER core_upload_parts_kept")
            UploadPart.objects.filter(upload__name=get_file_name(file.sha256)).update(content=b"%PDF-1.8")
        assert client.get(reverse("admin:leases_file", args=[file.pk])).status_code == 404
        assert client.get(reverse("admin:leases_file", args=[file.pk + 1])).status_code == 404
        assert browse("Cashier").get(reverse("admin:leases_file", args=[file.pk])).status_code == 403
        bad = SimpleUploadedFile("a.pdf", b"<script>", "application/pdf")
        answer = client.post(reverse("admin:leases_driver_file", args=[driver.pk]), {"file": bad, "_confirm": "1"})
        assert answer.context["form"].errors["file"] == ["This is neither a PDF nor a picture (JPEG or PNG)."]

    def test_a_receipt_and_the_timeline_count_what_is_kept_with_it(self, driver: Driver, today: date) -> None:
        pay(driver, "60.00", today)
        payment, client = driver.payments.get(), browse("Supervisor")
        page = client.get(reverse("admin:ledger_interimpayment_change", args=[payment.pk])).content.decode()
        add_url = f"{reverse('admin:leases_driver_file', args=[driver.pk])}?about={payment.reference_id}"
        assert add_url in page
        assert f'value="{payment.reference_id}"' in client.get(add_url).content.decode()
        for number in (1, 2):
            file = SimpleUploadedFile("check.pdf", b"%PDF-1.7 " + b"x" * number, "application/pdf")
            typed = {"file": file, "about": payment.reference_id, "_confirm": "1"}
            assert client.post(add_url, typed)["Location"] == driver_url(driver.pk)
        receipt = reverse("admin:ledger_interimpayment_receipt", args=[payment.pk])
        assert "2 documents</a> kept with it." in client.get(receipt).content.decode()
        assert "kept with it" not in browse("Cashier").get(receipt).content.decode()
        told = read(client.get(driver_url(driver.pk), {"tab": "timeline"}))
        assert f"{payment.reference_id} · 2 documents" in told
        typed = {"file": SimpleUploadedFile("check.pdf", b"%PDF-1.7", "application/pdf"), "about": "PAY-000099"}
        refused = client.post(add_url, {**typed, "_confirm": "1"})
        assert refused.context["form"].errors["about"]

    def test_its_timeline_says_what_became_of_a_payment(self, driver: Driver, charge: Any, today: date) -> None:
        for number in range(1, 4):
            charge(f"MISC-{number}", "40.00", today + timedelta(days=30))
            ledger.apply_interim_payment(
                payment_amount=Decimal("60.00"),
                allocations={f"MISC-{number}": Decimal("40.00")},
                driver_id=driver.pk,
                payment_method="CHECK",
                instrument_number=f"{number}",
                effective_on=today,
            )
        first, second, third = driver.payments.order_by("pk")
        ledger.void_payment(payment_id=first.pk, reason="Keyed twice", actor=None, effective_on=today)
        line = third.postings.get(kind="ALLOCATION")
        ledger.void_posting(posting_id=line.pk, reason="Wrong line", actor=None, effective_on=today)
        # The oldest money on account leaves first: that of the second.
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("25.00"), method="CASH", effective_on=today)
        ledger.void_payment(
            payment_id=second.pk,
            reason="No funds",
            actor=None,
            returned_item=True,
            was_at_bank=True,
            effective_on=today,
        )

        told = read(browse("Supervisor").get(driver_url(driver.pk), {"tab": "timeline"}))

        assert f"{first.reference_id} voided: Keyed twice" in told
        assert f"{second.reference_id} came back: No funds" in told
        assert f"{third.reference_id} voided in part: Wrong line" in told
        assert "undone" not in told

    def test_its_links_fill_in_the_driver(self, driver: Driver) -> None:
        client = browse("Supervisor", "Office")
        page = client.get(driver_url(driver.pk)).content.decode()
        for name, field in (
            ("repairs_repairinvoice_enter", "driver"),
            ("loans_driverloan_disburse", "driver"),
            ("tickets_misccharge_enter", "driver"),
            ("leases_lease_add", "primary_driver"),
        ):
            url = f"{reverse(f'admin:{name}')}?{field}={driver.pk}"
            assert url in page
            assert f'<option value="{driver.pk}" selected' in client.get(url).content.decode()
            assert client.get(f"{reverse(f'admin:{name}')}?{field}=x").status_code == 200
