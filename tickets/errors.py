"""Why something about tickets is refused."""

from core.errors import DomainError


class TicketError(DomainError):
    """A refusal of tickets; nothing was written."""


class TicketNotFound(TicketError):
    code = "ticket_not_found"
    http_status = 404


class ImportNotFound(TicketError):
    code = "import_not_found"
    http_status = 404


class ImportNotRead(TicketError):
    """It is being read, or was refused: there is nothing to confirm."""

    code = "import_not_read"


class NotRefused(TicketError):
    """A file that can be read is not read anew."""

    code = "not_refused"


class AlreadyImported(TicketError):
    code = "already_imported"


class ImportNotConfirmed(TicketError):
    """Nobody has said yet that this file is to be imported."""

    code = "import_not_confirmed"


class FileKindInvalid(TicketError):
    code = "unknown_file_kind"
    field = "kind"
    http_status = 400


class TicketFileInvalid(TicketError):
    """The file as a whole is not a list of tickets of its kind; nothing of it was imported."""

    code = "unreadable_ticket_file"
    field = "file"
    http_status = 400


class FieldWithoutName(TicketFileInvalid):
    """Each row of the file has one field more than its header; a person says behind which column it stands."""

    code = "field_without_name"


class FileKnownAsOtherKind(TicketError):
    code = "file_known_as_other_kind"
    field = "file"


class TicketKnown(TicketError):
    """A ticket of this number is there already."""

    code = "ticket_known"
    field = "number"


class TicketInvalid(TicketError):
    code = "invalid_ticket"
    http_status = 400


class AlreadyCharged(TicketError):
    code = "already_charged"
    field = "driver_id"


class NotChargeable(TicketError):
    """Nothing is due of it, so there is nothing to charge, dispute or correct."""

    code = "not_chargeable"


class NotCharged(TicketError):
    """The ledger has no live charge of it."""

    code = "not_charged"


class TicketDismissed(TicketError):
    code = "ticket_dismissed"


class TicketDisputed(TicketError):
    code = "ticket_disputed"


class TollRefunded(TicketError):
    """A refund of it has credited its driver."""

    code = "toll_refunded"


class RefundIsFinal(TicketError):
    code = "refund_is_final"


class AlreadyBorne(TicketError):
    """The books have it as borne by the fleet."""

    code = "already_borne"


class AlreadyFleets(TicketError):
    """The fleet pays it already."""

    code = "fleet_pays"


class NotWaiting(TicketError):
    """It is not in review, or not for a reason that this is for."""

    code = "not_waiting"


class NotLaidAside(TicketError):
    """Nobody disputed, dismissed or left it to the fleet, so there is nothing to put back."""

    code = "not_laid_aside"


class DriverNotKnown(TicketError):
    """Nobody is known for sure to have had the cab."""

    code = "driver_not_known"


class ChangeNotFound(TicketError):
    code = "change_not_found"
    http_status = 404


class AlreadyDecided(TicketError):
    """The change was decided before."""

    code = "change_decided"


class ChangeActInvalid(TicketError):
    """What is asked for does not fit how the ticket stands."""

    code = "invalid_change_act"
    field = "act"


class TicketChanged(TicketError):
    """Somebody else changed it just now; look again."""

    code = "ticket_changed"
    retry_after = 1


class ChargeTypeNotActive(TicketError):
    code = "charge_type_off"
    field = "charge_type_id"


class ChargeNotFound(TicketError):
    code = "charge_not_found"
    http_status = 404


class ChargeAlreadyVoided(TicketError):
    code = "charge_already_voided"
