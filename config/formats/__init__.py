"""How days and moments are written where a page leaves it to Django: as ``core.words`` writes them."""
