"""What each role may do of tickets, page by page; what it may not is refused and writes nothing."""

import pytest
from django.contrib.auth.models import Group, Permission

from tests.ledger.admin_pages import browse, url_of
from tests.tickets.files import count_postings, ticket_of
from tests.tickets.pages import UPLOAD, current_lease, import_tolls, recent_toll, send
from tests.tickets.refusals import tickets_state
from tickets import services
from tickets.models import ChargeType, MiscCharge, TicketImport

pytestmark = pytest.mark.django_db

#: Each page of an act, and who may open it.
ACTS = {
    UPLOAD: {"Supervisor", "Office"},
    "tickets_ticketimport_confirm": {"Supervisor", "Office"},
    "tickets_ticket_enter": {"Supervisor", "Office"},
    "tickets_ticket_rematch": {"Supervisor", "Office"},
    "tickets_ticket_assign": {"Supervisor", "Office"},
    "tickets_ticket_correct": {"Supervisor"},
    "tickets_ticket_dispute": {"Supervisor"},
    "tickets_ticket_dismiss": {"Supervisor"},
    "tickets_ticket_fleet_pays": {"Supervisor"},
    "tickets_ticket_is_charge": {"Supervisor", "Office"},
    "tickets_ticket_is_refund": {"Supervisor", "Office"},
    "tickets_misccharge_enter": {"Supervisor", "Office"},
    "tickets_misccharge_void": {"Supervisor"},
    "tickets_chargetype_add": {"Supervisor"},
}

#: Each list or page to read, and who may open it.
READS = {
    "tickets_ticket_changelist": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_queue": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_disputed": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_fleets": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_due": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_changes": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticket_change": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_misccharge_changelist": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_misccharge_change": {"Cashier", "Supervisor", "Office", "Auditor"},
    "tickets_ticketimport_changelist": {"Supervisor", "Office", "Auditor"},
    "tickets_ticketimport_change": {"Supervisor", "Office", "Auditor"},
    "tickets_chargetype_changelist": {"Supervisor", "Office", "Auditor"},
}

#: Acts whose pages are of one record.
NEEDS_RECORD = {
    *("confirm", "assign", "correct", "dispute", "dismiss", "fleet_pays", "is_charge", "is_refund", "void", "change"),
}

ROLES = ["Cashier", "Supervisor", "Office", "Auditor"]


@pytest.fixture
def pages():
    """The address of each page, of a ticket, a file and a charge that are there."""
    lease = current_lease()
    file = import_tolls(browse("Office"), recent_toll(1))
    ticket = ticket_of(1)
    lost_key = ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)
    charge = services.create_misc_charge(
        charge_type_id=lost_key.pk, driver_id=lease.primary_driver_id, today=lease.start_on, actor=None
    )
    records = {"ticketimport": file, "ticket": ticket, "misccharge": charge}

    def address(name: str) -> str:
        _, noun, act = name.split("_", 2)
        needs_record = act in NEEDS_RECORD
        return url_of(name, records[noun].pk) if needs_record else url_of(name)

    return {name: address(name) for name in (*ACTS, *READS)}


@pytest.mark.parametrize("role", ROLES)
def test_pages_open_for_those_who_may_and_for_no_others(role, pages):
    client = browse(role)
    opened = {name for name, url in pages.items() if client.get(url).status_code == 200}
    refused = {name for name, url in pages.items() if client.get(url).status_code == 403}
    may = {name for name, roles in {**ACTS, **READS}.items() if role in roles}
    assert opened == may
    assert refused == set(pages) - may


@pytest.mark.parametrize("role", ROLES)
def test_a_press_without_permission_writes_nothing(role, pages):
    client, before, posted = browse(role), tickets_state(), count_postings()
    for name, roles in ACTS.items():
        if role not in roles:
            page = client.post(pages[name], {"reason": "x", "driver": "1", "amount": "1.00", "_confirm": "1"})
            assert page.status_code == 403, name
    assert (tickets_state(), count_postings()) == (before, posted)


def test_a_permission_taken_away_counts_at_once(pages):
    client = browse("Office")
    assert client.get(pages["tickets_ticket_assign"]).status_code == 200
    Group.objects.get(name="Office").permissions.remove(Permission.objects.get(codename="assign_ticket"))
    assert client.get(pages["tickets_ticket_assign"]).status_code == 403


def test_nobody_uploads_by_looking(pages):
    before = TicketImport.objects.count()
    assert send(browse("Auditor"), recent_toll(2), kind="ezpass").status_code == 403
    assert TicketImport.objects.count() == before
    assert MiscCharge.objects.count() == 1
