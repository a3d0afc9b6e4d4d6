"""What leaves the ledger as a file."""

from ledger.exports.formats import FORMATS, SPLIT_WEEKS, JournalFormat, file_name_of
from ledger.exports.statements import StatementPaper, describe_statement, statement_as_csv, statement_as_pdf

__all__ = [
    "FORMATS",
    "SPLIT_WEEKS",
    "JournalFormat",
    "StatementPaper",
    "describe_statement",
    "file_name_of",
    "statement_as_csv",
    "statement_as_pdf",
]
