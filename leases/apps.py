from django.apps import AppConfig

from config.kit.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = ("view_driver", "view_vehicle", "view_lease")


class LeasesConfig(AppConfig):
    name = "leases"

    #: Everybody finds a driver; the office enters people and cabs, and starts leases.
    GRANTS = {
        CASHIER: _VIEW,
        SUPERVISOR: _VIEW,
        OFFICE: (*_VIEW, "add_driver", "change_driver", "add_vehicle", "change_vehicle", "add_lease"),
        AUDITOR: _VIEW,
    }
