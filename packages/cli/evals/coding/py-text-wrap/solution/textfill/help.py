from textfill.wrap import wrap


def render_help(options):
    """
    One block for each option, sorted by name: the name behind two blanks and two hyphens, and from the next line on the
    description, filled to 40 columns behind six blanks.
    """
    lines = []
    for name, description in sorted(options.items()):
        lines.append(f"  --{name}")
        lines.append(wrap(description, 40, indent="      ", hanging="      "))
    return "\n".join(lines) + "\n"
