"""A DTR's driver and lease are there, and stay: triggers say so, a statement at a time."""

import pytest

from dtr.models import Dtr
from tests.dtr.fleet import SATURDAY, WEEK, close, leased_driver
from tests.guards import copy_of, refusal_of
from tests.ledger.proofs import charge

COLUMNS = {"driver": "driver_id", "lease": "lease_id"}


@pytest.mark.django_db
class TestNamed:
    @pytest.fixture(autouse=True)
    def one(self) -> Dtr:
        # Without trips, which would refuse to lose them first.
        lease = leased_driver()
        charge(lease.primary_driver, "MISC-1", lease_id=lease.pk)
        close(WEEK)
        return Dtr.objects.get(week=SATURDAY)

    @pytest.mark.parametrize("named", list(COLUMNS))
    def test_is_there_when_a_dtr_comes(self, named: str) -> None:
        assert refusal_of(copy_of("dtr_dtrs", **{COLUMNS[named]: "999999999"})) == f"dtr_dtrs_name_a_{named}"

    @pytest.mark.parametrize("verb", ["DELETE FROM {}", "UPDATE {} SET id = 999999999"])
    @pytest.mark.parametrize("named", list(COLUMNS))
    def test_is_not_lost(self, one: Dtr, named: str, verb: str) -> None:
        sql = f"{verb.format(f'leases_{named}')} WHERE id = {getattr(one, named).pk}"
        assert refusal_of(sql) == f"dtr_dtrs_name_this_{named}"
