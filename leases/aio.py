"""Every service of leases as a coroutine of the same name and signature."""

from config.kit.aio import async_twin
from leases import services

start_lease = async_twin(services.start_lease)
