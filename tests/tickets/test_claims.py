"""Tickets in dispute or review that a deposit is kept back for: those of the lease's cab in its time."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from leases.models import Lease
from leases.selectors import list_pending_claims
from tests.factories import DriverFactory, LeaseDriverFactory, VehicleFactory
from tests.tickets.files import HOW, TODAY, bring_in_tolls, leased_cab, noon, ticket_of, toll
from tickets import services
from tickets.models import Ticket, Wait

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease() -> Lease:
    return leased_cab()


def make_ticket(number: int, at: datetime, **facts: Any) -> Ticket:
    """A violation that waits for somebody to say whose it is."""
    given = {"kind": "PVB", "state": "WAITING", "waits_for": Wait.DRIVER, "amount": Decimal("115.00"), **facts}
    return Ticket.objects.create(number=str(number), at=at, at_latest=at, **given)


def claims_of(lease: Lease) -> list[str]:
    return [claim.reference_id for claim in list_pending_claims(lease.pk, lease.primary_driver_id, on=TODAY)]


class TestListClaims:
    def test_a_ticket_in_dispute_is_one_until_it_is_dismissed(self, lease: Lease) -> None:
        bring_in_tolls(toll(1, amount="$-9.11"))
        assert claims_of(lease) == []
        services.dispute_ticket(ticket_id=ticket_of(1).pk, reason="Not my plate", **HOW)
        (claim,) = list_pending_claims(lease.pk, lease.primary_driver_id, on=TODAY)
        assert (claim.reference_id, claim.amount, claim.why) == (
            "EZPASS-1",
            Decimal("9.11"),
            "disputed: until it is decided",
        )
        services.dismiss_ticket(ticket_id=ticket_of(1).pk, reason="Dismissed", **HOW)
        assert claims_of(lease) == []

    def test_a_ticket_in_review_is_one_where_the_lease_had_the_cab(self, lease: Lease) -> None:
        make_ticket(1, noon(16), vehicle=lease.vehicle)
        make_ticket(2, noon(16), vehicle=VehicleFactory.create())
        make_ticket(3, noon(16) + timedelta(days=365), vehicle=lease.vehicle)
        make_ticket(4, noon(16))
        assert claims_of(lease) == ["PVB-1"]

    def test_another_drivers_is_none_nor_a_refund(self, lease: Lease) -> None:
        further = LeaseDriverFactory.create(lease=lease).driver
        for number, driver in enumerate((further, DriverFactory.create()), start=1):
            make_ticket(number, noon(16), vehicle=lease.vehicle, state="DISPUTED", waits_for="", driver=driver)
        make_ticket(3, noon(16), vehicle=lease.vehicle, amount=Decimal("-9.11"))
        assert claims_of(lease) == []
        assert [claim.reference_id for claim in list_pending_claims(lease.pk, further.pk, on=TODAY)] == ["PVB-1"]

    def test_one_on_another_lease_of_theirs_is_none(self, lease: Lease) -> None:
        other = leased_cab("T100002C", primary_driver=lease.primary_driver)
        facts: dict[str, Any] = {"state": "DISPUTED", "waits_for": "", "driver": lease.primary_driver}
        make_ticket(1, noon(16), vehicle=other.vehicle, lease=other, **facts)
        make_ticket(2, noon(16), **facts)
        assert claims_of(lease) == ["PVB-2"]

    def test_the_hours_of_a_shift_part_two_leases_of_one_cab(self, lease: Lease) -> None:
        night = leased_cab("T100003C", shift="NIGHT")
        make_ticket(1, noon(16), vehicle=night.vehicle)
        make_ticket(2, noon(16, 22), vehicle=night.vehicle)
        assert claims_of(night) == ["PVB-2"]
