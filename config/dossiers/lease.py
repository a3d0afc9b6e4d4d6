"""One page per lease: who drives which cab for how much, what is owed on it, its rent week by week, and its changes."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from config.dossiers.page import list_debt_tiles, tell
from core.dossier import Subject, Tile
from core.rights import check_rights
from leases import selectors as leases
from leases.models import Lease
from ledger import selectors as ledger

_LABELS = {"Active": "success", "On hold": "warning", "Ended early": "danger"}


def lease_page(request: HttpRequest, lease_id: int) -> HttpResponse:
    """Show a lease; ``?tab=`` names the section that is open."""
    user = request.user
    check_rights(user, "leases.view_lease")
    lease = Lease.objects.select_related("primary_driver", "vehicle").filter(pk=lease_id).first()
    if lease is None:
        raise Http404
    today = timezone.localdate()
    standing = leases.get_lease_standing(lease, today=today)
    debt = ledger.get_lease_debt(lease_id, today=today) if user.has_perm("ledger.view_ledgerbalance") else None
    told = tell(request, Subject.LEASE, standing, today)
    context = {
        **told,
        "title": f"{lease}",
        "lease": lease,
        "standing": standing,
        "debt": debt,
        "label": (standing.label(), _LABELS.get(standing.label(), "info")),
        "sentence": f"{standing.say()} {debt.say_of_lease()}" if debt else standing.say(),
        "tiles": [*(_list_tiles(debt, standing, today) if debt else []), *told["tiles"]],
    }
    return TemplateResponse(request, "config/lease.html", context)


def _list_tiles(debt: ledger.Debt, standing: leases.LeaseStanding, today: date) -> list[Tile]:
    whose = {"lease__id__exact": standing.pk}
    return list_debt_tiles(debt, whose, today, held="Held on this lease", deposits=standing.deposit.held)
