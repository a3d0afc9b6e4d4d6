"""Where drivers stand as if the running week ended now: plain reads, as many whatever the fleet's size."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.weeks import week_of
from curb import selectors as curb
from leases.models import Driver
from ledger import selectors as ledger
from ledger.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentBalance:
    """Where one driver stands: what there is now, and what the close would add, in dollars.

    Applying credits moves money from one side to the other and changes no net: so the net is what a close would leave.
    """

    driver_id: int
    name: str
    #: Held for the driver, without deposits.
    held: Decimal = ZERO
    #: Card trips that no close has counted, and the taxes of those and of the cash trips.
    card_total: Decimal = ZERO
    taxes_total: Decimal = ZERO
    #: Owed, due or not.
    owed: Decimal = ZERO
    #: Owed, and due by Saturday.
    owed_due: Decimal = ZERO
    #: Installments not charged yet that fall due by Saturday, by category.
    coming_in: Mapping[str, Decimal] = field(default_factory=dict)
    #: Held as deposit; no part of the net.
    deposits: Decimal = ZERO

    @property
    def coming(self) -> Decimal:
        return sum(self.coming_in.values(), ZERO)

    @property
    def due_by_saturday(self) -> Decimal:
        """What falls due by Saturday, or did before, charged or not."""
        return self.owed_due + self.coming

    @property
    def net(self) -> Decimal:
        """Due to the driver; below zero, owed by them."""
        return self.held + self.card_total - self.taxes_total - self.owed - self.coming


def list_current_balances(today: date) -> list[CurrentBalance]:
    """Return where every driver stands with anything to tell, who owes most first; ``today`` is New York's date."""
    return sorted(_read(today), key=lambda balance: (balance.net, balance.name, balance.driver_id))


def find_current_balance(driver_id: int, *, today: date) -> CurrentBalance | None:
    """Return where one driver stands, if there is anything to tell."""
    return next(iter(_read(today, driver_id)), None)


def _read(today: date, driver_id: int | None = None) -> list[CurrentBalance]:
    week = week_of(today)
    wanted = None if driver_id is None else [driver_id]
    positions = {position.driver_id: position for position in ledger.list_positions(wanted, as_of=week.end)}
    trips = curb.sum_uncounted_by_driver(week, driver_id=driver_id)
    coming = ledger.sum_installments_payable(week.end, driver_id=driver_id)
    # Of all drivers all names: to ask for those of a hundred thousand, one by one, takes longer.
    drivers = Driver.objects.all() if wanted is None else Driver.objects.filter(pk__in=wanted)
    balances = []
    for pk, *named in drivers.values_list("pk", "last_name", "first_name", "tlc_license"):
        if not (pk in positions or pk in trips or pk in coming):
            continue
        position = positions.get(pk) or ledger.Position(pk, week.end)
        card_total, taxes_total = trips.get(pk, (ZERO, ZERO))
        balances.append(
            CurrentBalance(
                driver_id=pk,
                name="{}, {} ({})".format(*named),
                held=position.held_credits,
                card_total=card_total,
                taxes_total=taxes_total,
                owed=position.obligations,
                owed_due=position.obligations_due,
                coming_in=coming.get(pk, {}),
                deposits=position.deposits,
            )
        )
    return balances
