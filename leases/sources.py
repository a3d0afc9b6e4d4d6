"""From a reference of the ledger to the lease that it stands for, and to the files that are kept of it."""

import re
from typing import Any

from django.urls import reverse

from core.documents import Documents
from core.dossier import driver_url, lease_url
from core.sources import SourcePage
from leases import selectors
from leases.models import Lease

_LEASE = re.compile(r"(?:LEASE|HOLD)-([1-9][0-9]{0,17})-.+")


def tell_documents(user: Any, driver_id: int, reference_id: str) -> Documents | None:
    """Return which files are kept of a driver's receipt, charge or plan, for whoever may see them."""
    if not user.has_perm("leases.view_keptfile"):
        return None
    count = selectors.count_files(driver_id, [reference_id]).get(reference_id, 0)
    add_url = f"{reverse('admin:leases_driver_file', args=[driver_id])}?about={reference_id}"
    may_add = user.has_perm("leases.add_keptfile")
    return Documents(count, f"{driver_url(driver_id)}?tab=documents", add_url if may_add else "")


def find_lease_page(reference_id: str) -> SourcePage | None:
    """Return the page of the lease behind ``LEASE-12-2026W10`` or ``HOLD-12-2026W10-1``; None where there is none."""
    match = _LEASE.fullmatch(reference_id)
    lease = Lease.objects.filter(pk=int(match.group(1))).first() if match else None
    if lease is None:
        return None
    return SourcePage(str(lease), lease_url(lease.pk), "leases.view_lease")
