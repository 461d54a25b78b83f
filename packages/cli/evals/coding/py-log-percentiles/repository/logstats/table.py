def render(summary):
    """One line for each path, the busiest first."""
    rows = sorted(summary["paths"].items(), key=lambda item: (-item[1]["count"], item[0]))
    return "".join(f"{path:<20}{row['count']:>6}{row['errors']:>6}\n" for path, row in rows)
