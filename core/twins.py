"""Sync services for async callers.

A service is sync inside, since Django's transactions are. Its twin runs it on a worker thread, where it opens and ends
its own transaction on a connection of its own.
"""

import asyncio
import contextvars
import functools
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import connections

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@functools.cache
def _threads() -> ThreadPoolExecutor:
    """As many threads as the pool has connections: calls queue here, and never time out waiting for a connection."""
    return ThreadPoolExecutor(max_workers=settings.WORKER_THREADS, thread_name_prefix="service")


def async_twin(service: Callable[_Arguments, _Result]) -> Callable[_Arguments, Coroutine[Any, Any, _Result]]:
    """Return ``service`` as a coroutine function of the same name and signature, one transaction per call.

    A call that was begun runs to its end even when its caller is cancelled: what it commits stays committed, as with a
    request whose client has gone. One that still waits for a thread is dropped.
    """

    def call_and_return_connection(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return service(*args, **kwargs)
        finally:
            connections.close_all()

    @functools.wraps(service)
    async def twin(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        call = functools.partial(call_and_return_connection, *args, **kwargs)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(_threads(), context.run, call)

    return twin
