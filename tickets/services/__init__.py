"""Every write of tickets. Functions are keyword-only and own their transactions; their errors come with them."""

from leases.errors import LeaseMismatch
from tickets.errors import (
    AlreadyBorne,
    AlreadyCharged,
    AlreadyDecided,
    AlreadyFleets,
    AlreadyImported,
    ChangeActInvalid,
    ChangeNotFound,
    ChargeAlreadyVoided,
    ChargeNotFound,
    ChargeTypeNotActive,
    DriverNotKnown,
    FileKindInvalid,
    FileKnownAsOtherKind,
    ImportNotFound,
    NotChargeable,
    NotCharged,
    NotWaiting,
    RefundIsFinal,
    TicketChanged,
    TicketDismissed,
    TicketDisputed,
    TicketError,
    TicketFileInvalid,
    TicketInvalid,
    TicketKnown,
    TicketNotFound,
    TicketsRefused,
    TollRefunded,
)
from tickets.services.changes import (
    decide_change,
)
from tickets.services.charges import (
    create_misc_charge,
    void_misc_charge,
)
from tickets.services.decisions import (
    assign_ticket,
    correct_ticket,
    dismiss_ticket,
    dispute_ticket,
    let_fleet_pay,
)
from tickets.services.importing import (
    confirm_import,
    finish_import,
    import_next_lot,
    import_part,
    start_import,
)
from tickets.services.matching import (
    rematch_tickets,
    rematch_waiting,
)
from tickets.services.signs import (
    settle_sign,
)
from tickets.services.staging import (
    StagedFile,
    stage_file,
)
from tickets.services.summonses import (
    enter_summons,
)

__all__ = [
    "AlreadyBorne",
    "AlreadyCharged",
    "AlreadyDecided",
    "AlreadyFleets",
    "AlreadyImported",
    "ChangeActInvalid",
    "ChangeNotFound",
    "ChargeAlreadyVoided",
    "ChargeNotFound",
    "ChargeTypeNotActive",
    "DriverNotKnown",
    "FileKindInvalid",
    "FileKnownAsOtherKind",
    "ImportNotFound",
    "LeaseMismatch",
    "NotChargeable",
    "NotCharged",
    "NotWaiting",
    "RefundIsFinal",
    "StagedFile",
    "TicketChanged",
    "TicketDismissed",
    "TicketDisputed",
    "TicketError",
    "TicketFileInvalid",
    "TicketInvalid",
    "TicketKnown",
    "TicketNotFound",
    "TicketsRefused",
    "TollRefunded",
    "assign_ticket",
    "confirm_import",
    "correct_ticket",
    "create_misc_charge",
    "decide_change",
    "dismiss_ticket",
    "dispute_ticket",
    "enter_summons",
    "finish_import",
    "import_next_lot",
    "import_part",
    "let_fleet_pay",
    "rematch_tickets",
    "rematch_waiting",
    "settle_sign",
    "stage_file",
    "start_import",
    "void_misc_charge",
]
