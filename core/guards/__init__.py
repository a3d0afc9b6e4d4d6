"""Whether what guards the data stands in the database as it was shipped, to the letter, and nothing else beside it.

What was shipped is written in each app's ``sql/shipped.txt`` (of the packages' tables in ``core/sql/packages.txt``) by
``manage.py write_guards``, from a database that was made by the migrations alone.
"""

from core.guards.findings import find_changed_guards
from core.guards.shipped import list_differing_files, write_shipped

__all__ = ["find_changed_guards", "list_differing_files", "write_shipped"]
