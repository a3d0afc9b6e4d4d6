"""How the API is described (OpenAPI): what drf-spectacular reads as its settings."""

from typing import Any

DESCRIPTION: dict[str, Any] = {
    "TITLE": "Fleet ledger",
    "DESCRIPTION": "Amounts are dollars as decimal strings; refusals are RFC 9457 problems. See docs/api.md.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "core.api.methods.DoorsGenerator",
    # Choices stand where they are used: a component for each set would need a name for each.
    "POSTPROCESSING_HOOKS": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
