"""What the office does at a desk, in a real browser: search, dark mode, reports, wrong files, weeks that wait."""

import re
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from core.admin import change_lists
from core.weeks import week_of
from curb import services as curb
from dtr.models import WeekClose
from golive.tasks import read_openings_task
from ledger.admin.pages.receipts import PrintReceiptsPage
from tests.browser.fleet import Fleet, asking
from tests.golive.workbooks import fleet as opening_fleet
from tests.golive.workbooks import workbook
from tests.ledger.admin_pages import browse
from tests.ledger.proofs import pay
from tests.tickets.pages import import_tolls, recent_toll


def test_anything_is_found_by_keys_from_anywhere(signed_in, served: str, fleet: Fleet):
    page = signed_in("Supervisor")
    page.goto(f"{served}/admin/leases/vehicle/")
    page.keyboard.press("Control+k")
    page.keyboard.type("nadia")  # at once: no letter is lost
    expect(page.get_by_role("searchbox", name="Find anything")).to_have_value("nadia")
    hit = page.get_by_role("dialog").get_by_role("link", name=re.compile("Nadia Castillo"))
    expect(hit.first).to_contain_text("cab 8H51")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/admin/drivers/{fleet.drivers['Nadia Castillo'].pk}/"))


def test_the_words_of_the_page_come_first(signed_in, served: str, fleet: Fleet):
    """By key and by click: what stands on the page; a reload keeps it, and the address alone tells all words."""
    page = signed_in("Supervisor")
    nadia = f"{served}/admin/drivers/{fleet.drivers['Nadia Castillo'].pk}/"
    page.goto(nadia)
    expect(page.get_by_role("main")).to_contain_text("Past due")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="All words")).to_be_visible()
    here = page.get_by_role("heading", name="On this page").locator("..")
    expect(here.get_by_role("term").filter(has_text="Past due")).to_be_visible()
    expect(here.get_by_role("term").filter(has_text="Overrule")).to_have_count(0)
    expect(page.locator("#overrule")).to_be_visible()
    page.reload()
    expect(here.get_by_role("term").filter(has_text="Past due")).to_be_visible()
    here.get_by_role("link", name="Nadia Castillo").click()
    expect(page).to_have_url(nadia)
    page.goto(f"{served}/admin/tickets/ticket/queue/")
    page.get_by_role("link", name="Words on these pages").click()
    expect(here.get_by_role("term").filter(has_text="Candidate")).to_be_visible()
    expect(here.get_by_role("term").filter(has_text="Past due")).to_have_count(0)
    page.goto(nadia)
    page.goto(f"{served}/admin/words/")
    expect(page.get_by_role("heading", name="All words")).to_be_visible()
    expect(page.get_by_role("heading", name="On this page")).to_be_hidden()


def test_the_timeline_stands_below_the_account_for_who_reads_on(signed_in, served: str, fleet: Fleet):
    page = signed_in("Supervisor")
    page.goto(f"{served}/admin/drivers/{fleet.drivers['Rosa Diallo'].pk}/")
    page.mouse.wheel(0, 5000)
    timeline = page.locator("#timeline")
    expect(timeline.get_by_role("heading")).to_have_text("Timeline")
    expect(timeline).to_contain_text("Paid $25.00 in cash")
    timeline.get_by_role("link", name="Money only").click()
    expect(page).to_have_url(re.compile(r"\?tab=timeline&show=money$"))


def test_keys_of_the_review_queue_begin_in_its_first_case(signed_in, served: str):
    with asking():
        import_tolls(browse("Office"), recent_toll(1, "NY ZZZ9998"), recent_toll(2, "NY ZZZ9999"))
    page = signed_in("Supervisor")
    page.goto(f"{served}/admin/tickets/ticket/queue/")
    first, second = page.locator(".case").all()
    expect(first.get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("j")
    expect(second.get_by_role("checkbox")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("EZPASS-2")


def test_dark_is_chosen_by_keys_and_stays(signed_in, served: str):
    page = signed_in("Office")
    page.goto(f"{served}/admin/reports/")
    page.get_by_role("button", name=re.compile("Maya")).press("Enter")
    page.get_by_role("button", name="Dark").press("Enter")
    expect(page.locator("html")).to_have_class(re.compile("dark"))
    page.get_by_role("link", name="Aging").first.click()
    expect(page.locator("html")).to_have_class(re.compile("dark"))


def test_a_long_list_is_added_up_once_it_is_seen(signed_in, served: str, fleet: Fleet, monkeypatch):
    monkeypatch.setattr(change_lists, "COUNT_UP_TO", 0)
    page = signed_in("Auditor")
    page.goto(f"{served}/admin/ledger/interimpayment/?driver__id__exact={fleet.drivers['Rosa Diallo'].pk}")
    expect(page.locator("#list-sum")).to_have_text(re.compile(r"\$25\.00\s+in 1 payment"))


def test_a_report_is_a_file_of_the_rows_it_shows(signed_in, served: str, tmp_path: Path):
    page = signed_in("Auditor")
    page.goto(f"{served}/admin/reports/aging/")
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").click()
    started.value.save_as(tmp_path / "aging.csv")
    rows = (tmp_path / "aging.csv").read_text(encoding="utf-8-sig").splitlines()
    # But for its head and its sums.
    assert len(rows) - 2 == page.locator("table.report tbody tr").count()
    assert any("Jeudy" in row for row in rows)


def test_a_workbook_with_a_bad_row_is_refused_by_its_row(signed_in, served: str, fleet: Fleet):
    sheets = opening_fleet()
    sheets["Debts"][1][1] = "7777777"
    page = signed_in("Supervisor")
    page.goto(f"{served}/admin/golive/openingimport/upload/")
    file = {"name": "opening.xlsx", "mimeType": "application/octet-stream", "buffer": workbook(sheets)}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and preview").click()
    with asking():
        read_openings_task()
    page.reload()
    expect(page.get_by_text("No driver has the license 7777777.").first).to_be_visible()


def test_a_chosen_file_is_added_and_writes_its_name_into_no_field(signed_in, served: str, fleet: Fleet):
    """On a driver's page another field asks for words; on the pages of a vehicle and a lease nothing else does."""
    lease = fleet.leases["Yusuf Singh"]
    page = signed_in("Office")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for of, pk in (("driver", lease.primary_driver_id), ("vehicle", lease.vehicle_id), ("lease", lease.pk)):
        page.goto(f"{served}/admin/leases/{of}/{pk}/file/", wait_until="load")
        file = {"name": f"{of}.pdf", "mimeType": "application/pdf", "buffer": f"%PDF-1.7 of a {of}".encode()}
        page.locator("input[type=file]").set_input_files(file)
        if of == "driver":
            expect(page.get_by_label("Belongs to")).to_have_value("")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text(f"{of}.pdf is kept.")).to_be_visible()
    assert said == []


def test_papers_that_did_not_come_are_asked_for_again(signed_in, served: str, fleet: Fleet, monkeypatch):
    monkeypatch.setattr(PrintReceiptsPage, "at_once", 1)
    with asking():
        for amount in ("1.00", "2.00"):
            pay(fleet.drivers["Rosa Diallo"], amount, effective_on=timezone.localdate())
    page = signed_in("Cashier")
    page.goto(f"{served}/admin/ledger/interimpayment/")
    for box in page.locator("input.action-select").all():
        box.check()
    of_slices = f"**{PrintReceiptsPage.address()}"
    page.route(of_slices, lambda route: route.fulfill(status=500, body=""))
    page.get_by_role("button", name="Print receipts").click()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_focused()
    expect(page.locator("article.receipt")).to_have_count(1)
    page.unroute(of_slices)
    again.press("Enter")
    expect(page.locator("article.receipt")).to_have_count(3)
    expect(page.get_by_role("button", name="Print 3 receipts")).to_be_visible()


def test_a_week_that_something_stops_is_not_closed(signed_in, served: str):
    with asking():
        last = week_of(timezone.localdate()).previous
        curb.expect_card_trips(since=last.start, reason="Go-live", actor=None)
    page = signed_in("Supervisor")
    page.goto(f"{served}/admin/dtr/weekclose/readiness/")
    expect(page.get_by_role("heading", name=re.compile("^The week can’t close yet: 1 thing stops it"))).to_be_visible()
    page.get_by_role("link", name="Close it").click()
    expect(page.get_by_role("heading", name=re.compile("can’t close yet"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Preview|^Close")).click()
    expect(page.get_by_role("heading", name=re.compile("can’t close yet"))).to_be_visible()
    with asking():
        assert not WeekClose.objects.exists()
