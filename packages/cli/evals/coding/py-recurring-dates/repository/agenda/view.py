from itertools import takewhile

from agenda.series import occurrences


def between(all_series, first, last):
    """Pairs of date and title from `first` to `last`, both inclusive, in order."""
    found = []
    for series in all_series:
        for day in takewhile(lambda day: day <= last, occurrences(series)):
            if day >= first:
                found.append((day, series.title))
    return sorted(found)
