"""Which tables of leases are sealed: settlements of deposits, which were handed out as they stand."""

from core.seals import SealedTable, register_table

register_table(
    SealedTable(
        table="leases_deposit_settlements",
        encodings={
            1: "id lease_id driver_id settled_on settled_at:moment settled_by_id reason posted received:money "
            "held:money from_credits:money applied:money released:money kept:money payout_reference items:json"
        },
        written_at="r.settled_at",
    )
)
