class Order:
    """Articles that a customer wants, each line a pair of article and quantity."""

    def __init__(self, customer, lines=[]):
        self.customer = customer
        self.lines = lines
        self.state = "open"

    def add(self, article, quantity=1):
        self.lines.append((article, quantity))
        return self

    def quantity_of(self, article):
        return sum(quantity for name, quantity in self.lines if name == article)
