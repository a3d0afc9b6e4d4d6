"""Weeks and their DTRs for programs: each with the permission of its page."""

from django.urls import path

from core.api.methods import by_method
from dtr.api import dtrs, weeks

app_name = "dtr-api"

_WEEK = "weeks/<str:week_end>"
_DTR = "dtrs/<int:dtr_id>"

urlpatterns = [
    path("weeks", weeks.Weeks.as_view(), name="weeks"),
    path("weeks/next", weeks.NextWeek.as_view(), name="next-week"),
    path(_WEEK, by_method(weeks.ShowWeek, weeks.StartWeek), name="week"),
    path(f"{_WEEK}/dtrs.csv", dtrs.WeekCsv.as_view(), name="week-csv"),
    path(f"{_WEEK}/dtrs.pdf", dtrs.WeekPdf.as_view(), name="week-pdf"),
    path(f"{_WEEK}/dtrs.xlsx", dtrs.WeekXlsx.as_view(), name="week-xlsx"),
    path(f"{_WEEK}/overrule", weeks.OverruleCheck.as_view(), name="overrule"),
    path(f"{_WEEK}/preview", weeks.PreviewWeek.as_view(), name="preview-week"),
    path(f"{_WEEK}/progress", weeks.ShowProgress.as_view(), name="week-progress"),
    path(f"{_WEEK}/readiness", weeks.ShowReadiness.as_view(), name="week-readiness"),
    path(f"{_WEEK}/retry", weeks.RetryWeek.as_view(), name="retry-week"),
    path("drivers/<int:driver_id>/current-balance", weeks.PreviewDriver.as_view(), name="current-balance"),
    path("dtrs", dtrs.Dtrs.as_view(), name="dtrs"),
    path("dtrs/pay", dtrs.PayDtrs.as_view(), name="pay-dtrs"),
    path(_DTR, dtrs.ShowDtr.as_view(), name="dtr"),
    path(f"{_DTR}/pay", dtrs.PayDtr.as_view(), name="pay-dtr"),
    path(f"{_DTR}/pdf", dtrs.DtrPdf.as_view(), name="dtr-pdf"),
]
