"""Facts of repairs; triggers of their table tell them (``repairs/sql``)."""

from core.events import register_kinds

register_kinds(
    {
        "repair_held": "A repair's installments were put on hold",
        "repair_invoiced": "A workshop's invoice was entered",
        "repair_resumed": "A repair's installments go on",
        "repair_voided": "A repair was voided",
    }
)
