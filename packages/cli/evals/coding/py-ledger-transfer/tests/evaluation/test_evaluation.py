import unittest
from decimal import Decimal

from ledger.errors import LedgerError
from ledger.ledger import Ledger


class Ledgers(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()
        self.ledger.open("ann")
        self.ledger.open("bob", limit="50.00")
        self.ledger.deposit("ann", "100.00")

    def balances(self):
        return [str(self.ledger.balance(name)) for name in ("ann", "bob")]

    def refuse(self, work):
        before = self.balances(), self.ledger.statement("ann"), self.ledger.statement("bob")
        with self.assertRaises(LedgerError):
            work()
        self.assertEqual((self.balances(), self.ledger.statement("ann"), self.ledger.statement("bob")), before)

    def test_amounts_are_exact(self):
        for _ in range(3):
            self.ledger.transfer("ann", "bob", "0.10")
        self.assertEqual(self.balances(), ["99.70", "0.30"])
        self.assertIsInstance(self.ledger.balance("ann"), Decimal)
        self.assertEqual(Ledger.parse("0.10"), Decimal("0.10"))
        self.assertEqual(str(Ledger.parse("5")), "5.00")
        self.assertEqual(str(Ledger.parse("1.5")), "1.50")

    def test_wrong_amounts(self):
        for amount in ("0", "0.00", "-1", "1.001", "abc", "", "NaN", "Infinity", "0.001"):
            with self.assertRaises(LedgerError, msg=amount):
                Ledger.parse(amount)
        self.refuse(lambda: self.ledger.deposit("ann", "-5"))

    def test_transfers_are_whole(self):
        self.refuse(lambda: self.ledger.transfer("ann", "nobody", "1"))
        self.refuse(lambda: self.ledger.transfer("nobody", "ann", "1"))
        self.refuse(lambda: self.ledger.transfer("ann", "bob", "100.01"))
        self.refuse(lambda: self.ledger.transfer("ann", "ann", "1"))
        self.refuse(lambda: self.ledger.deposit("nobody", "1"))

    def test_limits(self):
        self.ledger.transfer("ann", "bob", "100.00")
        self.ledger.transfer("bob", "ann", "150.00")
        self.assertEqual(self.balances(), ["150.00", "-50.00"])
        self.refuse(lambda: self.ledger.transfer("bob", "ann", "0.01"))

    def test_accounts_are_opened_once(self):
        self.refuse(lambda: self.ledger.open("ann"))

    def test_statements(self):
        self.ledger.transfer("ann", "bob", "30")
        expected = [
            ("deposit", Decimal("100.00"), Decimal("100.00")),
            ("to bob", Decimal("-30.00"), Decimal("70.00")),
        ]
        self.assertEqual(list(self.ledger.statement("ann")), expected)
        statement = self.ledger.statement("ann")
        if isinstance(statement, list):
            statement.clear()
        self.assertEqual(list(self.ledger.statement("ann")), expected)
        self.assertEqual(list(self.ledger.statement("bob")), [("from ann", Decimal("30.00"), Decimal("30.00"))])
        with self.assertRaises(LedgerError):
            self.ledger.statement("nobody")


if __name__ == "__main__":
    unittest.main()
