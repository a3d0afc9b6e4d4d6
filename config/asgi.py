"""The ASGI application."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import IO, Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django import setup
from django.apps import apps
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.signals import request_started
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from config.places import Places
from config.requests import AsgiRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Threads that wait for a request; more are made while more requests come at once.
MOST_IDLE = 64


class OneThreadHandler(ASGIHandler):
    """Django's own, but a request goes to its thread once, where Django takes it there and back three times and more.

    It waits for its place among a few when it has come whole, so that no slow client holds one. The threads are kept:
    to make one, with all that Django has for each, takes a sixth of the time of a payment. Of a client who goes away
    the thread is kept too, once it is done: nothing would end what it works on.
    """

    request_class = AsgiRequest

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
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            async with self._places.take(), self._take_thread():
                response = await sync_to_async(self._answer)(scope, body)
                if response.streaming:
                    await self._stream(response, receive, send)
                else:
                    await self.send_response(response, send)

    @asynccontextmanager
    async def _take_thread(self) -> AsyncIterator[None]:
        """Have what asks for a thread go to one and the same, which is nobody else's meanwhile."""
        thread = self._idle.pop() if self._idle else ThreadPoolExecutor(max_workers=1)
        try:
            async with ThreadSensitiveContext(executor=thread):
                yield
        finally:
            if len(self._idle) < MOST_IDLE:
                self._idle.append(thread)
            else:
                thread.shutdown(wait=False)

    def _answer(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        """Do in the request's thread all that Django does there: to the end, but for what is made while it is sent."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response = cast(HttpResponseBase, refusal) if request is None else self.get_response(request)
        response._handler_class = type(self)  # type: ignore[attr-defined]  # which tells that the request is over
        if not response.streaming:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send a response while it is made, until it is whole or the client has gone."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (leaving, sending):
                task.cancel()
            _, ended = await asyncio.gather(leaving, sending, return_exceptions=True)
            await sync_to_async(response.close)()
        if isinstance(ended, Exception):
            raise ended


if not apps.ready:
    gc.disable()  # as in manage.py: until core's app has it look again
setup(set_prefix=False)
_application = OneThreadHandler()

from config import startup  # noqa: E402  (it reads the apps, which are there only now)
from config.bodies import bound_asgi  # noqa: E402

startup.begin()
application = bound_asgi(_application)
