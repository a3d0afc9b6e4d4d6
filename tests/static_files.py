"""The static files are looked for once, not by each test's client: the middleware of each lists them all anew."""

from typing import Any

from whitenoise.middleware import WhiteNoiseMiddleware

#: By the address that they are below: by their own address, each file with its headers.
_found: dict[str, dict[str, Any]] = {}

_look = WhiteNoiseMiddleware.add_files_from_finders


def install() -> None:
    setattr(WhiteNoiseMiddleware, "add_files_from_finders", _add_files)  # noqa: B010  (mypy: a method of WhiteNoise's)


def _add_files(middleware: Any) -> None:
    if middleware.static_prefix not in _found:
        collected, middleware.files = middleware.files, {}
        _look(middleware)
        _found[middleware.static_prefix], middleware.files = middleware.files, collected
    middleware.files.update(_found[middleware.static_prefix])
