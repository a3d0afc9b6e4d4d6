"""The promises of loans, checked from the rows. That a posted mark tells the truth is the ledger's own audit."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from core import guards
from core.audits import audit
from ledger import selectors as ledger
from ledger.categories import Status
from ledger.installments import audits as plans
from ledger.money import ZERO
from loans import rules
from loans.models import DriverLoan, LoanInstallment, LoanPayoff


@audit("loans.guards", "What guards the loans stands as it was shipped, and nothing else beside it.")
def find_changed_guards() -> Iterator[str]:
    yield from guards.find_changed_guards("loans")


@audit("loans.sums", "The installments of a loan repay its principal, to the cent.")
def find_wrong_sums() -> Iterator[str]:
    loans = DriverLoan.objects.annotate(together=Coalesce(Sum("installments__principal"), ZERO))
    for loan in loans.exclude(together=F("principal")).order_by("pk")[: plans.MAX_FINDINGS]:
        yield f"{loan}: its installments repay {loan.together}, the loan is {loan.principal}."


@audit("loans.interest", "Each installment bears the interest of its days on the principal still scheduled.")
def find_wrong_interest() -> Iterator[str]:
    remaining: dict[int, Decimal] = {}
    rows = LoanInstallment.objects.order_by("loan_id", "number").select_related("loan")
    for row in rows.iterator():
        scheduled = remaining.get(row.loan_id, row.loan.principal)
        expected = rules.accrue(scheduled, row.loan.rate_percent, (row.due_on - row.accrues_from).days)
        if row.interest != expected:
            yield f"{row} bears {row.interest}, its days on {scheduled} come to {expected}."
        remaining[row.loan_id] = scheduled - row.principal


@audit("loans.holds", "Installments wait on hold exactly while their loan is on hold or has ended.")
def find_wrong_holds() -> Iterator[str]:
    return plans.find_wrong_holds(LoanInstallment, "loan")


@audit("loans.payoffs", "A payoff that stands is charged as computed; one taken back is not.")
def find_wrong_payoffs() -> Iterator[str]:
    standing = {rules.name_payoff(payoff.loan_id): payoff for payoff in LoanPayoff.objects.filter(is_undone=False)}
    undone = {
        rules.name_payoff(pk) for pk in LoanPayoff.objects.filter(is_undone=True).values_list("loan_id", flat=True)
    }
    names = sorted(standing.keys() | undone)
    for chunk in plans.split_references(names):
        charged = {balance.reference_id: balance for balance in ledger.list_balances_by_reference(chunk)}
        for name in chunk:
            payoff, balance = standing.get(name), charged.get(name)
            amount = payoff.amount if payoff is not None else ZERO
            if amount and (balance is None or balance.original_amount != amount):
                yield f"{payoff} of {amount} is not charged as {name}."
            if not amount and balance is not None and balance.status != Status.VOIDED:
                yield f"{name} is charged, and the payoff was taken back."


@audit("loans.interest_back", "Interest charged ahead comes back with the payoff that stands, and with no other.")
def find_wrong_interest_memos() -> Iterator[str]:
    payoffs = LoanPayoff.objects.filter(Q(is_undone=False) | Q(interest_back__gt=0))
    back: dict[str, Decimal] = {}
    for payoff in payoffs.order_by("loan_id", "-is_undone"):
        back[rules.name_interest_memo(payoff.loan_id)] = ZERO if payoff.is_undone else payoff.interest_back
    for chunk in plans.split_references(sorted(back)):
        memos = {memo.reference_id: memo for memo in ledger.list_balances_by_reference(chunk)}
        for name in chunk:
            memo = memos.get(name)
            given = memo.original_amount if memo is not None and memo.status != Status.VOIDED else ZERO
            if given != back[name]:
                yield f"{name} gives {given} back, its payoff says {back[name]}."


@audit("loans.voids", "Nothing of a voided loan is owed.")
def find_charges_of_voided() -> Iterator[str]:
    return plans.find_charges_of_voided(LoanInstallment, "loan", noun="loan")


@audit("loans.books", "A loan's principal stands booked as lent, unless it is voided.")
def find_wrongly_booked() -> Iterator[str]:
    booked = ledger.list_loans_out()
    for loan in DriverLoan.objects.order_by("pk").iterator():
        expected = ZERO if loan.status == DriverLoan.Status.VOIDED else loan.principal
        if booked.get(loan.pk, ZERO) != expected:
            yield f"{loan} of {loan.principal} is {loan.status}; {booked.get(loan.pk, ZERO)} stands booked as lent."


@audit("loans.account", "Loans to drivers stand in the books at the principal lent and not charged yet.")
def find_wrong_account() -> Iterator[str]:
    booked = next(
        (
            total.balance
            for total in ledger.list_trial_balance(adds_up_all=True)
            if total.account == ledger.Account.LOANS
        ),
        ZERO,
    )
    lent = DriverLoan.objects.exclude(status=DriverLoan.Status.VOIDED).aggregate(sum=Coalesce(Sum("principal"), ZERO))
    charged = ledger.sum_principal_charged()
    if booked != lent["sum"] - charged:
        yield f"Loans stand at {booked}; {lent['sum']} is lent, and {charged} of it charged."


@audit(
    "loans.sources",
    "Whatever is posted of a loan is an installment, its payoff or the interest given back, its driver's and lease's.",
)
def find_postings_of_no_loan() -> Iterator[str]:
    yield from ledger.find_wrong_sources(("LOAN",), _RECORDS)


_RECORDS = """
    WITH posted AS (
        SELECT reference_id, ARRAY['OBLIGATION LOAN'] AS shapes, loan_id FROM loans_loaninstallment
        UNION ALL SELECT DISTINCT 'LOAN-' || loan_id || '-PAYOFF', ARRAY['OBLIGATION LOAN'], loan_id
        FROM loans_loanpayoff
        UNION ALL SELECT DISTINCT 'LOAN-' || loan_id || '-INTEREST', ARRAY['CREDIT_MEMO LOAN'], loan_id
        FROM loans_loanpayoff
    )
    SELECT posted.*, l.driver_id, l.lease_id, NULL::date AS effective_on, NULL::date AS due_on, false AS is_gone
    FROM posted JOIN loans_driverloan l ON l.id = posted.loan_id
"""
