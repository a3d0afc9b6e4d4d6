"""The same workbook, imported by two sessions at once."""

import pytest

from golive import services
from golive.models import OpeningImport, OpeningRow
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.golive.workbooks import TODAY, workbook
from tests.threads import run_together


@pytest.mark.django_db(transaction=True)
def test_one_imports_and_the_other_finds_it_done():
    content = workbook()

    def import_it():
        return services.import_opening(file_name="opening.xlsx", content=content, today=TODAY, actor=None)

    done = run_together(import_it, import_it)
    assert sorted(outcome.is_new for outcome in done) == [False, True]
    assert (OpeningImport.objects.count(), OpeningRow.objects.count(), LedgerPosting.objects.count()) == (1, 16, 5)
    assert_books_clean()
