"""How the admin looks."""

UNFOLD = {
    "SITE_TITLE": "Fleet ledger",
    "SITE_HEADER": "Fleet ledger",
    "SITE_SYMBOL": "local_taxi",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
}
