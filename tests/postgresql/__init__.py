"""A database backend for tests alone: it can empty the tables whose triggers refuse TRUNCATE."""
