"""Every service as a coroutine of the same name and signature, on a worker thread; transactions as in the service."""

from config.kit.aio import async_twin
from dtr import services

claim_batch = async_twin(services.claim_batch)
close_week = async_twin(services.close_week)
credit_earnings = async_twin(services.credit_earnings)
finish_week = async_twin(services.finish_week)
generate_dtrs = async_twin(services.generate_dtrs)
import_trips = async_twin(services.import_trips)
match_waiting_trips = async_twin(services.match_waiting_trips)
note_failure = async_twin(services.note_failure)
preview_week = async_twin(services.preview_week)
retry_failed_batches = async_twin(services.retry_failed_batches)
run_batch = async_twin(services.run_batch)
run_step = async_twin(services.run_step)
start_week = async_twin(services.start_week)
take_batches = async_twin(services.take_batches)
