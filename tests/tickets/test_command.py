"""``manage.py import_tickets``: what it prints, what it imports, and how it ends."""

import gc
import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.models import Upload
from tests.tickets.files import (
    EZPASS_HEAD,
    FLEET_HEAD,
    PVB_HEAD,
    count_postings,
    fleet_violation,
    leased_cab,
    owed,
    summed_violation,
    text,
    toll,
    violation,
)
from tickets.models import Ticket, TicketImport

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    today = timezone.localdate()
    return leased_cab(start_on=today - timedelta(days=70), end_on=today + timedelta(days=70))


@pytest.fixture
def write(tmp_path):
    def write_file(*rows: str, head: str = EZPASS_HEAD, name: str = "tolls.csv") -> Path:
        path: Path = tmp_path / name
        path.write_bytes(text(head, rows))
        return path

    return write_file


def recent(number: int | str, plate: str = "NY T100001C", **facts: str) -> str:
    return toll(number, plate, on=f"{timezone.localdate() - timedelta(days=1):%m/%d/%Y}", **facts)


def run(*arguments: object) -> tuple[str, str]:
    """What the command prints, and what it warns of."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_tickets", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_name_that_is_no_text_is_kept_as_far_as_it_is(lease, write):
    """As an old Windows wrote *March paid, café*: in Latin-1."""
    path = write(recent(1), name="caf\udce9.csv")

    run("ezpass", "--preview", path)
    out, _ = run("ezpass", path)
    again, _ = run("auto", path)

    assert "1 imported" in out
    assert "caf\N{REPLACEMENT CHARACTER}.csv was imported before" in again
    assert TicketImport.objects.get().file_name == "caf\N{REPLACEMENT CHARACTER}.csv"
    with pytest.raises(CommandError, match="\N{REPLACEMENT CHARACTER}"):
        run("ezpass", write("x", head="y", name="caf\udce9.csv"))


def test_a_preview_counts_and_charges_nothing(lease, write):
    path = write(recent(1), recent(2, "NY ZZZ9999"), recent(3, amount="x"))
    with pytest.raises(CommandError, match=r"^1 rows would not be imported. Nothing was written.$") as failure:
        run("ezpass", path, "--preview")
    assert failure.value.returncode == 1


def test_a_preview_leaves_nothing_behind(lease, write):
    out, err = run("ezpass", write(recent(1), recent(2, "NY ZZZ9999")), "--preview")
    assert out == (
        "2 rows: 2 new (of which 1 unmatched), 0 known before, 0 nobody's, 0 with errors.\n"
        "Nothing was written: it was done and undone.\n"
    )
    assert err == ""
    assert (TicketImport.objects.count(), Ticket.objects.count(), count_postings()) == (0, 0, 0)
    assert not Upload.objects.exists()


def test_an_import_says_what_became_of_it(lease, write):
    out, err = run("ezpass", write(recent(1), recent(2, amount="$9.11"), recent(3, "NY ZZZ9999")))
    assert out == (
        "3 rows read …\n"
        "3 rows: 3 new (of which 1 unmatched), 0 known before, 0 nobody's, 0 with errors.\n"
        "2 rows imported …\n"
        "3 rows imported …\n"
        "3 imported: 2 charged or credited, 1 wait in review.\n"
    )
    assert err == ""
    # Given back before anybody paid it.
    assert owed(lease.primary_driver) == {}


def test_after_a_preview_the_import_goes_through(lease, write):
    path = write(recent(1))
    run("ezpass", path, "--preview")
    out, _ = run("ezpass", path)
    assert out.endswith("1 imported: 1 charged or credited, 0 wait in review.\n")
    assert TicketImport.objects.count() == 1


def test_again_nothing_changes(lease, write):
    path = write(recent(1))
    run("ezpass", path)
    out, _ = run("ezpass", path)
    assert out == (
        "1 rows: 1 new (of which 0 unmatched), 0 known before, 0 nobody's, 0 with errors.\n"
        "tolls.csv was imported before; nothing changed.\n"
    )
    assert count_postings() == 1


def test_what_comes_changed_is_told(lease, write):
    today = timezone.localdate()
    rows = [summed_violation(number).replace("11/16/2026", f"{today:%m/%d/%Y}") for number in (1, 2)]
    run("pvb", write(*rows, head=PVB_HEAD, name="a.csv"))
    again = [row.replace("40.00,0.00,0.00,0.00,0.00,40.00", "40.00,10.00,0.00,0.00,0.00,50.00") for row in rows]
    out, _ = run("pvb", write(*again, head=PVB_HEAD, name="b.csv"))
    assert (
        "2 rows: 0 new (of which 0 unmatched), 2 known before, of which 2 changed, 0 nobody's, 0 with errors.\n" in out
    )
    assert out.endswith("2 known before have changed: a person decides, under Tickets.\n")
    assert owed(lease.primary_driver) == {"PVB-1": Decimal("40.00"), "PVB-2": Decimal("40.00")}


def test_with_rows_left_out_it_imports_the_others_and_fails(lease, write):
    with pytest.raises(CommandError) as failure:
        run("ezpass", write(recent(1), recent(2, amount="x"), recent(3, amount="y")))
    assert str(failure.value) == "2 rows were not imported."
    assert failure.value.returncode == 1
    assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}


def test_shows_the_first_twenty_errors_and_counts_all(write):
    path = write(*(recent(n, amount="x") for n in range(25)))
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError, match="25 rows would not"):
        call_command("import_tickets", "ezpass", str(path), "--preview", stdout=out, stderr=err)
    assert "25 with errors" in out.getvalue()
    assert err.getvalue().count("Row ") == 20


@pytest.mark.parametrize(
    ("kind", "head", "says"),
    [
        ("ezpass", PVB_HEAD, "This is not an E-ZPass statement: its first row names no column Tag/Plate #"),
        ("pvb", EZPASS_HEAD, "This is not a file of NYC Open Data's violations"),
        ("tlc", PVB_HEAD, "This is not a file made from the template of TLC summonses"),
    ],
)
def test_a_file_of_another_kind_is_one_sentence(write, kind, head, says):
    path = write(violation(1), head=head)
    with pytest.raises(CommandError) as failure:
        run(kind, path)
    assert str(failure.value).startswith(f"{path}: {says}")
    assert not TicketImport.objects.exists()


def test_no_such_file(tmp_path):
    with pytest.raises(CommandError) as failure:
        run("ezpass", tmp_path / "gone.csv")
    assert str(failure.value) == f"{tmp_path / 'gone.csv'}: No such file or directory."


def test_no_such_kind(write):
    with pytest.raises(CommandError, match="invalid choice: 'sunpass'"):
        run("sunpass", write(recent(1)))


def test_known_as_another_kind(write):
    path = write(recent(1))
    run("ezpass", path)
    with pytest.raises(CommandError, match="brought in before, as E-ZPass statement"):
        run("tlc", path)


def test_the_header_tells_the_kind(lease, write):
    out, _ = run("auto", write(recent(1)))
    assert out.startswith("1 rows read …\ntolls.csv: E-ZPass statement.\n")
    assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}


def test_a_header_of_no_kind(write):
    with pytest.raises(CommandError, match="those of no kind of file known here"):
        run("auto", write("1,2", head="a,b"))
    assert not TicketImport.objects.exists()


def test_a_field_without_a_name_is_one_sentence_and_read_on_a_persons_word(write):
    odd = fleet_violation().replace(",NY,", ",,NY,", 1)
    path = write(odd, head=FLEET_HEAD)
    with pytest.raises(CommandError) as failure:
        run("pvb-fleet", path)
    assert str(failure.value) == (
        f"{path}: Each row has 31 fields, the header names 30: one has no name. In a file of the fleet program it "
        "stands after PLATE. (--extra-field-after PLATE)"
    )
    out, _ = run("pvb-fleet", path, "--extra-field-after", "PLATE", "--preview")
    assert "1 new" in out


def test_a_file_of_another_kind_leaves_no_noise(write, capfd):
    with pytest.raises(CommandError) as failure:
        run("ezpass", write(violation(1), head=PVB_HEAD))
    assert str(failure.value).endswith("of the kind Parking and camera violations (NYC Open Data) (pvb).")
    del failure
    gc.collect()
    assert capfd.readouterr().err == ""
