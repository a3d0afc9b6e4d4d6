"""From a reference of the ledger to the page of its ticket or charge."""

import pytest
from django.urls import reverse

from core.sources import find_source
from tests.tickets.files import bring_in_tolls, leased_cab, ticket_of, toll
from tickets.rules import name_charge, name_ticket
from tickets.selectors import find_ticket_by_reference
from tickets.sources import find_charge_page, find_ticket_page


class TestPages:
    @pytest.mark.parametrize(
        ("reference", "label"),
        [
            ("PVB-4664359196", "PVB-4664359196"),
            ("TLC-FN1", "TLC-FN1"),
            ("EZPASS-90000000006", "EZPASS-90000000006"),
            ("EZPASS-90000000006-REFUND", "EZPASS-90000000006"),
            ("EZPASS-NJ0A1B-2-REFUND", "EZPASS-NJ0A1B-2"),
        ],
    )
    def test_of_a_ticket(self, reference, label):
        page = find_source(reference)
        assert page is not None
        assert (page.label, page.permission) == (label, "tickets.view_ticket")
        assert page.url == reverse("admin:tickets_ticket_of_reference", args=[reference])

    def test_of_a_charge(self):
        page = find_source("MISC-88")
        assert page is not None
        assert (page.label, page.permission) == ("MISC-88", "tickets.view_misccharge")
        assert page.url == reverse("admin:tickets_misccharge_change", args=[88])

    @pytest.mark.parametrize(
        "reference", ["PVB-", "PVB-lower", "PVB--1", "PVB-1/2", "REPAIR-1", "PVB-" + "9" * 60, "PVB-1\n"]
    )
    def test_of_what_can_be_no_ticket(self, reference):
        assert find_ticket_page(reference) is None

    @pytest.mark.parametrize("reference", ["MISC-0", "MISC-", "MISC-x", "MISC-08", "MISC-1-2", "MISC-" + "9" * 19])
    def test_of_what_can_be_no_charge(self, reference):
        assert find_charge_page(reference) is None


class TestNames:
    def test_a_refund_is_told_from_its_toll(self):
        assert name_ticket("EZPASS", "7", is_refund=False) == "EZPASS-7"
        assert name_ticket("EZPASS", "7", is_refund=True) == "EZPASS-7-REFUND"
        assert name_charge(88) == "MISC-88"

    @pytest.mark.django_db
    def test_each_reference_finds_its_own_ticket(self):
        leased_cab()
        bring_in_tolls(toll(1), toll(2, amount="$9.11"))
        assert find_ticket_by_reference("EZPASS-1") == ticket_of(1)
        assert find_ticket_by_reference("EZPASS-2-REFUND") == ticket_of(2)
        assert find_ticket_by_reference("PVB-1") is None
        assert find_ticket_by_reference("1") is None
