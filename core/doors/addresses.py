"""Whose address a request comes from: one rule for the limits of the API, for locks and for the log."""

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

UNKNOWN = "unknown"


def address_of(request: Request | HttpRequest) -> str:
    """Return whose address it is: behind a proxy as that tells it. Of an IPv6 network of one client, the network."""
    told = request.META.get("REMOTE_ADDR") or ""
    if settings.BEHIND_PROXY:
        # The last is the proxy's own word; what stands before it the client may have made up.
        told = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip() or told
    try:
        address = ip_address(told)
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))


def host_of(request: HttpRequest) -> str | None:
    """Return the same as one address, as a column of addresses keeps it; of a network, its first."""
    address = address_of(request)
    return None if address == UNKNOWN else address.partition("/")[0]
