def quote(text):
    """The text as mail programs quote it."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.splitlines())
