import json

from settings.config import Config

DEFAULTS = {"editor": {"tabs": 4, "rulers": [80]}, "theme": "light", "proxy": None}


def load(user_text="", project_text=""):
    """The settings of two JSON texts, either of which may be empty."""
    user = json.loads(user_text) if user_text else None
    project = json.loads(project_text) if project_text else None
    return Config(DEFAULTS, user, project)
