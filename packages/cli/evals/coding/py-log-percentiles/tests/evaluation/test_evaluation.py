import unittest

from logstats.numbers import percentile
from logstats.parse import parse_line
from logstats.summary import summarise
from logstats.table import render


class Percentiles(unittest.TestCase):
    def test_ends(self):
        values = [5, 1, 3]
        self.assertEqual(percentile(values, 0), 1)
        self.assertEqual(percentile(values, 100), 5)
        self.assertEqual(values, [5, 1, 3])

    def test_interpolates(self):
        self.assertEqual(percentile([1, 2, 3, 4], 50), 2.5)
        self.assertAlmostEqual(percentile([10, 20, 30, 40, 50], 95), 48)
        self.assertAlmostEqual(percentile([1, 100], 1), 1.99)
        self.assertEqual(percentile([7], 95), 7)

    def test_refuses(self):
        for values, p in (([], 50), ([1], -1), ([1], 100.5)):
            with self.assertRaises(ValueError):
                percentile(values, p)


class Summary(unittest.TestCase):
    lines = [
        "GET /cart?id=1 200 10ms\n",
        "GET /cart 500 20ms\n",
        "\n",
        "GET /cart 200 -\n",
        "POST /pay 201 -\n",
        "   \n",
    ]

    def test_paths(self):
        summary = summarise(self.lines)
        cart = summary["paths"]["/cart"]
        self.assertEqual((cart["count"], cart["errors"], cart["p50"]), (3, 1, 15))
        self.assertAlmostEqual(cart["p95"], 19.5)
        pay = summary["paths"]["/pay"]
        self.assertEqual((pay["count"], pay["errors"], pay["p50"], pay["p95"]), (1, 0, None, None))
        self.assertEqual(summary["malformed"], 0)

    def test_malformed_lines_are_counted(self):
        bad = ["what", "GET /a two 3ms", "GET /a 200 fast", "GET /a 200 1ms extra", "GET /a 200 5ms"]
        summary = summarise(bad)
        self.assertEqual(summary["malformed"], 4)
        self.assertEqual(summary["paths"]["/a"]["count"], 1)
        self.assertEqual(list(summary["paths"]), ["/a"])

    def test_durations_that_are_no_numbers_are_malformed(self):
        self.assertEqual(summarise(["GET /a 200 nanms", "GET /a 200 -5ms", "GET /a 200 infms"])["malformed"], 3)

    def test_streams(self):
        self.assertEqual(summarise(f"GET /n 200 {n}ms" for n in range(101))["paths"]["/n"]["p95"], 95)

    def test_table_and_lines_stay(self):
        self.assertIn("/cart", render(summarise(self.lines)))
        self.assertEqual(parse_line("GET /a?b 200 1.5ms").milliseconds, 1.5)


if __name__ == "__main__":
    unittest.main()
