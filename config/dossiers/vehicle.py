"""One page per vehicle: what is on it, who has it now and who had it, its papers, trips, tickets and repairs."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from config.dossiers.page import tell
from core.dossier import Subject
from core.rights import check_rights
from leases import selectors as leases
from leases.models import Vehicle


def vehicle_page(request: HttpRequest, vehicle_id: int) -> HttpResponse:
    """Show a vehicle; ``?tab=`` names the section that is open."""
    user = request.user
    check_rights(user, "leases.view_vehicle")
    vehicle = Vehicle.objects.filter(pk=vehicle_id).first()
    if vehicle is None:
        raise Http404
    now = timezone.now()
    standing = leases.get_vehicle_standing(vehicle, at=now)
    sees_leases = user.has_perm("leases.view_lease")
    context = {
        **tell(request, Subject.VEHICLE, standing, timezone.localdate(now)),
        "title": f"Cab {vehicle.medallion}",
        "vehicle": vehicle,
        "standing": standing,
        "holders": standing.holders if sees_leases else (),
        "label": (vehicle.get_status_display(), "success" if standing.is_in_service else "warning"),
        "sentence": standing.say() if sees_leases else "",
    }
    return TemplateResponse(request, "config/vehicle.html", context)
