"""What was sealed, compared with its rows since the last verification; the nightly one goes through the older ones."""

from collections.abc import Iterator

from core.audits import audit
from ledger.audits.queries import MAX_ROWS
from ledger.selectors.seal_findings import iter_findings, list_parts
from ledger.selectors.seals import find_last_seal_check, get_sealing

#: Sealing runs each minute; what waits for so many seconds waits for somebody to look.
TOO_LONG = 24 * 60 * 60


@audit("ledger.seals", "What was sealed is as it was, each seal follows the one before, and nothing waits for a day.")
def find_tampering() -> Iterator[str]:
    sealing = get_sealing()
    last = find_last_seal_check()
    findings = iter_findings(list_parts(last, sealing.number, is_whole=False, with_older=False), last)
    for _, finding in zip(range(MAX_ROWS), findings, strict=False):
        yield finding.sentence
    # Before the first seal there is nothing that stands still.
    if sealing.number and sealing.lag_seconds > TOO_LONG:
        hours = sealing.lag_seconds // 3600
        yield f"Nothing was sealed for {hours} hours: {sealing.waiting_rows} rows wait."
