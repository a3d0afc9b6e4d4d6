"""All that a plan is: what a driver repays in weekly installments, whichever module it belongs to.

``rules`` cut an amount and find its due dates, ``models`` are what a module's own tables inherit, ``selectors`` lay a
plan beside what the ledger says of it, ``services`` hold, resume and void it, and ``forms``, ``pages`` and ``admin``
show it. Installments are posted when due by ``ledger.services.post_scheduled_installments``: there is no registry to
fill in.

A module's model inherits :class:`Installment`. The rest is imported from where it stands.
"""

from ledger.installments.models import Installment

__all__ = ["Installment"]
