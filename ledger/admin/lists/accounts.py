"""A driver's account: how to find it, and all of their money on one page."""

from django.contrib import admin
from django.urls import URLPattern

from core.admin import ReadOnlyAdmin
from ledger.admin.pages.accounts import AccountPage, FindAccountPage, FindPayerPage, StatementCsv, StatementPdf
from ledger.admin.pages.credits import ApplyPage, CreditMemoPage, PayoutPage
from ledger.admin.pages.payments import TakePaymentPage
from ledger.models import LedgerAccount


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    """Not a list but a search: an account exists for every driver, opened or not."""

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("", FindAccountPage, "ledger_ledgeraccount_changelist"),
            self.page("pay/", FindPayerPage, "ledger_take_payment"),
            self.page("<int:record_id>/", AccountPage, "ledger_driver_account"),
            self.page("<int:record_id>/statement.pdf", StatementPdf, "ledger_driver_statement_pdf"),
            self.page("<int:record_id>/statement.csv", StatementCsv, "ledger_driver_statement_csv"),
            self.page("<int:record_id>/change/", AccountPage, "ledger_ledgeraccount_change"),
            self.page("<int:record_id>/payment/", TakePaymentPage, "ledger_driver_payment"),
            self.page("<int:record_id>/credit-memo/", CreditMemoPage, "ledger_driver_credit_memo"),
            self.page("<int:record_id>/payout/", PayoutPage, "ledger_driver_payout"),
            self.page("<int:record_id>/apply/", ApplyPage, "ledger_driver_apply"),
        ]
