"""Where the reports are: a section of the admin that belongs to no table."""

from dataclasses import dataclass

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.urls import URLPattern, path

from core.admin.acts import Page
from core.admin.pages.report_pages import ReportFile, ReportLinesPage, ReportPage, ReportsPage


@dataclass(frozen=True, slots=True)
class Section:
    """What a page asks of the admin that it belongs to: its site."""

    admin_site: AdminSite


def _page(route: str, view: type[Page], name: str) -> URLPattern:
    return path(route, admin.site.admin_view(view.as_view(model_admin=Section(admin.site))), name=name)


app_name = "reports"
urlpatterns = [
    _page("", ReportsPage, "index"),
    _page("<slug:slug>/", ReportPage, "report"),
    _page("<slug:slug>/rows/<slug:figure>/", ReportLinesPage, "lines"),
    _page("<slug:slug>/file/<slug:form>/", ReportFile, "file"),
]
