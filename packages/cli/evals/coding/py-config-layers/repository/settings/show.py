def show(config, keys):
    """A line for each key."""
    return "".join(f"{key} = {config.get(key)!r}\n" for key in keys)
