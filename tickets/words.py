"""What tickets, tolls and miscellaneous charges are called for their driver. Pure: no store, no clock.

What a file told of a toll or a violation beyond the ticket's own columns is read from its row, kept as it came.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from core.clock import NEW_YORK
from core.words import Free, lower_first, make_sentence, say_amount, say_day, say_moment, say_paper
from ledger.money import ZERO
from tickets.importers.ezpass import CONGESTION_AGENCY, CONGESTION_PLAZA
from tickets.importers.rows import plain
from tickets.importers.values import read_amount
from tickets.models import MiscCharge, Ticket
from tickets.rules import Chargeable

#: The city's camera programs: a word of the violation, its codes, and what people call them.
_CAMERAS = (
    ("SPEED", {"36"}, "Speed camera"),
    ("RED LIGHT", {"7"}, "Red light camera"),
    ("BUS LANE", {"5", "12"}, "Bus lane camera"),
)
#: The counties of the city's files, and what a driver calls them.
_BOROUGHS = {
    **dict.fromkeys(("NY", "MN", "MANH"), "Manhattan"),
    **dict.fromkeys(("BX", "BRONX"), "Bronx"),
    **dict.fromkeys(("BK", "K", "KINGS"), "Brooklyn"),
    **dict.fromkeys(("QN", "Q", "QNS", "QUEEN"), "Queens"),
    **dict.fromkeys(("ST", "R", "RICH"), "Staten Island"),
}
#: The plazas that E-ZPass abbreviates, and what a driver calls them; any other stands as it came.
_PLAZAS = {
    "RKB": "RFK Bridge",
    "RKM": "RFK Bridge",
    "QMT": "Queens Midtown Tunnel",
    "HCT": "Hugh L. Carey Tunnel",
    "BWB": "Bronx-Whitestone Bridge",
    "TNB": "Throgs Neck Bridge",
    "VNB": "Verrazzano-Narrows Bridge",
    "HHB": "Henry Hudson Bridge",
    "GWB": "George Washington Bridge",
}

#: More of a row's own words tell a driver nothing.
_LONGEST_ROW_WORDS = 60

#: The columns of a row that are told.
_TOLD = ("Agency", "Entry Plaza", "Exit Plaza", "Penalty", "Penalty Amount", "Interest", "Interest Amount")


def say_ticket(ticket: Chargeable, *, medallion: str = "", told_on: date) -> str:
    """Return what a ticket's charge is for; of a refund, what is given back. ``medallion`` is of the cab it names."""
    if ticket.is_refund:
        head = f"{_say_statement_row(ticket) or 'Toll'} of {_say_when(ticket, told_on)} given back"
        return make_sentence(head, Free(_say_plaza(ticket)))
    head = say_first_words(ticket, told_on=told_on)
    match ticket.kind:
        case Ticket.Kind.EZPASS if _is_congestion(ticket) and not ticket.violation:
            return make_sentence(head, _say_cab(medallion))
        case Ticket.Kind.EZPASS:
            return make_sentence(head, Free(_say_plaza(ticket)) or _say_mark(ticket), _say_cab(medallion))
        case Ticket.Kind.TLC:
            day = say_day(ticket.at.astimezone(NEW_YORK).date(), told_on=told_on)
            return make_sentence(head, day, Free(lower_first(ticket.violation)))
        case _:
            return _say_violation(ticket, told_on)


def say_first_words(ticket: Chargeable, *, told_on: date) -> str:
    """Return the words by which a ticket is known: ``E-ZPass Nov 20 2:35 PM``, ``TLC summons 10123456A``."""
    match ticket.kind:
        case Ticket.Kind.EZPASS:
            what = _say_statement_row(ticket) or ("Congestion zone charge" if _is_congestion(ticket) else "E-ZPass")
            return f"{what} {_say_when(ticket, told_on)}"
        case Ticket.Kind.TLC:
            return f"TLC summons {ticket.number}"
        case _:
            return make_sentence(Free(_say_what(ticket)), _say_when(ticket, told_on))


def _say_statement_row(ticket: Chargeable) -> str:
    """What a row of a statement is that is no plain toll, in its own words: ``E-ZPass adjustment``; blank for tolls."""
    if ticket.kind != Ticket.Kind.EZPASS or not ticket.violation:
        return ""
    words = ticket.violation.lower() if ticket.violation.isupper() else lower_first(ticket.violation)
    return f"E-ZPass {words[:_LONGEST_ROW_WORDS].strip()}"


def say_charge(charge: MiscCharge, *, told_on: date) -> str:
    """Return what a miscellaneous charge is for: ``Lost key, cab 1A10``; a fee names its ticket."""
    if charge.ticket is None:
        return make_sentence(charge.charge_type.name, Free(charge.note), say_paper(charge.paper_number))
    first_words = lower_first(say_first_words(charge.ticket, told_on=told_on))
    return make_sentence(f"{charge.charge_type.name} for {first_words}")


def _say_violation(ticket: Chargeable, told_on: date) -> str:
    notice = "notice" if _find_camera(ticket) else "summons"
    return make_sentence(
        Free(_say_what(ticket)),
        _say_when(ticket, told_on),
        Free(_say_place(ticket.place)),
        f"plate {ticket.plate}" if ticket.plate else "",
        f"{notice} {ticket.number}",
        _say_additions(ticket),
    )


def _say_what(ticket: Chargeable) -> str:
    """What was violated; the fleet program's file tells its code alone."""
    violation = ticket.violation
    if camera := _find_camera(ticket):
        return camera
    if violation.isdigit():
        return f"Violation code {violation}"
    return (violation.capitalize() if violation.isupper() else violation) or "Violation"


def _find_camera(ticket: Chargeable) -> str:
    told = ticket.violation.upper()
    return next((name for word, codes, name in _CAMERAS if word in told or told.lstrip("0") in codes), "")


def _say_place(place: str) -> str:
    parts = (_BOROUGHS.get(part.upper()) or _say_street(part) for part in place.split(", "))
    return ", ".join(part for part in parts if part)


def _say_street(street: str) -> str:
    return " ".join(word.capitalize() for word in street.split()) if street.isupper() else street


def _say_additions(ticket: Chargeable) -> str:
    added = [(name, _read_amount(ticket, name)) for name in ("Penalty", "Interest")]
    told = " and ".join(f"{name.lower()} {say_amount(amount)}" for name, amount in added if amount > ZERO)
    return f"with {told}" if told else ""


def _say_when(ticket: Chargeable, told_on: date) -> str:
    if ticket.is_dated_only:
        return say_day(ticket.at.astimezone(NEW_YORK).date(), told_on=told_on)
    return say_moment(ticket.at, told_on=told_on)


def _say_plaza(ticket: Chargeable) -> str:
    """Where it was paid, or from where to where; at least whose toll it was."""
    return _name_edges(*_read_edges(ticket))


@lru_cache(maxsize=20_000)
def _name_edges(agency: str, *edges: str) -> str:
    entry, leaving = (_name_plaza(plaza, agency) for plaza in edges)
    if entry and leaving and entry != leaving:
        return f"{entry} to {leaving}"
    return leaving or entry or agency


def _name_plaza(plaza: str, agency: str) -> str:
    if plaza[:1].isdigit() and agency:
        # The number of an exit means something with its road alone.
        return f"{agency} {plaza}"
    return _PLAZAS.get(plaza.upper(), plaza)


def _is_congestion(ticket: Chargeable) -> bool:
    return _is_in_zone(*_read_edges(ticket))


@lru_cache(maxsize=20_000)
def _is_in_zone(agency: str, entry: str, leaving: str) -> bool:
    return agency.upper() == CONGESTION_AGENCY or CONGESTION_PLAZA in f"{entry} {leaving}".upper().split()


def _read_edges(ticket: Chargeable) -> tuple[str, str, str]:
    """The agency of a toll, and the plazas of its entry and exit."""
    cells = ticket.received
    agency, entry, leaving = _find_edges(tuple(cells))
    return str(cells.get(agency, "")), str(cells.get(entry, "")), str(cells.get(leaving, ""))


def _say_mark(ticket: Chargeable) -> str:
    if ticket.tag:
        return f"tag ending {ticket.tag[-4:]}"
    return f"plate {ticket.plate}" if ticket.plate else ""


def _say_cab(medallion: str) -> str:
    return f"cab {medallion}" if medallion else ""


def _read_amount(ticket: Chargeable, name: str) -> Decimal:
    """What its row says under this name, in dollars; the importer read it before."""
    return read_amount(_cell(ticket, f"{name} Amount", name) or "0")


def _cell(ticket: Chargeable, *names: str) -> str:
    """A cell of its row as it came, by the first of these names that is not blank; files spell them as they like."""
    cells = ticket.received
    heads = _find_heads(tuple(cells))
    return next((text for name in names if name in heads and (text := str(cells[heads[name]]))), "")


@lru_cache(maxsize=100)
def _find_edges(heads: tuple[str, ...]) -> tuple[str, str, str]:
    found = _find_heads(heads)
    return found.get("Agency", ""), found.get("Entry Plaza", ""), found.get("Exit Plaza", "")


@lru_cache(maxsize=100)
def _find_heads(heads: tuple[str, ...]) -> dict[str, str]:
    """How a row's head spells the columns that are asked for, by their names here; a file has one."""
    spelt = {plain(head): head for head in heads}
    return {name: spelt[plain(name)] for name in _TOLD if plain(name) in spelt}
