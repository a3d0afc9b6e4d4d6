from datetime import date
from decimal import Decimal as D

import pytest

from ledger import services as ledger
from tests.factories import DriverFactory

pytestmark = pytest.mark.django_db


def test_a_drivers_week():
    driver = DriverFactory()
    for cat, ref, amt in [("LEASE", "LEASE-1-2026W45", 500), ("EZPASS", "EZPASS-1", 120), ("TAXES", "TAXES-1", "61.50")]:
        p = ledger.create_obligation(category=cat, amount=D(amt), reference_id=ref, driver_id=driver.pk, due_on=date(2026, 11, 7), effective_on=date(2026, 11, 7))
    assert p == ledger.create_obligation(category=cat, amount=D(amt), reference_id=ref, driver_id=driver.pk)
    pay = ledger.apply_interim_payment(payment_amount=D(100), allocations={"EZPASS-1": D(100)}, driver_id=driver.pk, payment_method="CASH")
    assert pay.reference_id == "PAY-000001"
    e = ledger.post_earnings(driver_id=driver.pk, amount=D("913.25"), reference_id="CURB-1", effective_on=date(2026, 11, 7))
    s = ledger.apply_weekly_earnings(as_of=date(2026, 11, 7))
    assert (s.drivers, s.applications, s.amount) == (1, 3, D("581.50"))
    e.opened.refresh_from_db()
    assert e.opened.remaining == D("331.75")
    with pytest.raises(ledger.CreditInUse):
        ledger.void_posting(posting_id=e.pk, reason="x", actor=None)
    print(ledger.preview_void(posting_id=e.pk, cascade=True))
    out = ledger.pay_out(driver_id=driver.pk, amount=D("331.75"), method="CHECK", instrument_number="12", effective_on=date(2026,11,8))
    with pytest.raises(ledger.CreditPaidOut):
        ledger.void_posting(posting_id=e.pk, reason="x", actor=None, cascade=True)
    ledger.void_payout(payout_id=out.pk, reason="stopped", actor=None)
    ledger.void_posting(posting_id=e.pk, reason="x", actor=None, cascade=True)
    print(ledger.preview_void_payment(payment_id=pay.pk))
    r = ledger.replace_obligation(posting_id=ledger.create_obligation(category="EZPASS", amount=D(120), reference_id="EZPASS-1", driver_id=driver.pk).pk, amount=D(60), reason="half", actor=None)
    r.opened.refresh_from_db(); assert r.opened.remaining == 0
    ledger.void_payment(payment_id=pay.pk, reason="bounced", actor=None)
    with pytest.raises(ledger.AlreadyVoided):
        ledger.void_payment(payment_id=pay.pk, reason="bounced", actor=None)
