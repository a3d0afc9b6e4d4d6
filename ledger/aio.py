"""Every service as a coroutine of the same name and signature: one transaction per call, on a worker thread."""

from core.twins import async_twin
from ledger import services

apply_deposit = async_twin(services.apply_deposit)
apply_interim_payment = async_twin(services.apply_interim_payment)
apply_weekly_earnings = async_twin(services.apply_weekly_earnings)
create_obligation = async_twin(services.create_obligation)
create_obligations = async_twin(services.create_obligations)
credit_driver = async_twin(services.credit_driver)
credit_drivers = async_twin(services.credit_drivers)
pay_out = async_twin(services.pay_out)
post_earnings = async_twin(services.post_earnings)
post_earnings_batch = async_twin(services.post_earnings_batch)
post_installments = async_twin(services.post_installments)
post_remaining_installments = async_twin(services.post_remaining_installments)
post_scheduled_installments = async_twin(services.post_scheduled_installments)
preview_void = async_twin(services.preview_void)
preview_void_payment = async_twin(services.preview_void_payment)
reduce_to_paid = async_twin(services.reduce_to_paid)
release_deposit = async_twin(services.release_deposit)
replace_obligation = async_twin(services.replace_obligation)
run_audits = async_twin(services.run_audits)
set_waterfall_order = async_twin(services.set_waterfall_order)
void_payment = async_twin(services.void_payment)
void_payout = async_twin(services.void_payout)
void_posting = async_twin(services.void_posting)
write_off_obligation = async_twin(services.write_off_obligation)
