"""The factories make rows that the models themselves find valid."""

import pytest

from tests.factories import LeaseFactory, LeaseInstallmentFactory, UserFactory


@pytest.mark.django_db
class TestFactories:
    def test_factories_make_valid_rows(self) -> None:
        for _ in range(3):
            installment = LeaseInstallmentFactory.create(number=2)
            installment.full_clean()
            installment.lease.full_clean()
            installment.lease.primary_driver.full_clean()
            installment.lease.vehicle.full_clean()

    def test_names_an_installment_by_its_week(self) -> None:
        lease = LeaseFactory.create()
        assert LeaseInstallmentFactory.create(lease=lease).reference_id == f"LEASE-{lease.pk}-2026W02"

    def test_a_user_has_no_rights_of_their_own(self) -> None:
        user = UserFactory.create()
        assert (user.is_staff, user.is_superuser, user.has_usable_password()) == (True, False, False)
