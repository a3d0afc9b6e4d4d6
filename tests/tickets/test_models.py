"""What the database keeps true of tickets, files and charges, whoever writes to it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from tests.tickets.files import HOW, PVB_HEAD, bring_in, bring_in_tolls, leased_cab, text, ticket_of, toll, violation
from tickets import services
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketImport
from tickets.selectors import count_waiting, list_import_rows, list_tickets, list_unfinished_imports, list_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def charged():
    leased_cab()
    bring_in_tolls(toll(1))
    return ticket_of(1)


class TestConstraints:
    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"driver": None}, "tickets_tickets_charged_to_somebody"),
            ({"waits_for": "LEASE"}, "tickets_tickets_"),
            ({"amount": Decimal("-9.11")}, "tickets_tickets_sign"),
            ({"state": "CREDITED"}, "tickets_tickets_sign"),
            ({"state": "WAITING"}, "tickets_tickets_waits_for_something"),
            ({"state": "PAID"}, "tickets_tickets_choices_known"),
            ({"kind": "FINE"}, "tickets_tickets_choices_known"),
            ({"at_latest": F("at") - timedelta(seconds=1)}, "tickets_tickets_moment"),
        ],
    )
    def test_of_a_ticket(self, charged, change, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Ticket.objects.update(**change)

    def test_one_number_of_a_kind_once(self, charged):
        again = Ticket.objects.get()
        again.pk = None
        with pytest.raises(IntegrityError, match="tickets_tickets_number"), transaction.atomic():
            again.save()

    @pytest.mark.parametrize(
        ("change", "constraint"),
        [
            ({"row_count": 2}, "tickets_imports_every_row_told"),
            ({"state": "LOST"}, "tickets_imports_choices_known"),
            ({"kind": "sunpass"}, "tickets_imports_choices_known"),
        ],
    )
    def test_of_a_file(self, charged, change, constraint):
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            TicketImport.objects.update(**change)

    @pytest.mark.parametrize("change", [{"number": ""}, {"at": None}, {"at_latest": None}, {"amount": None}])
    def test_a_row_that_became_a_ticket_has_all_of_it(self, charged, change):
        with pytest.raises(IntegrityError, match="tickets_import_rows_read"), transaction.atomic():
            ImportRow.objects.update(**change)

    def test_a_charge_is_above_zero(self, charged):
        lost_key = ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)
        services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=charged.driver_id, **HOW)
        with pytest.raises(IntegrityError, match="tickets_misc_charges_amount_positive"), transaction.atomic():
            MiscCharge.objects.update(amount=Decimal("0.00"))


class TestNames:
    def test_each_says_what_it_is(self, charged):
        assert str(charged) == charged.reference_id == "EZPASS-1"
        assert (str(charged.file), str(ImportRow.objects.get())) == ("file.csv", "Row 2")
        assert str(ChargeType(name="Towing")) == "Towing"
        assert str(MiscCharge(pk=88)) == "MISC-88"

    def test_a_refunds_reference_is_not_its_name(self):
        refund = Ticket(kind="EZPASS", number="2", amount=Decimal("-9.11"))
        assert (str(refund), refund.reference_id, refund.is_refund) == ("EZPASS-2", "EZPASS-2-REFUND", True)


class TestReads:
    def test_lists_in_their_order(self):
        leased_cab()
        file = bring_in_tolls(toll(1), toll(2, "NY Z1"), toll(3, "NY Z2"), toll(4, amount="x"))
        assert [ticket.number for ticket in list_tickets()] == ["3", "2", "1"]
        assert [ticket.number for ticket in list_waiting()] == ["2", "3"]
        assert count_waiting() == 2
        assert [row.row for row in list_import_rows(file.pk)] == [2, 3, 4, 5]
        assert [row.row for row in list_import_rows(file.pk, states=["ERROR"])] == [5]

    def test_unfinished_files_are_those_that_somebody_confirmed(self):
        done = bring_in_tolls(toll(1))
        assert list_unfinished_imports() == []
        TicketImport.objects.filter(pk=done.pk).update(state="IMPORTING")
        assert list_unfinished_imports() == [done.pk]

    def test_a_ticket_without_a_time_is_dated_only(self):
        bring_in(text(PVB_HEAD, [violation(1), violation(2).replace("10:00A", "")]), "pvb")
        assert [ticket_of(number).is_dated_only for number in (1, 2)] == [False, True]

    def test_nor_is_one_of_the_hour_shown_twice(self):
        bring_in_tolls(toll(1, on="11/01/2026", at="01:30:00 AM"))
        ticket = ticket_of(1)
        assert ticket.at_latest - ticket.at == timedelta(hours=1)
        assert not ticket.is_dated_only
