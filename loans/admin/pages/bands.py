"""The page that sets the bands of loan plans."""

from datetime import date

from ledger.installments.pages import BandsPage
from ledger.installments.rules import Band
from loans import selectors, services
from loans.models import LoanBand


class SetBandsPage(BandsPage):
    permission_required = "loans.add_loanband"
    title = "Set the bands of loan plans"
    model = LoanBand

    def list_bands(self, on: date) -> list[Band]:
        return selectors.list_bands(on)

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> object:
        return services.set_plan_bands(effective_on=effective_on, bands=bands, today=today, actor=self.actor)
