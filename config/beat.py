"""Beat as it runs here: the schedule of the database, and a sign of life after each round."""

import socket
from typing import Any

from django_celery_beat.schedulers import DatabaseScheduler

from config.heartbeat import BEAT, Signature


class SigningScheduler(DatabaseScheduler):
    """Signs once a round is done, every five seconds or so: what was due is sent by then, or its failure is logged."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._signature = Signature(BEAT)
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        seconds: float = super().tick(*args, **kwargs)
        self._signature.sign(socket.gethostname())
        return seconds
