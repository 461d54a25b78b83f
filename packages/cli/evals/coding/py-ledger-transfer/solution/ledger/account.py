from decimal import Decimal


class Account:
    """A balance that may go down to minus the limit."""

    def __init__(self, name, limit):
        self.name = name
        self.limit = limit
        self.entries = []
        self.balance = Decimal("0.00")

    def can_pay(self, amount):
        return self.balance - amount >= -self.limit

    def post(self, text, amount):
        self.balance += amount
        self.entries.append((text, amount, self.balance))
