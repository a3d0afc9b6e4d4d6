"""Every service of repairs as a coroutine of the same name and signature."""

from core.twins import async_twin
from repairs import services

create_invoice = async_twin(services.create_invoice)
hold_invoice = async_twin(services.hold_invoice)
preview_invoice = async_twin(services.preview_invoice)
resume_invoice = async_twin(services.resume_invoice)
set_plan_bands = async_twin(services.set_plan_bands)
void_invoice = async_twin(services.void_invoice)
