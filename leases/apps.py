from django.apps import AppConfig

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = (
    "view_driver",
    "view_vehicle",
    "view_lease",
    "view_depositsettlement",
    "view_drivernote",
    "view_driverlock",
    "view_paper",
)
_VIEW_ALL = (*_VIEW, "view_weeklycap", "view_keptfile")
_KEEP = ("add_drivernote", "add_keptfile", "lock_driver")


class LeasesConfig(AppConfig):
    name = "leases"

    #: Everybody finds a driver; the office enters people and cabs, and runs leases; a deposit is a supervisor's.
    GRANTS = {
        CASHIER: (*_VIEW, "add_drivernote"),
        SUPERVISOR: (*_VIEW_ALL, *_KEEP, "settle_deposit"),
        OFFICE: (
            *_VIEW_ALL,
            *_KEEP,
            "add_driver",
            "change_driver",
            "add_vehicle",
            "change_vehicle",
            "retire_vehicle",
            "add_lease",
            "change_lease",
            "terminate_lease",
            "record_days_away",
            "add_weeklycap",
            "change_weeklycap",
        ),
        AUDITOR: _VIEW_ALL,
    }

    def ready(self) -> None:
        from core.corrections import register_own_act, register_price
        from core.documents import register_documents
        from core.finders import register_finder, register_people
        from core.sources import register_source
        from leases.corrections import price_rent, say_rent_act
        from leases.finders import describe_people, find_fleet
        from leases.selectors import describe_payer, find_lock_reason, list_drivers_who_left, sum_missing_deposits
        from leases.sources import find_lease_page, tell_documents
        from ledger.selectors import register_expected_money, register_leavers, register_locks, register_payers

        register_finder(100, "", find_fleet)
        register_people(describe_people)
        register_documents(tell_documents)
        register_source("LEASE", find_lease_page)
        register_source("HOLD", find_lease_page)
        register_expected_money(sum_missing_deposits)
        register_payers(describe_payer)
        register_own_act("LEASE", say_rent_act)
        register_price("LEASE", price_rent)
        register_leavers(list_drivers_who_left)
        register_locks(find_lock_reason)
