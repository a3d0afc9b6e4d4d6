"""A seal that is made up is refused by the database; one that the owner made up all the same is found each night."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from core.seals import list_tables
from ledger import services as ledger
from ledger.models import Seal
from ledger.selectors.seals import SEAL_DIGEST, get_sealing, read_row_digest
from ledger.services.transactions import constraint_of
from tests.factories import DriverFactory
from tests.ledger.hostile import findings_of, guards_off
from tests.ledger.proofs import charge
from tests.ledger.rawsql import run

pytestmark = pytest.mark.django_db

#: An id that no sequence comes to.
FAR = 1_000_000_000_000

_POSTINGS = list_tables()["ledger_postings"]
_COLUMNS = "number, table_name, version, after_id, through_id, row_count, ids, digests, previous, sealed_at"
_NEXT = f"""
    SELECT (SELECT max(number) + 1 FROM ledger_seals) AS number, 'ledger_postings'::text AS table_name, 1 AS version,
        last.through_id AS after_id, max(r.id) AS through_id, count(*) AS row_count,
        array_agg(r.id ORDER BY r.id) AS ids,
        string_agg({read_row_digest(_POSTINGS, 1)}, '' ORDER BY r.id) AS digests,
        (SELECT digest FROM ledger_seals ORDER BY number DESC LIMIT 1) AS previous, statement_timestamp() AS sealed_at
    FROM ledger_postings r, LATERAL (
        SELECT coalesce(max(through_id), 0) AS through_id FROM ledger_seals WHERE table_name = 'ledger_postings'
    ) AS last
    WHERE r.id > last.through_id GROUP BY last.through_id
"""
#: What is wrong with a seal: what refuses it, and which columns differ from those of an honest one.
FORGED = {
    "ids that are still to come": ("ledger_seals_drawn", {"through_id": f"{FAR}"}),
    "the next id": ("ledger_seals_drawn", {"through_id": "through_id + 1"}),
    "of a table whose keys no sequence draws": (
        "ledger_seals_drawn", {"table_name": "'ledger_journal_batches'", "after_id": "0", "through_id": "1"},
    ),
    "another digest": ("ledger_seals_own_digest", {"digest": "repeat('a', 64)"}),
    "the digest of the one before": ("ledger_seals_own_digest", {"digest": "previous"}),
    "a row is passed over": (
        "ledger_seals_of_rows_there",
        {"row_count": "row_count - 1", "ids": "ids[2:]", "digests": "substr(digests, 13)"},
    ),
    "a row that is not there": (
        "ledger_seals_of_rows_there",
        {"row_count": "row_count + 1", "ids": f"ids || {FAR}::bigint", "digests": "digests || substr(digests, 1, 12)"},
    ),
    "of a table of no rows": (
        "ledger_seals_of_rows_there", {"table_name": "'ledger_payouts'", "after_id": "0", "through_id": "0"},
    ),
    "of a table that changes": ("ledger_seals_of_kept_rows", {"table_name": "'auth_user'", "after_id": "0"}),
    "of no table": ("ledger_seals_of_kept_rows", {"table_name": "'gone'", "after_id": "0"}),
    "another moment": ("ledger_seals_database_clock", {"sealed_at": "sealed_at - interval '1 year'"}),
    "another number": ("ledger_seals_follow", {"number": "number + 1"}),
}  # fmt: skip


def forge(**changes: str) -> None:
    """Insert the next seal of the postings, honest but for these columns, as the role that works."""
    columns = ", ".join(f"{changes.get(name, name)} AS {name}" for name in _COLUMNS.split(", "))
    digest = changes.get("digest", SEAL_DIGEST)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger_seals ({_COLUMNS}, digest) "
            f"SELECT {_COLUMNS}, {digest} FROM (SELECT {columns} FROM ({_NEXT}) AS honest) AS s"
        )


def find_refusal(**changes: str) -> str | None:
    """What refuses this seal; nothing does where it is taken."""
    return _find_refusal(lambda: forge(**changes))


def forge_check(number: str = "number", head: str = "digest", at: str = "statement_timestamp()") -> None:
    """Insert a verification that found nothing, of the newest seal but for what is given, as the role that works."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_seal_checks (through_number, again_through, is_whole, head, seals, rows, findings, "
            f"sample, broken, seconds, checked_at) SELECT {number}, 1, false, {head}, 1, 2, 0, '[]', '{{}}', 1, {at} "
            "FROM (SELECT max(number) AS number FROM ledger_seals) AS last LEFT JOIN ledger_seals s USING (number)"
        )


def find_refusal_of_check(**changes: str) -> str | None:
    return _find_refusal(lambda: forge_check(**changes))


def _find_refusal(act: Callable[[], None]) -> str | None:
    try:
        act()
    except IntegrityError as refusal:
        return constraint_of(refusal)
    return None


@pytest.fixture
def waiting() -> None:
    """A seal of one posting, verified, and two postings that wait for theirs."""
    driver = DriverFactory.create()
    charge(driver, "MISC-1")
    ledger.seal_rows()
    ledger.verify_seals(is_whole=True)
    charge(driver, "MISC-2")
    charge(driver, "MISC-3")


def verify() -> list[str]:
    """What is found as each night."""
    return ledger.verify_seals(is_whole=False).findings


def charge_and_seal(reference: str) -> int:
    charge(DriverFactory.create(), reference)
    return ledger.seal_rows()


@pytest.mark.usefixtures("waiting")
class TestTheDatabase:
    def test_refuses_each_kind_by_name(self) -> None:
        expected = {name: rule for name, (rule, _) in FORGED.items()}
        assert {name: find_refusal(**changes) for name, (_, changes) in FORGED.items()} == expected
        assert ledger.seal_rows() == 2
        assert (get_sealing().waiting_rows, verify()) == (0, [])

    def test_takes_one_that_is_honest(self) -> None:
        assert find_refusal() is None
        assert (get_sealing().waiting_rows, verify()) == (0, [])
        assert charge_and_seal("MISC-4") == 1

    def test_seals_a_table_whose_keys_no_sequence_draws(self) -> None:
        ledger.take_journal_batch(actor=None)
        ledger.seal_rows()
        charge_and_seal("MISC-4")
        ledger.take_journal_batch(actor=None)
        ledger.seal_rows()
        assert [seal.ids for seal in Seal.objects.filter(table_name="ledger_journal_batches").order_by("pk")] == [
            [1], [2],
        ]  # fmt: skip
        assert (get_sealing().waiting_rows, verify()) == (0, [])


@pytest.mark.usefixtures("waiting")
class TestEachNight:
    def test_finds_digests_of_rows_that_are_made_up(self) -> None:
        ids = [key for (key,) in run("SELECT id FROM ledger_postings ORDER BY id")]
        assert find_refusal(digests="decode(repeat('00', 24), 'hex')") is None
        found = [f"ledger_postings {key} was changed after it was sealed (seal 2)." for key in ids[1:]]
        assert [findings_of("ledger.seals"), verify(), verify()] == [found] * 3

    def test_compares_a_newest_one_that_a_verification_seems_to_have_compared(self) -> None:
        """Whoever makes up a seal can make up a verification too."""
        assert find_refusal(digests="decode(repeat('00', 24), 'hex')") is None
        forge_check()
        assert [len(findings_of("ledger.seals")), len(verify())] == [2, 2]

    def test_finds_one_of_the_owner_that_is_ahead(self) -> None:
        last = run("SELECT max(id) FROM ledger_postings")[0][0]
        with guards_off("ledger_seals"):
            forge(through_id=f"{FAR}")
        said = f"is up to {FAR}, and ledger_postings has no id above {last} yet: nothing new is sealed of it"
        found = [f"Seal 2 {said}."]
        assert [findings_of("ledger.seals"), verify(), verify()] == [found] * 3

        assert charge_and_seal("MISC-4") == 0
        ahead, inserted = verify()
        assert ahead == found[0].replace(f"above {last}", f"above {last + 1}")
        assert inserted == f"ledger_postings {last + 1} was inserted among rows that had been sealed (seal 2)."


class TestVerifications:
    def test_before_the_first_seal_are_of_none(self) -> None:
        assert verify() == []
        assert find_refusal_of_check(number="0", head="''") is None
        assert find_refusal_of_check(number="1", head="''") == "ledger_seal_checks_of_seal"

    @pytest.mark.usefixtures("waiting")
    def test_are_of_a_seal_that_is_there(self) -> None:
        refused = "ledger_seal_checks_of_seal"
        wrong = [{"number": f"{FAR}"}, {"number": "number + 1"}, {"head": "''"}, {"head": "repeat('a', 64)"}]
        wrong.append({"number": "0", "head": "''"})
        assert [find_refusal_of_check(**changes) for changes in wrong] == [refused] * 5
        a_year_ago = "statement_timestamp() - interval '1 year'"
        assert find_refusal_of_check(at=a_year_ago) == "ledger_seal_checks_database_clock"
        assert find_refusal_of_check() is None

    @pytest.mark.usefixtures("waiting")
    def test_keep_asking_for_a_head_that_is_gone(self) -> None:
        ledger.seal_rows()
        assert verify() == []
        with guards_off("ledger_seals"):
            run("DELETE FROM ledger_seals WHERE number = 2")
        assert find_refusal_of_check() == "ledger_seal_checks_head_kept"
        assert [len(verify()), len(verify())] == [1, 1]
