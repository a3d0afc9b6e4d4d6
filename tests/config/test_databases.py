import pytest

from config.databases import UnsupportedDatabase, database_for_owner, database_from_url, with_pool
from config.embedded import postgres
from core.capacity import Needs


def test_url_with_every_part():
    settings = database_from_url("postgresql://fleet:p%40ss@db.example:5433/ledger?sslmode=require")

    assert settings == {
        "NAME": "ledger",
        "USER": "fleet",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


def test_url_of_a_socket():
    settings = database_from_url("postgres:///ledger?host=/run/postgresql")

    assert (settings["HOST"], settings["NAME"], settings["OPTIONS"]) == ("/run/postgresql", "ledger", {})


def test_other_databases_are_refused():
    with pytest.raises(UnsupportedDatabase, match="mysql"):
        database_from_url("mysql://localhost/ledger")


def test_the_pool_has_a_connection_for_each_thread():
    pool = with_pool(database_from_url("postgresql://localhost/ledger"), threads=7)["OPTIONS"]["pool"]

    assert pool["max_size"] == 7


def test_no_threads_no_pool():
    assert "pool" not in with_pool(database_from_url("postgresql://localhost/ledger"), threads=0)["OPTIONS"]


def test_migrations_run_as_the_product_unless_they_are_given_an_owner():
    product = database_from_url("postgresql://fleet_app:a@db/ledger")

    assert database_for_owner("", product) is product
    assert database_for_owner("postgresql://fleet:b@db/ledger", product)["USER"] == "fleet"


def test_with_two_roles_the_products_must_be_named():
    with pytest.raises(UnsupportedDatabase, match="must name its user"):
        database_for_owner("postgresql://fleet:b@db/ledger", database_from_url("postgresql:///ledger"))


def test_nobody_waits_for_a_connection_longer_than_a_few_seconds():
    made = with_pool(database_from_url("postgresql://localhost/ledger"), threads=7)
    given = with_pool(
        database_from_url("postgresql://localhost/ledger?connect_timeout=2&tcp_user_timeout=9000"), threads=0
    )

    assert (made["OPTIONS"]["pool"]["timeout"], made["OPTIONS"]["connect_timeout"]) == (5, 5)
    assert (given["OPTIONS"]["connect_timeout"], given["OPTIONS"]["tcp_user_timeout"]) == ("2", "9000")
    # Nor for a server that is gone, while it waits for an answer.
    waits = made["OPTIONS"]["keepalives_idle"] + made["OPTIONS"]["keepalives_interval"] * 3
    assert (waits, made["OPTIONS"]["tcp_user_timeout"]) == (30, 30_000)


def test_our_own_server_has_room_for_what_serve_starts():
    kept_for_superusers = 3
    room = int(postgres._OPTIONS["max_connections"]) - kept_for_superusers

    assert Needs(web_processes=1, threads=16, celery_processes=4).total <= room
