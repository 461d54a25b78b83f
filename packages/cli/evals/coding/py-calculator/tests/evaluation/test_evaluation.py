import unittest

from formula import evaluate
from formula.errors import FormulaError


class Values(unittest.TestCase):
    def equal(self, cases):
        for text, value in cases.items():
            self.assertAlmostEqual(evaluate(text), value, msg=text)

    def test_as_before(self):
        self.equal({"1 + 2 * 3": 7, "(1 + 2) * 3": 9, "8 / 4 / 2": 1, "7 - 2 - 1": 4, " 1.5 ": 1.5})

    def test_unary_minus(self):
        self.equal({"-3": -3, "2 * -3": -6, "--2": 2, "1 - -1": 2, "-(1 + 2)": -3})

    def test_powers(self):
        self.equal({"-2^2": -4, "2^3^2": 512, "2^-1": 0.5, "(-2)^2": 4, "2*3^2": 18, "2^-2^2": 0.0625})

    def test_variables(self):
        self.assertEqual(evaluate("rate * n_2 + x", {"rate": 2, "n_2": 3, "x": 0}), 6)
        self.assertEqual(evaluate("-x^2", {"x": 3}), -9)

    def test_functions(self):
        self.equal({"max(1, 2 + 3, 4)": 5, "min(3)": 3, "2 * min(1, -1)^2": 2, "max(min(1, 2), 0)": 1})


class Mistakes(unittest.TestCase):
    def at(self, cases, variables=None):
        for text, position in cases.items():
            with self.assertRaises(FormulaError, msg=text) as caught:
                evaluate(text, variables or {})
            self.assertEqual(caught.exception.position, position, text)

    def test_ends_too_early(self):
        self.at({"": 0, "1 +": 3, "(1 + 2": 6, "max(1,": 6, "2 ^ ": 4, "-": 1})

    def test_wrong_places(self):
        self.at({"1 2": 2, "1 + * 2": 4, ")": 0, "(1))": 3, "()": 1, "min()": 4, "max(1 2)": 6})

    def test_unknown_things(self):
        self.at({"1 $ 2": 2, "1 + foo": 4, "foo(1)": 0, "1.2.3": 0})
        self.at({"a + b": 4}, {"a": 1})

    def test_division_by_zero(self):
        self.at({"1 / 0": 2, "4 + 6 / (2 - 2)": 6})


if __name__ == "__main__":
    unittest.main()
