"""What must hold of go-live: what was carried over is what stands in the workbook."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils import timezone

from core import guards
from core.audits import audit
from golive.importers.workbook import check_pages, read_pages
from golive.models import OpeningImport, OpeningRow
from golive.rules import CREDITS, DEBTS, DEPOSITS, DRIVERS, LEASES
from ledger import selectors as ledger

#: The sheets whose rows are postings, how their references begin, and of which kind they are.
_POSTED = (
    (DEBTS, "OPEN-DEBT-", "OBLIGATION"),
    (CREDITS, "OPEN-CREDIT-", "CREDIT_MEMO"),
    (DEPOSITS, "OPEN-DEPOSIT-", "DEPOSIT"),
)


@audit("golive.guards", "What guards the opening balances stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("golive")


@audit("golive.sources", "Whatever was carried over is a row of an imported workbook, and is of its driver and lease.")
def find_postings_of_no_row() -> Iterator[str]:
    parameters = {
        "sheets": [sheet.name for sheet, _, _ in _POSTED],
        "names": [name for _, name, _ in _POSTED],
        "kinds": [kind for _, _, kind in _POSTED],
    }
    yield from ledger.find_wrong_sources(("OPEN",), _RECORDS, parameters)


@audit("golive.amounts", "What was carried over is to the cent what its workbook says, for the driver that it says.")
def find_rows_carried_otherwise() -> Iterator[str]:
    for opening in OpeningImport.objects.filter(imported_at__isnull=False).order_by("pk"):
        assert opening.imported_at is not None
        pages = opening.pages or read_pages(bytes(opening.content))
        read = check_pages(pages, today=timezone.localdate(opening.imported_at))
        become = {(row.sheet, row.reference): row.record_id for row in OpeningRow.objects.filter(opening=opening)}
        sheets = {sheet.name for sheet, _, _ in _POSTED}
        postings = ledger.list_postings().filter(pk__in=[pk for (sheet, _), pk in become.items() if sheet in sheets])
        posted: dict[int, Sequence[Any]] = {
            pk: rest for pk, *rest in postings.values_list("pk", "amount", "driver_id", "lease_id")
        }
        for sheet, name, _ in _POSTED:
            for row in read.rows[sheet.name]:
                record_id = become.get((sheet.name, row["Reference"]))
                if record_id is None or record_id not in posted:
                    yield f"{opening}: {name}{row['Reference']} of {row['Amount']} was never carried over."
                    continue
                driver_id = become.get((DRIVERS.name, str(row.cells.get("TLC license"))))
                lease_id = become.get((LEASES.name, str(row.cells.get("Lease"))))
                if _differ(posted[record_id], (row["Amount"], driver_id, lease_id)):
                    yield (
                        f"{opening}: {name}{row['Reference']} of {row['Amount']} was carried over otherwise (posting "
                        f"{record_id})."
                    )


def _differ(posted: Sequence[Any], told: Sequence[Any]) -> bool:
    """Of who and what was here before the workbook, its rows tell a license alone, which may have been corrected."""
    return any(said is not None and said != stands for stands, said in zip(posted, told, strict=True))


_RECORDS = """
    SELECT p.reference_id, ARRAY[sheet.kind || ' ' || p.category] AS shapes, p.driver_id, p.lease_id,
        NULL::date AS effective_on, NULL::date AS due_on, false AS is_gone
    FROM golive_opening_rows r
        JOIN unnest(%(sheets)s::text[], %(names)s::text[], %(kinds)s::text[]) AS sheet (sheet, name, kind)
            ON sheet.sheet = r.sheet
        JOIN ledger_postings p ON p.id = r.record_id AND p.reference_id = sheet.name || r.reference
"""
