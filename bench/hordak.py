"""django-hordak at the same work, in a process and a virtual environment of its own (see ``bench/others.py``).

It reads lines like ``transfer 500 1`` or ``split 100 5`` and answers each with the seconds it took.
"""

import json
import os
import sys
import time
from decimal import Decimal

import django
from django.conf import settings

_CONNECT = json.loads(os.environ["BENCH_CONNECT"])
settings.configure(
    SECRET_KEY="bench",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _CONNECT["dbname"],
            "USER": _CONNECT["user"],
            "PASSWORD": _CONNECT.get("password", ""),
            "HOST": _CONNECT.get("host", ""),
            "PORT": _CONNECT.get("port", ""),
        }
    },
    DEFAULT_CURRENCY="USD",
    CURRENCIES=["USD"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.core.management import call_command  # noqa: E402 - Django must be ready first
from django.db import transaction  # noqa: E402
from hordak.models import Account, Leg, Transaction  # noqa: E402
from moneyed import Money  # noqa: E402

_TEN = Decimal("10.00")


def main(accounts: int) -> None:
    """Make the accounts unless they are there, and do what the lines say."""
    call_command("migrate", verbosity=0)
    if not Account.objects.exists():
        Account.objects.create(name="Cash", code="1", type="AS", currencies=["USD"])
        for number in range(accounts):
            Account.objects.create(name=f"Driver {number}", code=f"{number + 2}", type="IN", currencies=["USD"])
    cash, *drivers = Account.objects.order_by("pk")
    done = 0
    for line in sys.stdin:
        what, times, parts = line.split()
        start = time.perf_counter()
        for _ in range(int(times)):
            done += 1
            if what == "transfer":
                with transaction.atomic():
                    drivers[done % accounts].transfer_to(cash, Money(_TEN, "USD"))
            else:
                split(cash, [drivers[(done + part) % accounts] for part in range(int(parts))])
        print(time.perf_counter() - start, flush=True)


@transaction.atomic
def split(cash: Account, drivers: list[Account]) -> None:
    """One entry of the money received and what it is for, as its documentation writes one with several legs."""
    entry = Transaction.objects.create()
    Leg.objects.create(transaction=entry, account=cash, debit=Money(_TEN * len(drivers), "USD"))
    for driver in drivers:
        Leg.objects.create(transaction=entry, account=driver, credit=Money(_TEN, "USD"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
