"""Which tables of the pay week are sealed: DTRs with their lines, and what was overruled before a close."""

from core.seals import SealedTable, register_table

register_table(
    SealedTable(
        table="dtr_dtrs",
        encodings={
            1: "id number week_end driver_id lease_id previous_cut sealed_through sealed_at:moment sealed_in "
            "held:money deposits:money owed_due:money owed_since:money owed_later:money sealed_on driver_name "
            "tlc_license lease_type lease_start_on lease_end_on medallion plate fleet_name fleet_address fleet_phone "
            "told:json template card_trips card_total:money cash_trips cash_total:money other_trips other_total:money "
            "taxes_total:money"
        },
        written_at="r.sealed_at",
    )
)
register_table(
    SealedTable(
        table="dtr_lines",
        encodings={
            1: "id dtr_id entry_type category opening:money from_before:money opened:money corrected:money "
            "receipts_voided:money paid:money applied:money from_deposit:money undone:money written_off:money "
            "write_offs_undone:money paid_out:money payouts_undone:money closing:money balance:money"
        },
        written_at="(SELECT d.sealed_at FROM dtr_dtrs d WHERE d.id = r.dtr_id)",
    )
)
register_table(
    SealedTable(
        table="dtr_overrules",
        encodings={1: "id week_end check_name finding reason overruled_by_id overruled_at:moment"},
        written_at="r.overruled_at",
    )
)
