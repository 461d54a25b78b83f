from ledger.account import Account
from ledger.errors import LedgerError


class Ledger:
    def __init__(self):
        self._accounts = {}

    @staticmethod
    def parse(amount):
        return float(amount)

    def open(self, name, limit="0"):
        self._accounts[name] = Account(name, limit)

    def deposit(self, name, amount):
        self._accounts[name].post("deposit", self.parse(amount))

    def transfer(self, source, target, amount):
        value = self.parse(amount)
        self._accounts[source].post(f"to {target}", -value)
        if self._accounts[source].balance < 0:
            raise LedgerError(f"{source} has too little")
        self._accounts[target].post(f"from {source}", value)

    def balance(self, name):
        return self._accounts[name].balance

    def statement(self, name):
        return self._accounts[name].entries
