import unittest

from shop.errors import StockError
from shop.order import Order
from shop.report import shortages
from shop.warehouse import Warehouse


class Orders(unittest.TestCase):
    def test_orders_share_nothing(self):
        first = Order("ann").add("pen", 2)
        self.assertEqual(Order("bob").lines, [])
        lines = [("ink", 1)]
        order = Order("cat", lines).add("pen")
        self.assertEqual(lines, [("ink", 1)])
        self.assertEqual(order.quantity_of("pen"), 1)
        self.assertEqual(first.quantity_of("pen"), 2)

    def test_warehouses_share_nothing(self):
        Warehouse().receive("pen", 3)
        self.assertEqual(Warehouse().available("pen"), 0)
        stock = {"pen": 1}
        Warehouse(stock).receive("pen", 1)
        self.assertEqual(stock, {"pen": 1})


class Reserving(unittest.TestCase):
    def setUp(self):
        self.warehouse = Warehouse({"pen": 5, "ink": 1})

    def left(self):
        return self.warehouse.available("pen"), self.warehouse.available("ink")

    def refuse(self, order):
        with self.assertRaises(StockError):
            self.warehouse.reserve(order)
        self.assertEqual(self.left(), (5, 1))
        self.assertEqual(order.state, "open")

    def test_takes_from_the_shelf(self):
        order = Order("ann").add("pen", 5).add("ink")
        self.warehouse.reserve(order)
        self.assertEqual(self.left(), (0, 0))
        self.assertEqual(order.state, "reserved")

    def test_changes_nothing_when_the_last_line_fails(self):
        self.refuse(Order("ann").add("pen", 2).add("ink", 2))
        self.refuse(Order("ann").add("pen", 2).add("paper", 1))

    def test_adds_up_lines_of_one_article(self):
        self.refuse(Order("ann").add("pen", 3).add("pen", 3))

    def test_refuses_quantities_below_one(self):
        self.refuse(Order("ann").add("pen", 0))
        self.refuse(Order("ann").add("pen", 1).add("ink", -1))

    def test_cancelling_puts_back_once(self):
        order = Order("ann").add("pen", 2)
        self.warehouse.reserve(order)
        self.warehouse.cancel(order)
        self.warehouse.cancel(order)
        self.assertEqual(self.left(), (5, 1))
        self.assertEqual(order.state, "cancelled")

    def test_cancelling_puts_back_what_was_reserved(self):
        order = Order("ann").add("pen", 2)
        self.warehouse.reserve(order)
        order.add("ink", 4)
        self.warehouse.cancel(order)
        self.assertEqual(self.left(), (5, 1))

    def test_cancelling_an_open_order_puts_nothing_back(self):
        order = Order("ann").add("pen", 2)
        self.warehouse.cancel(order)
        self.assertEqual(self.left(), (5, 1))
        self.assertEqual(order.state, "cancelled")

    def test_shortages(self):
        orders = [Order("a").add("pen", 4), Order("b").add("pen", 3).add("ink")]
        self.assertEqual(shortages(self.warehouse, orders), {"pen": 2})


if __name__ == "__main__":
    unittest.main()
