"""Every service as a coroutine of the same name and signature, on a worker thread; transactions as in the service.

Those that ask CURB wait for the network in the caller's own loop, and go to a thread only to write. What freezes
trips has no twin: it works in the transaction of whoever closes a week.
"""

from datetime import date

from django.contrib.auth.models import User

from core.twins import async_twin
from core.weeks import Week
from curb import services
from curb.client import CurbAccount, Patience
from curb.services import imports, reconciliations

bind_trip = async_twin(services.bind_trip)
count_file_back = async_twin(services.count_file_back)
count_trip_back = async_twin(services.count_trip_back)
decide_payment = async_twin(services.decide_payment)
expect_card_trips = async_twin(services.expect_card_trips)
import_trips = async_twin(services.import_trips)
look_at_sums = async_twin(services.look_at_sums)
mark_seen = async_twin(services.mark_seen)
match_waiting_trips = async_twin(services.match_waiting_trips)
move_trip = async_twin(services.move_trip)
preview_correction = async_twin(services.preview_correction)
preview_ruling = async_twin(services.preview_ruling)
rule_attribute = async_twin(services.rule_attribute)


async def import_curb_earnings(
    *,
    from_on: date,
    to_on: date,
    account: CurbAccount | None = None,
    patience: Patience | None = None,
    actor: User | None = None,
) -> services.CurbImport:
    account = account or imports.get_curb_account()
    done = services.CurbImport()
    for days in imports.split_days(from_on=from_on, to_on=to_on):
        asked_at = await async_twin(imports.read_clock)()
        fetched = await imports.fetch_days(days, account=account, patience=patience)
        done += await async_twin(imports.keep_fetched)(fetched=fetched, asked_at=asked_at, actor=actor)
    return imports.check_complete(done)


async def reconcile_trips(
    *, closed_through: Week, account: CurbAccount | None = None, patience: Patience | None = None
) -> services.Settlement:
    account = account or imports.get_curb_account()
    await async_twin(reconciliations.make_receipts)(closed_through=closed_through)
    receipts = await async_twin(reconciliations.list_what_to_send)()
    answers = await reconciliations.send_receipts(receipts, account=account, patience=patience)
    return await async_twin(reconciliations.note_answers)(answers=answers)
