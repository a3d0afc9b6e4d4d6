"""Card trips and the declined or duplicate card transactions that are the very same rides."""

from django.db import connection

from curb.models import TripFile
from curb.rules import DOUBTFUL_STATES, PaymentType

# A transaction has the minute in which its trip began, a trip the second. The pairs are found once: as a part of the
# UPDATE they may be looked for again for each trip there is, where the tables have grown since they were last analyzed.
_PAIR = """
WITH pair AS MATERIALIZED (
    SELECT t.id AS trip_id, min(x.id) AS transaction_id
    FROM curb_card_transactions x
    JOIN curb_trips t ON t.start_at >= date_trunc('minute', x.start_at)
        AND t.start_at < date_trunc('minute', x.start_at) + interval '1 minute'
        AND (t.cab, t.license, t.service_number, t.total + t.passed_through)
            = (x.cab, x.license, x.service_number, x.amount)
    WHERE x.state = ANY(%(doubtful)s) AND x.is_current AND t.payment_type = %(card)s AND t.is_current
        AND t.paired_with_id IS NULL AND {of_file}
    GROUP BY t.id
)
UPDATE curb_trips t SET paired_with_id = pair.transaction_id FROM pair WHERE t.id = pair.trip_id
"""


def pair_rows_of(file: TripFile) -> int:
    """Pair what a file brought with what is there, and return how many trips were paired; in the caller's transaction.

    A pair is alike in cab, license, NUM_SERVICE, minute of the start, and amount; nothing less makes one.
    """
    of_file = "x.file_id = %(file)s" if file.origin == TripFile.Origin.TRANSACTIONS else "t.file_id = %(file)s"
    with connection.cursor() as cursor:
        cursor.execute(
            _PAIR.format(of_file=of_file),
            {
                "file": file.pk,
                "card": PaymentType.CARD.value,
                "doubtful": [state.value for state in DOUBTFUL_STATES],
            },
        )
        paired: int = cursor.rowcount
    return paired
