"""The ledger's tables. Only ``ledger.services`` writes them; PostgreSQL holds everybody else off (``ledger/sql``)."""

from ledger.models.books import Books, BooksEntry
from ledger.models.journal import JournalBatch, JournalBatchDriver
from ledger.models.named import NamedAuthor, NamedLease, NamedVehicle
from ledger.models.payments import InterimPayment, Payout
from ledger.models.postings import LedgerAccount, LedgerBalance, LedgerPosting
from ledger.models.seals import HEAD_DIGITS, ROW_DIGEST_BYTES, Seal, SealCheck
from ledger.models.sums import PostingSum, Span, SumRun, TransferSum
from ledger.models.transfers import ChartAccount, SlipCheck, Transfer
from ledger.models.waterfall import WaterfallOrder

__all__ = [
    "HEAD_DIGITS",
    "ROW_DIGEST_BYTES",
    "Books",
    "BooksEntry",
    "ChartAccount",
    "InterimPayment",
    "JournalBatch",
    "JournalBatchDriver",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerPosting",
    "NamedAuthor",
    "NamedLease",
    "NamedVehicle",
    "Payout",
    "PostingSum",
    "Seal",
    "SealCheck",
    "SlipCheck",
    "Span",
    "SumRun",
    "Transfer",
    "TransferSum",
    "WaterfallOrder",
]
