"""Tickets at the office's desk: files in, the review queue, each ticket with its acts, odd charges."""

from tickets.admin import charges, imports, tickets  # noqa: F401  (they register their pages)
