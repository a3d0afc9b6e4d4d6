"""Every service of leases as a coroutine of the same name and signature."""

from core.twins import async_twin
from leases import services

add_driver = async_twin(services.add_driver)
change_weekly_amount = async_twin(services.change_weekly_amount)
end_driver = async_twin(services.end_driver)
give_plate = async_twin(services.give_plate)
give_tag = async_twin(services.give_tag)
hold_lease = async_twin(services.hold_lease)
preview_lease = async_twin(services.preview_lease)
preview_settlement = async_twin(services.preview_settlement)
record_days_away = async_twin(services.record_days_away)
register_vehicle = async_twin(services.register_vehicle)
remove_plate = async_twin(services.remove_plate)
remove_tag = async_twin(services.remove_tag)
resume_lease = async_twin(services.resume_lease)
retire_vehicle = async_twin(services.retire_vehicle)
return_vehicle = async_twin(services.return_vehicle)
settle_deposit = async_twin(services.settle_deposit)
start_lease = async_twin(services.start_lease)
swap_vehicle = async_twin(services.swap_vehicle)
take_back_days_away = async_twin(services.take_back_days_away)
terminate_lease = async_twin(services.terminate_lease)
