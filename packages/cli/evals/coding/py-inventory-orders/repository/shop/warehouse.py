from shop.errors import StockError


class Warehouse:
    """What is on the shelf and not yet reserved."""

    def __init__(self, stock={}):
        self.stock = stock

    def receive(self, article, quantity):
        self.stock[article] = self.stock.get(article, 0) + quantity

    def available(self, article):
        return self.stock.get(article, 0)

    def reserve(self, order):
        for article, quantity in order.lines:
            if self.available(article) < quantity:
                raise StockError(f"only {self.available(article)} of {article}")
            self.stock[article] -= quantity
        order.state = "reserved"

    def cancel(self, order):
        for article, quantity in order.lines:
            self.stock[article] += quantity
        order.state = "cancelled"
