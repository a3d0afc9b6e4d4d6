"""Every write of tickets. Functions are keyword-only and own their transactions; their errors come with them."""

from leases.errors import LeaseMismatch
from tickets.errors import (
    AlreadyCharged,
    AlreadyImported,
    ChargeAlreadyVoided,
    ChargeNotFound,
    ChargeTypeNotActive,
    FileKindInvalid,
    FileKnownAsOtherKind,
    ImportNotFound,
    NotChargeable,
    NotCharged,
    RefundIsFinal,
    TicketChanged,
    TicketDismissed,
    TicketDisputed,
    TicketError,
    TicketFileInvalid,
    TicketInvalid,
    TicketKnown,
    TicketNotFound,
    TollRefunded,
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
from tickets.services.staging import (
    StagedFile,
    stage_file,
)
from tickets.services.summonses import (
    enter_summons,
)

__all__ = [
    "AlreadyCharged",
    "AlreadyImported",
    "ChargeAlreadyVoided",
    "ChargeNotFound",
    "ChargeTypeNotActive",
    "FileKindInvalid",
    "FileKnownAsOtherKind",
    "ImportNotFound",
    "LeaseMismatch",
    "NotChargeable",
    "NotCharged",
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
    "TollRefunded",
    "assign_ticket",
    "confirm_import",
    "correct_ticket",
    "create_misc_charge",
    "dismiss_ticket",
    "dispute_ticket",
    "enter_summons",
    "finish_import",
    "import_next_lot",
    "import_part",
    "rematch_tickets",
    "rematch_waiting",
    "stage_file",
    "start_import",
    "void_misc_charge",
]
