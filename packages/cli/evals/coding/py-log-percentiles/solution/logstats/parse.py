import math
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Entry:
    method: str
    path: str
    status: int
    milliseconds: Optional[float]


def parse_line(line):
    """Reads `METHOD PATH STATUS DURATION`, such as `GET /cart?id=3 200 12.5ms`; the duration may be `-`."""
    method, target, status, duration = line.split(" ")
    milliseconds = None if duration == "-" else float(duration.removesuffix("ms"))
    if milliseconds is not None and not (math.isfinite(milliseconds) and milliseconds >= 0):
        raise ValueError(f"{duration} is no duration")
    return Entry(method, target.split("?")[0], int(status), milliseconds)
