class Config:
    """Settings by dotted names; the project's go before the person's, and those before the defaults."""

    def __init__(self, defaults, user=None, project=None):
        self._values = defaults
        for layer in (user, project):
            if layer:
                self._merge(self._values, layer)

    def _merge(self, into, layer):
        for key, value in layer.items():
            if isinstance(value, dict) and key in into:
                self._merge(into[key], value)
            else:
                into[key] = value

    def get(self, key, fallback=None):
        value = self._values
        for part in key.split("."):
            value = value.get(part)
            if value is None:
                return fallback
        return value
