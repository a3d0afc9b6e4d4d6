"""Sealing passes nothing over and goes on after a restore; what is cut off shows by a head; verifications are kept."""

import hashlib
import json
import os
import random
import threading
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse

from core.groups import AUDITOR, CASHIER
from core.seals import list_tables
from leases.models import Driver
from ledger import services as ledger
from ledger.models import LedgerPosting, Seal, SealCheck
from ledger.selectors.seal_findings import TIMES_FOR_ALL, digest_row, list_parts
from tests.books import assert_books_clean
from tests.databases import another_database, dump, restore
from tests.factories import DriverFactory, UserFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes
from tests.ledger.hostile import findings_of, guards_off
from tests.ledger.proofs import charge, pay
from tests.ledger.rawsql import run
from tests.owner import as_owner
from tests.refusals import refused
from tests.threads import run_together

#: Tables of the ledger and the pay week that are only added to and are not sealed, and why.
NOT_SEALED = {
    "ledger_seals": "are the seals",
    "ledger_seal_checks": "tell of the seals",
    "ledger_sum_runs": "tell which rows the kept sums are of; an audit adds those up",
}
WRITERS = 8


def verify(head: str = "", *, whole: bool = True) -> list[str]:
    return ledger.verify_seals(is_whole=whole, head=head).findings


def seal_some(driver: Driver, *references: str) -> Seal:
    for reference in references:
        charge(driver, reference)
    ledger.seal_rows()
    return Seal.objects.order_by("-number")[0]


@pytest.mark.django_db
class TestEncodings:
    def test_name_every_column_of_every_table_that_is_only_added_to(self) -> None:
        only_added_to = {
            table
            for (table,) in run(
                "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = tgrelid::regclass || '_append_only'"
            )
            if table.startswith(("ledger_", "dtr_", "leases_deposit"))
        }
        assert only_added_to - set(list_tables()) == set(NOT_SEALED)
        for name, table in list_tables().items():
            columns = run("SELECT column_name FROM information_schema.columns WHERE table_name = %s", name)
            assert sorted(table.list_columns(table.version)) == sorted(column for (column,) in columns), name

    def test_anybody_writes_a_row_down_again_whatever_the_session_is_set_to(self) -> None:
        """By hand, as docs/ledger.md says it; in another time zone, with another style of dates."""
        driver = DriverFactory.create()
        said = 'Tolls "4" \\ ½ 輪\x1f\ttab'
        posting = charge(driver, "MISC-1", "250.10")
        with guards_off("ledger_postings"):
            run("UPDATE ledger_postings SET description = %s", said)
        run("SET LOCAL TimeZone = 'Asia/Kathmandu'")
        run("SET LOCAL DateStyle = 'German'")
        ledger.seal_rows()
        run("SET LOCAL TimeZone = 'UTC'")
        run("SET LOCAL DateStyle = 'ISO'")
        at = f"{posting.posted_at:%Y-%m-%dT%H:%M:%S.%f}Z"
        written = json.dumps(
            [
                *(posting.pk, "OBLIGATION", "DEBIT", "MISC", "250.10", "MISC-1", driver.pk, None, None),
                *(None, None, None, None, None, "2026-11-18", "2026-11-18", "", said, "0.00", None, at),
            ],
            ensure_ascii=False,
        )
        seal = Seal.objects.get()
        assert bytes(seal.digests) == hashlib.sha256(written.encode()).digest()[:12] == digest_row(written)
        of_seal = json.dumps(
            [
                *(1, "ledger_postings", 1, 0, seal.through_id, 1, [posting.pk], bytes(seal.digests).hex(), ""),
                f"{seal.sealed_at:%Y-%m-%dT%H:%M:%S.%f}Z",
            ]
        )
        assert seal.digest == hashlib.sha256(of_seal.encode()).hexdigest()
        assert verify() == []


@pytest.mark.django_db
class TestTheDatabase:
    def test_keeps_seals_and_has_each_follow_the_last(self) -> None:
        seal_some(DriverFactory.create(), "MISC-1")
        verify()
        assert refusals_of_changes("ledger_seals", "number") == {"ledger_seals_append_only"}
        assert refusals_of_changes("ledger_seal_checks", "head") == {"ledger_seal_checks_append_only"}
        following = {"number": "number + 1", "previous": "digest", "after_id": "through_id"}
        new = {"through_id": "through_id + 1", "digest": "repeat('0', 64)"}
        for name in ("number", "previous"):
            wrong = {column: sql for column, sql in following.items() if column != name}
            assert refusal_of(copy_of("ledger_seals", **wrong, **new)) == "ledger_seals_follow"
        again = {**following, **new, "after_id": "through_id - 1"}
        assert refusal_of(copy_of("ledger_seals", **again)) == "ledger_seals_follow"
        with guards_off("ledger_seals"):
            twice = copy_of("ledger_seals", **following, **new, digests="digests || digests")
            assert refusal_of(twice) == "ledger_seals_row_by_row"


@pytest.mark.django_db
class TestVerify:
    def test_a_head_from_outside_tells_what_was_cut_off(self) -> None:
        driver = DriverFactory.create()
        kept = seal_some(driver, "MISC-1")
        head = seal_some(driver, "MISC-2").head
        with guards_off("ledger_postings"), guards_off("ledger_seals"):
            run("DELETE FROM ledger_postings WHERE reference_id = 'MISC-2'")
            run("DELETE FROM ledger_seals WHERE number > %s", kept.pk)
        assert findings_of("ledger.seals") == verify() == []

        said = "the rows and seals that it stood for were cut off, or made anew"
        assert verify(f" {head[:8]} {head[8:].upper()}") == [f"No seal has the head {head}: {said}."]
        assert verify(kept.digest) == []

    def test_a_verification_remembers_the_head_that_it_saw(self) -> None:
        driver = DriverFactory.create()
        seal_some(driver, "MISC-1")
        seal = seal_some(driver, "MISC-2")
        verify()
        with guards_off("ledger_seals"):
            run("DELETE FROM ledger_seals WHERE number = 2")
        ledger.seal_rows()  # made anew, of what is there now
        finding = (
            f"Seal 2, with the head {seal.head}, was there when seals were verified, and is gone: rows and seals were "
            "cut off, or made anew."
        )
        # It does not forget it, and neither does the audit.
        assert [verify(), verify(whole=False), findings_of("ledger.seals")] == [[finding]] * 3

    def test_compares_again_what_differs_until_it_is_as_it_was(self) -> None:
        driver = DriverFactory.create()
        seal = seal_some(driver, "MISC-1", "MISC-2")
        seal_some(driver, "MISC-3")
        assert verify() == []
        with guards_off("ledger_postings"):
            run("UPDATE ledger_postings SET reason = 'x' WHERE reference_id = 'MISC-2'")
        finding = f"ledger_postings {seal.ids[1]} was changed after it was sealed (seal 1)."
        assert findings_of("ledger.seals") == []  # it looks at the newest, the nightly task at the older ones
        assert [verify(whole=False), verify(whole=False), findings_of("ledger.seals")] == [[finding]] * 3
        with guards_off("ledger_postings"):
            run("UPDATE ledger_postings SET reason = '' WHERE reference_id = 'MISC-2'")
        assert [verify(whole=False), findings_of("ledger.seals")] == [[], []]
        assert_books_clean()

    def test_goes_through_all_older_seals_in_its_turns(self) -> None:
        last = SealCheck(through_number=100, again_through=0)
        seen: set[int] = set()
        for night in range(TIMES_FOR_ALL):
            parts = list_parts(last, 100 + night, is_whole=False)
            assert not night or (100 + night, 100 + night) in parts.ranges
            seen |= {number for first, end in parts.ranges for number in range(first, end + 1)}
            last = SealCheck(through_number=100 + night, again_through=parts.again_through)
        assert seen >= set(range(1, 101))

    def test_refuses_what_is_no_head(self) -> None:
        for head in ("0123", "g" * 16, "0" * 65):
            with refused(ledger.SealHeadInvalid):
                ledger.verify_seals(is_whole=True, head=head)

    def test_by_the_command(self) -> None:
        driver = DriverFactory.create()
        seal = seal_some(driver, "MISC-1")
        charge(driver, "MISC-2")
        out = StringIO()
        call_command("verify_ledger", head=seal.head, stdout=out, no_color=True)
        first, head, waiting, last = out.getvalue().splitlines()
        assert first == f"1 rows in 1 seals; the head is {seal.digest}."
        assert head.startswith(f"The head {seal.head} is that of seal 1, of ")
        assert waiting.startswith("Not sealed yet, and not compared: 1 rows; the oldest is ")
        assert last == "No findings."
        with guards_off("ledger_postings"):
            run("DELETE FROM ledger_postings WHERE reference_id = 'MISC-1'")
        with pytest.raises(SystemExit) as ended:
            call_command("verify_ledger", stdout=out, no_color=True)
        assert ended.value.code == 1
        assert out.getvalue().splitlines()[-2:] == [
            f"✗ ledger_postings {seal.ids[0]} was removed after it was sealed (seal 1).", "Findings: 1.",
        ]  # fmt: skip
        with pytest.raises(CommandError, match="A head is at least 16 digits"):
            call_command("verify_ledger", head="12")

    def test_the_audit_tells_where_nothing_is_sealed_any_more(self) -> None:
        driver = DriverFactory.create()
        seal_some(driver, "MISC-1")
        charge(driver, "MISC-2")
        assert findings_of("ledger.seals") == []
        with guards_off("ledger_postings"):
            run("UPDATE ledger_postings SET posted_at = posted_at - interval '49 hours' WHERE reference_id = 'MISC-2'")
        assert findings_of("ledger.seals") == ["Nothing was sealed for 49 hours: 1 rows wait."]


@pytest.mark.django_db(transaction=True)
class TestWhileOthersWrite:
    def test_waits_for_whoever_wrote_a_lower_id(self) -> None:
        drivers = DriverFactory.create_batch(2)
        charge(drivers[0], "MISC-0")
        is_written, may_end = threading.Event(), threading.Event()

        def write_slowly() -> None:
            with transaction.atomic():
                charge(drivers[0], "MISC-SLOW")
                is_written.set()
                assert may_end.wait(timeout=50)

        def write_and_seal() -> int:
            assert is_written.wait(timeout=50)
            try:
                charge(drivers[1], "MISC-QUICK")
                # The quick one stands there, above an id that may still come.
                return ledger.seal_rows(wait_seconds=0)
            finally:
                may_end.set()

        assert run_together(write_slowly, write_and_seal) == [None, 0]
        assert ledger.seal_rows() == 3
        assert Seal.objects.get().ids == list(LedgerPosting.objects.order_by("pk").values_list("pk", flat=True))

    def test_passes_over_none_and_seals_none_twice(self) -> None:
        drivers = DriverFactory.create_batch(WRITERS)
        ended = [threading.Event() for _ in drivers]

        def write(number: int) -> None:
            chance = random.Random(number)
            for turn in range(12):
                with transaction.atomic():
                    charge(drivers[number], f"MISC-{number}-{turn}")
                    with transaction.atomic():
                        charge(drivers[number], f"MISC-{number}-{turn}-B")
                        transaction.set_rollback(chance.random() < 0.3)
                    transaction.set_rollback(chance.random() < 0.3)
            ended[number].set()

        def seal() -> None:
            while not all(event.is_set() for event in ended):
                ledger.seal_rows()

        # Two who seal: each finds what the other has done, or leaves it to the other.
        run_together(*(partial(write, number) for number in range(WRITERS)), seal, seal)
        ledger.seal_rows()
        sealed = [key for seal in Seal.objects.order_by("number") for key in seal.ids]
        assert sealed == list(LedgerPosting.objects.order_by("pk").values_list("pk", flat=True))
        assert verify() == []

    def test_goes_on_after_a_restore_elsewhere(self) -> None:
        driver = DriverFactory.create()
        pay(driver, "20.00")
        seal = seal_some(driver, "MISC-1")
        charge(driver, "MISC-2")
        dumped = dump()
        with another_database(f"restored_{os.getpid()}"):
            restore(dumped)
            with as_owner():
                assert verify(seal.head) == []
                assert ledger.seal_rows() == 1
                after = seal_some(Driver.objects.get(), "MISC-3")
                assert (after.after_id, after.row_count) == (Seal.objects.get(pk=after.pk - 1).through_id, 1)
                assert verify(seal.head) == []


@pytest.mark.django_db
class TestPages:
    def test_show_what_is_sealed_and_verify_it(self, client: Client) -> None:
        auditor = UserFactory.create(groups=[AUDITOR])
        client.force_login(auditor)
        driver = DriverFactory.create()
        assert b"Nothing is sealed yet" in client.get(reverse("admin:ledger_seal_changelist")).content
        seal = seal_some(driver, "MISC-1")
        charge(driver, "MISC-2")
        said = client.get(reverse("admin:ledger_seal_changelist")).content.decode()
        assert [part in said for part in (seal.digest, "Not sealed yet: 1 row,", "Not verified yet")] == [True] * 3
        assert seal.digest in client.get(reverse("admin:ledger_seal_change", args=[1])).content.decode()

        page = reverse("admin:ledger_sealcheck_verify")
        assert "A head is at least 16 digits" in client.post(page, {"head": "12", "_confirm": "1"}).content.decode()
        done = client.post(page, {"head": seal.head, "_confirm": "1"}, follow=True).content.decode()
        assert "1 seals of 1 rows were compared: nothing wrong found. The head is that of seal 1" in done
        assert SealCheck.objects.get().checked_by == auditor
        with guards_off("ledger_postings"):
            run("DELETE FROM ledger_postings WHERE reference_id = 'MISC-1'")
        finding = f"ledger_postings {seal.ids[0]} was removed after it was sealed (seal 1)."
        assert finding in client.post(page, {"_confirm": "1"}, follow=True).content.decode()
        assert finding in client.get(reverse("admin:ledger_seal_changelist")).content.decode()
        assert client.get(reverse("admin:ledger_sealcheck_changelist")).status_code == 200
        told = client.get("/api/ledger/seals").json()
        assert (told["number"], told["head"], told["waiting_rows"]) == (1, seal.digest, 1)
        assert told["last_check"]["sample"] == [finding]

        client.force_login(UserFactory.create(groups=[CASHIER]))
        assert client.get(reverse("admin:ledger_seal_changelist")).status_code == 403
        assert client.post(page, {"_confirm": "1"}).status_code == 403
        assert client.get("/api/ledger/seals").status_code == 403
