"""A preview leaves nothing behind, and a lock that is not had in time is an answer."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection, transaction

from core.errors import Busy
from core.previews import rolled_back
from core.transactions import bounded_transaction
from tests.factories import UserFactory
from tests.threads import run_together


@pytest.mark.django_db
class TestRolledBack:
    def test_undoes_what_was_done_inside_and_keeps_what_was_read(self):
        with rolled_back():
            Group.objects.create(name="Night watch")
            seen = Group.objects.filter(name="Night watch").count()
        assert (seen, Group.objects.filter(name="Night watch").count()) == (1, 0)

    def test_undoes_what_raises_and_raises_it(self):
        def hire_and_fail() -> None:
            with rolled_back():
                Group.objects.create(name="Night watch")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            hire_and_fail()
        assert not Group.objects.filter(name="Night watch").exists()


@pytest.mark.django_db(transaction=True)
class TestBoundedTransaction:
    def test_a_lock_not_had_in_time_is_busy_and_nothing_is_written(self, monkeypatch):
        monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "100ms")
        user = UserFactory.create(first_name="Ann")

        @bounded_transaction
        def rename() -> None:
            held = User.objects.select_for_update().get(pk=user.pk)
            held.first_name = "Bea"
            held.save()

        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            (refusal,) = run_together(rename)
        assert isinstance(refusal, Busy)
        assert User.objects.get(pk=user.pk).first_name == "Ann"

    def test_every_statement_of_it_is_bounded(self):
        @bounded_transaction
        def ask() -> str:
            with connection.cursor() as cursor:
                cursor.execute("SHOW lock_timeout")
                return str(cursor.fetchone()[0])

        assert ask() == "5s"
