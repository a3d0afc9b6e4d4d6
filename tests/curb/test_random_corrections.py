"""Random moves, amendments and trips counted back over weeks: what is counted in the end is what the trips are."""

from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from curb import services as curb
from curb.models import CountsAs, Trip, TripCount
from ledger import selectors as ledger
from tests.books import assert_books_clean
from tests.curb import amended, trip_file
from tests.curb.counting import back, move
from tests.dtr.fleet import WEEK, card, cash, close, drive, leased_driver

pytestmark = pytest.mark.django_db

WEEKS = 4


@pytest.mark.parametrize("seed", range(4))
def test_what_is_counted_of_each_driver_is_what_their_trips_are(seed):
    """A model keeps, by record, whose it is and its total; after the last close the ledger says the same, together."""
    chance = Random(seed)
    leases = [leased_driver(f"500000{number}", f"9Z9{number}") for number in range(3)]
    model: dict[str, list[Any]] = {}

    def bring():
        lease = chance.choice(leases)
        total = f"{chance.randrange(500, 5000) / 100:.2f}"
        make = chance.choice([card, card, cash])
        (one,) = drive(make(total, DRIVER=lease.primary_driver.tlc_license, CABNUMBER=lease.vehicle.medallion))
        model[one.record_id] = [lease, Decimal(total), one.payment_type == "CARD"]

    def correct():
        one = chance.choice(list(Trip.objects.current().order_by("id")))
        lease, _, is_card = model[one.record_id]
        match chance.choice(["move", "move", "amend", "back"]):
            case "move":
                to = chance.choice([other for other in leases if other != lease])
                move(one, to)
                model[one.record_id][0] = to
            case "amend":
                total = f"{chance.randrange(500, 5000) / 100:.2f}"
                if one.received["TOTAL_AMOUNT"] == total:
                    return
                content = trip_file([amended(one.received, TOTAL_AMOUNT=total)])
                curb.import_trips(file_name="amended.xml", content=content)
                model[one.record_id][1] = Decimal(total)
                assert is_card == (one.payment_type == "CARD")
            case "back" if one.counts_as != CountsAs.NOTHING:
                back(one)
                model[one.record_id][0] = None

    week = WEEK
    for _ in range(WEEKS):
        for _ in range(4):
            bring()
        for _ in range(5):
            correct()
        close(week)
        week = week.next

    cards: dict[int, Decimal] = defaultdict(Decimal)
    taxes: dict[int, Decimal] = defaultdict(Decimal)
    for lease, total, is_card in model.values():
        if lease is not None:
            taxes[lease.primary_driver_id] += Decimal("3.30")
            cards[lease.primary_driver_id] += total if is_card else 0
    for lease in leases:
        driver = lease.primary_driver_id
        assert sum_posted(driver, "CURB-") == cards[driver]
        assert -sum_posted(driver, "TAXES-") == taxes[driver]
    assert not TripCount.objects.filter(is_void=True).exists()
    assert_books_clean()


def sum_posted(driver_id, prefix):
    """What was posted of a driver's weeks: credits, less what they were charged."""
    openings = ledger.list_postings().filter(driver=driver_id, reference_id__startswith=prefix, balance=None)
    return sum(
        (amount if entry == "CREDIT" else -amount for entry, amount in openings.values_list("entry_type", "amount")),
        start=Decimal(0),
    )
