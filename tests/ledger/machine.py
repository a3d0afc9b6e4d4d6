"""Does each thing twice, by a service and in the model (see model.py), and demands that they agree in everything."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from core.audits import examine, list_audits
from core.errors import DomainError
from leases.models import LeaseInstallment
from ledger import selectors
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerAccount, LedgerBalance, LedgerPosting, Payout
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger import rawsql
from tests.ledger.model_again import MendingModel
from tests.ledger.model_rows import Line, Planned, Refused

#: A Sunday long ago: nothing here happens on the day on which the test is run, or on one that has not come.
SUNDAY = date(2023, 1, 1)
STEPS_BETWEEN_AUDITS, STEPS_BETWEEN_SUMS = 10, 3

#: What the model does not need to be told.
MORE_ARGUMENTS: dict[str, dict[str, Any]] = {
    "allocate_credit": {"reason": "asked for", "actor": None},
    "apply_credits_to_lease": {"reason": "agreed"},
    "apply_interim_payment": {"payment_method": "CHECK", "instrument_number": "1001"},
    "apply_deposit": {"reason": "agreed"},
    "charge_again": {"reason": "voided by mistake", "actor": None},
    "credit_driver": {"reason": "refund"},
    "pay_out": {"method": "CASH"},
    "release_deposit": {"method": "CASH"},
    "replace_obligation": {"reason": "corrected", "actor": None},
    "set_waterfall_order": {"today": SUNDAY},
    "void_payment": {"reason": "mistake", "actor": None, "was_at_bank": False},
    "void_payout": {"reason": "mistake", "actor": None},
    "void_posting": {"reason": "mistake", "actor": None},
    "win_back": {"reason": "not the driver's", "actor": None},
    "write_off_obligation": {"reason": "hardship", "actor": None},
}


class Fleet:
    """Two drivers with a lease and three weeks of rent, the last of them on hold; and a driver without a lease."""

    def __init__(self) -> None:
        leases = [LeaseFactory.create(start_on=SUNDAY, end_on=SUNDAY + timedelta(55)) for _ in range(2)]
        self.leases = [lease.pk for lease in leases]
        self.owners = {lease.pk: lease.primary_driver_id for lease in leases}
        self.drivers = [*(lease.primary_driver_id for lease in leases), DriverFactory.create().pk]
        for lease in leases:
            for number, amount in enumerate((300, 250, 200), start=1):
                LeaseInstallmentFactory.create(
                    lease=lease, number=number, amount=Decimal(amount).scaleb(-2), on_hold=number == 3
                )
        self.plan = [
            Planned(
                rent.reference_id,
                rent.lease.primary_driver_id,
                rent.lease_id,
                rent.lease.vehicle_id,
                to_cents(rent.amount),
                rent.due_on,
                rent.on_hold,
            )
            for rent in LeaseInstallment.objects.select_related("lease").order_by("pk")
        ]

    def name(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Put real drivers and leases in place of their places here."""
        named = dict(facts)
        if "driver_id" in named:
            named["driver_id"] = self.drivers[named["driver_id"]]
        if named.get("lease_id") is not None:
            named["lease_id"] = self.leases[named["lease_id"]]
        if named.get("driver_ids") is not None:
            named["driver_ids"] = [self.drivers[place] for place in sorted(named["driver_ids"])]
        return named


class JudgedMachine(RuleBasedStateMachine):
    """A ledger and its model, side by side, in a savepoint that is rolled back in the end."""

    fleet: ClassVar[Fleet]

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.model = MendingModel(self.fleet.plan, self.fleet.owners)
        #: The id of each posting, by its number in the model.
        self.ids: list[int] = []
        self.steps = 0
        self.agrees = True

    def teardown(self) -> None:
        try:
            if self.agrees:
                assert_ledger_clean()
        finally:
            transaction.savepoint_rollback(self.savepoint)

    def act(self, service: str, **facts: Any) -> None:
        """Do it in the model and by the service: both refuse, by the same name, or both do the same."""
        self.agrees = False
        note(f"{service} {facts}")
        attempt = self.model.twin()
        refusal = None
        try:
            getattr(attempt, service)(**facts)
        except Refused as refused:
            (refusal,) = refused.args
        before = rawsql.ledger_state()
        with self.previewed(service, facts, attempt, refusal):
            answer = self.call(service, facts)
        assert answer == refusal, f"{service}: the ledger says {answer}, the model {refusal}"
        if refusal:
            assert rawsql.ledger_state() == before
            assert read_marks() == self.model.posted
        else:
            written = attempt.lines[len(self.model.lines) :]
            was, self.model = self.model, attempt
            self.assert_same()
            if written and not any(line.reverses for line in written):
                self.assert_void_restores(was, written)
        self.steps += 1
        if self.steps % STEPS_BETWEEN_SUMS == 0:
            ledger.keep_sums()
        if self.steps % STEPS_BETWEEN_AUDITS == 0:
            assert_ledger_clean()
        self.agrees = True

    def call(self, service: str, facts: Mapping[str, Any]) -> str | None:
        """Call the service, and return the name of its refusal."""
        arguments = {name: self.translate(name, value) for name, value in facts.items()}
        arguments |= MORE_ARGUMENTS.get(service, {})
        try:
            getattr(ledger, service)(**arguments)
        except DomainError as error:
            return type(error).__name__
        return None

    def translate(self, name: str, value: Any) -> Any:
        """Say in dollars and ids what the model says in cents and numbers."""
        if value is None:
            return None
        match name:
            case "amount" | "payment_amount" | "deposit":
                return to_dollars(value)
            case "allocations":
                return {reference_id: to_dollars(part) for reference_id, part in value.items()}
            case "posting_id" | "replaces":
                return self.ids[value - 1]
            case "posting_ids":
                return [self.ids[number - 1] for number in value]
            case "payment_id":
                return InterimPayment.objects.get(number=value).pk
            case "payout_id":
                return Payout.objects.get(number=value).pk
            case "obligations":
                return [ledger.Opening(**{**row, "amount": to_dollars(row["amount"])}) for row in value]
            case "earnings":
                rows = [{"category": "EARNINGS", **row, "amount": to_dollars(row["amount"])} for row in value]
                return [ledger.Opening(**row) for row in rows]
        return value

    @contextmanager
    def previewed(
        self, service: str, facts: Mapping[str, Any], attempt: MendingModel, refusal: str | None
    ) -> Iterator[None]:
        """Before a void ask for its preview, which must refuse what the void refuses, and foretell what it does."""
        preview = None
        if service in ("void_posting", "void_payment"):
            asked = {name: self.translate(name, value) for name, value in facts.items()}
            if service == "void_payment":
                asked["was_at_bank"] = MORE_ARGUMENTS[service]["was_at_bank"]
            answer = None
            try:
                preview = getattr(ledger, f"preview_{service.removesuffix('_posting')}")(**asked)
            except DomainError as error:
                answer = type(error).__name__
            assert answer == refusal
        yield
        if preview:
            change = sum(attempt.net_position(n) - self.model.net_position(n) for n in self.fleet.drivers)
            assert to_cents(preview.net_position_change) == change

    def assert_same(self) -> None:
        """Demand that the ledger holds what the model holds, posting for posting and balance for balance."""
        self.ids = list(LedgerPosting.objects.order_by("pk").values_list("pk", flat=True))
        numbers = {pk: number for number, pk in enumerate(self.ids, start=1)}
        assert read_lines(numbers) == self.model.lines
        assert read_balances(numbers) == {
            number: (left, self.model.status(number)) for number, left in self.model.remaining.items()
        }
        assert read_marks() == self.model.posted
        assert read_documents(InterimPayment) == [
            (document.driver_id, document.amount) for document in self.model.payments
        ]
        assert read_documents(Payout) == [(document.driver_id, document.amount) for document in self.model.payouts]
        accounts = LedgerAccount.objects.exclude(sealed_through=0).values_list("driver_id", "sealed_through")
        assert {driver_id: numbers[sealed_through] for driver_id, sealed_through in accounts} == self.model.cuts
        positions = selectors.list_positions(self.fleet.drivers, as_of=SUNDAY)
        assert {position.driver_id: to_cents(position.net_position) for position in positions} == {
            driver_id: self.model.net_position(driver_id) for driver_id in self.fleet.drivers
        }
        # With what is kept up to here, and without.
        totals = selectors.list_trial_balance()
        assert sum(total.balance for total in totals) == 0
        assert totals == selectors.list_trial_balance(adds_up_all=True)

    def assert_void_restores(self, was: MendingModel, written: list[Line]) -> None:
        """Void all that the step wrote, newest first: every balance that was there before is as it was before."""
        savepoint = transaction.savepoint()
        received = [line for line in written if line.kind in ("PAYMENT", "DEPOSIT")]
        documents = {("void_payment", "payment_id", line.payment) for line in received}
        documents |= {("void_payout", "payout_id", line.payout) for line in written if line.payout}
        # A void is dated on the day of what it voids, or later; nothing here is as late as this.
        on = {"effective_on": SUNDAY + timedelta(28)}
        for service, name, number in documents:
            arguments = {name: number, **on, **({"cascade": False} if name == "payment_id" else {})}
            assert self.call(service, arguments) is None
        voided = set(LedgerPosting.objects.filter(reverses__isnull=False).values_list("reverses_id", flat=True))
        for number in range(len(self.model.lines), len(was.lines), -1):
            if self.ids[number - 1] not in voided:
                assert self.call("void_posting", {"posting_id": number, **on}) is None
        numbers = {pk: number for number, pk in enumerate(self.ids, start=1)}
        restored = {number: (left, was.status(number)) for number, left in was.remaining.items()}
        opened = [number for number in self.model.remaining if number not in was.remaining]
        assert read_balances(numbers) == {**restored, **dict.fromkeys(opened, (0, "VOIDED"))}
        transaction.savepoint_rollback(savepoint)


def assert_ledger_clean() -> None:
    """Run the ledger's audits; those of other apps would miss the statements that belong to the cuts."""
    audits = [found for found in list_audits() if found.name.startswith("ledger.")]
    findings = [f"{found.audit.name}: {sentence}" for found in examine(audits) for sentence in found.findings]
    assert not findings, "\n".join(findings)


def to_dollars(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def to_cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def read_lines(numbers: Mapping[int, int]) -> list[Line]:
    """All postings, as the model writes them."""
    return [
        Line(
            posting.kind,
            posting.entry_type,
            posting.category,
            to_cents(posting.amount),
            posting.reference_id,
            posting.driver_id,
            posting.effective_on,
            posting.lease_id,
            posting.vehicle_id,
            posting.due_on,
            numbers[posting.balance_id] if posting.balance_id else None,
            numbers[posting.funding_id] if posting.funding_id else None,
            numbers[posting.reverses_id] if posting.reverses_id else None,
            posting.payment.number if posting.payment else None,
            posting.payout.number if posting.payout else None,
        )
        for posting in LedgerPosting.objects.select_related("payment", "payout").order_by("pk")
    ]


def read_balances(numbers: Mapping[int, int]) -> dict[int, tuple[int, str]]:
    rows = LedgerBalance.objects.values_list("pk", "remaining", "status")
    return {numbers[pk]: (to_cents(remaining), status) for pk, remaining, status in rows}


def read_marks() -> set[str]:
    """The installments that are marked posted."""
    posted = LeaseInstallment.objects.filter(posted_at__isnull=False)
    return set(posted.values_list("reference_id", flat=True))


def read_documents(model: type[InterimPayment] | type[Payout]) -> list[tuple[int, int]]:
    rows = model._default_manager.order_by("number").values_list("number", "driver_id", "amount")
    assert [number for number, *_ in rows] == list(range(1, len(rows) + 1))
    return [(driver_id, to_cents(amount)) for _, driver_id, amount in rows]
