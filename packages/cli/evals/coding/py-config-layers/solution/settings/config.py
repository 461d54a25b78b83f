from settings.layers import merge, source_of

_MISSING = object()


class Config:
    """Settings by dotted names from layers, pairs of name and values, later ones winning."""

    def __init__(self, layers):
        self._names = [name for name, _ in layers]
        self._layers = [values for _, values in layers]
        self._values = merge(self._layers)

    def get(self, key, fallback=None):
        value = self._find(key)
        return fallback if value is _MISSING else value

    def explain(self, key):
        """The value and the name of its layer. Raises KeyError when there is none."""
        value = self._find(key)
        if value is _MISSING:
            raise KeyError(key)
        return value, self._names[source_of(self._layers, key)]

    def _find(self, key):
        value = self._values
        for part in key.split("."):
            if not isinstance(value, dict) or part not in value:
                return _MISSING
            value = value[part]
        return value
