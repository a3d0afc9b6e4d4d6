"""The week's close, and the statements it seals. Only ``dtr.services`` writes them."""

from dtr.models.closes import CloseBatch, Step, WeekClose
from dtr.models.statements import Dtr, DtrLine

__all__ = ["CloseBatch", "Dtr", "DtrLine", "Step", "WeekClose"]
