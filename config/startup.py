"""What a web process, a worker and beat look at before they begin."""

import logging

import psycopg
from django.conf import settings

from config.surroundings import refuse_weak_key
from core.capacity import find_shortage
from core.migrated import open_session, read_standing, say_lacking, say_unknown

logger = logging.getLogger(__name__)


def begin() -> None:
    """Refuse to start, in one sentence, with a weak key or on a database that lacks migrations; tell what else is odd.

    A database that is newer than the code is only told of: while a version is put in, what still runs of the old one
    may have to start again. One that does not answer is waited for, by answering 503.
    """
    refuse_weak_key(settings.SECRET_KEY)
    try:
        with open_session() as session:
            standing, shortage = read_standing(session), find_shortage(session)
    except psycopg.Error as error:
        logger.warning("The database can't be looked at: %s", " ".join(str(error).split()))
        return
    if standing.must_migrate:
        raise SystemExit(f"{say_lacking(standing)} Until then nothing is started.")
    for sentence in (say_unknown(standing) if standing.unknown else "", shortage):
        if sentence:
            logger.warning("%s", sentence)
