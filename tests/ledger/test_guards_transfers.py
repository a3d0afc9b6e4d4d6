"""Transfers in raw SQL: shapes, causes, reversals, slips, and that nothing changes them."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from ledger.books import TRANSFER_PAIRS, Account
from ledger.categories import TransferKind
from tests.ledger import rawsql
from tests.ledger.rawsql import DAY, Book, diagnose, insert, post, refused, run, void_of

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
            ({"effective_on": "infinity"}, "ledger_transfers_date_readable"),
            ({"effective_on": "10000-01-01"}, "ledger_transfers_date_readable"),
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

    def test_an_account_outside_the_chart(self):
        with refused("ledger_transfers_debit_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            transfer(kind="CORRECTION", debit="9999", reason="x")

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


class TestSlips:
    @pytest.fixture
    def check(self, book):
        payment = insert(
            "ledger_payments",
            driver_id=book.driver,
            amount="100.00",
            deposit="0.00",
            method="CHECK",
            instrument_number="777",
            fingerprint="",
            received_on=DAY,
        )
        credit = post(
            kind="PAYMENT",
            entry_type="CREDIT",
            category="PAYMENT",
            amount="100.00",
            reference_id="PAY-CHECK",
            driver_id=book.driver,
            payment_id=payment,
        )
        return payment, credit

    def slip(self, amount="100.00", reference="DEP-1", **columns):
        facts = {"kind": "BANK_DEPOSIT", "debit": "1030", "credit": "1020", "reference_id": reference}
        return transfer(**facts, amount=amount, **columns)

    def name(self, slip, payment):
        return insert("ledger_slip_checks", transfer_id=slip, payment_id=payment)

    def test_names_a_check_once(self, check):
        self.name(self.slip(), check[0])
        with refused("ledger_slip_checks_once"):
            self.name(self.slip(reference="DEP-2"), check[0])

    def test_names_checks_on_a_deposit_of_checks(self, check):
        with refused("ledger_slip_checks_on_a_bank_deposit"):
            self.name(transfer(), check[0])

    def test_names_nothing_but_checks(self, book):
        payment = insert(
            "ledger_payments",
            driver_id=book.driver,
            amount="100.00",
            deposit="0.00",
            method="CASH",
            instrument_number="",
            fingerprint="",
            received_on=DAY,
        )
        with refused("ledger_slip_checks_name_checks"):
            self.name(self.slip(), payment)

    def test_names_no_more_than_it_says(self, check):
        with refused("ledger_slip_checks_within_slip"):
            self.name(self.slip("99.00"), check[0])

    def test_a_banked_check_is_not_voided_alone(self, check):
        payment, credit = check
        self.name(self.slip(), payment)
        settle()
        with refused("ledger_transfers_returned_as_voided"):
            post(**void_of(credit))
            settle()
        post(**void_of(credit))
        transfer(
            kind="RETURNED_ITEM",
            debit="1020",
            credit="1030",
            amount="100.00",
            reference_id="PAY-CHECK",
            payment_id=payment,
        )
        settle()

    def test_no_more_comes_back_than_is_voided(self, check):
        with refused("ledger_transfers_returned_as_voided"):
            transfer(
                kind="RETURNED_ITEM",
                debit="1020",
                credit="1030",
                amount="100.00",
                reference_id="PAY-CHECK",
                payment_id=check[0],
            )
            settle()

    def test_a_check_that_came_back_is_banked_no_more(self, check):
        payment, credit = check
        post(**void_of(credit))
        with refused("ledger_transfers_returned_as_voided"):
            self.name(self.slip(), payment)
            settle()


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
        with refused("ledger_chart_append_only"):
            run("DELETE FROM ledger_chart WHERE code = '6050'")
