"""A person of the office is called alike in Python, in a column and in SQL."""

import pytest
from django.contrib.auth.models import User
from django.db import connection

from core.names import name_author, name_column, name_sql
from ledger.models import InterimPayment
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("first", "last", "called"), [("Maya", "Ortiz", "Maya Ortiz"), ("Maya", "", "Maya"), ("", "", "till-1")]
)
def test_by_the_name_or_without_one_by_the_login(first, last, called):
    user = UserFactory.create(username="till-1", first_name=first, last_name=last)
    pay(DriverFactory.create(), "10.00", actor=user)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name_sql('u')} FROM auth_user u WHERE id = %s", [user.pk])
        in_sql = cursor.fetchone()[0]
    in_column = InterimPayment.objects.values_list(name_column("received_by"), flat=True).get()
    assert {str(User.objects.get(pk=user.pk)), name_author(user), in_sql, in_column} == {called}


def test_nobody_is_the_system():
    pay(DriverFactory.create(), "10.00", actor=None)
    assert InterimPayment.objects.values_list(name_column("received_by"), flat=True).get() == ""
    assert name_author(None) == "the system"
