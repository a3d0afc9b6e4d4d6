"""The ledger for programs, under /api/ledger/. Every act is a door to one service, with the permission of its page."""

from django.urls import path

from core.api.methods import by_method
from ledger.api import books, paying, posting, reading

app_name = "ledger-api"

_CREDIT = "credits/<int:posting_id>"
_POSTING = "postings/<int:posting_id>"

urlpatterns = [
    path("aging", reading.AgingByCategory.as_view(), name="aging"),
    path("balances", reading.Balances.as_view(), name="balances"),
    path("bank-deposits", books.RecordBankDeposit.as_view(), name="bank-deposits"),
    path("closed-days", books.CloseBooks.as_view(), name="closed-days"),
    path("corrections", books.RecordCorrection.as_view(), name="corrections"),
    path("credits", posting.CreditDriver.as_view(), name="credits"),
    path("credits/apply", posting.ApplyCredits.as_view(), name="apply"),
    path(f"{_CREDIT}/allocate", posting.AllocateCredit.as_view(), name="allocate"),
    path(f"{_CREDIT}/win-back", posting.WinBackCredit.as_view(), name="win-back"),
    path("curb-statements", books.RecordCurbStatement.as_view(), name="curb-statements"),
    path("interim-payment", paying.InterimPayment.as_view(), name="interim-payment"),
    path("obligations", posting.PostObligation.as_view(), name="obligations"),
    path("obligations/batch", posting.PostObligations.as_view(), name="obligations-batch"),
    path("payments", reading.Payments.as_view(), name="payments"),
    path("payments/<int:payment_id>", reading.Payment.as_view(), name="payment"),
    path("payments/<int:payment_id>/void", paying.VoidPayment.as_view(), name="void-payment"),
    path("payouts", by_method(reading.Payouts, paying.PayOut), name="payouts"),
    path("payouts/<int:payout_id>/void", paying.VoidPayout.as_view(), name="void-payout"),
    path("postings", reading.Postings.as_view(), name="postings"),
    path(_POSTING, reading.Posting.as_view(), name="posting"),
    path(f"{_POSTING}/charge-again", posting.ChargeAgain.as_view(), name="charge-again"),
    path(f"{_POSTING}/correct", posting.CorrectCharge.as_view(), name="correct"),
    path(f"{_POSTING}/void", posting.VoidPosting.as_view(), name="void"),
    path(f"{_POSTING}/write-off", posting.WriteOff.as_view(), name="write-off"),
    path("seals", reading.Seals.as_view(), name="seals"),
    path("transfers", by_method(reading.Transfers, books.RecordTransfer), name="transfers"),
    path("transfers/<int:transfer_id>/reverse", books.ReverseTransfer.as_view(), name="reverse-transfer"),
    path("trial-balance", reading.TrialBalance.as_view(), name="trial-balance"),
]
