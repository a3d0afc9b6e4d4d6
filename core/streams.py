"""Files that are sent piece by piece, so that no process ever holds one whole."""

from collections.abc import AsyncIterator, Iterator
from itertools import chain

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse


def answer_parts(
    request: HttpRequest, parts: Iterator[bytes], *, content_type: str, file_name: str
) -> StreamingHttpResponse:
    """Return a file that is sent while it is made of these parts, which a client keeps under this name.

    The first part is made before: what goes wrong with it is answered as ever. Later the connection is broken off, by
    which a client knows that the file is not whole.
    """
    begun = chain([next(parts)], parts)
    # Django reads an iterator to its end before it sends anything, where the server is asynchronous and it is not.
    sent = _take_in_thread(begun) if isinstance(request, ASGIRequest) else begun
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingHttpResponse(sent, content_type=content_type, headers=headers)


class SentFile(FileResponse):
    """A file on the disk, of which the asynchronous server too has a piece at a time; Django would read it whole."""

    block_size = 2**18

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in _take_in_thread(iter(self.streaming_content)):  # type: ignore[arg-type]  # never async here
            yield part


async def _take_in_thread(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Make each part in the request's own thread, which has its connection to the database."""

    def take() -> bytes | None:
        return next(parts, None)

    while (part := await sync_to_async(take)()) is not None:
        yield part
