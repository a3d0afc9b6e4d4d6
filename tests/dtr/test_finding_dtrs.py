"""A DTR that Find anything finds says who owes whom."""

import pytest
from django.utils import timezone

from dtr.finders import find_dtrs
from dtr.models import Dtr
from tests.dtr.fleet import WEEK, card, close, drive, leased_driver
from tests.ledger.proofs import charge

pytestmark = pytest.mark.django_db


def test_it_says_who_owes_whom():
    """Card 103.30 less 3.30 of taxes is 100.00 for one driver; another owes 1,369.25, and a third of 100.00 as much."""
    held, owing, even = (leased_driver(f"500000{number}", f"9Z9{number}") for number in (1, 2, 3))
    for number, lease in ((1, held), (3, even)):
        drive(card("103.30", DRIVER=f"500000{number}", CABNUMBER=lease.vehicle.medallion))
    for lease, amount in ((owing, "1369.25"), (even, "100.00")):
        days = {"due_on": WEEK.end, "effective_on": WEEK.end}
        charge(lease.primary_driver, f"MISC-{lease.pk}", amount, lease_id=lease.pk, **days)
    close()

    told = {}
    for dtr in Dtr.objects.all():
        (group,) = find_dtrs(dtr.reference_id, None, timezone.now())
        (hit,) = group.rows
        told[hit.driver_id] = hit.amount

    assert told == {
        held.primary_driver_id: "due to driver 100.00",
        owing.primary_driver_id: "owes 1,369.25",
        even.primary_driver_id: "0.00",
    }
