"""Whose a row is: the columns and the SQL that every report about drivers has. The ledger names their tables alone."""

from core.names import name_sql
from core.reports import Column, money, text
from core.reports.links import to_page
from ledger.categories import OBLIGATION_CATEGORIES, Category

DRIVER = text("driver", "Driver", link=to_page("driver", "driver_id"), is_searched=True)
LEASE = text("lease_id", "Lease", link=to_page("lease", "lease_id"), is_searched=True)
CAB = text("cab", "Cab", is_searched=True)

#: The driver ``d``, of whom a statement asks ``DRIVER_NAME``.
DRIVER_NAME = "concat(d.last_name, ', ', d.first_name) AS driver, d.id AS driver_id"
#: Who did something, of the user ``u``.
STAFF_NAME = f"coalesce({name_sql('u')}, 'the system')"


def name_charges(category: str) -> str:
    """Return the title of a category's column, beside which a lease's number may stand."""
    return "Rent" if category == Category.LEASE else str(Category(category).label)


def list_charge_columns() -> list[Column]:
    """Return a column of dollars for each category that is charged, by its code in small letters."""
    shorts = {Category.MISC.value: "Misc.", Category.PVB.value: "Parking, cameras"}
    return [
        money(category.lower(), name_charges(category), short=shorts.get(category, ""))
        for category in OBLIGATION_CATEGORIES
    ]


def join_people(driver_id: str, lease_id: str) -> str:
    """Return the joins of the driver ``d``, the lease ``l`` and its cab ``v``."""
    return f"""
        JOIN leases_driver d ON d.id = {driver_id}
        LEFT JOIN leases_lease l ON l.id = {lease_id}
        LEFT JOIN leases_vehicle v ON v.id = l.vehicle_id
    """


def last_payment_of(driver_id: str) -> str:
    """Return a join of ``last_payment``: the day of the driver's last payment by ``as_of`` that was not voided."""
    return f"""
        LEFT JOIN LATERAL (
            SELECT payment.received_on FROM ledger_payments payment
            WHERE payment.driver_id = {driver_id} AND payment.received_on <= %(as_of)s AND EXISTS (
                SELECT FROM ledger_postings opening
                WHERE opening.payment_id = payment.id AND opening.balance_id IS NULL
                    AND opening.kind IN ('PAYMENT', 'DEPOSIT')
                    AND NOT EXISTS (SELECT FROM ledger_postings undone WHERE undone.reverses_id = opening.id OFFSET 0)
            )
            ORDER BY payment.received_on DESC LIMIT 1 -- from the last one back, however many there were before
        ) AS last_payment ON true
    """
