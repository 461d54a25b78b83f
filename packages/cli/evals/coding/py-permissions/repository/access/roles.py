class Role:
    def __init__(self, name, rules):
        self.name = name
        self.rules = tuple(rules)


class Registry:
    """Roles by name."""

    def __init__(self):
        self._roles = {}

    def add(self, role):
        self._roles[role.name] = role
        return self

    def get(self, name):
        return self._roles[name]
