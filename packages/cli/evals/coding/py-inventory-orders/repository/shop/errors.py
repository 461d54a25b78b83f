class StockError(Exception):
    """There is not enough of an article, or no such quantity."""
