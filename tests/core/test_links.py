"""Addresses that are worked out once are those that Django would work out."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from core.links import lazy_url, page_url, record_url


def test_a_page_and_a_record_have_their_addresses():
    assert page_url("admin:ledger_ledgerposting_changelist") == reverse("admin:ledger_ledgerposting_changelist")
    assert page_url("reports:report", "aging") == reverse("reports:report", args=["aging"])
    assert record_url("driver", 12) == reverse("driver", args=[12])
    assert record_url("admin:ledger_ledgerposting_change", 7) == "/admin/ledger/ledgerposting/7/change/"


def test_below_another_prefix_they_are_other_ones():
    here = record_url("driver", 12)
    set_script_prefix("/fleet/")
    try:
        assert record_url("driver", 12) == f"/fleet{here}"
        assert page_url("admin:index") == "/fleet/admin/"
    finally:
        set_script_prefix("/")


def test_a_lazy_address_is_looked_for_when_it_is_read():
    later = lazy_url("no_such_page")
    with pytest.raises(NoReverseMatch):
        str(later)
    assert str(lazy_url("admin:index")) == "/admin/"
