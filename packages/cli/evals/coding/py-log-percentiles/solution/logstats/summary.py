from logstats.numbers import percentile
from logstats.parse import parse_line


def summarise(lines):
    """What happened on each path."""
    paths = {}
    durations = {}
    malformed = 0
    for line in lines:
        if line.strip() == "":
            continue
        try:
            entry = parse_line(line.strip())
        except ValueError:
            malformed += 1
            continue
        row = paths.setdefault(entry.path, {"count": 0, "errors": 0})
        row["count"] += 1
        if entry.status >= 500:
            row["errors"] += 1
        if entry.milliseconds is not None:
            durations.setdefault(entry.path, []).append(entry.milliseconds)
    for path, row in paths.items():
        values = durations.get(path)
        row["p50"] = percentile(values, 50) if values else None
        row["p95"] = percentile(values, 95) if values else None
    return {"paths": paths, "malformed": malformed}
