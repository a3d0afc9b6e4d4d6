"""The promises of tickets, checked from the rows and the ledger's answers."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from core import guards
from core.audits import audit
from ledger import selectors as ledger
from ledger.categories import TransferKind
from ledger.money import ZERO
from tickets.models import MiscCharge, Ticket, TicketChange, TicketImport
from tickets.rules import REFUND_SUFFIX
from tickets.selectors import is_live, list_ledger_states

#: A promise broken a thousand times is broken.
MAX_FINDINGS = 1_000
ROWS_AT_ONCE = 5_000

State = Ticket.State


@audit(
    "tickets.guards",
    "What guards tickets and miscellaneous charges stands as it was shipped, and nothing else beside it.",
)
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("tickets")


@audit("tickets.charges", "A ticket is live in the ledger only while charged or credited, and as it stands there.")
def find_charges_that_differ() -> Iterator[str]:
    refunded = dict(Ticket.objects.filter(uncharged__gt=0).values_list("refund_of", "uncharged"))
    for ticket, balance in _with_balances(Ticket.objects.exclude(amount=0)):
        if not is_live(balance):
            # Voided by hand in the ledger: charging it again is the office's to decide.
            is_missing = balance is None and ticket.uncharged < abs(ticket.amount)
            if is_missing and ticket.state in (State.CHARGED, State.CREDITED):
                yield f"{ticket} is {ticket.get_state_display().lower()}, and the ledger never had it."
            continue
        if ticket.state not in (State.CHARGED, State.CREDITED):
            yield f"{ticket} is {ticket.get_state_display().lower()}, and live in the ledger."
            continue
        # A refund credits what was paid of its toll, and took the rest off the toll's charge.
        off = refunded.get(ticket.pk, ZERO) + ticket.uncharged
        stands = (balance.category, balance.original_amount + off, balance.driver_id, balance.lease_id)
        if stands != (ticket.kind, abs(ticket.amount), ticket.driver_id, ticket.lease_id):
            yield f"{ticket}: its amount, driver or lease are others in the ledger (posting {balance.pk})."


@audit("tickets.misc_charges", "Every miscellaneous charge was posted as it stands; a correction is the ledger's.")
def find_misc_charges_that_differ() -> Iterator[str]:
    others = []
    for charge, balance in _with_balances(MiscCharge.objects.all()):
        if balance is None:
            yield f"{charge} was never posted."
        elif (balance.original_amount, balance.driver_id) != (charge.amount, charge.driver_id):
            others.append((charge, balance))
    first = ledger.read_first_amounts([charge.reference_id for charge, _ in others])
    for charge, balance in others:
        if (first[charge.reference_id], balance.driver_id) != (charge.amount, charge.driver_id):
            yield f"{charge}: its amount or driver are others in the ledger (posting {balance.pk})."


@audit("tickets.sources", "Whatever is posted of a ticket or a miscellaneous charge has it, and is its driver's.")
def find_postings_of_no_ticket() -> Iterator[str]:
    yield from ledger.find_wrong_sources((*Ticket.Kind.values, "MISC"), _RECORDS, {"refund": REFUND_SUFFIX})


#: A ticket that turned out to be the other (a charge, a refund) was voided as what it was.
_RECORDS = """
    SELECT kind || '-' || number || CASE WHEN is_refund THEN %(refund)s ELSE '' END AS reference_id,
        ARRAY[CASE WHEN is_refund THEN 'CREDIT_MEMO ' ELSE 'OBLIGATION ' END || kind] AS shapes, driver_id, lease_id,
        NULL::date AS effective_on, NULL::date AS due_on, is_refund <> (amount < 0) AS is_gone
    FROM tickets_tickets CROSS JOIN (VALUES (true), (false)) AS either (is_refund)
    UNION ALL
    SELECT 'MISC-' || id, ARRAY['OBLIGATION MISC'], driver_id, lease_id, NULL, NULL, false FROM tickets_misc_charges
"""


@audit("tickets.refunds", "A refund credits the driver of the toll it takes back, once, and never more than the toll.")
def find_wrong_refunds() -> Iterator[str]:
    credited = Ticket.objects.filter(state=State.CREDITED, refund_of__isnull=False).select_related("refund_of")
    wrong = credited.exclude(refund_of__driver=F("driver"), refund_of__amount=-F("amount")).order_by("pk")
    for refund in wrong[:MAX_FINDINGS]:
        yield f"{refund} credits another driver or amount than {refund.refund_of} charged."
    twice = Ticket.objects.annotate(times=Count("refunds", filter=Q(refunds__state=State.CREDITED))).filter(times__gt=1)
    for toll in twice.order_by("pk")[:MAX_FINDINGS]:
        yield f"{toll} was refunded {toll.times} times."


@audit("tickets.changes", "What a change says was told before is what its ticket was told last, until it is decided.")
def find_changes_that_differ() -> Iterator[str]:
    undecided = TicketChange.objects.undecided().select_related("ticket")
    wrong = undecided.exclude(ticket__told_total=F("before_total"), ticket__told_paid=F("before_paid"))
    for change in wrong.order_by("pk")[:MAX_FINDINGS]:
        ticket = change.ticket
        yield (
            f"{ticket} was told as {ticket.told_total} and {ticket.told_paid} paid, its open change says "
            f"{change.before_total} and {change.before_paid}."
        )


@audit("tickets.borne", "What the books have as borne by the fleet is charged to no driver.")
def find_borne_and_charged() -> Iterator[str]:
    transfers = dict(ledger.list_standing_transfers(kind=TransferKind.BORNE).values_list("reference_id", "pk"))
    numbers = [reference_id.partition("-")[2] for reference_id in transfers]
    charged = Ticket.objects.filter(state=State.CHARGED, kind__in=Ticket.Kind.values, number__in=numbers)
    for ticket in charged.order_by("pk"):
        if transfer_id := transfers.get(ticket.reference_id):
            yield f"{ticket} is charged to a driver, and borne by the fleet (transfer {transfer_id})."


@audit(
    "tickets.files", "A file that is imported has no new row left, and each row sent is a ticket.", is_about_money=False
)
def find_unfinished_files() -> Iterator[str]:
    files = TicketImport.objects.annotate(
        left=Count("rows", filter=Q(rows__state="NEW")), sent=Count("rows", filter=Q(rows__state="SENT"))
    )
    for file in files.filter(state=TicketImport.State.IMPORTED, left__gt=0).order_by("pk")[:MAX_FINDINGS]:
        yield f"File {file.pk} is imported, and {file.left} of its rows are not."
    for file in files.filter(imported_count__gt=F("sent")).order_by("pk")[:MAX_FINDINGS]:
        yield f"File {file.pk} brought {file.imported_count} tickets from {file.sent} rows."


def _with_balances(records: QuerySet[Any]) -> Iterator[tuple[Any, Any]]:
    """Each record with the ledger's last balance of it, a lot at a time."""
    last, lot = 0, _read(records, 0)
    while lot:
        states = list_ledger_states(lot)
        yield from ((record, states.get(record.reference_id)) for record in lot)
        last = lot[-1].pk
        lot = _read(records, last)


def _read(records: QuerySet[Any], after: int) -> list[Any]:
    return list(records.filter(pk__gt=after).order_by("pk")[:ROWS_AT_ONCE])
