"""The pay week's arithmetic."""

from decimal import Decimal

import pytest

from curb.rules import Share, find_share
from dtr.rules import Entry, EntryKind, list_entries


def share(card: str = "0.00", taxes: str = "0.00", *, name: str = "2026-11-21-L12") -> Share:
    return Share(7, 12, 3, name, Decimal(card), Decimal(taxes))


class TestListEntries:
    def test_credits_the_fares_and_charges_the_taxes(self):
        assert list_entries(share("913.25", "61.50")) == [
            Entry(EntryKind.EARNINGS, Decimal("913.25"), "CURB-2026-11-21-L12"),
            Entry(EntryKind.TAXES, Decimal("61.50"), "TAXES-2026-11-21-L12"),
        ]

    def test_wins_back_what_was_taken_back(self):
        assert list_entries(share("-20.00", "-3.30")) == [
            Entry(EntryKind.RECOVERY, Decimal("20.00"), "CURB-2026-11-21-L12"),
            Entry(EntryKind.TAX_REFUND, Decimal("3.30"), "TAXES-2026-11-21-L12"),
        ]

    def test_posts_nothing_for_nothing(self):
        assert list_entries(share()) == []

    @pytest.mark.parametrize("name", ["2026-11-21-L12", "2026-11-21-L12-D7", "2026-11-21-D7"])
    def test_names_its_references_by_the_share(self, name):
        (entry,) = list_entries(share("1.00", name=name))
        assert entry.reference_id == f"CURB-{name}"
        assert find_share(entry.reference_id) == find_share(f"TAXES-{name}") == name

    @pytest.mark.parametrize("reference_id", ["LEASE-12-2026W47", "CURB", "MISC-8"])
    def test_a_reference_of_something_else_names_no_share(self, reference_id):
        assert find_share(reference_id) is None
