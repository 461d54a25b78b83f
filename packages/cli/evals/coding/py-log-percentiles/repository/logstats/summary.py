from logstats.parse import parse_line


def summarise(lines):
    """What happened on each path."""
    paths = {}
    for line in lines:
        entry = parse_line(line.strip())
        row = paths.setdefault(entry.path, {"count": 0, "errors": 0})
        row["count"] += 1
        if entry.status >= 500:
            row["errors"] += 1
    return {"paths": paths}
