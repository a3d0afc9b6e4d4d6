"""What is asked of each store, and how it answers: the database, Redis, the disk, the files of pages."""

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.heartbeat import Sign, open_redis, read_signs

#: A file that every page needs.
_ON_EVERY_PAGE = "core/admin.css"


@dataclass(frozen=True, slots=True)
class Schema:
    """The migrations that the code has and the database lacks, and how many it has: each as `app.name`."""

    missing: tuple[str, ...]
    applied: int


@dataclass(frozen=True, slots=True)
class Disk:
    """Of ``DATA_DIR``, in bytes."""

    free: int
    size: int

    @property
    def is_full(self) -> bool:
        return self.free < settings.DISK_LEAST_MB * 2**20


def read_schema() -> Schema:
    """Compare the migrations here with those of the database; one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        applied = set(cursor.fetchall())
    missing = sorted(_list_migrations() - applied)
    return Schema(tuple(f"{app}.{name}" for app, name in missing), len(applied))


@cache
def _list_migrations() -> frozenset[tuple[str, str]]:
    # What was squashed is left out of the graph, whichever of both stands in the database.
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return frozenset(key for key in loader.graph.nodes)


def read_redis(*, seconds: float) -> dict[str, Sign]:
    """Return the signs of life that stand in Redis.

    :raises redis.RedisError: it does not answer
    """
    with open_redis(seconds=seconds) as redis:
        redis.ping()
        return read_signs(redis)


def read_redis_and_version(*, seconds: float) -> tuple[dict[str, Sign], str]:
    """Return the signs of life, and which Redis keeps them.

    :raises redis.RedisError: it does not answer
    """
    with open_redis(seconds=seconds) as redis:
        told: Any = redis.info("server")
        return read_signs(redis), str(told["redis_version"])


def read_disk() -> Disk:
    """:raises OSError: the folder can't be read"""
    usage = shutil.disk_usage(settings.DATA_DIR)
    return Disk(usage.free, usage.total)


def check_static() -> None:
    """Look whether this process finds the files of pages, as `collectstatic` laid them down before it began.

    :raises FileNotFoundError: the list of them is missing, or what stands in it
    """
    storage: Any = staticfiles_storage
    if not hasattr(storage, "hashed_files"):
        return  # a person's own machine: they are served from where they lie
    stored = storage.hashed_files.get(_ON_EVERY_PAGE)
    if stored is None:
        raise FileNotFoundError("the manifest of static files was missing when this process began: collectstatic")
    if not Path(storage.path(stored)).is_file():
        raise FileNotFoundError(f"{stored} is missing: collectstatic, and restart")
