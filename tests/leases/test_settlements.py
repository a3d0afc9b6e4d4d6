"""The pages of a deposit's settlement: all amounts before it is done, and the paper afterwards."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from core.dossier import lease_url
from leases import services
from leases.models import DepositSettlement, Lease
from ledger import services as ledger
from ledger.selectors import find_payout
from tests.factories import UserFactory
from tests.leases.office import pay, start_lease

pytestmark = pytest.mark.django_db

#: Thirty days after the lease of ``start_lease`` is over.
DAY = date(2026, 4, 23)


@pytest.fixture
def lease() -> Lease:
    """100.00 a week: 57.14, 100.00, 100.00 and 42.86 are not charged yet. 500.00 is held in two installments."""
    lease = start_lease(weekly_amount=Decimal("100.00"))
    pay(lease, "150.00", deposit="150.00")
    pay(lease, "350.00", deposit="350.00")
    return lease


@pytest.fixture
def settlement(lease: Lease) -> DepositSettlement:
    return services.settle_deposit(
        lease_id=lease.pk, as_of=DAY, reason="Lease over", method="CHECK", instrument_number="1002", actor=None
    )


def browse(role: str = "Supervisor") -> Client:
    client = Client()
    client.force_login(UserFactory.create(groups=[role]))
    return client


class TestSettlePage:
    def test_shows_every_amount_before_anything_is_typed(self, lease: Lease) -> None:
        page = browse().get(reverse("admin:leases_lease_settle", args=[lease.pk]))
        preview = page.context["preview"]
        assert (preview.held, preview.applied, preview.released, preview.kept, preview.posted) == (
            Decimal("500.00"),
            Decimal("300.00"),
            Decimal("200.00"),
            Decimal("0.00"),
            4,
        )
        assert DepositSettlement.objects.count() == 0

    def test_leads_to_the_paper(self, lease: Lease) -> None:
        client, url = browse(), reverse("admin:leases_lease_settle", args=[lease.pk])
        typed = {"reason": "Lease over", "method": "CASH", "keeps_for_claims": "on"}
        seen = client.get(url).context["seen"]
        done = client.post(url, {**typed, "_confirm": "1", "_seen": seen}, follow=True)
        page = done.content.decode()
        assert "$300.00 of the deposit paid what was owed, $200.00 went back to the driver." in page
        assert "Deposit settlement" in page


class TestSettlementPage:
    def read(self, settlement: DepositSettlement, role: str = "Auditor") -> str:
        url = reverse("admin:leases_lease_settlement", args=[settlement.pk])
        return browse(role).get(url).content.decode()

    def test_itemizes_what_became_of_the_deposit(self, settlement: DepositSettlement) -> None:
        page = self.read(settlement)
        for words in (
            "receipt 000001",
            "receipt 000002",
            "42.86",
            "300.00",
            "200.00",
            "check 1002",
            "OUT-000001",
            "Lease over",
        ):
            assert words in page
        assert "VOIDED" not in page

    def test_says_that_its_payout_was_voided(self, settlement: DepositSettlement) -> None:
        found = find_payout(settlement.payout_reference)
        assert found is not None
        ledger.void_payout(payout_id=found.payout.pk, reason="Never fetched", actor=None, effective_on=DAY)
        assert "OUT-000001 VOIDED" in self.read(settlement)

    def test_is_found_on_the_leases_page(self, settlement: DepositSettlement) -> None:
        page = browse("Office").get(lease_url(settlement.lease_id))
        assert reverse("admin:leases_lease_settlement", args=[settlement.pk]) in page.content.decode()


class TestGuards:
    @pytest.mark.parametrize("change", ["UPDATE {} SET kept = 1", "DELETE FROM {}", "TRUNCATE {}"])
    @pytest.mark.owner
    def test_a_settlement_is_never_changed(self, settlement: DepositSettlement, change: str) -> None:
        with connection.cursor() as cursor:
            # What the settlement's own foreign keys have still to check would be in a TRUNCATE's way.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with (
            pytest.raises(IntegrityError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change.format(DepositSettlement._meta.db_table))

    def test_a_settlement_adds_up(self, settlement: DepositSettlement) -> None:
        settlement.pk, settlement.kept = None, Decimal("0.01")
        with pytest.raises(IntegrityError, match="leases_deposit_settlements_add_up"), transaction.atomic():
            settlement.save(force_insert=True)

    @pytest.mark.parametrize(
        "changed", [{"payout_reference": ""}, {"released": Decimal("0.00"), "applied": Decimal("500.00")}]
    )
    def test_names_the_payout_exactly_where_something_went_back(
        self, settlement: DepositSettlement, changed: dict[str, Any]
    ) -> None:
        for name, value in {"pk": None, **changed}.items():
            setattr(settlement, name, value)
        with pytest.raises(IntegrityError, match="leases_deposit_settlements_name_payout"), transaction.atomic():
            settlement.save(force_insert=True)
