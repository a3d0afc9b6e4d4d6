"""Tickets at the office's desk: files in, the review queue, each ticket with its acts, miscellaneous charges."""

from tickets.admin.lists import charges, imports, tickets  # noqa: F401  (they register their pages)
