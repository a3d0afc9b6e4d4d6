"""Pages at one size of the ledger and at a greater one: lists, search, a driver's page, reports, files.

Each page is asked for in this process, as a superuser. As many drivers and as many rows a day, and a history that goes
further back. Of a group of pages the figure is the p95 of all that was asked of it.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench import page_rows
from bench.databases import EMPTY, RUN, copy_database
from bench.measure import Meter, Row, measured
from bench.registry import Asked
from core.reports import list_reports
from leases.models import Driver

SHORT_SIZES, FULL_SIZES = (20_000, 100_000), (100_000, 1_000_000, 10_000_000)
#: Days of the smallest size: as many as the longest that a report looks back by itself. *Year by driver* goes back to
#: January 1, so a history that is shorter than a year would be compared with one that has more to tell.
FIRST_DAYS = 366
SHORT_ROUNDS, FULL_ROUNDS = 3, 20
#: A page that has taken so long in all is not asked for again.
PATIENCE_MS = 10_000
SHORT_DRIVERS, FULL_DRIVERS = 20_000, 180_000
TODAY = timezone.localdate()  # reports ask the clock
DAY, MONTH = [TODAY - timedelta(days=3)] * 2, [TODAY - timedelta(days=32), TODAY - timedelta(days=2)]
HOURS = {"at_from_1": "00:00", "at_to_1": "23:59"}
POSTINGS, PAYMENTS, BALANCES, TICKETS = (
    "ledger_ledgerposting",
    "ledger_interimpayment",
    "ledger_ledgerbalance",
    "tickets_ticket",
)
#: A list, what is asked of it in words, and its address. A column is sorted by its place: ``-2`` is the third, newest
#: first.
LISTS: list[tuple[str, str, dict[str, Any]]] = [
    (POSTINGS, "all", {}),
    (POSTINGS, "of a day", {"effective_on_from": DAY[0], "effective_on_to": DAY[1]}),
    (POSTINGS, "of a month", {"effective_on_from": MONTH[0], "effective_on_to": MONTH[1]}),
    (POSTINGS, "due in a month", {"due_on_from": MONTH[0], "due_on_to": MONTH[1]}),
    (POSTINGS, "LEASE-77-", {"q": "LEASE-77-"}),
    (POSTINGS, "a reference", {"q": "LEASE-77-1-77"}),
    (POSTINGS, "a driver", {"q": "5000711"}),
    (POSTINGS, "by day", {"o": "-2"}),
    (POSTINGS, "of a kind", {"kind__exact": "PAYMENT"}),
    (POSTINGS, "undone", {"state": "undone"}),
    (PAYMENTS, "all", {}),
    (PAYMENTS, "of a day", {"received_on_from": DAY[0], "received_on_to": DAY[1]}),
    (PAYMENTS, "of a month", {"received_on_from": MONTH[0], "received_on_to": MONTH[1]}),
    (PAYMENTS, "a check", {"q": "77777"}),
    (PAYMENTS, "a driver", {"q": "5000711"}),
    (PAYMENTS, "by day", {"o": "-2"}),
    (PAYMENTS, "checks", {"method__exact": "CHECK"}),
    (PAYMENTS, "voided", {"state": "undone"}),
    (BALANCES, "all", {}),
    (BALANCES, "a driver", {"q": "5000711"}),
    (TICKETS, "all", {}),
    (TICKETS, "of a day", {"at_from_0": DAY[0], "at_to_0": DAY[1], **HOURS}),
    (TICKETS, "of a month", {"at_from_0": MONTH[0], "at_to_0": MONTH[1], **HOURS}),
    (TICKETS, "a number", {"q": "777777"}),
    (TICKETS, "a plate", {"q": "T100777C"}),
    (TICKETS, "a driver", {"q": "5000711"}),
    (TICKETS, "charged", {"state__exact": "CHARGED"}),
    (TICKETS, "by day", {"o": "-3"}),
]
TERMS = [
    *("5000711", "bench 71", "5012", "9170", "T100777C", "Castillo, Nadia", "nad cast", "mohammed ali", "ma ra"),
    *("mo", "718 555", "nadia.castillo", "LEASE-77-1-77", "lease 14", "zzz mohammed", "singh mohammed ali"),
]
#: What a file of a list is asked for: a day of it, whatever the ledger's size.
FILES: list[tuple[str, dict[str, Any]]] = [
    (POSTINGS, {"effective_on_from": DAY[0], "effective_on_to": DAY[1]}),
    (PAYMENTS, {"q": "5000711"}),
]


@dataclass
class Group:
    """Pages of one sort, by what is asked of them, and what each took in milliseconds."""

    name: str
    addresses: dict[str, str]
    took: dict[str, list[float]] = field(default_factory=dict)

    @property
    def p95(self) -> float:
        times = sorted(one for each in self.took.values() for one in each)
        return times[min(len(times) - 1, len(times) * 95 // 100)]


def run(asked: Asked) -> Iterator[Row]:
    """Ask at each size; the first is what the others stand beside."""
    settings.ALLOWED_HOSTS = ["testserver"]
    sizes = FULL_SIZES if asked.is_full else SHORT_SIZES
    rounds = FULL_ROUNDS if asked.is_full else SHORT_ROUNDS
    drivers = asked.drivers if asked.drivers_given else FULL_DRIVERS if asked.is_full else SHORT_DRIVERS
    first: dict[str, Group] = {}
    for size in sizes:
        began = time.perf_counter()
        copy_database(EMPTY, RUN)
        page_rows.make_people(drivers)
        page_rows.make_history(size, a_day=sizes[0] // FIRST_DAYS, drivers=drivers, today=TODAY)
        print(f"  {size:,} postings, made in {time.perf_counter() - began:.0f} s", flush=True)
        groups = _list_groups()
        _ask_all(groups, rounds)
        for group in groups:
            beside = first.setdefault(group.name, group)
            if beside is not group:
                yield measured(
                    f"{group.name}, p95 at {size:,} postings", "ms", [group.p95],
                    yardstick=[beside.p95], beside=f"at {sizes[0]:,}", rows=size, aim="≤ 1.5",
                )  # fmt: skip


def _list_groups() -> list[Group]:
    lists = {f"{name} {words}": f"{_list_address(name)}?{urlencode(asked)}" for name, words, asked in LISTS}
    driver = Driver.objects.order_by("pk")[71].pk
    account = reverse("admin:ledger_ledgeraccount_change", args=[driver])
    return [
        Group("lists", lists),
        Group("search", {term: f"{reverse('find')}?{urlencode({'q': term})}" for term in TERMS}),
        Group("a driver's pages", {"story": reverse("driver", args=[driver]), "account": account}),
        Group("reports", {report.slug: reverse("reports:report", args=[report.slug]) for report in list_reports()}),
        Group(
            "files",
            {
                f"{name} {form}": f"{reverse(f'admin:{name}_file', args=[form])}?{urlencode(asked)}"
                for form in ("csv", "xlsx")
                for name, asked in FILES
            },
        ),
    ]


def _list_address(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def _ask_all(groups: list[Group], rounds: int) -> None:
    """Ask for every page in turn, and tell of each what it took and what of that was work."""
    client = Client()
    client.force_login(User.objects.get_or_create(username="bench", is_superuser=True, is_staff=True)[0])
    for group in groups:
        print(f"    {group.name:52} {'median':>8} {'highest':>8} {'product':>8} {'server':>8}  ms")
        for words, url in group.addresses.items():
            _ask(client, url)
            meter = Meter()
            times = [_ask(client, url)]
            while len(times) < rounds and sum(times) < PATIENCE_MS:
                times.append(_ask(client, url))
            _, ours, server = (1000 * took / len(times) for took in meter.read())
            group.took[words] = times
            told = (statistics.median(times), max(times), ours, server)
            print(f"    {words:52} " + " ".join(f"{figure:>8.1f}" for figure in told), flush=True)


def _ask(client: Client, url: str) -> float:
    """Return how many milliseconds a page took, to its last byte."""
    began = time.perf_counter()
    answer = client.get(url)
    if answer.streaming:
        for _ in answer:
            pass
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{url} was answered {answer.status_code}.")
    return taken
