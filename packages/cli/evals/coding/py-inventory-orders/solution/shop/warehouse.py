from shop.errors import StockError


class Warehouse:
    """What is on the shelf and not yet reserved."""

    def __init__(self, stock=None):
        self.stock = dict(stock or {})

    def receive(self, article, quantity):
        self.stock[article] = self.stock.get(article, 0) + quantity

    def available(self, article):
        return self.stock.get(article, 0)

    def reserve(self, order):
        wanted = {}
        for article, quantity in order.lines:
            if quantity < 1:
                raise StockError(f"{quantity} of {article} cannot be reserved")
            wanted[article] = wanted.get(article, 0) + quantity
        for article, quantity in wanted.items():
            if self.available(article) < quantity:
                raise StockError(f"only {self.available(article)} of {article}")
        for article, quantity in wanted.items():
            self.stock[article] -= quantity
        order.reserved = wanted
        order.state = "reserved"

    def cancel(self, order):
        for article, quantity in order.reserved.items():
            self.stock[article] += quantity
        order.reserved = {}
        order.state = "cancelled"
