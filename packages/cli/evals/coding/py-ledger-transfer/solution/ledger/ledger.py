import re
from decimal import Decimal

from ledger.account import Account
from ledger.errors import LedgerError


class Ledger:
    def __init__(self):
        self._accounts = {}

    @staticmethod
    def parse(amount):
        """A positive amount of two places."""
        value = _decimal(amount)
        if value == 0:
            raise LedgerError("an amount must be above 0")
        return value

    def open(self, name, limit="0"):
        if name in self._accounts:
            raise LedgerError(f"{name} is open already")
        self._accounts[name] = Account(name, _decimal(limit))

    def deposit(self, name, amount):
        self._account(name).post("deposit", self.parse(amount))

    def transfer(self, source, target, amount):
        value = self.parse(amount)
        payer, payee = self._account(source), self._account(target)
        if payer is payee:
            raise LedgerError(f"{source} cannot pay itself")
        if not payer.can_pay(value):
            raise LedgerError(f"{source} has too little")
        payer.post(f"to {target}", -value)
        payee.post(f"from {source}", value)

    def balance(self, name):
        return self._account(name).balance

    def statement(self, name):
        """Text, amount and the balance after it, oldest first."""
        return list(self._account(name).entries)

    def _account(self, name):
        if name not in self._accounts:
            raise LedgerError(f"there is no account {name}")
        return self._accounts[name]


def _decimal(text):
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", text):
        raise LedgerError(f"{text!r} is no amount")
    return Decimal(text).quantize(Decimal("0.01"))
