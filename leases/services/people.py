"""Drivers come, and what is known of them changes.

The office types it into a form; programs come by here. The rules are the model's for both.
"""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.history import save_as
from core.transactions import bounded_transaction
from leases.errors import DriverInvalid
from leases.models import Driver
from leases.services.records import lock_driver_row


@bounded_transaction
def create_driver(
    *, first_name: str, last_name: str, tlc_license: str, phone: str = "", email: str = "", actor: User | None
) -> Driver:
    """Enter a driver, who is active from now on. A license is one driver's, with or without zeros before it.

    :raises DriverInvalid: what is given can't be that, or the license is another driver's
    """
    driver = Driver(
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        tlc_license=tlc_license.strip(),
        phone=phone.strip(),
        email=email.strip(),
    )
    _save(driver, actor=actor, force_insert=True)
    return driver


@bounded_transaction
def change_driver(
    *,
    driver_id: int,
    first_name: str | None = None,
    last_name: str | None = None,
    tlc_license: str | None = None,
    status: str | None = None,
    phone: str | None = None,
    email: str | None = None,
    actor: User | None,
) -> Driver:
    """Change what is known of a driver; what is None stays. Whoever is not active is put on no new lease.

    Where nothing differs from what is known, nothing is written.

    :raises ledger.services.DriverNotFound: no driver has this number
    :raises DriverInvalid: what is given can't be that, or the license is another driver's
    """
    driver = lock_driver_row(driver_id)
    given = {
        "first_name": first_name,
        "last_name": last_name,
        "tlc_license": tlc_license,
        "status": status,
        "phone": phone,
        "email": email,
    }
    changed = {name: text.strip() for name, text in given.items() if text is not None}
    if any(getattr(driver, name) != text for name, text in changed.items()):
        for name, text in changed.items():
            setattr(driver, name, text)
        _save(driver, actor=actor)
    return driver


def _save(driver: Driver, *, actor: User | None, **how: Any) -> None:
    try:
        driver.clean_fields()
        driver.clean()
    except ValidationError as invalid:
        field, messages = next(iter(invalid.message_dict.items()))
        raise DriverInvalid(messages[0], field=field) from None
    try:
        with transaction.atomic():
            save_as(driver, actor, **how)
    except IntegrityError as twice:  # somebody else was quicker
        raise DriverInvalid("Another driver has this license.", field="tlc_license") from twice
