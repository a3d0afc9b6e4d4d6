"""The bands of repair plans."""

from django.contrib import admin

from ledger.installments.admin import BandAdmin
from repairs.admin.pages.bands import SetBandsPage
from repairs.models import RepairBand


@admin.register(RepairBand)
class RepairBandAdmin(BandAdmin):
    bands_page = SetBandsPage
