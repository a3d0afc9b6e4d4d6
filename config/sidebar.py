"""How the admin looks, and what its sidebar leads to. An item is shown to whoever may use its page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static

from core.links import lazy_url, page_url
from core.reports import READ


def _may(*permissions: str) -> Callable[[HttpRequest], bool]:
    """Whether somebody has one of the permissions."""
    return lambda request: any(request.user.has_perm(permission) for permission in permissions)


def _item(
    title: str,
    icon: str,
    url_name: str,
    permission: str,
    *,
    but_not: str | tuple[str, ...] = "",
    also: str = "",
    record: str = "",
) -> dict[str, Any]:
    """``but_not`` is the end (or the ends) of an address below the item's own that another item leads to.

    ``also`` is the end of an address that is the item's although it lies elsewhere, and ``record`` the name of the page
    of one of its records.
    """
    link = lazy_url(url_name if ":" in url_name else f"admin:{url_name}")

    def is_active(request: HttpRequest) -> bool:
        is_below = request.path.startswith(str(link)) and not (but_not and request.path.endswith(but_not))
        name = f"{request.resolver_match.url_name}_" if request.resolver_match else ""
        is_of_record = bool(record) and name.startswith(f"{record}_")
        return is_below or is_of_record or bool(also and request.path.endswith(also))

    return {"title": title, "icon": icon, "link": link, "permission": _may(permission), "active": is_active}


def is_counter(user: Any) -> bool:
    """Whether somebody only takes money over the counter: their menu is short, and they begin at *Take a payment*."""
    return bool(user.has_perm("ledger.add_interimpayment") and not user.has_perm(READ))


def _is_at_counter(request: HttpRequest) -> bool:
    """The same of who asks: each item wants to know it, and it is found out once a page."""
    known = request.__dict__
    if "is_at_counter" not in known:
        known["is_at_counter"] = is_counter(request.user)
    return bool(known["is_at_counter"])


def _at_counter(item: dict[str, Any]) -> dict[str, Any]:
    """Return the item as whoever only takes payments sees it."""
    may = item["permission"]
    return {**item, "permission": lambda request: _is_at_counter(request) and may(request)}


def _not_at_counter(item: dict[str, Any]) -> dict[str, Any]:
    may = item["permission"]
    return {**item, "permission": lambda request: may(request) and not _is_at_counter(request)}


def _report(title: str, icon: str, slug: str, permission: str) -> dict[str, Any]:
    """A report that has a place of its own beside the section."""
    link = lazy_url("reports:report", slug)

    def may_read(request: HttpRequest) -> bool:
        return request.user.has_perms((READ, permission))

    return {
        "title": title,
        "icon": icon,
        "link": link,
        "permission": may_read,
        "active": lambda request: request.path.startswith(str(link)),
    }


#: Stacks whose count stands beside the item of that page: asked for by the shown page, never by the page itself.
BADGES = {
    "tickets.review": lazy_url("admin:tickets_ticket_queue"),
    "tickets.files": lazy_url("admin:tickets_ticketimport_changelist"),
    "dtr.unpaid": lazy_url("admin:dtr_dtr_changelist"),
    "curb.waiting": lazy_url("admin:curb_trip_waiting"),
    "curb.unread": lazy_url("admin:curb_tripfile_changelist"),
}

#: What everybody begins with.
_FIRST: dict[str, Any] = {
    "items": [
        {
            "title": "Home",
            "icon": "home",
            "link": lazy_url("admin:index"),
            "permission": _may("core.read_reports"),
            "active": lambda request: request.path == page_url("admin:index"),
        },
        _item(
            "Take a payment",
            "point_of_sale",
            "ledger_take_payment",
            "ledger.add_interimpayment",
            also="/payment/",
        ),
        _item("Today at the counter", "today", "ledger_payments_of_day", "ledger.view_interimpayment"),
        _at_counter(
            _item(
                "Payments",
                "receipt_long",
                "ledger_interimpayment_changelist",
                "ledger.view_interimpayment",
                but_not="/day/",
            )
        ),
    ],
}
#: What the office, supervisors and auditors work with.
_SECTIONS: list[dict[str, Any]] = [
    {
        "title": "Fleet",
        "separator": True,
        "items": [
            _item("Drivers", "badge", "leases_driver_changelist", "leases.view_driver", record="driver"),
            _item("Vehicles", "local_taxi", "leases_vehicle_changelist", "leases.view_vehicle", record="vehicle"),
            _item("Leases", "contract", "leases_lease_changelist", "leases.view_lease", record="lease"),
        ],
    },
    {
        "title": "Charges",
        "separator": True,
        "items": [
            _item("Review queue", "rule", "tickets_ticket_queue", "tickets.view_ticket"),
            _item(
                "Tickets and tolls",
                "toll",
                "tickets_ticket_changelist",
                "tickets.view_ticket",
                but_not=(
                    *("/queue/", "/queue/assign/", "/queue/dismiss/", "/queue/fleet-pays/"),
                    *("/changes/", "/due/", "/disputed/", "/fleets/"),
                ),
            ),
            _item("Ticket files", "upload_file", "tickets_ticketimport_changelist", "tickets.view_ticketimport"),
            _item("Repairs", "build", "repairs_repairinvoice_changelist", "repairs.view_repairinvoice"),
            _item("Loans", "savings", "loans_driverloan_changelist", "loans.view_driverloan"),
            _item("Miscellaneous charges", "sell", "tickets_misccharge_changelist", "tickets.view_misccharge"),
        ],
    },
    {
        "title": "Pay week",
        "separator": True,
        "items": [
            _item("Readiness", "checklist", "dtr_weekclose_readiness", "dtr.view_weekclose"),
            _item(
                "Week closes",
                "event_available",
                "dtr_weekclose_changelist",
                "dtr.view_weekclose",
                but_not="/readiness/",
            ),
            _item("DTRs", "description", "dtr_dtr_changelist", "dtr.view_dtr"),
            _item(
                "Trips",
                "route",
                "curb_trip_changelist",
                "curb.view_trip",
                but_not=("/waiting/", "/card-money/", "/taxes/", "/amounts/"),
            ),
            _item("Waiting trips", "person_search", "curb_trip_waiting", "curb.view_trip"),
            _item("Trip files", "upload_file", "curb_tripfile_changelist", "curb.view_tripfile"),
        ],
    },
    {
        "title": "Money",
        "separator": True,
        "items": [
            _item(
                "Payments",
                "receipt_long",
                "ledger_interimpayment_changelist",
                "ledger.view_interimpayment",
                but_not="/day/",
            ),
            _item("Payouts", "payments", "ledger_payout_changelist", "ledger.view_payout"),
            _item("Postings", "list_alt", "ledger_ledgerposting_changelist", "ledger.view_ledgerposting"),
        ],
    },
    {
        "title": "Control",
        "separator": True,
        "items": [
            _item("Reports", "bar_chart", "reports:index", "core.read_reports"),
            _item("Audits", "fact_check", "core_auditrun_changelist", "core.view_auditrun"),
            _item("People", "group", "core_person_changelist", "core.view_person"),
            _item("Seals", "verified", "ledger_seal_changelist", "ledger.view_seal"),
            {
                "title": "Status",
                "icon": "monitor_heart",
                "link": lazy_url("status"),
                "permission": _may("core.see_status"),
                "active": lambda request: request.path == page_url("status"),
            },
        ],
    },
    {
        "title": "Tickets",
        "separator": True,
        "collapsible": True,
        "items": [
            _item(
                "Changed since charged",
                "published_with_changes",
                "tickets_ticket_changes",
                "tickets.view_ticket",
            ),
            _item("Due this week", "schedule", "tickets_ticket_due", "tickets.view_ticket"),
        ],
    },
    {
        "title": "CURB",
        "separator": True,
        "collapsible": True,
        "items": [
            _item("Card money", "compare_arrows", "curb_card_money", "curb.view_trip"),
            _item("Amounts to place", "help_center", "curb_open_amounts", "curb.view_trip"),
            _item("Trips counted", "fact_check", "curb_tripcount_changelist", "curb.view_tripcount"),
            _item(
                "Card transactions",
                "credit_card",
                "curb_cardtransaction_changelist",
                "curb.view_cardtransaction",
            ),
            _item("Receipts at CURB", "task_alt", "curb_reconciliation_changelist", "curb.view_reconciliation"),
            _item(
                "Card trips expected",
                "event_upcoming",
                "curb_cardtripsexpected_changelist",
                "curb.view_cardtripsexpected",
            ),
            _report("Trip taxes", "account_balance", "taxes", "curb.view_trip"),
        ],
    },
    {
        "title": "Books",
        "separator": True,
        "collapsible": True,
        "items": [
            _item(
                "Driver accounts",
                "account_balance_wallet",
                "ledger_ledgeraccount_changelist",
                "ledger.view_ledgerbalance",
                but_not=("/pay/", "/payment/"),
            ),
            _item("Balances", "balance", "ledger_ledgerbalance_changelist", "ledger.view_ledgerbalance"),
            _item("Record a transfer", "edit_square", "ledger_transfer_record_menu", "ledger.add_transfer"),
            _item(
                "Transfers",
                "swap_horiz",
                "ledger_transfer_changelist",
                "ledger.view_transfer",
                but_not="/record/",
            ),
            _item(
                "Chart of accounts",
                "account_tree",
                "ledger_chartaccount_changelist",
                "ledger.view_chartaccount",
            ),
            _item("Closed days", "event_busy", "ledger_booksentry_changelist", "ledger.view_booksentry"),
            _item("Journal", "menu_book", "ledger_journalbatch_changelist", "ledger.view_journalbatch"),
        ],
    },
    {
        "title": "Sign-ins",
        "separator": True,
        "collapsible": True,
        "items": [
            _item("Sign-ins and refusals", "policy", "core_accessentry_changelist", "core.view_accessentry"),
            _item("Failed sign-ins", "lock", "core_signinfailure_changelist", "core.view_signinfailure"),
            _item("Authenticators", "phonelink_lock", "core_authenticator_changelist", "core.view_authenticator"),
        ],
    },
    {
        "title": "Set up",
        "separator": True,
        "collapsible": True,
        "items": [
            _item("Weekly caps", "price_check", "leases_weeklycap_changelist", "leases.view_weeklycap"),
            _item("Repair bands", "stairs", "repairs_repairband_changelist", "repairs.view_repairband"),
            _item("Loan bands", "stairs_2", "loans_loanband_changelist", "loans.view_loanband"),
            _item("Loan rate limits", "percent", "loans_ratelimit_changelist", "loans.view_ratelimit"),
            _item("Maintenance", "gavel", "repairs_maintenancerule_changelist", "repairs.view_maintenancerule"),
            _item("Types of charges", "category", "tickets_chargetype_changelist", "tickets.view_chargetype"),
            _item(
                "Priority order",
                "low_priority",
                "ledger_waterfallorder_changelist",
                "ledger.view_waterfallorder",
            ),
            _item("Go-live", "flight_takeoff", "golive_openingimport_changelist", "golive.view_openingimport"),
            _item("Webhooks", "webhook", "core_webhookendpoint_changelist", "core.view_webhookendpoint"),
            _item("Webhook deliveries", "send", "core_webhookdelivery_changelist", "core.view_webhookdelivery"),
            {
                **_item("API tokens", "key", "core_apitoken_changelist", ""),
                "permission": _may("core.view_apitoken", "core.add_apitoken", "core.manage_apitoken"),
            },
            _item(
                "Schedule",
                "schedule",
                "django_celery_beat_periodictask_changelist",
                "django_celery_beat.view_periodictask",
            ),
        ],
    },
]
#: What whoever only takes payments looks up.
_LOOK_UP: dict[str, Any] = {
    "title": "Look up",
    "separator": True,
    "items": [
        _at_counter(_item("Drivers", "badge", "leases_driver_changelist", "leases.view_driver", record="driver")),
        _at_counter(
            _item("Vehicles", "local_taxi", "leases_vehicle_changelist", "leases.view_vehicle", record="vehicle")
        ),
        _at_counter(_item("Leases", "contract", "leases_lease_changelist", "leases.view_lease", record="lease")),
        _at_counter(_item("DTRs", "description", "dtr_dtr_changelist", "dtr.view_dtr")),
        _at_counter(_item("Tickets and tolls", "toll", "tickets_ticket_changelist", "tickets.view_ticket")),
    ],
}

#: Each item with a ``permission`` and an ``active`` that are asked with a request.
NAVIGATION: list[dict[str, Any]] = [
    _FIRST,
    _LOOK_UP,
    *({**section, "items": [_not_at_counter(item) for item in section["items"]]} for section in _SECTIONS),
]


def list_navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """What the sidebar shows to whoever asks: a page draws that sooner than all items, most of them left out."""
    shown = []
    for section in NAVIGATION:
        items = [
            {"title": item["title"], "icon": item["icon"], "link": str(item["link"]), "active": item["active"](request)}
            for item in section["items"]
            if item["permission"](request)
        ]
        if items:
            shown.append({**section, "items": items})
    return shown or [{"items": []}]


UNFOLD = {
    "SITE_TITLE": "Fleet ledger",
    "SITE_HEADER": "Fleet ledger",
    "SITE_SYMBOL": "local_taxi",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("core/favicon.svg")},
    ],
    "SHOW_HISTORY": True,
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": lazy_url("admin:password_change")},
            {"title": "Authenticator", "link": lazy_url("authenticator")},
        ]
    },
    "SHOW_VIEW_ON_SITE": False,
    # A file has them (core/colors.css): written into each page they would be a style of the page.
    "COLORS": lambda request: {},
    "STYLES": [lambda request: static("core/colors.css"), lambda request: static("core/admin.css")],
    "SCRIPTS": [lambda request: static("core/admin.js")],
    "SIDEBAR": {"navigation": list_navigation},
}
