"""The definitions that were shipped, in files beside the SQL that made them: one line a thing, to be read in a diff."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

from core.guards.catalog import ALL, Key, Share, read_catalog

#: Whose tables are told in one file, and by core's audit: packages, Django's own, and nobody's.
REST = "core"
_DJANGOS = "django_migrations"


def list_own_apps() -> list[str]:
    """Return the labels of the apps that are of this project and keep tables."""
    return sorted(
        app.label
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR and (Path(app.path) / "migrations").is_dir()
    )


def share_of(label: str) -> Share:
    """Return what an app answers for; core, besides its own, for all that no app does."""
    if label != REST:
        return Share(_tables_of([label]), (f"{label}_",))
    others = [other for other in list_own_apps() if other != REST]
    return Share(_tables_of(others), tuple(f"{other}_" for other in others), is_the_rest=True)


def _tables_of(labels: Iterable[str]) -> tuple[str, ...]:
    """The tables of these apps' models, and those that they keep without a model."""
    models = (model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True))
    written = (key.table for label in labels for key in _read(_file_of(label)) if key.table)
    return tuple(sorted({model._meta.db_table for model in models} | set(written)))


def read_shipped(label: str) -> dict[Key, str]:
    """Return the definitions that were shipped of what an app answers for."""
    found = _read(_file_of(label))
    if label == REST:
        installed = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} | {_DJANGOS}
        packages = _read(_packages_file())
        # A package that is not installed here has no tables.
        found |= {key: definition for key, definition in packages.items() if not key.table or key.table in installed}
    return found


def write_shipped() -> None:
    """Write down what stands in the database, which the migrations alone have made."""
    for path, text in _compose().items():
        path.write_text(text)


def list_differing_files() -> list[str]:
    """Return the files that say something else than what stands in the database."""
    return sorted(
        path.relative_to(settings.BASE_DIR).as_posix()
        for path, text in _compose().items()
        if not path.exists() or path.read_text() != text
    )


def _compose() -> dict[Path, str]:
    own = list_own_apps()
    by_table = {
        model._meta.db_table: label
        for label in own
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }
    files = [*map(_file_of, own), _packages_file()]
    lines: dict[Path, list[str]] = {path: [] for path in files}
    for key, definition in sorted(read_catalog(ALL).items()):
        by_name = (label for label in own if (key.table or key.name).startswith(f"{label}_"))
        label = by_table.get(key.table) or next(by_name, None)
        lines[_file_of(label) if label else _packages_file()].append(_say(key, definition))
    return {path: "".join(told) for path, told in lines.items()}


def _file_of(label: str) -> Path:
    return Path(apps.get_app_config(label).path) / "sql" / "shipped.txt"


def _packages_file() -> Path:
    return Path(apps.get_app_config(REST).path) / "sql" / "packages.txt"


def _say(key: Key, definition: str) -> str:
    return f"{key.what} | {key.table} | {key.name} | {definition}\n"


@cache
def _read(path: Path) -> dict[Key, str]:
    found: dict[Key, str] = {}
    for line in path.read_text().splitlines():
        what, table, name, definition = line.split(" | ", 3)
        found[Key(what, table, name)] = definition
    return found
