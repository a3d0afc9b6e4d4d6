"""Papers with the day on which they end: recorded, and corrected where they were written down wrong."""

from datetime import date

from django.contrib.auth.models import User

from core.checks import check_date, check_paper_number, check_reason
from core.history import save_as
from core.transactions import bounded_transaction
from leases.errors import PaperInvalid, PaperNotFound, PaperRecordedBefore
from leases.models import Paper
from leases.services.records import lock_driver_row, lock_vehicle


@bounded_transaction
def record_paper(
    *,
    driver_id: int | None = None,
    vehicle_id: int | None = None,
    kind: str,
    number: str = "",
    good_to: date,
    actor: User | None,
) -> Paper:
    """Record a paper of a driver or of a vehicle, whose last good day is ``good_to``.

    It takes the place of earlier ones of its kind, which are kept. What it says restricts nothing.

    :raises PaperInvalid: of both or of neither; or not a kind that such an owner has
    :raises core.errors.ValueInvalid: a number or a date that can't be one
    :raises ledger.services.DriverNotFound, ledger.services.VehicleNotFound: there is no such owner
    :raises PaperRecordedBefore: this very paper is there
    """
    number = check_paper_number(number)
    check_date(good_to, field="good_to")
    if (driver_id is None) == (vehicle_id is None):
        raise PaperInvalid("A paper is of one driver or of one vehicle.")
    if kind not in (Paper.OF_DRIVERS if vehicle_id is None else Paper.OF_VEHICLES):
        raise PaperInvalid(f"{kind!r} is not a kind of paper that {'drivers' if vehicle_id is None else 'cabs'} have.")
    if driver_id is not None:
        lock_driver_row(driver_id)
    elif vehicle_id is not None:
        lock_vehicle(vehicle_id)
    paper = Paper(driver_id=driver_id, vehicle_id=vehicle_id, kind=kind, number=number, good_to=good_to)
    _check_new(paper)
    save_as(paper, actor, force_insert=True)
    return paper


@bounded_transaction
def correct_paper(*, paper_id: int, number: str = "", good_to: date, reason: str, actor: User | None) -> Paper:
    """Correct what was written down wrong of a paper; what stood there stays in its history.

    :raises core.errors.ReasonRequired: no reason given
    :raises core.errors.ValueInvalid: a number or a date that can't be one
    :raises PaperNotFound: no paper has this number
    :raises PaperRecordedBefore: another row is this very paper; or nothing would change
    """
    number, reason = check_paper_number(number), check_reason(reason)
    check_date(good_to, field="good_to")
    found = Paper.objects.filter(pk=paper_id).first()
    if found is None:
        raise PaperNotFound(f"No paper {paper_id}.")
    if found.driver_id is not None:
        lock_driver_row(found.driver_id)
    elif found.vehicle_id is not None:
        lock_vehicle(found.vehicle_id)
    paper = Paper.objects.select_for_update(no_key=True).get(pk=paper_id)
    paper.number, paper.good_to = number, good_to
    _check_new(paper)
    save_as(paper, actor, reason=reason)
    return paper


def _check_new(paper: Paper) -> None:
    same = Paper.objects.filter(
        driver=paper.driver_id,
        vehicle=paper.vehicle_id,
        kind=paper.kind,
        number=paper.number,
        good_to=paper.good_to,
    )
    if same.exists():
        raise PaperRecordedBefore(f"{paper}, good to {paper.good_to}, is recorded already.")
