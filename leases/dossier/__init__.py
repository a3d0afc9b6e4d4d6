"""What stands on the pages of drivers, vehicles and leases of who they are, who had what when, and what was changed."""

from leases.dossier import drivers, files, leases, notes, vehicles

__all__ = ["drivers", "files", "leases", "notes", "vehicles"]
