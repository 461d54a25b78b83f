import math


def mean(values):
    return sum(values) / len(values)


def percentile(values, p):
    """Interpolated between the two nearest ranks. Raises ValueError for no values or a p outside 0..100."""
    if not values or not 0 <= p <= 100:
        raise ValueError(f"no percentile {p} of {len(values)} values")
    ordered = sorted(values)
    rank = (len(ordered) - 1) * p / 100
    low = math.floor(rank)
    high = math.ceil(rank)
    return ordered[low] + (ordered[high] - ordered[low]) * (rank - low)
