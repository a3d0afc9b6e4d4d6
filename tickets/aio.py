"""Every service as a coroutine of the same name and signature, on a worker thread; transactions as in the service."""

from core.twins import async_twin
from tickets import services

assign_ticket = async_twin(services.assign_ticket)
confirm_import = async_twin(services.confirm_import)
correct_ticket = async_twin(services.correct_ticket)
create_misc_charge = async_twin(services.create_misc_charge)
decide_change = async_twin(services.decide_change)
dismiss_ticket = async_twin(services.dismiss_ticket)
dispute_ticket = async_twin(services.dispute_ticket)
enter_summons = async_twin(services.enter_summons)
finish_import = async_twin(services.finish_import)
import_next_lot = async_twin(services.import_next_lot)
import_part = async_twin(services.import_part)
let_fleet_pay = async_twin(services.let_fleet_pay)
preview_file = async_twin(services.preview_file)
read_again = async_twin(services.read_again)
read_received_file = async_twin(services.read_received_file)
receive_file = async_twin(services.receive_file)
rematch_tickets = async_twin(services.rematch_tickets)
rematch_waiting = async_twin(services.rematch_waiting)
restore_ticket = async_twin(services.restore_ticket)
settle_sign = async_twin(services.settle_sign)
stage_file = async_twin(services.stage_file)
start_import = async_twin(services.start_import)
void_misc_charge = async_twin(services.void_misc_charge)
