"""What a week's trips are called in the ledger, for their driver. Pure: no store, no clock."""

from core.weeks import Week
from core.words import make_sentence, say_week
from curb.rules import TripCounts


def say_card_trips(week: Week, counts: TripCounts) -> str:
    """Return ``Card trips Nov 15–21, 47 trips, 2 of earlier weeks, 1 counted back``."""
    return make_sentence(
        f"Card trips {say_week(week)}",
        *_say_counts(counts),
        f"{counts.counted_back} counted back" if counts.counted_back else "",
    )


def say_trip_taxes(week: Week, counts: TripCounts) -> str:
    """Return ``Trip taxes Nov 15–21, 58 trips, 2 of earlier weeks``."""
    return make_sentence(f"Trip taxes {say_week(week)}", *_say_counts(counts))


def say_cards_below_zero(week: Week) -> str:
    """Return ``Card trips taken back Oct 18–24: more than you earned``."""
    return f"Card trips taken back {say_week(week)}: more than you earned"


def say_taxes_below_zero(week: Week) -> str:
    """Return ``Trip taxes given back Oct 18–24``."""
    return f"Trip taxes given back {say_week(week)}"


def _say_counts(counts: TripCounts) -> list[str]:
    trips = f"{counts.trips} trip{'' if counts.trips == 1 else 's'}"
    return [trips, f"{counts.of_earlier_weeks} of earlier weeks" if counts.of_earlier_weeks else ""]
