"""Growth past one machine, shown on this one: each module is run by `python -m bench.scaling.<name>`.

Each starts the servers that it needs in a folder of its own, prints what it did, holds what came out against what must,
and ends with a code other than 0 where they differ. `docs/scaling.md` says what was learned.
"""
