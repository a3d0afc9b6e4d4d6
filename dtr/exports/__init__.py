"""DTRs as documents: PDF for the driver, CSV and XLSX for the office."""

from dtr.exports.content import describe_dtr, list_charges
from dtr.exports.documents import DTRS_IN_A_LOT, print_dtrs, print_part, stream_dtrs
from dtr.exports.tables import week_as_csv, week_as_xlsx

__all__ = [
    "DTRS_IN_A_LOT",
    "describe_dtr",
    "list_charges",
    "print_dtrs",
    "print_part",
    "stream_dtrs",
    "week_as_csv",
    "week_as_xlsx",
]
