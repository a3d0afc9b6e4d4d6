"""What each posting did to each balance: the one reading of the postings that every look into the past is built on."""


def effects_sql(condition: str = "true") -> str:
    """Return a SELECT of ``posting_id, balance_id, change`` (dollars) for the postings ``p`` that meet ``condition``.

    An opening raises its balance from zero; a movement lowers its balance and its funding; the reversal of a movement
    raises both again; the reversal of an opening takes it away. Summed in any order they give what remains.
    """
    return f"""
        SELECT p.id AS posting_id, coalesce(p.balance_id, p.id) AS balance_id,
            CASE WHEN p.balance_id IS NULL OR (p.kind = 'VOID' AND p.reverses_id <> p.balance_id)
                THEN p.amount ELSE -p.amount END AS change
        FROM ledger_postings p WHERE {condition}
        UNION ALL
        SELECT p.id, p.funding_id, CASE WHEN p.kind = 'VOID' THEN p.amount ELSE -p.amount END
        FROM ledger_postings p WHERE p.funding_id IS NOT NULL AND {condition}
    """
