"""Events: each act's facts, in the act's own transaction, numbered so that whoever goes on by a number misses none."""

import re
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from core import selectors, services
from core.events import list_kinds, list_sources
from core.models import Event, EventMark, Fact
from core.services.tokens import create_api_token
from leases.models import Driver
from ledger import services as ledger
from tests.events import told
from tests.factories import DriverFactory, UserFactory
from tests.guards import refusals_of_changes

PROJECT = Path(__file__).resolve().parents[2]
ADDRESS = "/api/events"


def owe(driver: Driver, reference: str, amount: str = "60.00") -> int:
    posting = ledger.create_obligation(
        category="MISC",
        amount=Decimal(amount),
        reference_id=reference,
        driver_id=driver.pk,
        effective_on=timezone.localdate(),
    )
    return posting.pk


def pay(driver: Driver, reference: str, amount: str) -> Any:
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(amount)},
        driver_id=driver.pk,
        payment_method="CASH",
        effective_on=timezone.localdate(),
    )


@pytest.mark.django_db
class TestFacts:
    def test_a_payment_tells_what_it_did_in_order(self):
        driver = DriverFactory.create()
        posting = owe(driver, "MISC-1")
        payment = pay(driver, "MISC-1", "40.00")
        ledger.void_posting(posting_id=posting + 2, reason="wrong", effective_on=timezone.localdate(), actor=None)

        kinds = told()

        assert [kind for kind, _ in kinds] == ["driver_added", "posted", "paid", "posted", "posted", "voided"]
        assert kinds[1][1] == {
            "posting_id": posting,
            "kind": "OBLIGATION",
            "entry_type": "DEBIT",
            "category": "MISC",
            "amount": "60.00",
            "reference_id": "MISC-1",
            "driver_id": driver.pk,
            "lease_id": None,
            "vehicle_id": None,
            "balance_id": None,
            "funding_id": None,
            "reverses_id": None,
            "payment_id": None,
            "payout_id": None,
            "due_on": kinds[1][1]["due_on"],
            "effective_on": timezone.localdate().isoformat(),
        }
        assert kinds[2][1]["reference_id"] == payment.reference_id
        assert (kinds[2][1]["amount"], kinds[2][1]["deposit"]) == ("40.00", "0.00")
        assert kinds[5][1]["reverses_id"] == posting + 2

    def test_an_act_that_is_rolled_back_tells_nothing(self):
        driver = DriverFactory.create()
        before = told()

        def undo() -> None:
            with transaction.atomic():
                owe(driver, "MISC-1")
                Driver.objects.filter(pk=driver.pk).update(status="INACTIVE")
                raise RuntimeError

        with pytest.raises(RuntimeError):
            undo()

        assert told() == before

    def test_many_rows_are_told_by_one_statement_and_what_did_not_change_is_not(self):
        drivers = DriverFactory.create_batch(3)
        services.number_events()
        last = selectors.get_last_event_id()

        Driver.objects.filter(pk__in=[driver.pk for driver in drivers[:2]]).update(status="INACTIVE")
        Driver.objects.update(status="INACTIVE")

        assert [(kind, data["driver_id"]) for kind, data in told(last)] == [
            ("driver_changed", drivers[0].pk),
            ("driver_changed", drivers[1].pk),
            ("driver_changed", drivers[2].pk),
        ]

    def test_numbering_again_adds_nothing(self):
        owe(DriverFactory.create(), "MISC-1")

        assert services.number_events() == 2
        assert services.number_events() == 0

    def test_facts_and_their_numbers_are_never_changed(self):
        told()
        DriverFactory.create()
        services.number_events()

        assert refusals_of_changes("core_facts", "kind") == {"core_facts_append_only"}
        assert refusals_of_changes("core_events", "kind") == {"core_events_append_only"}


class TestKinds:
    def test_every_kind_that_is_written_is_known_and_the_other_way_round(self):
        written: set[str] = set()
        for file in PROJECT.glob("*/sql/guards.sql"):
            for told_by in re.findall(r"core_tell_facts\(\s*\$\$(.*?)\$\$", file.read_text(), re.DOTALL):
                written |= set(re.findall(r"(?:^|THEN|ELSE)\s*'([a-z_]+)'", told_by))
        for source in list_sources():
            written |= set(re.findall(r"'([a-z_]+)'", source.kind))

        assert written == set(list_kinds())

    def test_the_document_lists_each(self):
        table = (PROJECT / "docs" / "events.md").read_text()

        assert set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)) == set(list_kinds())

    @pytest.mark.django_db
    def test_rows_that_are_facts_are_only_added(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%append_only'")
            guarded = {row[0] for row in cursor.fetchall()}

        assert {source.table for source in list_sources()} <= guarded


@pytest.mark.django_db(transaction=True)
class TestNumbers:
    def test_what_commits_late_gets_a_later_number(self):
        """Two sessions: the one that drew its id first commits last, and is not missed."""
        early, late = DriverFactory.create_batch(2)
        owe(early, "MISC-0")  # the books are open by now, and nobody waits for another to open them
        services.number_events()
        last = selectors.get_last_event_id()
        drawn, go_on = threading.Event(), threading.Event()

        def post_slowly() -> None:
            try:
                with transaction.atomic():
                    owe(late, "MISC-1")
                    drawn.set()
                    assert go_on.wait(30)
            finally:
                connections.close_all()

        slow = threading.Thread(target=post_slowly)
        slow.start()
        assert drawn.wait(30)
        quick_id = owe(early, "MISC-2")
        services.number_events()
        seen, after = selectors.list_events_after(last, limit=1000)
        assert [event.data["reference_id"] for event in seen] == ["MISC-2"]
        mark = EventMark.objects.get(pk="ledger_postings")
        assert (mark.through < quick_id, mark.pending) == (True, quick_id)

        services.number_events()
        assert EventMark.objects.get(pk="ledger_postings").through == mark.through, "while it is not over"
        go_on.set()
        slow.join(30)
        services.number_events()

        missed, _ = selectors.list_events_after(after, limit=1000)
        assert [(event.kind, event.data["reference_id"]) for event in missed] == [("posted", "MISC-1")]
        assert missed[0].data["posting_id"] < quick_id
        services.number_events()
        assert EventMark.objects.get(pk="ledger_postings").through == quick_id
        assert Event.objects.filter(source="ledger_postings").count() == 3

    def test_one_session_numbers_at_a_time(self):
        DriverFactory.create()
        at_it, go_on = threading.Event(), threading.Event()

        def number_slowly() -> None:
            try:
                with transaction.atomic():
                    services.number_events()
                    at_it.set()
                    assert go_on.wait(30)
            finally:
                connections.close_all()

        slow = threading.Thread(target=number_slowly)
        slow.start()
        assert at_it.wait(30)
        assert services.number_events() is None
        go_on.set()
        slow.join(30)
        assert services.number_events() == 0
        assert Fact.objects.count() == Event.objects.count() == 1


def client_with(*permissions: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    user = UserFactory.create(permissions=permissions)
    token = create_api_token(user=user, name="events", scope="READ", now=timezone.now())
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
    return client


@pytest.mark.django_db
class TestPull:
    def test_goes_on_from_the_last_number(self):
        client = client_with("core.view_event")
        driver = DriverFactory.create()
        owe(driver, "MISC-1")
        pay(driver, "MISC-1", "40.00")
        services.number_events()

        first = client.get(ADDRESS, {"limit": "2"}).json()
        then = client.get(ADDRESS, {"after": first["next_after"], "kinds": "paid,voided"}).json()
        nothing = client.get(ADDRESS, {"after": then["next_after"]}).json()

        assert [event["type"] for event in first["results"]] == ["driver_added", "posted"]
        assert [(event["type"], event["data"]["amount"]) for event in then["results"]] == [("paid", "40.00")]
        assert then["results"][0].keys() == {"id", "type", "timestamp", "data"}
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d", then["results"][0]["timestamp"])
        assert nothing == {"results": [], "next_after": selectors.get_last_event_id()}
        owe(driver, "MISC-2")
        services.number_events()
        (last,) = client.get(ADDRESS, {"after": nothing["next_after"]}).json()["results"]
        assert last["data"]["reference_id"] == "MISC-2"

    def test_asks_the_same_few_questions_however_many_there_are(self, django_assert_max_num_queries):
        for number in range(30):
            owe(DriverFactory.create(), f"MISC-{number + 1}")
        services.number_events()

        with django_assert_max_num_queries(4):
            events, _ = selectors.list_events_after(0, limit=1000)

        assert len(events) == 60

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("after=-1", "after"),
            ("after=1.0", "after"),
            ("after=%D9%A1", "after"),
            ("after=9223372036854775808", "after"),
            ("after=1&after=2", "after"),
            ("limit=0", "limit"),
            ("limit=1001", "limit"),
            ("kinds=paid,unknown", "kinds"),
            ("kinds=", "kinds"),
            ("since=1", "since"),
        ],
    )
    def test_refuses_what_it_does_not_know_by_name(self, query, field):
        answer = client_with("core.view_event").get(f"{ADDRESS}?{query}")

        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid_input"
        assert {error["field"] for error in answer.json()["errors"]} == {field}

    def test_is_for_whoever_may_see_events(self):
        assert client_with("ledger.view_ledgerposting").get(ADDRESS).status_code == 403
        assert APIClient().get(ADDRESS).status_code == 401
        assert client_with("core.view_event").post(ADDRESS, {}).status_code == 405
