"""DTRs as documents: PDF for the driver, CSV and XLSX for the office."""

from dtr.exports.documents import print_dtrs
from dtr.exports.figures import tabulate_deposits, tabulate_held, tabulate_owed
from dtr.exports.tables import week_as_csv, week_as_xlsx

__all__ = ["print_dtrs", "tabulate_deposits", "tabulate_held", "tabulate_owed", "week_as_csv", "week_as_xlsx"]
