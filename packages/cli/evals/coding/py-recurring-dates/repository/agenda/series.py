from dataclasses import dataclass
from datetime import date, timedelta
from typing import Optional

from agenda.calendar_math import add_months


@dataclass(frozen=True)
class Series:
    title: str
    start: date
    unit: str
    every: int = 1
    until: Optional[date] = None


def occurrences(series):
    """The dates of a series, oldest first; without `until` there is no end."""
    day = series.start
    while series.until is None or day < series.until:
        yield day
        day = following(day, series)


def following(day, series):
    if series.unit == "day":
        return day + timedelta(days=series.every)
    if series.unit == "week":
        return day + timedelta(weeks=series.every)
    if series.unit == "month":
        return add_months(day, series.every)
    return add_months(day, 12 * series.every)
