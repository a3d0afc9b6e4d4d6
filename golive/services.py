"""Importing an opening: all of a workbook in one transaction, by the services that every day's work goes through."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, time
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.errors import DomainError
from golive import rules
from golive.errors import OpeningKnown, OpeningRefused
from golive.importers.workbook import Opening, read_opening
from golive.models import OpeningImport, OpeningRow
from golive.rules import BadCell, CellError, Row, Sheet
from leases import services as leases
from leases.models import Driver, Lease, Vehicle
from leases.rules import at_clock
from ledger import selectors as books
from ledger import services as ledger
from ledger.categories import PaymentMethod
from ledger.locks import lock_accounts
from ledger.money import ZERO
from loans import services as loans
from repairs import services as repairs

REASON = "Opening balance"


@dataclass(frozen=True, slots=True)
class SheetTotal:
    """What a sheet came to; of leases, dollars a week."""

    name: str
    rows: int
    amount: str


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Debts or credits of a category, in dollars."""

    sheet: str
    category: str
    rows: int
    amount: str


@dataclass(frozen=True, slots=True)
class AccountEffect:
    """What an account of the books is debited and credited, in dollars."""

    account: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class OpeningSummary:
    """What an import did, or would do."""

    sha256: str
    cut_on: date
    sheets: tuple[SheetTotal, ...]
    categories: tuple[CategoryTotal, ...]
    accounts: tuple[AccountEffect, ...]


@dataclass(frozen=True, slots=True)
class OpeningOutcome:
    """The import, and what it did; nothing (None) where the file was imported before."""

    opening: OpeningImport
    summary: OpeningSummary | None

    @property
    def is_new(self) -> bool:
        return self.summary is not None


@transaction.atomic
def stage_opening(*, file_name: str, content: bytes, actor: User | None) -> OpeningImport:
    """Keep a workbook to be looked at and imported; the same content again is the same row. Nothing is checked yet."""
    opening, _ = OpeningImport.objects.get_or_create(
        sha256=digest(content),
        defaults={"file_name": file_name[:200], "content": content, "uploaded_by": actor},
    )
    return opening


@ledger.money_transaction
def preview_opening(*, content: bytes, today: date) -> OpeningSummary:
    """Say what :func:`import_opening` would do, by doing it and rolling it back.

    :raises UnreadableWorkbook, OpeningRefused: as that would
    :raises OpeningKnown: it was imported before
    """
    before = OpeningImport.objects.filter(sha256=digest(content), imported_at__isnull=False).first()
    if before is not None:
        raise OpeningKnown(f"This file was imported before, as {before}. Nothing is imported twice.")
    read = read_opening(content, today=today)
    summary = _import_rows(stage_opening(file_name="", content=content, actor=None), read, actor=None)
    transaction.set_rollback(True)
    return summary


@ledger.money_transaction
def import_opening(*, file_name: str, content: bytes, today: date, actor: User | None) -> OpeningOutcome:
    """Import a workbook of opening balances: every row of it, or none. The same file again imports nothing.

    Leases keep their own dates, and charge rent from the cut-over's week on; plans go on with what is left of them.
    Postings take effect on the cut-over. ``today`` is the day of the import.

    :raises UnreadableWorkbook: it is no XLSX workbook
    :raises OpeningRefused: with every row that is wrong, or was imported before, and every total that does not agree
    """
    opening = stage_opening(file_name=file_name, content=content, actor=actor)
    # A second run at the same moment waits here, and finds it done.
    opening = OpeningImport.objects.select_for_update().get(pk=opening.pk)
    if opening.imported_at is not None:
        return OpeningOutcome(opening, None)
    summary = _import_rows(opening, read_opening(content, today=today), actor=actor)
    opening.cut_on, opening.imported_at, opening.imported_by = summary.cut_on, timezone.now(), actor
    facts = asdict(summary)
    opening.totals = {name: facts[name] for name in ("sheets", "categories", "accounts")}
    opening.save(update_fields=["cut_on", "imported_at", "imported_by", "totals"])
    return OpeningOutcome(opening, summary)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _import_rows(opening: OpeningImport, read: Opening, *, actor: User | None) -> OpeningSummary:
    before = {total.account: (total.debit, total.credit) for total in books.list_trial_balance()}
    run = _Run(opening, read, actor)
    run.import_all()
    if run.errors:
        raise OpeningRefused(run.errors)
    effects = []
    for total in books.list_trial_balance():
        debit, credit = before.get(total.account, (ZERO, ZERO))
        if (total.debit, total.credit) != (debit, credit):
            effects.append(AccountEffect(str(total.account), str(total.debit - debit), str(total.credit - credit)))
    return OpeningSummary(
        sha256=opening.sha256,
        cut_on=read.cut_on,
        sheets=tuple(
            SheetTotal(sheet.name, len(read.rows[sheet.name]), str(read.sum_of(sheet))) for sheet in rules.SHEETS
        ),
        categories=tuple(_sum_categories(read)),
        accounts=tuple(effects),
    )


def _sum_categories(read: Opening) -> Iterator[CategoryTotal]:
    for sheet in (rules.DEBTS, rules.CREDITS):
        amounts: dict[str, list[Decimal]] = {}
        for row in read.rows[sheet.name]:
            amounts.setdefault(row["Category"], []).append(row["Amount"])
        for category, parts in sorted(amounts.items()):
            yield CategoryTotal(sheet.name, category, len(parts), str(sum(parts, start=ZERO)))


class _Run:
    """One import: what its rows have become so far, by what they call each other, and what was wrong with them."""

    def __init__(self, opening: OpeningImport, read: Opening, actor: User | None) -> None:
        self.opening = opening
        self.read = read
        self.actor = actor
        self.errors: list[CellError] = []
        self.drivers: dict[str, Driver] = {}
        self.vehicles: dict[str, Vehicle] = {}
        self.leases: dict[str, Lease] = {}

    def import_all(self) -> None:
        self._each(rules.DRIVERS, self._add_driver)
        self._each(rules.VEHICLES, self._add_vehicle)
        drivers = Driver.objects.filter(tlc_license__in=self._named("TLC license"))
        self.drivers = {driver.tlc_license: driver for driver in drivers}
        vehicles = Vehicle.objects.filter(medallion__in=self._named("Medallion"))
        self.vehicles = {vehicle.medallion: vehicle for vehicle in vehicles}
        # Leases of an earlier opening may be named too.
        before = OpeningRow.objects.filter(sheet=rules.LEASES.name, reference__in=self._named("Lease"))
        found = Lease.objects.select_related("primary_driver").in_bulk([row.record_id for row in before])
        self.leases = {row.reference: found[row.record_id] for row in before}
        # All of the transaction's accounts at once, before its first money; nobody else knows the new rows yet.
        lock_accounts(
            {driver.pk for driver in self.drivers.values()} | {lease.primary_driver_id for lease in found.values()}
        )
        for sheet, act in (
            (rules.LEASES, self._start_lease),
            (rules.DEBTS, self._charge),
            (rules.CREDITS, self._credit),
            (rules.DEPOSITS, self._hold_deposit),
            (rules.REPAIRS, self._carry_repair),
            (rules.LOANS, self._carry_loan),
        ):
            self._each(sheet, act)

    def _named(self, column: str) -> set[str]:
        """What the rows of all sheets name in a column."""
        rows = (row for sheet_rows in self.read.rows.values() for row in sheet_rows)
        return {row[column] for row in rows if row.cells.get(column)}

    def _each(self, sheet: Sheet, act: Callable[[Row], int]) -> None:
        """Import a sheet's rows, each in a savepoint of its own, so that one bad row does not hide the next."""
        before = {row.reference for row in OpeningRow.objects.filter(sheet=sheet.name)}
        done = []
        for row in self.read.rows[sheet.name]:
            reference = str(row[sheet.key])
            if reference in before:
                message = f"{reference} was imported before, from another file."
                self.errors.append(CellError(sheet.name, row.number, sheet.key, message))
                continue
            with self._told(sheet, row), transaction.atomic():
                record_id = act(row)
                done.append(
                    OpeningRow(opening=self.opening, sheet=sheet.name, reference=reference, record_id=record_id)
                )
        OpeningRow.objects.bulk_create(done)

    @contextmanager
    def _told(self, sheet: Sheet, row: Row) -> Iterator[None]:
        """Put what a service refuses at the cell at fault. That somebody else is at it is no fault of the row."""
        try:
            yield
        except _BadReference as wrong:
            self.errors.append(CellError(sheet.name, row.number, wrong.column, str(wrong)))
        except ValidationError as invalid:
            for field, messages in invalid.message_dict.items():
                self.errors.append(CellError(sheet.name, row.number, sheet.column_of(field), messages[0]))
        except DomainError as refusal:
            if refusal.retry_after is not None:
                raise
            column = sheet.column_of(refusal.at_field)
            self.errors.append(CellError(sheet.name, row.number, column, refusal.message))

    def _add_driver(self, row: Row) -> int:
        driver = Driver(
            tlc_license=row["TLC license"],
            first_name=row["First name"],
            last_name=row["Last name"],
            phone=row["Phone"] or "",
            email=row["Email"] or "",
            status=row["Status"],
        )
        driver.full_clean()
        driver._history_user = self.actor  # type: ignore[attr-defined]  # read by the history that this save writes
        driver.save(force_insert=True)
        return driver.pk

    def _add_vehicle(self, row: Row) -> int:
        return leases.register_vehicle(
            vin=row["VIN"],
            medallion=row["Medallion"],
            make_and_model=row["Make and model"] or "",
            plate=row["Plate"] or "",
            state=row["State"] or "NY",
            tag=row["E-ZPass tag"] or "",
            from_at=at_clock(row["Borne since"], time.min),
            actor=self.actor,
        ).pk

    def _start_lease(self, row: Row) -> int:
        lease = leases.start_lease(
            driver_id=self._driver(row).pk,
            vehicle_id=self._vehicle(row).pk,
            lease_type=row["Type"],
            shift=row["Shift"],
            start_on=row["Start"],
            end_on=row["End"],
            rent_from=self.read.cut_on,
            weekly_amount=row["A week"],
            deposit=row["Deposit asked"] or ZERO,
            cancellation_fee=row["Early-termination fee"] or ZERO,
            actor=self.actor,
        )
        self.leases[row["Reference"]] = lease
        return lease.pk

    def _charge(self, row: Row) -> int:
        driver, lease = self._driver(row), self._lease(row, required=False)
        return ledger.create_obligation(
            category=row["Category"],
            amount=row["Amount"],
            reference_id=f"OPEN-DEBT-{row['Reference']}",
            driver_id=driver.pk,
            lease_id=lease.pk if lease else None,
            vehicle_id=lease.vehicle_id if lease else None,
            due_on=row["Due"],
            effective_on=self.read.cut_on,
            actor=self.actor,
        ).pk

    def _credit(self, row: Row) -> int:
        driver, lease = self._driver(row), self._lease(row, required=False)
        return ledger.credit_driver(
            driver_id=driver.pk,
            category=row["Category"],
            amount=row["Amount"],
            reference_id=f"OPEN-CREDIT-{row['Reference']}",
            reason=REASON,
            lease_id=lease.pk if lease else None,
            vehicle_id=lease.vehicle_id if lease else None,
            effective_on=self.read.cut_on,
            actor=self.actor,
        ).pk

    def _hold_deposit(self, row: Row) -> int:
        """Nothing opens a deposit but a payment. It was received long ago, so it is in the bank, not in the drawer."""
        lease = self._lease(row, required=True)
        assert lease is not None
        reference = f"OPEN-DEPOSIT-{row['Reference']}"
        return ledger.apply_interim_payment(
            payment_amount=row["Amount"],
            deposit=row["Amount"],
            allocations={},
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            payment_method=PaymentMethod.ACH,
            instrument_number=REASON,
            idempotency_key=reference,
            effective_on=self.read.cut_on,
            actor=self.actor,
        ).pk

    def _carry_repair(self, row: Row) -> int:
        driver, lease = self._driver(row), self._lease(row, required=False)
        return repairs.create_invoice(
            driver_id=driver.pk,
            vehicle_id=self._vehicle(row).pk,
            lease_id=lease.pk if lease else None,
            workshop=row["Workshop"],
            workshop_number=row["Invoice number"],
            invoiced_on=row["Invoice date"],
            lines=[repairs.InvoiceItem(f"Remaining at go-live, {row['Reference']}", row["Remaining"])],
            amount=row["Remaining"],
            starts_on=row["Goes on"],
            weekly_amount=row["A week"],
            today=self.read.cut_on,
            actor=self.actor,
        ).pk

    def _carry_loan(self, row: Row) -> int:
        driver, lease = self._driver(row), self._lease(row, required=False)
        return loans.disburse_loan(
            driver_id=driver.pk,
            lease_id=lease.pk if lease else None,
            principal=row["Remaining principal"],
            rate_percent=row["Rate"] or ZERO,
            disbursed_on=row["Interest paid to"],
            method=PaymentMethod.ACH,
            instrument_number=REASON,
            starts_on=row["Goes on"],
            weekly_amount=row["A week"],
            today=self.read.cut_on,
            idempotency_key=f"OPEN-LOAN-{row['Reference']}",
            actor=self.actor,
        ).pk

    def _driver(self, row: Row) -> Driver:
        driver = self.drivers.get(row["TLC license"])
        if driver is None:
            raise _BadReference("TLC license", f"No driver has the license {row['TLC license']}.")
        return driver

    def _vehicle(self, row: Row) -> Vehicle:
        vehicle = self.vehicles.get(row["Medallion"])
        if vehicle is None:
            raise _BadReference("Medallion", f"No vehicle has the medallion {row['Medallion']}.")
        return vehicle

    def _lease(self, row: Row, *, required: bool) -> Lease | None:
        """The lease that a row names; one of its driver's, where the row names him too."""
        reference = row["Lease"]
        if reference is None and not required:
            return None
        lease = self.leases.get(reference)
        if lease is None:
            raise _BadReference("Lease", f"No lease of an opening is called {reference}.")
        if "TLC license" in row.cells and lease.primary_driver.tlc_license != row["TLC license"]:
            raise _BadReference("Lease", f"Lease {reference} is {lease.primary_driver}'s.")
        return lease


class _BadReference(BadCell):
    """A row names something that is not there."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column
