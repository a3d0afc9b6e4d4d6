"""A reference of the ledger leads to its lease, and a lease to its postings."""

from decimal import Decimal

import pytest

from core.dossier import lease_url
from core.sources import find_source
from leases.services import terminate_lease
from ledger.models import LedgerPosting
from tests.leases.office import start_lease
from tests.ledger.admin_pages import browse, url_of

pytestmark = pytest.mark.django_db


class TestFindLeasePage:
    @pytest.mark.parametrize("ending", ["2026W10", "CANCEL"])
    def test_a_reference_leads_to_its_lease(self, ending: str) -> None:
        lease = start_lease()
        source = find_source(f"LEASE-{lease.pk}-{ending}")
        assert source is not None
        assert (source.label, source.url, source.permission) == (
            f"Lease {lease.pk}",
            lease_url(lease.pk),
            "leases.view_lease",
        )

    @pytest.mark.parametrize("reference_id", ["LEASE-999999999-CANCEL", "LEASE-12", "LEASE-x-2026W10", "LEASE-0-1"])
    def test_another_reference_leads_to_no_lease(self, reference_id: str) -> None:
        assert find_source(reference_id) is None


class TestPages:
    def test_a_posting_and_its_balance_lead_back_to_the_lease(self) -> None:
        lease = start_lease()
        terminate_lease(
            lease_id=lease.pk,
            last_on=lease.start_on,
            reason="Gone",
            cancellation_charge=Decimal("9"),
            effective_on=lease.start_on,
            actor=None,
        )
        posting = LedgerPosting.objects.get()
        link = f'<a class="cell-link" href="{lease_url(lease.pk)}">Lease {lease.pk}</a>'
        for page in ("ledger_ledgerposting_change", "ledger_ledgerbalance_change"):
            shown = browse("Auditor").get(url_of(page, posting.pk))
            assert [fact.label for fact in shown.context["facts"]][:5].count("Source") == 1
            assert link in shown.content.decode()
