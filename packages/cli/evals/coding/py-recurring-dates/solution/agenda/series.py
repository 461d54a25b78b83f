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
    if series.every < 1:
        raise ValueError(f"every {series.every} is no step")
    return _dates(series)


def _dates(series):
    index = 0
    while True:
        day = nth(series, index)
        if series.until is not None and day > series.until:
            return
        yield day
        index += 1


def nth(series, index):
    steps = series.every * index
    if series.unit == "day":
        return series.start + timedelta(days=steps)
    if series.unit == "week":
        return series.start + timedelta(weeks=steps)
    return add_months(series.start, steps if series.unit == "month" else 12 * steps)
