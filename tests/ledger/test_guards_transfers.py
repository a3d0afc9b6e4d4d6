"""Transfers in raw SQL: shapes, causes, reversals, slips, and that nothing changes them."""

import threading
from itertools import product

import psycopg
import pytest
from django.db import IntegrityError, transaction

from ledger.books import TRANSFER_PAIRS, Account
from ledger.categories import TransferKind
from tests.ledger import rawsql
from tests.ledger.rawsql import DAY, UNKNOWN, Book, another_session, diagnose, insert, post, refused, run, void_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


def transfer(**columns):
    return insert(
        "ledger_transfers",
        **{
            "kind": "FLOAT",
            "debit": "1010",
            "credit": "1030",
            "amount": "200.00",
            "reference_id": "DRAWER-1",
            "effective_on": DAY,
            "reason": "",
            **columns,
        },
    )


def reversal_of(number, **changes):
    (row,) = run(
        "SELECT kind, credit, debit, amount, reference_id, posting_id, payment_id, loan_id FROM ledger_transfers "
        "WHERE id = %s",
        number,
    )
    names = ("kind", "debit", "credit", "amount", "reference_id", "posting_id", "payment_id", "loan_id")
    return {**dict(zip(names, row, strict=True)), "reverses_id": number, "reason": "wrong", **changes}


def recovery(book, amount="50.00", reference="RECOVERY-1"):
    return post(
        kind="OBLIGATION",
        entry_type="DEBIT",
        category="RECOVERY",
        amount=amount,
        reference_id=reference,
        driver_id=book.driver,
        due_on=DAY,
    )


def negative_week(cause, amount="50.00", **columns):
    facts = {"kind": "NEGATIVE_WEEK", "debit": "2300", "credit": "1040", "reference_id": "RECOVERY-1"}
    return transfer(**{**facts, "amount": amount, "posting_id": cause, **columns})


def settle() -> None:
    """Have what is checked at the end of a transaction checked now."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


class TestShapes:
    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"amount": "0.00"}, "ledger_transfers_amount_positive"),
            ({"amount": "-1.00"}, "ledger_transfers_amount_positive"),
            ({"amount": "NaN"}, "ledger_transfers_amount_positive"),
            ({"reference_id": ""}, "ledger_transfers_reference_given"),
            ({"reference_id": "two words"}, "ledger_transfers_reference_given"),
            ({"effective_on": "-infinity"}, "ledger_transfers_date_readable"),
            ({"effective_on": "0001-01-01 BC"}, "ledger_transfers_date_readable"),
            ({"effective_on": "infinity"}, "ledger_transfers_date_readable"),
            ({"kind": "GIFT"}, "ledger_transfers_accounts"),
            ({"kind": "OVER_SHORT", "debit": "6050", "credit": "1010"}, "ledger_transfers_reason_given"),
            ({"kind": "CORRECTION"}, "ledger_transfers_reason_given"),
            ({"posted_at": "2020-01-01"}, "ledger_transfers_database_clock"),
            ({"id": 999_999_999}, "ledger_transfers_id_drawn"),
            ({"loan_id": 1}, "ledger_transfers_cause_named"),
            ({"kind": "NEGATIVE_WEEK", "debit": "2300", "credit": "1040"}, "ledger_transfers_cause_named"),
            ({"kind": "WIN_BACK", "debit": "2300", "credit": "1040"}, "ledger_transfers_cause_named"),
            ({"kind": "LOAN_OUT", "debit": "1150"}, "ledger_transfers_cause_named"),
            ({"kind": "RETURNED_ITEM", "debit": "1020"}, "ledger_transfers_cause_named"),
            ({"kind": "OPENING", "debit": "1150", "credit": "3010"}, "ledger_transfers_cause_named"),
            ({"kind": "OPENING", "debit": "2300", "credit": "3010"}, "ledger_transfers_cause_named"),
        ],
    )
    def test_refuse(self, columns, constraint):
        with refused(constraint):
            transfer(**columns)

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ({"kind": "CORRECTION", "debit": "9999", "reason": "x"}, "ledger_transfers_debit_exists"),
            ({"kind": "CORRECTION", "credit": "9999", "reason": "x"}, "ledger_transfers_credit_exists"),
            ({"posted_by_id": UNKNOWN}, "ledger_transfers_author_exists"),
            ({"reverses_id": UNKNOWN, "reason": "x"}, "ledger_transfers_original_exists"),
            (
                {"kind": "NEGATIVE_WEEK", "debit": "2300", "credit": "1040", "posting_id": UNKNOWN},
                "ledger_transfers_posting_exists",
            ),
            ({"kind": "RETURNED_ITEM", "debit": "1020", "payment_id": UNKNOWN}, "ledger_transfers_payment_exists"),
        ],
    )
    def test_what_is_named_is_there(self, columns, constraint):
        with refused(constraint, sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            transfer(**columns)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    def test_the_database_allows_the_pairs_of_the_books_and_no_other(self):
        """All 14 kinds by all 23 x 23 pairs of accounts, as a CHECK alone judges them."""
        allowed: dict[str, set[tuple[str, str]]] = {kind.value: set() for kind in TransferKind}
        (condition,) = run(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'ledger_transfers_accounts'"
        )[0]
        (control,) = run(
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'ledger_transfers_no_control'"
        )[0]
        codes = list(Account.values)
        for kind, debit, credit in run(
            f"SELECT kind, debit, credit FROM unnest(%s::text[]) AS k (kind), unnest(%s::text[]) AS d (debit), "
            f"unnest(%s::text[]) AS c (credit), (SELECT NULL::bigint AS reverses_id) AS r "
            f"WHERE ({condition}) AND ({control})",
            list(TransferKind.values),
            codes,
            codes,
        ):
            allowed[kind].add((debit, credit))
        assert allowed == {
            kind.value: {(debit.value, credit.value) for debit, credit in pairs}
            for kind, pairs in TRANSFER_PAIRS.items()
        }
        control_codes = {"1100", "2010", "2020"}
        assert not any(control_codes & {*pair} for pairs in allowed.values() for pair in pairs)
        assert len(list(product(codes, codes))) == 529


class TestReversals:
    @pytest.mark.parametrize(
        "changes",
        [
            {"amount": "199.00"},
            {"debit": "1010", "credit": "1030"},
            {"reference_id": "DRAWER-2"},
            {"kind": "CORRECTION"},
            {"effective_on": "2026-11-20"},
            {"loan_id": 1},
        ],
    )
    def test_mirror_their_original(self, changes):
        number = transfer()
        with refused("ledger_transfers_mirrors_its_original"):
            transfer(**reversal_of(number, **changes))

    def test_are_reversed_never(self):
        reversal = transfer(**reversal_of(transfer()))
        with refused("ledger_transfers_mirrors_its_original"):
            transfer(**reversal_of(reversal))

    def test_are_there_once(self):
        number = transfer()
        transfer(**reversal_of(number))
        with refused("ledger_transfers_reversed_once", sqlstate=rawsql.UNIQUE_VIOLATION):
            transfer(**reversal_of(number))

    def test_say_why(self):
        number = transfer()
        with refused("ledger_transfers_reason_given"):
            transfer(**reversal_of(number, reason=" "))

    def test_free_the_reference(self):
        number = transfer()
        with refused("ledger_transfers_live_reference"):
            transfer()
        transfer(**reversal_of(number))
        transfer()


class TestCauses:
    def test_a_transfer_has_its_causes_facts(self, book):
        cause = recovery(book)
        for columns in ({"amount": "49.00"}, {"reference_id": "OTHER-1"}):
            with refused("ledger_transfers_mirrors_its_cause"):
                negative_week(cause, **columns)
        rent = post(
            kind="OBLIGATION",
            entry_type="DEBIT",
            category="LEASE",
            amount="50.00",
            reference_id="RENT-1",
            driver_id=book.driver,
            due_on=DAY,
        )
        with refused("ledger_transfers_mirrors_its_cause"):
            negative_week(rent, reference_id="RENT-1")
        with refused("ledger_transfers_mirrors_its_cause"):
            transfer(
                kind="OPENING", debit="4020", credit="3010", amount="50.00", reference_id="RENT-1", posting_id=rent
            )

    def test_one_stands_for_a_cause(self, book):
        cause = recovery(book)
        negative_week(cause)
        with refused("ledger_transfers_posting_once", sqlstate=rawsql.UNIQUE_VIOLATION):
            transfer(
                kind="WIN_BACK",
                debit="2300",
                credit="4020",
                amount="50.00",
                reference_id="RECOVERY-1",
                posting_id=cause,
            )

    def test_a_void_without_its_reversal_is_refused(self, book):
        cause = recovery(book)
        negative_week(cause)
        with refused("ledger_transfers_reversed_with_cause"):
            post(**void_of(cause))
            settle()

    def test_a_reversal_without_the_void_is_refused(self, book):
        number = negative_week(recovery(book))
        with refused("ledger_transfers_stands_with_cause"):
            transfer(**reversal_of(number))
            settle()

    def test_both_in_either_order(self, book):
        cause = recovery(book)
        number = negative_week(cause)
        post(**void_of(cause))
        transfer(**reversal_of(number))
        settle()
        other = recovery(book, reference="RECOVERY-2")
        number = negative_week(other, reference_id="RECOVERY-2")
        transfer(**reversal_of(number))
        post(**void_of(other))
        settle()

    def test_a_voided_cause_is_mirrored_no_more(self, book):
        cause = recovery(book)
        post(**void_of(cause))
        with refused("ledger_transfers_cause_lives"):
            negative_week(cause)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_a_reference_are_one():
    """Neither sees the other's, so both are its first; the second waits, and is refused when the first has come."""
    sql = (
        "INSERT INTO ledger_transfers (kind, debit, credit, amount, reference_id, effective_on, reason)"
        f" VALUES ('FLOAT', '1010', '1030', 200, 'DRAWER-1', '{DAY}', '')"
    )
    with another_session() as first, another_session() as second:
        first.execute(sql)
        sender = threading.Timer(0.3, first.commit)
        sender.start()
        with pytest.raises(psycopg.errors.UniqueViolation) as refusal:
            second.execute(sql)
        sender.join()
    assert diagnose(refusal.value) == (rawsql.UNIQUE_VIOLATION, "ledger_transfers_occurrence")
    assert rawsql.count("ledger_transfers") == 1


class TestAppendOnly:
    @pytest.mark.parametrize("act", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
    @pytest.mark.parametrize("table", ["ledger_transfers", "ledger_slip_checks"])
    def test_refuse_every_change(self, table, act):
        transfer()
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            run(act.format(table))
        assert diagnose(refusal.value)[0] == rawsql.CHECK_VIOLATION

    def test_of_the_chart_only_the_code_outside_changes(self):
        run("UPDATE ledger_chart SET outside_code = '10100' WHERE code = '1010'")
        for change in ("name = 'Till'", "code = '1011'", "type = 'INCOME'"):
            with refused("ledger_chart_fixed"):
                run(f"UPDATE ledger_chart SET {change} WHERE code = '1010'")
        for sql in ("DELETE FROM ledger_chart WHERE code = '6050'", "TRUNCATE ledger_chart CASCADE"):
            with refused("ledger_chart_append_only"):
                run(sql)

    @pytest.mark.parametrize(
        ("code", "kind", "constraint"),
        [
            ("10", "ASSET", "ledger_chart_code_readable"),
            ("1o10", "ASSET", "ledger_chart_code_readable"),
            ("7010", "GIFT", "ledger_chart_type_known"),
        ],
    )
    def test_the_chart_takes_no_other_account(self, code, kind, constraint):
        with refused(constraint):
            insert("ledger_chart", code=code, name="Till", type=kind, outside_code="")
