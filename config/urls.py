"""Every address of the site, but for those that are asked from inside (`config/watching/inside.py`)."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from config import home, home_cards, home_collected
from config.dossiers.beside import beside
from config.dossiers.driver import close_line, driver_notices, driver_page
from config.dossiers.lease import lease_page
from config.dossiers.vehicle import vehicle_page
from config.watching.status import StatusPage
from core.admin.pages.finding import FindPage, FoundInPalette
from core.admin.pages.passwords import LinkOpenedPage, NewPasswordPage, PasswordLinkPage
from core.admin.pages.second_step import AuthenticatorPage, CodePage
from core.admin.pages.words import WordsPage
from core.admin.pickers import Picker
from core.api.events import Events
from core.api.views import DocsView, SchemaView, UnknownAddress
from core.dossier import Subject


def favicon(request: HttpRequest) -> HttpResponse:
    return redirect(static("core/favicon.svg"))


handler400 = "config.refusals.bad_request"
handler403 = "config.refusals.forbidden"
handler404 = "config.refusals.not_found"
handler500 = "config.refusals.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # First what programs ask for hundreds of times a second: Django goes through all that stands before.
    path("api/events", Events.as_view(), name="api-events"),
    path("api/ledger/", include("ledger.api")),
    path("api/", include("leases.api")),
    path("api/", include("repairs.api")),
    path("api/", include("loans.api")),
    path("api/", include("curb.api")),
    path("api/", include("tickets.api")),
    path("api/", include("dtr.api")),
    path("api/", include("core.api.reports")),
    path("api/schema", SchemaView.as_view(), name="api-schema"),
    path("api/docs", DocsView.as_view(url_name="api-schema"), name="api-docs"),
    re_path("^api/", UnknownAddress.as_view()),
    path("admin/", admin.site.admin_view(home.home), name="home"),
    path("admin/home/waiting/", admin.site.admin_view(home_cards.waiting_counts), name="home_waiting"),
    path("admin/home/week/", admin.site.admin_view(home_cards.week_card), name="home_week"),
    path("admin/home/collected/", admin.site.admin_view(home_collected.collected_card), name="home_collected"),
    path(
        "admin/home/collected/<str:week_end>/",
        admin.site.admin_view(home_collected.collected_week),
        name="home_collected_week",
    ),
    path("admin/home/good-to-know/", admin.site.admin_view(home_cards.good_to_know), name="home_good"),
    path("admin/home/decided/", admin.site.admin_view(home_cards.decided_card), name="home_decided"),
    path("admin/home/controls/", admin.site.admin_view(home_cards.controls_card), name="home_controls"),
    path("admin/home/on-hand/", admin.site.admin_view(home_cards.on_hand_card), name="home_on_hand"),
    path("admin/home/unpaid/", admin.site.admin_view(home_cards.unpaid_card), name="home_unpaid"),
    path("admin/home/owing/", admin.site.admin_view(home_cards.owing_card), name="home_owing"),
    path("admin/reports/", include("core.admin.report_urls")),
    path("admin/drivers/<int:driver_id>/", admin.site.admin_view(driver_page), name="driver"),
    path("admin/vehicles/<int:vehicle_id>/", admin.site.admin_view(vehicle_page), name="vehicle"),
    path("admin/leases/<int:lease_id>/", admin.site.admin_view(lease_page), name="lease"),
    *(
        path(f"admin/{of}s/<int:record_id>/beside/", admin.site.admin_view(beside), {"of": of}, name=f"{of}_beside")
        for of in Subject
    ),
    path("admin/status/", admin.site.admin_view(StatusPage.as_view()), name="status"),
    path("admin/words/", admin.site.admin_view(WordsPage.as_view()), name="words"),
    path("admin/drivers/<int:driver_id>/close/", admin.site.admin_view(close_line), name="driver_close"),
    path("admin/drivers/<int:driver_id>/notices/", admin.site.admin_view(driver_notices), name="driver_notices"),
    path("admin/second-step/", CodePage.as_view(), name="second_step"),
    path("admin/new-password/", NewPasswordPage.as_view(), name="new_password"),
    path("admin/password-link/", PasswordLinkPage.as_view(), name="password_link"),
    path("admin/password-link/<uidb64>/<token>/", LinkOpenedPage.as_view(), name="password_link_opened"),
    path("admin/authenticator/", AuthenticatorPage.as_view(), name="authenticator"),
    path("admin/find/", admin.site.admin_view(FindPage.as_view()), name="find"),
    # Before Django's own address of its pickers, and Unfold's of its palette.
    path("admin/autocomplete/", admin.site.admin_view(Picker.as_view(admin_site=admin.site))),
    path("admin/search/", admin.site.admin_view(FoundInPalette.as_view())),
    path("admin/", admin.site.urls),
    # Browsers ask for it unasked; the page names its own.
    path("favicon.ico", favicon),
]
