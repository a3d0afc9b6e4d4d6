"""Today is told once, by whoever asks for money to be moved: a day that has not come is refused where it is typed.

The first half reads the source: each interface that calls a service of money hands it the clock. The second half opens
each page on which a person names a day, with tomorrow.
"""

import ast
import inspect
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django import forms
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.api.acts import Act
from core.api.looks import Look, Rows
from core.weeks import week_of
from leases.models import Driver
from ledger import services as ledger
from ledger.admin.recordings import RECORDINGS
from tests.config.test_structure import APPS, PROJECT, clock_of
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, errors_on, hold, owe, url_of
from tests.ledger.rawsql import ledger_state
from tests.loans.test_admin import lend_now
from tests.loans.test_admin import typed as loan_typed
from tests.repairs.test_admin import lease_now
from tests.repairs.test_admin import typed as invoice_typed

#: What a service calls the day that it is told, if it is told one: the clock's, or one that a person named.
DAYS = {"today", "effective_on", "as_of", "paid_on", "due_on"}
INTERFACES = {"admin", "api", "tasks", "management"}
#: What is run for a week, whose Saturday is over, or by what a row holds already.
TOLD_A_WEEK = {"run_step", "close_books_with_week", "start_import", "import_next_lot", "import_part", "credit_earnings"}


def list_services() -> dict[str, set[str]]:
    """Each public service of any app that takes a day: its name, and the days that it takes."""
    found: dict[str, set[str]] = {}
    for app in APPS:
        services = import_module(f"{app}.services")
        for name, service in inspect.getmembers(services, inspect.isfunction):
            days = DAYS & set(inspect.signature(service).parameters)
            if days and not name.startswith(("get_", "list_", "find_")):
                found.setdefault(name, set()).update(days)
    return found


def list_calls() -> Iterator[tuple[str, ast.Call, ast.Module]]:
    for app in (*APPS, "config"):
        for file in sorted((PROJECT / app).rglob("*.py")):
            parts = {part.removesuffix(".py") for part in file.relative_to(PROJECT / app).parts}
            if not parts & {*INTERFACES, "pages"} or "demo" in parts:
                continue
            tree = ast.parse(file.read_text())
            for call in ast.walk(tree):
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
                    module = ast.unparse(call.func.value)
                    if module in {"services", "ledger", "tickets", "curb", "dtr"}:
                        yield f"{file.relative_to(PROJECT)}:{call.lineno}", call, tree


def names_of_clock(tree: ast.Module) -> set[str]:
    """The names that are the clock's day somewhere in the file."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and clock_of(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    } | {"today"}


def is_clock(value: ast.expr, tree: ast.Module) -> bool:
    if isinstance(value, ast.Call):
        return clock_of(value) is not None
    if isinstance(value, ast.Name):
        return value.id in names_of_clock(tree)
    # As a page hands it to the function that records, the dictionary's own entry is looked at where it is made; as a
    # door of the API has it, the door itself reads the clock.
    return ast.unparse(value) in ("given['today']", "self.today")


def hands_the_clock(call: ast.Call, days: set[str], tree: ast.Module) -> bool:
    handed = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in days}
    if any(is_clock(value, tree) for name, value in handed.items() if name == "today" or "today" not in days):
        return True
    unpacks = any(keyword.arg is None for keyword in call.keywords)
    wanted = {"today"} if "today" in days else {"today", *days}
    return unpacks and any(
        isinstance(key, ast.Constant) and key.value in wanted and is_clock(value, tree)
        for made in ast.walk(tree)
        if isinstance(made, ast.Dict)
        for key, value in zip(made.keys, made.values, strict=True)
    )


def test_every_interface_hands_the_clock_to_the_services_of_money():
    services, seen, blind = list_services(), set(), []
    for place, call, tree in list_calls():
        assert isinstance(call.func, ast.Attribute)
        name = call.func.attr
        if name not in services or name in TOLD_A_WEEK:
            continue
        seen.add(name)
        if not hands_the_clock(call, services[name], tree):
            blind.append(f"{place} {name}")

    assert blind == []
    # The scan has not gone blind itself.
    assert {"apply_interim_payment", "void_posting", "disburse_loan", "settle_deposit", "record_transfer"} <= seen
    assert {"pay_dtrs", "correct_ticket", "import_opening", "close_week", "reverse_transfer", "charge_again"} <= seen


def test_a_door_of_the_api_reads_the_clock_itself():
    assert {vars(door)["today"].fget(None) for door in (Act, Look, Rows)} == {timezone.localdate()}


def test_whoever_takes_a_day_that_a_person_names_takes_today_as_well():
    named = {"apply_weekly_earnings", "record_transfer", "record_curb_statement", "record_bank_deposit"}
    named |= {"reverse_transfer", "disburse_loan", "pay_off_loan", "write_off_loan", "create_invoice"}
    named |= {"enter_summons", "create_misc_charge", "close_books", "set_waterfall_order", "import_opening"}

    assert {name for name in named if "today" not in list_services()[name]} == set()


# What a person may type.

AHEAD = "may lie ahead"
READS = "is only looked at"
REFUSED = "is refused"

#: Each day that a form asks for, and what becomes of tomorrow.
TYPED: dict[str, str] = {
    "ledger.forms.ApplyForm.as_of": REFUSED,
    "ledger.forms.CloseBooksForm.through": REFUSED,
    "ledger.forms.ReopenDayForm.day": REFUSED,
    "ledger.admin.recordings.RecordingForm.effective_on": REFUSED,
    "ledger.admin.recordings.AmountForm.effective_on": REFUSED,
    "ledger.admin.recordings.CurbStatementForm.effective_on": REFUSED,
    "ledger.admin.recordings.BankDepositForm.effective_on": REFUSED,
    "ledger.admin.recordings.PaidOverForm.effective_on": REFUSED,
    "ledger.admin.recordings.BorneForm.effective_on": REFUSED,
    "ledger.admin.recordings.OverShortForm.effective_on": REFUSED,
    "ledger.admin.recordings.CorrectionForm.effective_on": REFUSED,
    "ledger.admin.pages.transfers.ReversalForm.effective_on": REFUSED,
    "loans.forms.LoanForm.disbursed_on": REFUSED,
    "loans.forms.PayoffForm.as_of": REFUSED,
    "loans.forms.WriteOffForm.as_of": REFUSED,
    "repairs.forms.InvoiceForm.invoiced_on": REFUSED,
    "tickets.forms.SummonsForm.issued_on": REFUSED,
    "dtr.admin.pages.closes.WeekForm.week_end": REFUSED,
    "core.admin.pages.tokens.TokenForm.last_day": AHEAD,
    "ledger.forms.WaterfallOrderForm.effective_on": AHEAD,
    "ledger.installments.forms.BandsForm.effective_on": AHEAD,
    "tickets.forms.SummonsForm.due_on": AHEAD,
    "tickets.forms.MiscChargeForm.due_on": AHEAD,
    "curb.admin.pages.expectations.ExpectForm.since": AHEAD,
    "leases.forms.StartLeaseForm.start_on": AHEAD,
    "leases.forms.StartLeaseForm.end_on": AHEAD,
    "leases.forms.SwapForm.swapped_at": AHEAD,
    "leases.forms.AddDriverForm.start_on": AHEAD,
    "leases.forms.AddDriverForm.end_on": AHEAD,
    "leases.forms.EndDriverForm.last_on": AHEAD,
    "leases.forms.HoldForm.start_on": AHEAD,
    "leases.forms.HoldForm.end_on": AHEAD,
    "leases.forms.TakeBackDaysForm.start_on": AHEAD,
    "leases.forms.TakeBackDaysForm.end_on": AHEAD,
    "leases.forms.ChangeAmountForm.from_on": AHEAD,
    "leases.forms.TerminateForm.last_on": AHEAD,
    "leases.forms.PaperForm.good_to": AHEAD,
    "leases.forms.CorrectPaperForm.good_to": AHEAD,
    "leases.forms.RegisterVehicleForm.from_at": AHEAD,
    "leases.forms.PlateForm.from_at": AHEAD,
    "leases.forms.TagForm.from_at": AHEAD,
    "leases.forms.UntilForm.until_at": AHEAD,
    "leases.forms.RetireForm.retired_at": AHEAD,
    "curb.admin.pages.amounts.RuleForm.from_on": AHEAD,
    "tickets.forms.QueueForm.from_on": READS,
    "tickets.forms.QueueForm.to_on": READS,
    "ledger.forms.StatementForm.from_on": READS,
    "ledger.forms.StatementForm.to_on": READS,
    "ledger.forms.DayForm.on": READS,
    "ledger.admin.pages.journal.JournalViewForm.from_on": READS,
    "ledger.admin.pages.journal.JournalViewForm.to_on": READS,
    "loans.forms.AmountForm.payoff_on": READS,
}


def list_forms(base: Any = forms.BaseForm) -> Iterator[Any]:
    for form in base.__subclasses__():
        if form.__module__.partition(".")[0] in APPS and not issubclass(form, forms.BaseModelForm):
            yield form
        yield from list_forms(form)


def test_every_day_that_a_form_asks_for_is_told_here():
    asked = {
        f"{form.__module__}.{form.__qualname__}.{name}"
        for form in list_forms()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
    }
    assert asked == set(TYPED)


def test_every_day_that_is_refused_is_tried_here():
    # Recordings are tried by their pages, each with the form that it has.
    tried = {case for case, _ in PAGES} | {case for case in TYPED if case.startswith("ledger.admin.recordings.")}
    assert tried == {case for case, fate in TYPED.items() if fate == REFUSED}


def tomorrow() -> str:
    return (timezone.localdate() + timedelta(days=1)).isoformat()


def next_saturday() -> str:
    return week_of(timezone.localdate()).next.end.isoformat()


def apply_page(driver: Driver) -> tuple[str, dict[str, Any]]:
    owe(driver)
    hold(driver)
    return url_of("ledger_driver_apply", driver.pk), {"as_of": tomorrow()}


def record(what: str, **facts: str) -> Any:
    def page(driver: Driver) -> tuple[str, dict[str, Any]]:
        return url_of("ledger_transfer_record", what), {
            "effective_on": tomorrow(),
            "reference_id": "PAPER-1",
            "amount": "5",
            **facts,
        }

    return page


def reverse_page(driver: Driver) -> tuple[str, dict[str, Any]]:
    transfer = ledger.record_transfer(
        kind="FLOAT",
        debit="1010",
        credit="1030",
        amount=Decimal("200.00"),
        reference_id="DRAWER-1",
        effective_on=timezone.localdate(),
        actor=None,
    )
    return url_of("ledger_transfer_reverse", transfer.pk), {"effective_on": tomorrow(), "reason": "Wrong drawer"}


def invoice_page(driver: Driver) -> tuple[str, dict[str, Any]]:
    return url_of("repairs_repairinvoice_enter"), invoice_typed(lease_now(), invoiced_on=tomorrow())


def summons_page(driver: Driver) -> tuple[str, dict[str, Any]]:
    return url_of("tickets_ticket_enter"), {
        "number": "FN200",
        "violation": "Failure to inspect",
        "issued_on": tomorrow(),
        "license": driver.tlc_license,
        "amount": "75.00",
    }


PAGES: list[tuple[str, Any]] = [
    ("ledger.forms.ApplyForm.as_of", apply_page),
    (
        "ledger.forms.CloseBooksForm.through",
        lambda driver: (url_of("ledger_booksentry_close"), {"through": tomorrow(), "reason": "Year's end"}),
    ),
    (
        "ledger.forms.ReopenDayForm.day",
        lambda driver: (url_of("ledger_booksentry_reopen"), {"day": tomorrow(), "hours": "2", "reason": "A late slip"}),
    ),
    ("ledger.admin.pages.transfers.ReversalForm.effective_on", reverse_page),
    (
        "loans.forms.LoanForm.disbursed_on",
        lambda driver: (url_of("loans_driverloan_disburse"), loan_typed(driver, disbursed_on=tomorrow())),
    ),
    (
        "loans.forms.PayoffForm.as_of",
        lambda driver: (url_of("loans_driverloan_pay_off", lend_now(driver).pk), {"as_of": tomorrow()}),
    ),
    (
        "loans.forms.WriteOffForm.as_of",
        lambda driver: (
            url_of("loans_driverloan_write_off", lend_now(driver).pk),
            {"as_of": tomorrow(), "reason": "Gone"},
        ),
    ),
    ("repairs.forms.InvoiceForm.invoiced_on", invoice_page),
    ("tickets.forms.SummonsForm.issued_on", summons_page),
    (
        "dtr.admin.pages.closes.WeekForm.week_end",
        lambda driver: (url_of("dtr_weekclose_close"), {"week_end": next_saturday()}),
    ),
]
RECORDED: list[tuple[str, Any]] = [
    ("curb", record("curb", gross="100", fee="3")),
    ("deposit", record("deposit", cash="5")),
    ("float", record("float")),
    ("paid-over", record("paid-over", payable="2110", way="out")),
    ("borne", record("borne", source="1030")),
    ("over-short", record("over-short", found="short", reason="Counted twice")),
    ("bank-fee", record("bank-fee")),
    ("correction", record("correction", debit="6030", credit="6020", reason="A fee of the bank's")),
]


@pytest.mark.django_db
class TestTomorrow:
    @pytest.mark.parametrize(("case", "page"), [*PAGES, *RECORDED])
    def test_is_refused_where_it_is_typed(self, case, page):
        client, driver = browse(), DriverFactory.create()
        url, typed = page(driver)
        assert client.get(url).status_code == 200
        # The case names its field; on a Saturday a plan begins tomorrow, too.
        late = [name for name, value in typed.items() if value in (tomorrow(), next_saturday())]
        (field,) = [name for name in late if "." not in case or case.endswith(f".{name}")]
        before = ledger_state()

        # Pressed without a preview, and with one.
        for pressed in ({}, {"_seen": "0"}):
            answer = client.post(url, {**typed, "_confirm": "1", **pressed})
            assert answer.status_code == 200
            assert list(errors_on(answer)) == [field]
            assert ledger_state() == before

    def test_every_recording_is_tried_here(self):
        assert {what for what, _ in RECORDED} == set(RECORDINGS)

    def test_by_name(self):
        driver = DriverFactory.create()
        owe(driver)
        hold(driver)
        today = timezone.localdate()
        with pytest.raises(ledger.DayNotCome) as refusal:
            ledger.apply_weekly_earnings(as_of=today + timedelta(days=1), today=today)
        assert (refusal.value.code, refusal.value.at_field) == ("day_not_come", "as_of")

    def test_is_no_week_to_close_by_a_command(self):
        before = ledger_state()
        with pytest.raises(CommandError):
            call_command("close_week", week_ending=week_of(timezone.localdate()).end)
        assert ledger_state() == before
