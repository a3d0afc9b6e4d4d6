"""What each right is called in words, for the table in docs/people.md, and the page that asks for it where one does.

``tests/config/test_people.py`` holds the document, the roles and the pages against this.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Act:
    """A line of the table: what all of these permissions come to, and pages that open to whoever has them."""

    words: str
    permissions: tuple[str, ...]
    pages: tuple[str, ...] = field(default=())


def _views(app: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{app}.view_{model}" for model in models)


SECTIONS: dict[str, tuple[Act, ...]] = {
    "At the counter": (
        Act("take a payment", ("ledger.add_interimpayment",), ("admin:ledger_take_payment",)),
        Act("use money held for a driver for what is named", ("ledger.use_credit",)),
        Act("write a note on a driver, a vehicle or a lease", ("leases.add_drivernote",)),
    ),
    "Look at": (
        Act(
            "drivers, vehicles, leases, with their locks, notes, papers and deposits",
            _views("leases", "driver", "vehicle", "lease", "driverlock", "drivernote", "paper", "depositsettlement"),
            ("admin:leases_vehicle_changelist",),
        ),
        Act(
            "accounts, balances, payments, payouts",
            _views("ledger", "ledgeraccount", "ledgerbalance", "interimpayment", "payout"),
            ("admin:ledger_ledgerbalance_changelist",),
        ),
        Act(
            "postings, the ledger's own lines",
            ("ledger.view_ledgerposting",),
            ("admin:ledger_ledgerposting_changelist",),
        ),
        Act(
            "tickets, repairs, loans, miscellaneous charges",
            (
                *_views("tickets", "ticket", "misccharge"),
                *("repairs.view_repairinvoice", "loans.view_driverloan"),
            ),
            ("admin:tickets_ticket_queue",),
        ),
        Act(
            "DTRs and week closes",
            _views("dtr", "dtr", "weekclose", "overrule"),
            ("admin:dtr_dtr_changelist",),
        ),
        Act("the fleet's reports", ("core.read_reports",), ("reports:index",)),
        Act(
            "trips, card money and what was told to CURB",
            _views(
                *("curb", "trip", "tripcount", "tripfile", "cardtransaction", "reconciliation"),
                *("cardtripsexpected", "attributeruling"),
            ),
            ("admin:curb_trip_changelist",),
        ),
        Act("uploaded ticket files and their rows", _views("tickets", "ticketimport", "importrow")),
        Act("documents that are kept", ("leases.view_keptfile",)),
        Act(
            "chart, transfers, closed days, journal, priority orders",
            _views("ledger", "chartaccount", "transfer", "booksentry", "journalbatch", "waterfallorder"),
            ("admin:ledger_transfer_changelist",),
        ),
        Act(
            "caps, bands, rate limits, rules and types of charges",
            (
                "leases.view_weeklycap",
                *_views("repairs", "repairband", "maintenancerule"),
                *_views("loans", "loanband", "ratelimit"),
                "tickets.view_chargetype",
            ),
            ("admin:leases_weeklycap_changelist",),
        ),
        Act("reports of who did what with the money", ("core.read_control_reports",)),
        Act(
            "audits and seals",
            (*_views("core", "auditrun", "auditresult"), *_views("ledger", "seal", "sealcheck")),
            ("admin:core_auditrun_changelist",),
        ),
        Act(
            "people, sign-ins and refusals, failed sign-ins, authenticators, all API tokens",
            _views("core", "person", "accessentry", "signinfailure", "authenticator", "apitoken"),
            ("admin:core_person_changelist",),
        ),
        Act("webhooks, deliveries, events", _views("core", "webhookendpoint", "webhookdelivery", "event")),
        Act("the opening balances as they came", ("golive.view_openingimport",)),
    ),
    "Fleet": (
        Act(
            "register and change drivers and vehicles, retire a vehicle",
            (
                *("leases.add_driver", "leases.change_driver", "leases.add_vehicle", "leases.change_vehicle"),
                "leases.retire_vehicle",
            ),
            ("admin:leases_driver_add",),
        ),
        Act(
            "make, change and end leases, take rent off for days away",
            ("leases.add_lease", "leases.change_lease", "leases.terminate_lease", "leases.record_days_away"),
            ("admin:leases_lease_add",),
        ),
        Act("set weekly caps", ("leases.add_weeklycap", "leases.change_weeklycap"), ("admin:leases_weeklycap_add",)),
        Act("lock a driver, lift the lock", ("leases.lock_driver",)),
        Act("keep documents", ("leases.add_keptfile",)),
        Act("settle a deposit", ("leases.settle_deposit",)),
    ),
    "Charges": (
        Act(
            "enter tickets and miscellaneous charges, upload files",
            ("tickets.add_ticket", "tickets.add_misccharge", "tickets.add_ticketimport"),
            ("admin:tickets_ticket_enter", "admin:tickets_ticketimport_upload"),
        ),
        Act(
            "assign tickets, lay aside what was no cab of ours",
            ("tickets.assign_ticket", "tickets.lay_aside_ticket"),
        ),
        Act("correct, dispute and dismiss tickets, put them back in the queue", ("tickets.correct_ticket",)),
        Act("void miscellaneous charges", ("tickets.void_misccharge",)),
        Act(
            "enter repairs and loans, hold and resume their plans, pay a loan off early",
            (
                *("repairs.add_repairinvoice", "repairs.hold_repairinvoice"),
                *("loans.add_driverloan", "loans.hold_driverloan", "loans.pay_off_driverloan"),
            ),
            ("admin:repairs_repairinvoice_enter",),
        ),
        Act(
            "void repairs and loans, write loans off",
            ("repairs.void_repairinvoice", "loans.void_driverloan", "loans.write_off_driverloan"),
        ),
        Act(
            "set bands, rate limits, maintenance rules, types of charges",
            (
                *("repairs.add_repairband", "repairs.add_maintenancerule", "repairs.change_maintenancerule"),
                *("loans.add_loanband", "loans.add_ratelimit", "loans.change_ratelimit"),
                *("tickets.add_chargetype", "tickets.change_chargetype"),
            ),
            ("admin:repairs_repairband_set",),
        ),
    ),
    "Trips": (
        Act(
            "assign waiting trips, move and count back, look at what could not be read",
            ("curb.match_trip", "curb.correct_trip", "curb.see_unread"),
        ),
        Act(
            "say where an attribute belongs, and since when card trips are expected",
            ("curb.rule_attribute", "curb.expect_card_trips"),
        ),
    ),
    "Money": (
        Act(
            "void payments, payouts and postings",
            ("ledger.void_interimpayment", "ledger.void_payout", "ledger.void_ledgerposting"),
        ),
        Act(
            "credit a driver, write off, win back, correct a charge, apply held money",
            (
                *("ledger.credit_driver", "ledger.write_off_ledgerposting", "ledger.win_back"),
                *("ledger.correct_charge", "ledger.apply_earnings"),
            ),
        ),
        Act("charge a driver from a program", ("ledger.post_obligation",)),
        Act("pay out", ("ledger.add_payout",)),
        Act(
            "close a week, overrule what stands in its way",
            ("dtr.close_week", "dtr.overrule_check"),
            ("admin:dtr_weekclose_close",),
        ),
        Act(
            "set the priority order",
            ("ledger.add_waterfallorder",),
            ("admin:ledger_waterfallorder_set",),
        ),
    ),
    "Books": (
        Act(
            "record transfers, take the journal, give accounts their codes outside",
            ("ledger.add_transfer", "ledger.add_journalbatch", "ledger.change_chartaccount"),
            ("admin:ledger_transfer_record_menu",),
        ),
        Act(
            "correct the books, reverse transfers, close days",
            ("ledger.correct_transfer", "ledger.reverse_transfer", "ledger.close_books"),
            ("admin:ledger_booksentry_close",),
        ),
        Act("import the opening balances", ("golive.import_opening",), ("admin:golive_openingimport_upload",)),
    ),
    "Control": (
        Act(
            "run audits, verify seals",
            ("core.add_auditrun", "ledger.add_sealcheck"),
            ("admin:core_auditrun_run",),
        ),
        Act("see how the product itself is doing, and who is signed in", ("core.see_status",), ("status",)),
        Act("make API tokens for oneself", ("core.add_apitoken",), ("admin:core_apitoken_make",)),
        Act(
            "keep people: add, change, give passwords, lock, end tokens",
            ("core.manage_person",),
            ("admin:core_person_make",),
        ),
        Act(
            "unlock sign-ins, take lost authenticators away",
            ("core.unlock_sign_in", "core.reset_authenticator"),
        ),
        Act(
            "set webhooks, have events sent again",
            ("core.manage_webhookendpoint", "core.send_webhookdelivery"),
            ("admin:core_webhookendpoint_add",),
        ),
        Act(
            "make and end everybody's API tokens, without an end too",
            ("core.manage_apitoken",),
        ),
        Act("reopen a closed day", (), ("admin:ledger_booksentry_reopen",)),
        Act("give single rights, make groups, make superusers", (), ("admin:auth_user_changelist",)),
        Act("change the schedule", (), ("admin:django_celery_beat_periodictask_changelist",)),
    ),
}
ACTS = tuple(act for acts in SECTIONS.values() for act in acts)
