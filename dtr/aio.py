"""Every service as a coroutine of the same name and signature, on a worker thread; transactions as in the service.

Those that ask CURB wait for the network in the caller's own loop, and go to a thread only to write.
"""

from datetime import date

from django.contrib.auth.models import User

from config.kit.aio import async_twin
from dtr import services
from dtr.curb import CurbAccount, Patience
from dtr.services import curb, reconciliations

bind_trip = async_twin(services.bind_trip)
claim_batch = async_twin(services.claim_batch)
close_week = async_twin(services.close_week)
credit_earnings = async_twin(services.credit_earnings)
finish_week = async_twin(services.finish_week)
generate_dtrs = async_twin(services.generate_dtrs)
import_trips = async_twin(services.import_trips)
match_waiting_trips = async_twin(services.match_waiting_trips)
note_failure = async_twin(services.note_failure)
pay_dtr = async_twin(services.pay_dtr)
pay_dtrs = async_twin(services.pay_dtrs)
preview_week = async_twin(services.preview_week)
retry_failed_batches = async_twin(services.retry_failed_batches)
run_batch = async_twin(services.run_batch)
run_step = async_twin(services.run_step)
start_week = async_twin(services.start_week)
take_batches = async_twin(services.take_batches)


async def import_curb_earnings(
    *,
    from_on: date,
    to_on: date,
    account: CurbAccount | None = None,
    patience: Patience | None = None,
    actor: User | None = None,
) -> services.CurbImport:
    account = account or curb.get_curb_account()
    done = services.CurbImport()
    for days in curb.split_days(from_on, to_on):
        fetched = await curb.fetch_days(days, account=account, patience=patience)
        done += await async_twin(curb.keep_fetched)(fetched, actor=actor)
    return curb.check_complete(done)


async def reconcile_trips(
    *, account: CurbAccount | None = None, patience: Patience | None = None
) -> services.Settlement:
    account = account or curb.get_curb_account()
    await async_twin(reconciliations.make_receipts)()
    receipts = await async_twin(reconciliations.list_what_to_send)()
    answers = await reconciliations.send_receipts(receipts, account=account, patience=patience)
    return await async_twin(reconciliations.note_answers)(answers)
