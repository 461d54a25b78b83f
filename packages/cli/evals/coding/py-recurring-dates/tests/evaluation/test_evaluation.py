import unittest
from datetime import date
from itertools import islice

from agenda.calendar_math import add_months, days_in_month
from agenda.series import Series, occurrences
from agenda.view import between


def texts(series, count):
    return [day.isoformat() for day in islice(occurrences(series), count)]


class Recurring(unittest.TestCase):
    def test_the_31st_comes_back(self):
        series = Series("rent", date(2023, 1, 31), "month")
        self.assertEqual(texts(series, 5), ["2023-01-31", "2023-02-28", "2023-03-31", "2023-04-30", "2023-05-31"])

    def test_december(self):
        self.assertEqual(texts(Series("x", date(2023, 11, 30), "month"), 4), ["2023-11-30", "2023-12-30", "2024-01-30", "2024-02-29"])
        self.assertEqual(texts(Series("x", date(2023, 8, 31), "month", every=4), 3), ["2023-08-31", "2023-12-31", "2024-04-30"])
        self.assertEqual(texts(Series("x", date(2023, 12, 15), "month", every=12), 2), ["2023-12-15", "2024-12-15"])
        self.assertEqual(add_months(date(2024, 3, 31), -1), date(2024, 2, 29))

    def test_leap_days(self):
        series = Series("birthday", date(2020, 2, 29), "year")
        self.assertEqual(texts(series, 5), ["2020-02-29", "2021-02-28", "2022-02-28", "2023-02-28", "2024-02-29"])
        self.assertEqual(days_in_month(2000, 2), 29)
        self.assertEqual(days_in_month(1900, 2), 28)
        self.assertEqual(days_in_month(2100, 2), 28)

    def test_until_is_inclusive(self):
        self.assertEqual(len(list(occurrences(Series("x", date(2024, 1, 1), "day", until=date(2024, 1, 3))))), 3)
        self.assertEqual(list(occurrences(Series("x", date(2024, 1, 1), "month", until=date(2024, 1, 1)))), [date(2024, 1, 1)])
        self.assertEqual(list(occurrences(Series("x", date(2024, 1, 2), "day", until=date(2024, 1, 1)))), [])

    def test_weeks_and_days_stay(self):
        self.assertEqual(texts(Series("x", date(2024, 2, 26), "week", every=2), 2), ["2024-02-26", "2024-03-11"])
        self.assertEqual(texts(Series("x", date(2023, 12, 31), "day"), 2), ["2023-12-31", "2024-01-01"])

    def test_refuses_steps_at_once(self):
        for every in (0, -1):
            with self.assertRaises(ValueError):
                occurrences(Series("x", date(2024, 1, 1), "month", every=every))

    def test_view(self):
        series = [Series("rent", date(2024, 1, 31), "month"), Series("sport", date(2024, 2, 28), "day", until=date(2024, 2, 29))]
        self.assertEqual(
            between(series, date(2024, 2, 1), date(2024, 3, 31)),
            [(date(2024, 2, 28), "sport"), (date(2024, 2, 29), "rent"), (date(2024, 2, 29), "sport"), (date(2024, 3, 31), "rent")],
        )


if __name__ == "__main__":
    unittest.main()
