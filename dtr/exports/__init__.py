"""DTRs as documents: PDF for the driver, CSV and XLSX for the office."""

from dtr.exports.content import describe_dtr
from dtr.exports.documents import print_dtrs, stream_dtrs
from dtr.exports.tables import week_as_csv, week_as_xlsx

__all__ = ["describe_dtr", "print_dtrs", "stream_dtrs", "week_as_csv", "week_as_xlsx"]
