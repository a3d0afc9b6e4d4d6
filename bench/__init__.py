"""Side-by-side measurements: what the ledger does beside what bare SQL does, in one run on one machine."""
