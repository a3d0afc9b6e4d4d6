"""The week's close, and the statements it seals. Only ``dtr.services`` writes them."""

from dtr.models.closes import CloseBatch, Step, WeekClose
from dtr.models.readiness import MAY_BE_OVERRULED, Check, Overrule
from dtr.models.statements import Dtr, DtrLine

__all__ = ["MAY_BE_OVERRULED", "Check", "CloseBatch", "Dtr", "DtrLine", "Overrule", "Step", "WeekClose"]
