"""The modules of one name that apps may have, such as ``audits``: there they tell core what is theirs."""

from functools import cache

from django.utils.module_loading import autodiscover_modules


@cache
def load_modules(name: str) -> None:
    """Load the module of that name of every installed app, once a process.

    Django's own looks again at each call, for the modules that apps lack too; and the lists are asked for by each page.
    """
    autodiscover_modules(name)
