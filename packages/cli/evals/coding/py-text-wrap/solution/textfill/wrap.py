def wrap(text, width, indent="", hanging=""):
    """The text filled to a width. Raises ValueError when an indent leaves no room."""
    if width <= max(len(indent), len(hanging)):
        raise ValueError(f"a width of {width} leaves no room")
    return "\n\n".join("\n".join(_fill(words, width, indent, hanging)) for words in paragraphs(text))


def _fill(words, width, indent, hanging):
    lines = []
    start = indent
    line = ""
    for word in words:
        if line and len(start) + len(line) + 1 + len(word) <= width:
            line += " " + word
            continue
        if line:
            lines.append(start + line)
            start = hanging
        while len(start) + len(word) > width:
            room = width - len(start)
            lines.append(start + word[:room])
            word = word[room:]
            start = hanging
        line = word
    lines.append(start + line)
    return lines


def paragraphs(text):
    """The words of each paragraph."""
    found = []
    words = []
    for line in text.splitlines():
        if line.strip() == "" and words:
            found.append(words)
            words = []
        words.extend(line.split())
    return found + ([words] if words else [])
