"""Facts of go-live; a trigger of its table tells them (``golive/sql``)."""

from core.events import register_kinds

register_kinds({"opening_imported": "Opening balances were imported"})
