"""The cut: where one statement of a driver's account ends and the next begins."""

from collections.abc import Collection

from django.db import connection
from django.db.models import OuterRef, Subquery

from ledger.locks import lock_accounts
from ledger.models import LedgerAccount, LedgerPosting
from ledger.selectors.cuts import AccountCut
from ledger.services.transactions import money_transaction


@money_transaction
def cut_accounts(*, driver_ids: Collection[int]) -> list[AccountCut]:
    """Seal everything posted so far for these drivers, and return what each cut covers, in id order of the drivers.

    An account without postings since its last cut stays where it is (``sealed_through`` equals ``previous_cut``).
    Called inside the transaction that stores the statements: the accounts stay locked to its end, so that no posting of
    these drivers comes in between, and from then on the database refuses ids at or below the cut.

    :raises DriverNotFound: one of them does not exist
    :raises LedgerBusy: an account was not free in time
    """
    lock_accounts(driver_ids)
    # A statement of its own, after the locks: it sees what their last holders committed.
    newest = LedgerPosting.objects.filter(driver_id=OuterRef("pk")).order_by("-id").values("id")[:1]
    accounts = LedgerAccount.objects.filter(driver_id__among=driver_ids).annotate(newest=Subquery(newest))
    cuts = [
        AccountCut(driver_id, previous_cut, newest or previous_cut)
        for driver_id, previous_cut, newest in accounts.order_by("driver_id").values_list(
            "driver_id", "sealed_through", "newest"
        )
    ]
    _move([cut for cut in cuts if cut.sealed_through > cut.previous_cut])
    return cuts


def _move(cuts: list[AccountCut]) -> None:
    if not cuts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE ledger_accounts SET sealed_through = cut.sealed_through
            FROM unnest(%s::bigint[], %s::bigint[]) AS cut (driver_id, sealed_through)
            WHERE ledger_accounts.driver_id = cut.driver_id
            """,
            [[cut.driver_id for cut in cuts], [cut.sealed_through for cut in cuts]],
        )
