"""Doors to correct: charge again, win back, use held money, another amount."""

from decimal import Decimal
from typing import Any

import pytest

from core.errors import ReasonRequired
from core.groups import CASHIER, OFFICE, SUPERVISOR
from leases.models import Driver
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting, Transfer
from ledger.selectors import list_what_had_paid
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.ledger.proofs import SATURDAY, THURSDAY, WEDNESDAY, charge
from tests.loans.factories import DriverLoanFactory
from tests.refusals import refused

pytestmark = pytest.mark.django_db


def pay(driver: Driver, amount: str, pays: dict[str, str]) -> Any:
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(part) for reference, part in pays.items()},
        driver_id=driver.pk,
        payment_method="CASH",
        effective_on=WEDNESDAY,
    )


def void(posting: LedgerPosting) -> None:
    ledger.void_posting(posting_id=posting.pk, reason="by mistake", actor=None, effective_on=THURSDAY)


def again(posting: LedgerPosting, **more: Any) -> LedgerPosting:
    given = {"reason": "voided by mistake", "effective_on": SATURDAY, "actor": None, **more}
    return ledger.charge_again(posting_id=posting.pk, **given)


def memo(driver: Driver, amount: str, *, category: str = "REPAIR", reference_id: str = "MEMO-1") -> LedgerPosting:
    return ledger.credit_driver(
        driver_id=driver.pk, category=category, amount=Decimal(amount), reference_id=reference_id,
        reason="charged twice", effective_on=WEDNESDAY, actor=UserFactory.create(),
    )  # fmt: skip


def pay_out(driver: Driver, amount: str) -> None:
    ledger.pay_out(driver_id=driver.pk, amount=Decimal(amount), method="CASH", effective_on=WEDNESDAY)


def remaining(reference: str) -> Decimal:
    return LedgerBalance.objects.live().get(reference_id=reference).remaining


def win_back(posting: LedgerPosting) -> LedgerPosting:
    return ledger.win_back(posting_id=posting.pk, reason="given by mistake", effective_on=THURSDAY, actor=None)


def read_mirror() -> tuple[str, str, Decimal]:
    """What the newest win-back moved: the accounts debited and credited, and how much."""
    mirror = Transfer.objects.filter(kind="WIN_BACK").latest("pk")
    return mirror.debit_id, mirror.credit_id, mirror.amount


class TestChargeAgain:
    def test_offers_what_had_paid_it_and_is_still_held(self) -> None:
        """Rent of 500.00 voided on Thursday, 200.00 of its money used on Saturday: 500.00 owed, 300.00 offered."""
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1-2026W47", "500.00")
        pay(driver, "500.00", {"LEASE-1-2026W47": "500.00"})
        void(rent)
        charge(driver, "EZPASS-1", "200.00")
        ledger.apply_weekly_earnings(as_of=SATURDAY, driver_ids=[driver.pk])

        assert [had.offered for had in list_what_had_paid(rent)] == [Decimal("300.00")]
        posted = again(rent)

        assert (posted.amount, posted.due_on, posted.description) == (rent.amount, rent.due_on, rent.description)
        assert remaining("LEASE-1-2026W47") == Decimal("200.00")
        assert remaining("PAY-000001") == 0
        assert_books_clean()

    def test_offers_the_smaller_of_what_was_freed_and_what_is_left(self) -> None:
        """280.00 freed, 21.10 left of it: 21.10."""
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1-2026W47", "280.00")
        pay(driver, "300.00", {"LEASE-1-2026W47": "280.00"})
        void(rent)
        charge(driver, "MISC-1", "278.90")
        ledger.apply_weekly_earnings(as_of=SATURDAY, driver_ids=[driver.pk])
        assert [had.offered for had in list_what_had_paid(rent)] == [Decimal("21.10")]
        again(rent)
        assert remaining("LEASE-1-2026W47") == Decimal("258.90")

    def test_leaves_the_money_alone_when_told_so(self) -> None:
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1-2026W47", "500.00")
        pay(driver, "500.00", {"LEASE-1-2026W47": "500.00"})
        void(rent)
        again(rent, with_what_had_paid=False, amount=Decimal("450.00"))
        assert remaining("LEASE-1-2026W47") == Decimal("450.00")
        assert remaining("PAY-000001") == Decimal("500.00")

    def test_is_done_once(self) -> None:
        rent = charge(DriverFactory.create(), "LEASE-1-2026W47", "500.00")
        void(rent)
        again(rent)
        with refused(ledger.ReferenceConflict):
            again(rent)

    def test_refuses_what_stands_and_what_is_no_charge(self) -> None:
        driver = DriverFactory.create()
        rent = charge(driver, "LEASE-1-2026W47", "500.00")
        credit = memo(driver, "10.00")
        with refused(ledger.NotVoided):
            again(rent)
        with refused(ledger.NotAnObligation):
            again(credit)
        with refused(ReasonRequired):
            again(rent, reason=" ")


class TestWinBack:
    def test_charges_it_whole_and_takes_what_is_held(self) -> None:
        """A memo of 100.00 by mistake, 60.00 paid out: RECOVERY 100.00, 40.00 applied, 60.00 owed."""
        driver = DriverFactory.create()
        credit = memo(driver, "100.00")
        pay_out(driver, "60.00")
        recovery = win_back(credit)

        assert (recovery.reference_id, recovery.amount) == ("WINBACK-MEMO-1", Decimal("100.00"))
        assert recovery.description.startswith("Paid to you by mistake: ")
        assert (remaining("WINBACK-MEMO-1"), remaining("MEMO-1")) == (Decimal("60.00"), Decimal("0.00"))
        assert read_mirror() == ("2300", "4020", Decimal("100.00"))
        assert_books_clean()

    @pytest.mark.parametrize(
        ("category", "account"),
        [
            ("TAXES", "2110"), ("EZPASS", "2120"), ("PVB", "2130"), ("TLC", "2140"), ("LEASE", "4010"),
            ("REPAIR", "4020"), ("MISC", "4030"), ("LOAN", "4040"),
        ],
    )  # fmt: skip
    def test_brings_a_memo_back_to_the_account_it_came_from(self, category: str, account: str) -> None:
        credit = memo(DriverFactory.create(), "100.00", category=category)
        win_back(credit)
        assert read_mirror() == ("2300", account, Decimal("100.00"))
        assert_books_clean()

    def test_brings_card_money_back_to_curb_and_what_was_carried_over_to_the_opening(self) -> None:
        driver = DriverFactory.create()
        week = ledger.post_earnings(
            amount=Decimal("80.00"), reference_id="CURB-1", driver_id=driver.pk, effective_on=WEDNESDAY
        )
        win_back(week)
        assert read_mirror() == ("2300", "1040", Decimal("80.00"))
        carried_over = memo(driver, "50.00", category="MISC", reference_id="OPEN-CREDIT-B1")
        ledger.record_openings(reference_ids=["OPEN-CREDIT-B1"], actor=None)
        win_back(carried_over)
        assert read_mirror() == ("2300", "3010", Decimal("50.00"))
        assert_books_clean()

    def test_leaves_what_the_credit_paid(self) -> None:
        """90.00, of which 20.00 paid rent and 15.00 are held: 15.00 applied, 75.00 owed, the rent stays paid."""
        driver = DriverFactory.create()
        credit = memo(driver, "90.00")
        pay_out(driver, "55.00")
        charge(driver, "LEASE-1-2026W47", "20.00")
        ledger.apply_weekly_earnings(as_of=WEDNESDAY, driver_ids=[driver.pk])
        win_back(credit)
        assert (remaining("WINBACK-MEMO-1"), remaining("LEASE-1-2026W47")) == (Decimal("75.00"), Decimal("0.00"))
        assert_books_clean()

    def test_is_done_once_and_anew_after_its_void(self) -> None:
        credit = memo(DriverFactory.create(), "90.00")
        recovery = win_back(credit)
        with refused(ledger.AlreadyWonBack):
            win_back(credit)
        void(recovery)
        assert win_back(credit).pk != recovery.pk
        assert_books_clean()

    def test_is_no_other_sum_than_was_given_whoever_asks(self) -> None:
        """Of 90.00 given by mistake 30.00 left, which are owed: neither 37.50 nor the 60.00 that are paid."""
        driver = DriverFactory.create()
        credit = memo(driver, "90.00")
        pay_out(driver, "30.00")
        recovery = win_back(credit)
        how: dict[str, Any] = {"reason": "a typing error", "effective_on": THURSDAY, "actor": None}
        with refused(ledger.ChargedElsewhere):
            ledger.replace_obligation(posting_id=recovery.pk, amount=Decimal("37.50"), **how)
        with refused(ledger.ChargedElsewhere):
            ledger.reduce_to_paid(posting_ids=[recovery.pk], **how)
        assert remaining("WINBACK-MEMO-1") == Decimal("30.00")
        void(recovery)
        with refused(ledger.ChargedElsewhere):
            again(recovery, amount=Decimal("37.50"))
        assert_books_clean()

    def test_refuses_a_voided_credit_a_payment_and_a_charge(self) -> None:
        driver = DriverFactory.create()
        credit, debt = memo(driver, "90.00"), charge(driver, "MISC-1", "10.00")
        void(credit)
        payment = pay(driver, "10.00", {}).postings.get()
        with refused(ledger.AlreadyVoided):
            win_back(credit)
        for other in (debt, payment):
            with refused(ledger.NotACredit):
                win_back(other)


def use(posting: LedgerPosting, pays: dict[str, str]) -> list[LedgerPosting]:
    return ledger.allocate_credit(
        posting_id=posting.pk,
        allocations={reference: Decimal(part) for reference, part in pays.items()},
        reason="at the driver's word",
        effective_on=THURSDAY,
        actor=None,
    )


class TestAllocateCredit:
    def test_a_payments_money_makes_allocations_of_it(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "PVB-1", "115.00")
        charge(driver, "MISC-1", "115.00")
        payment = pay(driver, "115.00", {"PVB-1": "115.00"})
        void(LedgerPosting.objects.get(reference_id="PVB-1", kind="OBLIGATION"))

        (used,) = use(payment.postings.get(kind="PAYMENT"), {"MISC-1": "100.00"})

        assert (used.kind, used.payment_id, used.amount) == ("ALLOCATION", payment.pk, Decimal("100.00"))
        assert (remaining("MISC-1"), remaining("PAY-000001")) == (Decimal("15.00"), Decimal("15.00"))
        assert_books_clean()

    def test_any_other_credit_makes_applications_with_the_reason(self) -> None:
        driver = DriverFactory.create()
        credit = memo(driver, "50.00")
        # Priority order would pay the toll first; the driver says otherwise.
        charge(driver, "EZPASS-1", "50.00")
        charge(driver, "MISC-1", "50.00")
        (used,) = use(credit, {"MISC-1": "50.00"})
        assert (used.kind, used.reason) == ("APPLICATION", "at the driver's word")
        assert (remaining("MISC-1"), remaining("EZPASS-1")) == (Decimal("0.00"), Decimal("50.00"))
        assert_books_clean()

    def test_reaches_installments_due_within_four_weeks(self) -> None:
        """By the same rule as the counter: 23 days after Thursday, and not 30."""
        lease = LeaseFactory.create()
        credit = memo(lease.primary_driver, "90.00")
        soon, later = (LeaseInstallmentFactory.create(lease=lease, number=number) for number in (49, 50))
        assert [(rent.due_on - THURSDAY).days for rent in (soon, later)] == [23, 30]
        with refused(ledger.ReferenceNotFound, field="allocations"):
            use(credit, {later.reference_id: "1.00"})
        (used,) = use(credit, {soon.reference_id: "90.00"})
        assert (used.kind, used.effective_on, remaining(soon.reference_id)) == ("APPLICATION", THURSDAY, Decimal(410))
        assert_books_clean()

    def test_refuses_more_than_it_holds_and_what_is_not_the_drivers(self) -> None:
        driver, other = DriverFactory.create(), DriverFactory.create()
        credit = memo(driver, "50.00")
        charge(driver, "MISC-1", "80.00")
        charge(other, "MISC-2", "80.00")
        with refused(ledger.AllocationsExceedPayment):
            use(credit, {"MISC-1": "50.01"})
        with refused(ledger.AnotherDriversObligation):
            use(credit, {"MISC-2": "1.00"})
        with refused(ledger.ReferenceNotFound):
            use(credit, {"MISC-9": "1.00"})
        with refused(ledger.ValueInvalid):
            use(credit, {})
        with refused(ledger.NotACredit):
            use(LedgerPosting.objects.get(reference_id="MISC-1"), {"MISC-1": "1.00"})


class TestPages:
    def test_a_supervisor_charges_again(self) -> None:
        rent = charge(DriverFactory.create(), "OTHER-1", "500.00", category="LEASE")
        void(rent)
        client = browse(SUPERVISOR)
        url = url_of("ledger_charge_again", rent.pk)
        for page in (url_of("ledger_ledgerposting_change", rent.pk), url_of("ledger_ledgerbalance_change", rent.pk)):
            assert url in client.get(page).content.decode()
        answer = confirm(client, url, amount="500.00", pay_again="on", reason="voided by mistake")
        newer = LedgerBalance.objects.live().get(reference_id="OTHER-1")
        assert answer.headers["Location"] == url_of("ledger_ledgerbalance_change", newer.pk)
        assert newer.remaining == Decimal("500.00")

    def test_a_charge_whose_place_was_taken_offers_nothing_and_leads_to_the_newer_one(self) -> None:
        debt = charge(DriverFactory.create(), "OTHER-1", "500.00", category="MISC")
        client = browse(SUPERVISOR)
        answer = confirm(client, url_of("ledger_correct_amount", debt.pk), amount="300.00", reason="typed wrong")
        newer = url_of("ledger_ledgerbalance_change", LedgerBalance.objects.live().get(reference_id="OTHER-1").pk)
        assert answer.headers["Location"] == newer
        again_url = url_of("ledger_charge_again", debt.pk)
        for page in (url_of("ledger_ledgerposting_change", debt.pk), url_of("ledger_ledgerbalance_change", debt.pk)):
            shown = client.get(page).content.decode()
            assert again_url not in shown
            assert newer in shown
        for url in (again_url, url_of("ledger_correct_amount", debt.pk)):
            led = client.get(url, follow=True)
            assert led.redirect_chain == [(newer, 302)]
            assert "the charge that took its place" in str(messages_on(led))

    def test_a_supervisor_corrects_an_amount(self) -> None:
        debt = charge(DriverFactory.create(), "OTHER-1", "500.00", category="MISC")
        client = browse(SUPERVISOR)
        url = url_of("ledger_correct_amount", debt.pk)
        assert url in client.get(url_of("ledger_ledgerbalance_change", debt.pk)).content.decode()
        assert "already amounts to" in str(errors_on(look(client, url, amount="500.00", reason="typed wrong")))
        confirm(client, url, amount="50.00", reason="typed wrong")
        assert remaining("OTHER-1") == Decimal("50.00")

    def test_a_supervisor_wins_back(self) -> None:
        credit = memo(DriverFactory.create(), "100.00")
        client = browse(SUPERVISOR)
        url = url_of("ledger_win_back", credit.pk)
        assert url in client.get(url_of("ledger_ledgerbalance_change", credit.pk)).content.decode()
        confirm(client, url, reason="given by mistake")
        assert remaining("MEMO-1") == 0
        assert url not in client.get(url_of("ledger_ledgerbalance_change", credit.pk)).content.decode()
        recovery = LedgerBalance.objects.live().get(reference_id="WINBACK-MEMO-1")
        ledger.void_posting(
            posting_id=recovery.pk, reason="theirs after all", actor=None, effective_on=recovery.effective_on
        )
        assert url in client.get(url_of("ledger_ledgerbalance_change", credit.pk)).content.decode()

    def test_a_cashier_uses_held_money_at_the_drivers_word(self) -> None:
        driver = DriverFactory.create()
        credit = memo(driver, "50.00")
        charge(driver, "MISC-1", "50.00")
        client = browse(CASHIER)
        url = url_of("ledger_use_credit", credit.pk)
        assert url in client.get(url_of("ledger_ledgerbalance_change", credit.pk)).content.decode()
        too_much = look(client, url, **{"pay:MISC-1": "60.00", "reason": "at the driver's word"})
        assert "only $50.00 can be allocated" in str(errors_on(too_much))
        confirm(client, url, **{"pay:MISC-1": "30.00", "reason": "at the driver's word"})
        assert remaining("MISC-1") == Decimal("20.00")

    @pytest.mark.parametrize("name", ["ledger_correct_amount", "ledger_charge_again", "ledger_win_back"])
    def test_others_may_not(self, name: str) -> None:
        debt = charge(DriverFactory.create(), "OTHER-1", "500.00", category="MISC")
        for role in (CASHIER, OFFICE):
            assert browse(role).get(url_of(name, debt.pk)).status_code == 403

    def test_a_module_names_its_own_act(self, driver_loan: DriverLoan) -> None:
        """A loan's installment follows its schedule: the pages say so, lead to the loan, and do nothing."""
        debt = charge(driver_loan.driver, f"LOAN-{driver_loan.pk}-1", "500.00")
        client = browse(SUPERVISOR)
        url = url_of("ledger_correct_amount", debt.pk)
        for page in ("ledger_ledgerbalance_change", "ledger_ledgerposting_change"):
            shown = client.get(url_of(page, debt.pk)).content.decode()
            assert url not in shown
            assert "follows its loan&#x27;s schedule" in shown
        led = client.get(url, follow=True)
        assert led.redirect_chain == [(url_of("loans_driverloan_change", driver_loan.pk), 302)]
        assert "follows its loan's schedule" in messages_on(led)[0]
        page = look(client, url, amount="50.00", reason="typed wrong")
        assert "follows its loan's schedule" in str(errors_on(page))
        assert remaining(f"LOAN-{driver_loan.pk}-1") == Decimal("500.00")

    @pytest.fixture
    def driver_loan(self) -> DriverLoan:
        loan: DriverLoan = DriverLoanFactory.create()
        return loan
