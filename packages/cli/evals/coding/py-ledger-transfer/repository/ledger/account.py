class Account:
    def __init__(self, name, limit="0"):
        self.name = name
        self.limit = float(limit)
        self.entries = []
        self.balance = 0.0

    def post(self, text, amount):
        self.entries.append((text, amount))
        self.balance += amount
