"""Migrations that a test runs render fewer models: half of what migrating costs is models that nothing asks for.

Django makes the classes of a model and of all its relations anew after each operation. For an index and a constraint
they differ in `Meta` alone, which no SQL is made of: so they stay until the next operation needs others. And of the
states that it lays by before it goes back, each is rendered once, where it is used, and not after each operation.

The tables are the same (tests/core/test_shipped_guards.py, and Django's own check of missing migrations), and
tests/config/test_serve.py migrates a database in a process of its own, by Django as it is.
"""

from typing import Any

from django.db.migrations import Migration
from django.db.migrations.state import ProjectState

_mutate_state = Migration.mutate_state


def install() -> None:
    """Have it so in the process of the tests."""
    setattr(ProjectState, "_append_option", _append_option)  # noqa: B010  (mypy: methods of Django's)
    setattr(ProjectState, "_remove_option", _remove_option)  # noqa: B010
    setattr(Migration, "mutate_state", _mutate_rendering_later)  # noqa: B010


def _append_option(state: Any, app_label: str, model_name: str, option: str, added: Any) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [*options[option], added]


def _remove_option(state: Any, app_label: str, model_name: str, option: str, name: str) -> None:
    options = state.models[app_label, model_name].options
    options[option] = [one for one in options[option] if one.name != name]


def _mutate_rendering_later(migration: Migration, state: Any, preserve: bool = True) -> Any:
    if preserve:
        rendered = state.__dict__.pop("apps", None)
        before, state = state, state.clone()
        if rendered is not None:
            before.__dict__["apps"] = rendered
    return _mutate_state(migration, state, preserve=False)
