"""Facts of the pay week: a DTR's row is one itself; triggers of the week's row tell the others (``dtr/sql``)."""

from core.events import Source, as_data, register_kinds, register_rows

register_kinds(
    {
        "dtr_sealed": "A DTR was sealed",
        "week_close_started": "The close of a week began",
        "week_closed": "A week was closed",
    }
)
register_rows(
    Source(
        table="dtr_dtrs",
        kind="'dtr_sealed'",
        at="r.sealed_at",
        data=as_data(
            dtr_id="r.id",
            reference_id="'DTR-' || lpad(r.number::text, 6, '0')",
            week_end="r.week_end",
            driver_id="r.driver_id",
            lease_id="r.lease_id",
            held="r.held::text",
            deposits="r.deposits::text",
            owed_due="r.owed_due::text",
            owed_since="r.owed_since::text",
            owed_later="r.owed_later::text",
            net_due="(r.held - r.owed_due)::text",
        ),
    )
)
