def shortages(warehouse, orders):
    """Articles that open orders want more of than there is, with how many are missing."""
    wanted = {}
    for order in orders:
        if order.state != "open":
            continue
        for article, quantity in order.lines:
            wanted[article] = wanted.get(article, 0) + quantity
    missing = {article: count - warehouse.available(article) for article, count in wanted.items()}
    return {article: count for article, count in sorted(missing.items()) if count > 0}
