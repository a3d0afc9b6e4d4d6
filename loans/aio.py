"""Every service of loans as a coroutine of the same name and signature."""

from core.twins import async_twin
from loans import services

disburse_loan = async_twin(services.disburse_loan)
hold_loan = async_twin(services.hold_loan)
pay_off_loan = async_twin(services.pay_off_loan)
preview_loan = async_twin(services.preview_loan)
restore_schedule = async_twin(services.restore_schedule)
resume_loan = async_twin(services.resume_loan)
set_plan_bands = async_twin(services.set_plan_bands)
void_loan = async_twin(services.void_loan)
write_off_loan = async_twin(services.write_off_loan)
