"""Every service as a coroutine of the same name and signature: one transaction per call, on a worker thread."""

from core import services
from core.twins import async_twin

create_api_token = async_twin(services.create_api_token)
revoke_api_token = async_twin(services.revoke_api_token)
run_audits = async_twin(services.run_audits)
save_view = async_twin(services.save_view)
forget_view = async_twin(services.forget_view)
