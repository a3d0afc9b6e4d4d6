"""The database's own guards of the ledger. Once released, a change is a new file and a new migration."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


def _run(name: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=(SQL / f"{name}.sql").read_text(), reverse_sql=(SQL / f"{name}_reverse.sql").read_text()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_guards"),
        ("ledger", "0001_initial"),
        ("leases", "0001_initial"),
    ]

    operations = [_run("guards"), _run("transfers"), _run("journal")]
