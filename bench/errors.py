"""What the bench refuses, each with a sentence for whoever called it."""


class BenchError(Exception):
    """The bench can't do what it was asked."""


class FileInvalid(BenchError):
    """A file to compare with is missing, or not of this bench."""


class UnknownMeasurement(BenchError):
    """ONLY names something that is not measured."""


class AlreadyRunning(BenchError):
    """Another bench has the databases of this data folder."""


class MeasurementFailed(BenchError):
    """A measurement ended without its figures."""


class NotInstalled(BenchError):
    """What would stand beside it is not here."""
