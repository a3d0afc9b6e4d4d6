"""Every service as a coroutine of the same name and signature: one transaction per call, on a worker thread."""

from core import services
from core.twins import async_twin

create_api_token = async_twin(services.create_api_token)
revoke_api_token = async_twin(services.revoke_api_token)
run_audits = async_twin(services.run_audits)
save_view = async_twin(services.save_view)
forget_view = async_twin(services.forget_view)
add_webhook = async_twin(services.add_webhook)
change_webhook = async_twin(services.change_webhook)
pause_webhook = async_twin(services.pause_webhook)
resume_webhook = async_twin(services.resume_webhook)
renew_webhook_secret = async_twin(services.renew_webhook_secret)
delete_webhook = async_twin(services.delete_webhook)
send_again = async_twin(services.send_again)
unlock_sign_in = async_twin(services.unlock_sign_in)
set_up_authenticator = async_twin(services.set_up_authenticator)
take_code = async_twin(services.take_code)
renew_recovery_codes = async_twin(services.renew_recovery_codes)
remove_own_authenticator = async_twin(services.remove_own_authenticator)
reset_authenticator = async_twin(services.reset_authenticator)
