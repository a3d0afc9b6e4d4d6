"""The rows of an opening, sheet by sheet, by the services that every day's work goes through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

from core.clock import at
from core.errors import DomainError
from core.history import save_as
from golive import rules, words
from golive.errors import CellError, CellInvalid
from golive.importers.workbook import Opening
from golive.models import OpeningImport, OpeningRow
from golive.rules import Row, Sheet
from leases import services as leases
from leases.models import Driver, Lease, Vehicle
from leases.rules import license_key
from ledger import services as ledger
from ledger.categories import PaymentMethod
from ledger.locks import lock_accounts
from ledger.money import ZERO
from loans import services as loans
from repairs import services as repairs

REASON = "Opening balance"


class RowImport:
    """One import: what its rows have become so far, by what they call each other, and what was wrong with them."""

    def __init__(self, opening: OpeningImport, read: Opening, actor: User | None) -> None:
        self.opening = opening
        self.read = read
        self.actor = actor
        self.errors: list[CellError] = []
        #: By their licenses' keys: the sheets may write a license with zeros before it, or without.
        self.drivers: dict[str, Driver] = {}
        self.vehicles: dict[str, Vehicle] = {}
        self.leases: dict[str, Lease] = {}

    def import_all(self) -> None:
        self._each(rules.DRIVERS, self._add_driver)
        self._each(rules.VEHICLES, self._add_vehicle)
        licenses = {license_key(text) for text in self._named("TLC license")}
        self.drivers = {driver.license_key: driver for driver in Driver.objects.filter(license_key__in=licenses)}
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
            (rules.ACCOUNTS, self._open_account),
        ):
            self._each(sheet, act)
        # What was owed and held before is no income and no cost of the time from the cut-over on.
        names = [f"OPEN-DEBT-{row['Reference']}" for row in self.read.rows[rules.DEBTS.name]]
        names += [f"OPEN-CREDIT-{row['Reference']}" for row in self.read.rows[rules.CREDITS.name]]
        ledger.record_openings(reference_ids=names, actor=self.actor)

    def _named(self, column: str) -> set[str]:
        """What the rows of all sheets name in a column."""
        rows = (row for sheet_rows in self.read.rows.values() for row in sheet_rows)
        return {row[column] for row in rows if row.cells.get(column)}

    def _each(self, sheet: Sheet, act: Callable[[Row], int]) -> None:
        """Import a sheet's rows, each in a savepoint of its own, so that one bad row does not hide the next."""
        before = {sheet.key_of(row.reference) for row in OpeningRow.objects.filter(sheet=sheet.name)}
        done = []
        for row in self.read.rows[sheet.name]:
            reference = str(row[sheet.key])
            if sheet.key_of(reference) in before:
                message = f"{reference} was imported before, from another file."
                self.errors.append(CellError(sheet.name, row.number, sheet.key, message))
                continue
            with self._reported(sheet, row), transaction.atomic():
                record_id = act(row)
                done.append(
                    OpeningRow(opening=self.opening, sheet=sheet.name, reference=reference, record_id=record_id)
                )
        OpeningRow.objects.bulk_create(done)

    @contextmanager
    def _reported(self, sheet: Sheet, row: Row) -> Iterator[None]:
        """Put what a service refuses at the cell at fault. That somebody else is at it is no fault of the row."""
        try:
            yield
        except CellInvalid as wrong:
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
        save_as(driver, self.actor, force_insert=True)
        return driver.pk

    def _add_vehicle(self, row: Row) -> int:
        return leases.register_vehicle(
            vin=row["VIN"],
            medallion=row["Medallion"],
            make_and_model=row["Make and model"] or "",
            plate=row["Plate"] or "",
            state=row["State"] or "NY",
            tag=row["E-ZPass tag"] or "",
            from_at=at(row["On vehicle since"]),
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
            weekly_amount=row["Weekly amount"],
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
            description=words.say_debt(
                cut_on=self.read.cut_on, category=row["Category"], due_on=row["Due"], words=row["In words"] or ""
            ),
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
            description=words.say_credit(
                cut_on=self.read.cut_on, category=row["Category"], words=row["In words"] or ""
            ),
            actor=self.actor,
        ).pk

    def _hold_deposit(self, row: Row) -> int:
        """It was received long ago: no receipt of ours, and no money in our drawer or bank."""
        lease = self._lease(row, required=True)
        assert lease is not None
        return ledger.open_deposit(
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            amount=row["Amount"],
            reference_id=f"OPEN-DEPOSIT-{row['Reference']}",
            effective_on=self.read.cut_on,
            description=words.say_deposit(cut_on=self.read.cut_on),
            actor=self.actor,
        ).pk

    def _open_account(self, row: Row) -> int:
        return ledger.open_account(
            account=row["Account"],
            side=row["Side"],
            amount=row["Amount"],
            reference_id=f"OPEN-ACCOUNT-{row['Account']}",
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
            starts_on=row["Resumes on"],
            weekly_amount=row["Weekly amount"],
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
            carried_over=True,
            starts_on=row["Resumes on"],
            weekly_amount=row["Weekly amount"],
            today=self.read.cut_on,
            idempotency_key=f"OPEN-LOAN-{row['Reference']}",
            actor=self.actor,
        ).pk

    def _driver(self, row: Row) -> Driver:
        driver = self.drivers.get(license_key(row["TLC license"]))
        if driver is None:
            raise CellInvalid(f"No driver has the license {row['TLC license']}.", column="TLC license")
        return driver

    def _vehicle(self, row: Row) -> Vehicle:
        vehicle = self.vehicles.get(row["Medallion"])
        if vehicle is None:
            raise CellInvalid(f"No vehicle has the medallion {row['Medallion']}.", column="Medallion")
        return vehicle

    def _lease(self, row: Row, *, required: bool) -> Lease | None:
        """The lease that a row names; one of its driver's, where the row names the driver too."""
        reference = row["Lease"]
        if reference is None and not required:
            return None
        lease = self.leases.get(reference)
        if lease is None:
            raise CellInvalid(f"No lease of an opening is called {reference}.", column="Lease")
        if "TLC license" in row.cells and lease.primary_driver.license_key != license_key(row["TLC license"]):
            raise CellInvalid(f"Lease {reference} is {lease.primary_driver}'s.", column="Lease")
        return lease
