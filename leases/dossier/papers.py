"""Papers of a driver or a vehicle, as their pages show them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse

from core.changes import read_changes
from core.dossier import Before, Event, Line, Notice, Table
from core.words import say_day, say_full_day
from leases import selectors
from leases.models import Paper


def tell_papers(papers: Iterable[Paper], today: date) -> Table:
    return Table(
        columns=["Paper", "Number", "Good to"],
        lines=[
            Line(
                [paper.get_kind_display(), paper.number, _say_end(paper, today)],
                reverse("admin:leases_paper_change", args=[paper.pk]),
            )
            for paper in papers
        ],
        empty="No paper is recorded.",
    )


def tell_ending(papers: Iterable[Paper], today: date) -> Sequence[Notice]:
    """Tell the papers that end within 30 days, or have."""
    last = today + timedelta(days=selectors.PAPER_ENDING_DAYS)
    return [
        Notice(
            f"{paper} {'ended' if paper.good_to < today else 'ends'} on {say_day(paper.good_to, told_on=today)}.",
            "",
            reverse("admin:leases_paper_change", args=[paper.pk]),
            "See the paper",
        )
        for paper in papers
        if paper.good_to <= last
    ]


def read_paper_changes(where: Q, before: Before, most: int) -> Sequence[Event]:
    return read_changes(Paper, where, before, most, say=_say_change)


def _say_change(newer: Any, older: Any) -> str:
    paper = f"{newer.get_kind_display()} {newer.number}".strip()
    reason = f": {newer.history_change_reason}" if newer.history_change_reason else ""
    return f"{paper} {'corrected' if older else 'recorded'}, good to {say_full_day(newer.good_to)}{reason}"


def _say_end(paper: Paper, today: date) -> str:
    return say_full_day(paper.good_to) + (" (ended)" if paper.good_to < today else "")
