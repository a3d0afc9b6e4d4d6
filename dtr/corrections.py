"""What corrects a week's card fares and taxes: their trips, in the next close."""

from core.corrections import Charge


def say_week_act(charge: Charge) -> str:
    return (
        f"{charge.reference_id} follows its trips. On a trip's page, under Trips, it is moved to its right driver or "
        "counted back, and the next close makes up for it."
    )
