"""Every service as a coroutine of the same name and signature: one transaction per call, on a worker thread."""

from core.twins import async_twin
from dtr import services

claim_batch = async_twin(services.claim_batch)
close_week = async_twin(services.close_week)
credit_earnings = async_twin(services.credit_earnings)
finish_week = async_twin(services.finish_week)
generate_dtrs = async_twin(services.generate_dtrs)
note_failure = async_twin(services.note_failure)
overrule_check = async_twin(services.overrule_check)
pay_dtr = async_twin(services.pay_dtr)
pay_dtrs = async_twin(services.pay_dtrs)
preview_driver = async_twin(services.preview_driver)
preview_week = async_twin(services.preview_week)
refresh_audits = async_twin(services.refresh_audits)
retry_failed_batches = async_twin(services.retry_failed_batches)
run_batch = async_twin(services.run_batch)
run_step = async_twin(services.run_step)
start_week = async_twin(services.start_week)
take_batches = async_twin(services.take_batches)
