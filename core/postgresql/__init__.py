"""Django's backend for PostgreSQL, which tells besides when a COMMIT is on its way (see `core.outages`)."""
