"""The page that sets the bands of repair plans."""

from datetime import date

from ledger.installments.pages import BandsPage
from ledger.installments.rules import Band
from repairs import selectors, services
from repairs.models import RepairBand


class SetBandsPage(BandsPage):
    permission_required = "repairs.add_repairband"
    title = "Set the bands of repair plans"
    model = RepairBand

    def list_bands(self, on: date) -> list[Band]:
        return selectors.list_bands(on)

    def set_bands(self, *, effective_on: date, bands: list[Band], today: date) -> object:
        return services.set_plan_bands(effective_on=effective_on, bands=bands, today=today, actor=self.actor)
