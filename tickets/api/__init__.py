"""Tickets and tolls, files of them, and miscellaneous charges, for programs: each with the permission of its page."""

from django.urls import path

from core.api.methods import by_method
from tickets.api import charges, imports, tickets

app_name = "tickets-api"

_TICKET = "tickets/<int:ticket_id>"
_CHARGE = "misc-charges/<int:charge_id>"
_IMPORT = "imports/<int:import_id>"

urlpatterns = [
    path("tickets", by_method(tickets.Tickets, tickets.EnterSummons), name="tickets"),
    path("tickets/changes", tickets.TicketChanges.as_view(), name="ticket-changes"),
    path("tickets/changes/<int:change_id>/decide", tickets.DecideChange.as_view(), name="decide-change"),
    path("tickets/rematch", tickets.RematchTickets.as_view(), name="rematch-tickets"),
    path(_TICKET, tickets.ShowTicket.as_view(), name="ticket"),
    path(f"{_TICKET}/assign", tickets.AssignTicket.as_view(), name="assign-ticket"),
    path(f"{_TICKET}/correct", tickets.CorrectTicket.as_view(), name="correct-ticket"),
    path(f"{_TICKET}/dismiss", tickets.DismissTicket.as_view(), name="dismiss-ticket"),
    path(f"{_TICKET}/dispute", tickets.DisputeTicket.as_view(), name="dispute-ticket"),
    path(f"{_TICKET}/fleet-pays", tickets.LetFleetPay.as_view(), name="fleet-pays"),
    path(f"{_TICKET}/restore", tickets.RestoreTicket.as_view(), name="restore-ticket"),
    path(f"{_TICKET}/sign", tickets.SettleSign.as_view(), name="settle-sign"),
    path("misc-charges", by_method(charges.MiscCharges, charges.CreateMiscCharge), name="misc-charges"),
    path("misc-charges/types", charges.ChargeTypes.as_view(), name="charge-types"),
    path(_CHARGE, charges.ShowMiscCharge.as_view(), name="misc-charge"),
    path(f"{_CHARGE}/void", charges.VoidMiscCharge.as_view(), name="void-misc-charge"),
    path("imports", by_method(imports.Imports, imports.UploadTicketFile), name="imports"),
    path(_IMPORT, imports.ShowImport.as_view(), name="import"),
    path(f"{_IMPORT}/confirm", imports.ConfirmImport.as_view(), name="confirm-import"),
    path(f"{_IMPORT}/read-again", imports.ReadImportAgain.as_view(), name="read-import-again"),
    path(f"{_IMPORT}/rows", imports.ImportRows.as_view(), name="import-rows"),
]
