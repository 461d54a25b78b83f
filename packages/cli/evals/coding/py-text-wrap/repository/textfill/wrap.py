def wrap(text, width, indent="", hanging=""):
    raise NotImplementedError


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
