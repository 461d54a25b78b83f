import json

from settings.config import Config

DEFAULTS = {"editor": {"tabs": 4, "rulers": [80]}, "theme": "light", "proxy": None}


def load(user_text="", project_text=""):
    """The settings of two JSON texts, either of which may be empty."""
    layers = [("default", DEFAULTS)]
    if user_text:
        layers.append(("user", json.loads(user_text)))
    if project_text:
        layers.append(("project", json.loads(project_text)))
    return Config(layers)
