"""The ledger's addresses under /api/ledger/."""

from django.urls import path

from ledger.api import BalancesView, InterimPaymentView, PostingsView, VoidPostingView

app_name = "ledger-api"

urlpatterns = [
    path("balances", BalancesView.as_view(), name="balances"),
    path("interim-payment", InterimPaymentView.as_view(), name="interim-payment"),
    path("postings", PostingsView.as_view(), name="postings"),
    path("postings/<int:posting_id>/void", VoidPostingView.as_view(), name="void"),
]
