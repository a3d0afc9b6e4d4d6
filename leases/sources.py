"""From a reference of the ledger to the lease that it stands for."""

import re

from core.dossier import lease_url
from core.sources import SourcePage
from leases.models import Lease

_LEASE = re.compile(r"(?:LEASE|HOLD)-([1-9][0-9]{0,17})-.+")


def find_lease_page(reference_id: str) -> SourcePage | None:
    """Return the page of the lease behind ``LEASE-12-2026W10`` or ``HOLD-12-2026W10-1``; None where there is none."""
    match = _LEASE.fullmatch(reference_id)
    lease = Lease.objects.filter(pk=int(match.group(1))).first() if match else None
    if lease is None:
        return None
    return SourcePage(str(lease), lease_url(lease.pk), "leases.view_lease")
