from datetime import date

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year):
    return year % 4 == 0 and year % 100 != 0


def days_in_month(year, month):
    return 29 if month == 2 and is_leap(year) else DAYS[month - 1]


def add_months(day, count):
    month = day.month + count
    year = day.year + month // 12
    month = month % 12
    return date(year, month, min(day.day, days_in_month(year, month)))
