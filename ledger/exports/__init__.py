"""What leaves the ledger as a file."""

from ledger.exports.statements import StatementPaper, describe_statement, statement_as_csv, statement_as_pdf

__all__ = ["StatementPaper", "describe_statement", "statement_as_csv", "statement_as_pdf"]
