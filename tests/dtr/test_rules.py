"""The pay week's arithmetic and its clock."""

from datetime import date
from decimal import Decimal

import pytest

from core.weeks import week_of
from curb.rules import Share
from dtr.rules import Entry, EntryKind, list_entries

SATURDAY = date(2026, 11, 21)


def share(card: str = "0.00", taxes: str = "0.00", *, lease_id: int | None = 12, is_lease_holder: bool = True) -> Share:
    return Share(7, lease_id, 3, is_lease_holder, Decimal(card), Decimal(taxes))


class TestListEntries:
    def test_credits_the_fares_and_charges_the_taxes(self):
        assert list_entries(share("913.25", "61.50"), week_of(SATURDAY)) == [
            Entry(EntryKind.EARNINGS, Decimal("913.25"), "CURB-2026-11-21-L12"),
            Entry(EntryKind.TAXES, Decimal("61.50"), "TAXES-2026-11-21-L12"),
        ]

    def test_wins_back_what_was_taken_back(self):
        assert list_entries(share("-20.00", "-3.30"), week_of(SATURDAY)) == [
            Entry(EntryKind.RECOVERY, Decimal("20.00"), "CURB-2026-11-21-L12"),
            Entry(EntryKind.TAX_REFUND, Decimal("3.30"), "TAXES-2026-11-21-L12"),
        ]

    def test_posts_nothing_for_nothing(self):
        assert list_entries(share(), week_of(SATURDAY)) == []

    @pytest.mark.parametrize(
        ("lease_id", "is_lease_holder", "reference_id"),
        [
            (12, True, "CURB-2026-11-21-L12"),
            (12, False, "CURB-2026-11-21-L12-D7"),
            (None, False, "CURB-2026-11-21-D7"),
        ],
    )
    def test_names_each_share_of_a_week_differently(self, lease_id, is_lease_holder, reference_id):
        entries = list_entries(share("1.00", lease_id=lease_id, is_lease_holder=is_lease_holder), week_of(SATURDAY))
        assert [entry.reference_id for entry in entries] == [reference_id]
