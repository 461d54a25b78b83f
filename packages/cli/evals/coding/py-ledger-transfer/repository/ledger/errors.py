class LedgerError(Exception):
    """Something that the ledger refuses; nothing was changed."""
