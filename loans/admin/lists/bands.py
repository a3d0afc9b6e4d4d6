"""The bands of loan plans."""

from django.contrib import admin

from ledger.installments.admin import BandAdmin
from loans.admin.pages.bands import SetBandsPage
from loans.models import LoanBand


@admin.register(LoanBand)
class LoanBandAdmin(BandAdmin):
    bands_page = SetBandsPage
