"""The ASGI application."""

import gc
import os
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django import setup
from django.apps import apps
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.places import Places

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Threads that wait for a request; more are made while more requests come at once.
MOST_IDLE = 64


class _AfterBody:
    """What comes of a request whose body is there: that its client has gone."""

    def __init__(self, body: IO[bytes], receive: Any) -> None:
        self.body, self._receive = body, receive

    async def __call__(self) -> Any:
        return await self._receive()


class OneThreadHandler(ASGIHandler):
    """Django's own, but a request goes to its thread once, where each middleware would take it there and back.

    It waits for its place among a few when it has come whole, so that no slow client holds one. The threads are kept:
    to make one, with all that Django has for each, takes a sixth of the time of a payment. Of a client who goes away
    the thread is kept too, once it is done: Django tells in it that the request is over.
    """

    def __init__(self) -> None:
        super().__init__()
        self._idle: list[ThreadPoolExecutor] = []
        self._places = Places()

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise ValueError(f"HTTP alone is served, not {scope['type']}.")
        try:
            rest = _AfterBody(await super().read_body(receive), receive)
        except RequestAborted:
            return
        async with self._places.take():
            thread = self._idle.pop() if self._idle else ThreadPoolExecutor(max_workers=1)
            try:
                async with ThreadSensitiveContext(executor=thread):
                    await super().__call__(scope, rest, send)
            finally:
                if len(self._idle) < MOST_IDLE:
                    self._idle.append(thread)
                else:
                    thread.shutdown(wait=False)

    async def read_body(self, receive: Any) -> IO[bytes]:
        body: IO[bytes] = receive.body
        return body

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


if not apps.ready:
    gc.disable()  # as in manage.py: until core's app has it look again
setup(set_prefix=False)
_application = OneThreadHandler()

from config import startup  # noqa: E402  (it reads the apps, which are there only now)
from config.bodies import bound_asgi  # noqa: E402

startup.begin()
application = bound_asgi(_application)
