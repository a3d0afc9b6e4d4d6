"""Closing days of the books, reopening one, and what the services say to a day that is closed or has not come."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.errors import ReasonRequired, ValueInvalid
from core.weeks import week_of
from ledger import selectors
from ledger import services as ledger
from ledger.models import BooksEntry, Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.ledger.hostile import findings_of, tamper
from tests.refusals import refused
from tests.threads import run_together

pytestmark = pytest.mark.django_db

SATURDAY = date(2026, 11, 14)
TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)
WHY = "Month end"


@pytest.fixture
def driver():
    return DriverFactory.create()


@pytest.fixture
def closed():
    """The books are closed through Saturday, Nov 14, as that week's close leaves them."""
    return ledger.close_books_with_week(week=week_of(SATURDAY), actor=None)


@pytest.fixture
def root():
    return UserFactory.create(is_superuser=True)


def charge(driver, on: date, reference_id: str = "MISC-1", **facts: Any) -> Any:
    return ledger.create_obligation(
        category="MISC", amount=Decimal("50.00"), reference_id=reference_id, driver_id=driver.pk, effective_on=on,
        **facts,
    )  # fmt: skip


def record_fee(on: date) -> Transfer:
    return ledger.record_transfer(
        kind="BANK_FEE", amount=Decimal("25.00"), reference_id="FEE-11", debit="6030", credit="1030", effective_on=on,
        today=on, actor=None,
    )  # fmt: skip


class TestCloseBooks:
    def test_moves_the_day_and_keeps_who_and_why(self, driver, closed):
        supervisor = UserFactory.create()
        entry = ledger.close_books(through=TUESDAY, reason="  Month\nend ", today=WEDNESDAY, actor=supervisor)
        assert (entry.kind, entry.day, entry.reason, entry.by) == ("HAND", TUESDAY, "Month end", supervisor)
        assert selectors.get_closed_through() == TUESDAY
        charge(driver, WEDNESDAY)
        assert_books_clean()

    def test_a_second_time_is_refused(self, closed):
        ledger.close_books(through=TUESDAY, reason=WHY, today=WEDNESDAY, actor=None)
        for day in (TUESDAY, SATURDAY):
            with refused(ledger.AlreadyClosed, code="day_already_closed", field="through"):
                ledger.close_books(through=day, reason=WHY, today=WEDNESDAY, actor=None)

    @pytest.mark.parametrize(
        ("through", "reason", "error", "code"),
        [
            (WEDNESDAY, WHY, ledger.DayNotOver, "day_not_over"),
            (date(2031, 1, 1), WHY, ledger.DayNotOver, "day_not_over"),
            (TUESDAY, "  ", ReasonRequired, "reason_required"),
        ],
    )
    def test_refuses_a_day_that_is_not_over_and_a_missing_reason(self, closed, through, reason, error, code):
        with refused(error, code=code):
            ledger.close_books(through=through, reason=reason, today=WEDNESDAY, actor=None)

    def test_refuses_to_pass_a_week_that_is_not_closed(self, closed):
        """On Tuesday, Nov 24, the week to Nov 21 is not closed: neither its Saturday nor any later day can be."""
        for day in (date(2026, 11, 21), date(2026, 11, 23)):
            with refused(ledger.WeekNotClosed, code="week_not_closed", field="through") as refusal:
                ledger.close_books(through=day, reason=WHY, today=date(2026, 11, 24), actor=None)
            assert str(refusal.value) == "The week ending Nov 21, 2026 is not closed: close it first."
        ledger.close_books(through=date(2026, 11, 20), reason=WHY, today=date(2026, 11, 24), actor=None)

    def test_a_preview_says_so_and_closes_nothing(self, closed):
        preview = ledger.preview_closing(through=TUESDAY, today=WEDNESDAY)
        assert (preview.closed_through, preview.through) == (SATURDAY, TUESDAY)
        assert selectors.get_closed_through() == SATURDAY

    def test_by_a_week_or_go_live_never_goes_back(self, closed):
        assert ledger.close_books_with_week(week=week_of(SATURDAY), actor=None) is None
        assert ledger.close_books_at_go_live(cut_on=SATURDAY, actor=None) is None
        ledger.close_books_at_go_live(cut_on=SATURDAY + timedelta(days=2), actor=None)
        assert selectors.get_closed_through() == date(2026, 11, 15)


class TestServices:
    def test_name_the_closed_day(self, driver, closed):
        with refused(ledger.BooksClosed, code="books_closed", field="effective_on") as refusal:
            charge(driver, SATURDAY)
        assert str(refusal.value) == (
            "Nothing can be booked on Nov 14, 2026: the books are closed through Nov 14, 2026."
        )
        assert refusal.value.facts["day"] == "2026-11-14"

    def test_refuse_it_for_payments_payouts_voids_and_applications(self, driver):
        debt = charge(driver, SATURDAY)
        credit = ledger.post_earnings(
            driver_id=driver.pk, amount=Decimal("80.00"), reference_id="CURB-1", effective_on=SATURDAY
        )
        ledger.close_books_with_week(week=week_of(SATURDAY), actor=None)
        cash: dict[str, Any] = {"driver_id": driver.pk, "effective_on": SATURDAY}
        acts = [
            lambda: ledger.apply_interim_payment(
                payment_amount=Decimal("5.00"), allocations={}, payment_method="CASH", **cash
            ),
            lambda: ledger.pay_out(amount=Decimal("5.00"), method="CASH", **cash),
            lambda: ledger.void_posting(posting_id=credit.pk, reason="x", actor=None, effective_on=SATURDAY),
            lambda: ledger.write_off_obligation(
                posting_id=debt.pk, amount=Decimal("5.00"), reason="x", actor=None, effective_on=SATURDAY
            ),
            lambda: ledger.apply_weekly_earnings(as_of=SATURDAY),
            lambda: ledger.replace_obligation(
                posting_id=debt.pk, amount=Decimal("9.00"), reason="x", actor=None, effective_on=SATURDAY
            ),
        ]
        for act in acts:
            with refused(ledger.BooksClosed):
                act()

    @pytest.mark.parametrize("day", [date(2019, 1, 1), date(2031, 1, 1)])
    def test_refuse_a_day_long_ago_and_one_far_ahead(self, driver, closed, day):
        with refused(ledger.BooksClosed if day < SATURDAY else ledger.DayNotCome):
            charge(driver, day)

    def test_refuse_a_day_after_the_today_they_are_given(self, driver):
        @ledger.money_transaction
        def act(*, today: date, on: date) -> None:
            charge(driver, on)

        with refused(ledger.DayNotCome, code="day_not_come", field="effective_on") as refusal:
            act(today=TUESDAY, on=WEDNESDAY)
        assert str(refusal.value) == "Nothing can be booked on Nov 18, 2026: that day has not come."
        act(today=WEDNESDAY, on=WEDNESDAY)
        charge(driver, THURSDAY, "MISC-2")

    def test_refuse_a_void_before_what_it_voids(self, driver):
        posting = charge(driver, WEDNESDAY)
        with refused(ledger.VoidBeforeOriginal, code="void_before_original", field="effective_on"):
            ledger.void_posting(posting_id=posting.pk, reason="x", actor=None, effective_on=TUESDAY)
        ledger.void_posting(posting_id=posting.pk, reason="x", actor=None, effective_on=WEDNESDAY)
        assert_books_clean()

    def test_find_the_day_on_which_a_paper_is_booked(self, closed):
        assert selectors.get_booking_day(date(2026, 11, 9), today=WEDNESDAY) == WEDNESDAY
        assert selectors.get_booking_day(TUESDAY, today=WEDNESDAY) == TUESDAY


class TestListOpenWeeks:
    def test_names_the_weeks_that_end_by_a_day_and_are_not_closed(self, closed):
        assert selectors.list_open_weeks(SATURDAY) == selectors.list_open_weeks(date(2026, 11, 20)) == []
        assert [week.end for week in selectors.list_open_weeks(date(2026, 12, 4))] == [
            date(2026, 11, 21),
            date(2026, 11, 28),
        ]

    def test_days_closed_by_hand_close_no_week(self, closed):
        ledger.close_books(through=TUESDAY, reason=WHY, today=WEDNESDAY, actor=None)
        assert [week.end for week in selectors.list_open_weeks(date(2026, 11, 21))] == [date(2026, 11, 21)]

    def test_there_is_none_before_books_begin(self):
        assert selectors.list_open_weeks(WEDNESDAY) == []


class TestReopenDay:
    def test_lets_that_day_be_booked_and_is_named_by_the_audits(self, driver, closed, root):
        entry = ledger.reopen_day(day=SATURDAY, hours=2, reason="Check of Friday", actor=root)
        assert entry.until_at is not None
        assert entry.until_at - entry.at == timedelta(hours=2)
        posting = charge(driver, SATURDAY)
        with refused(ledger.BooksClosed):
            charge(driver, SATURDAY - timedelta(days=1), "MISC-2")
        (finding,) = findings_of("ledger.reopened_days")
        assert finding.startswith("Nov 14, 2026 is open again until ")
        assert finding.endswith(f" by {root} (Check of Friday); dated on it since: 1 postings, 0 transfers.")
        assert [(day.day, day.by, day.reason) for day in selectors.list_reopened_days()] == [
            (SATURDAY, root.username, "Check of Friday")
        ]
        assert findings_of("ledger.closed_days") == []
        assert posting.effective_on == SATURDAY
        assert selectors.get_closed_through() == SATURDAY

    def test_counts_transfers_of_that_day_too(self, closed, root):
        ledger.reopen_day(day=SATURDAY, hours=2, reason="Fee of Friday", actor=root)
        record_fee(SATURDAY)
        (finding,) = findings_of("ledger.reopened_days")
        assert finding.endswith("dated on it since: 0 postings, 1 transfers.")
        assert findings_of("ledger.closed_days") == []

    def test_is_refused_to_all_others(self, closed):
        supervisor = UserFactory.create(groups=["Supervisor"])
        with refused(ledger.SuperuserRequired, code="superuser_required"):
            ledger.reopen_day(day=SATURDAY, reason=WHY, actor=supervisor)

    @pytest.mark.parametrize(
        ("facts", "error"),
        [
            ({"hours": 25}, ValueInvalid),
            ({"hours": 0}, ValueInvalid),
            ({"reason": " "}, ReasonRequired),
            ({"day": TUESDAY}, ledger.DayNotClosed),
        ],
    )
    def test_refuses_too_long_no_reason_and_an_open_day(self, closed, root, facts, error):
        with refused(error):
            ledger.reopen_day(**{"day": SATURDAY, "hours": 1, "reason": WHY, "actor": root, **facts})
        assert BooksEntry.objects.count() == 1


class TestAudits:
    def test_name_what_was_put_into_closed_books(self, driver, closed):
        posting = charge(driver, TUESDAY)
        tamper("ledger_postings", "UPDATE ledger_postings SET effective_on = %s WHERE id = %s", SATURDAY, posting.pk)
        assert findings_of("ledger.closed_days") == [
            f"Posting {posting.pk} (MISC-1) is dated Nov 14, 2026, in books that were closed before it was posted."
        ]

    def test_name_a_transfer_that_was_put_into_closed_books(self, closed):
        fee = record_fee(TUESDAY)
        tamper("ledger_transfers", "UPDATE ledger_transfers SET effective_on = %s WHERE id = %s", SATURDAY, fee.pk)
        assert findings_of("ledger.closed_days") == [
            f"Transfer {fee.pk} (FEE-11) is dated Nov 14, 2026, in books that were closed before it was posted."
        ]

    def test_name_a_day_that_is_not_the_logs(self, closed):
        tamper("ledger_books", "UPDATE ledger_books SET closed_through = '2026-11-07'")
        assert findings_of("ledger.closed_days") == [
            "The books are closed through Nov 7, 2026, and the log says Nov 14, 2026."
        ]

    def test_name_a_void_before_what_it_voids(self, driver):
        posting = charge(driver, WEDNESDAY)
        (void,) = ledger.void_posting(posting_id=posting.pk, reason="x", actor=None, effective_on=WEDNESDAY)
        tamper("ledger_postings", "UPDATE ledger_postings SET effective_on = %s WHERE id = %s", TUESDAY, void.pk)
        assert findings_of("ledger.void_days") == [
            f"Void {void.pk} is dated Nov 17, 2026, before posting {posting.pk} of Nov 18, 2026."
        ]


@pytest.mark.django_db(transaction=True)
def test_a_close_that_waits_too_long_is_busy(driver, monkeypatch):
    """Somebody books for longer than a lock is waited for."""
    monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "50ms")
    with transaction.atomic():
        charge(driver, TUESDAY)
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        (answer,) = run_together(lambda: ledger.close_books_with_week(week=week_of(SATURDAY), actor=None))
    assert isinstance(answer, ledger.LedgerBusy)
    assert not BooksEntry.objects.exists()
    assert ledger.close_books_with_week(week=week_of(SATURDAY), actor=None) is not None


class TestPages:
    LIST, CLOSE, REOPEN = (
        "ledger_booksentry_changelist", "ledger_booksentry_close", "ledger_booksentry_reopen",
    )  # fmt: skip

    @pytest.fixture
    def last_saturday(self) -> date:
        """Closed as by the close of last week."""
        saturday = week_of(timezone.localdate()).previous.end
        ledger.close_books_with_week(week=week_of(saturday), actor=None)
        return saturday

    def test_show_the_day_and_the_log(self, last_saturday):
        page = browse("Auditor").get(url_of(self.LIST))
        assert page.context["closed_through"] == last_saturday
        assert "Closed with the week" in page.content.decode()
        assert page.context["buttons"] == []

    def test_close_days_after_a_preview(self, last_saturday):
        """Of the running week, if a day of it is over."""
        client, through = browse("Supervisor"), timezone.localdate() - timedelta(days=1)
        typed = {"through": through.isoformat(), "reason": WHY}
        if through == last_saturday:
            assert errors_on(look(client, url_of(self.CLOSE), **typed)) == {
                "through": [f"The books are closed through {through:%b} {through.day}, {through.year} already."]
            }
            return
        answer = confirm(client, url_of(self.CLOSE), **typed)
        assert answer["Location"] == url_of(self.LIST)
        assert messages_on(client.get(answer["Location"])) == [f"The books are closed through {through:%b %-d, %Y}."]
        assert selectors.get_closed_through() == through

    def test_put_a_refusal_at_its_input(self, last_saturday):
        page = look(browse("Supervisor"), url_of(self.CLOSE), through=timezone.localdate().isoformat(), reason=WHY)
        assert list(errors_on(page)) == ["through"]

    def test_reopen_a_day_for_a_superuser_alone(self, last_saturday):
        typed = {"day": last_saturday.isoformat(), "hours": "3", "reason": "Check of Friday"}
        for role in ("Supervisor", "Auditor"):
            assert browse(role).post(url_of(self.REOPEN), {**typed, "_preview": "1"}).status_code == 403
        client = browse()
        answer = confirm(client, url_of(self.REOPEN), **typed)
        page = client.get(answer["Location"])
        assert [day.day for day in page.context["reopened"]] == [last_saturday]
        assert "is open again until" in page.content.decode()
        entry = BooksEntry.objects.select_related("by").get(kind="REOPENED")
        assert entry.by is not None
        assert (entry.hours, entry.by.is_superuser) == (3, True)
        assert client.get(url_of("ledger_booksentry_change", entry.pk)).status_code == 200


def test_a_lease_of_a_fresh_fleet_is_where_its_books_begin():
    lease = LeaseFactory.create()
    assert selectors.get_closed_through() == lease.start_on - timedelta(days=1)
    with refused(ledger.BooksClosed):
        charge(lease.primary_driver, date(2026, 1, 3))
    charge(lease.primary_driver, lease.start_on)
