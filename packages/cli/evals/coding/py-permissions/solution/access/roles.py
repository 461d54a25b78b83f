import re

_RULE = re.compile(r"!?(\*|[^:*!]+):(\*|[^:*!]+)")


class Role:
    """Rules such as "docs:read", "docs:*" and "!docs:delete", and the roles that it inherits from, by name."""

    def __init__(self, name, rules, parents=()):
        self.name = name
        self.rules = tuple(rules)
        self.parents = tuple(parents)
        for rule in self.rules:
            if not _RULE.fullmatch(rule):
                raise ValueError(f"{rule} is no rule")


class Registry:
    """Roles by name."""

    def __init__(self):
        self._roles = {}

    def add(self, role):
        self._roles[role.name] = role
        return self

    def get(self, name):
        return self._roles[name]

    def with_ancestors(self, name, path=()):
        """The role and all that it inherits from. Raises KeyError and, for a cycle, ValueError."""
        if name in path:
            raise ValueError("roles inherit in a circle: " + " < ".join([*path[path.index(name) :], name]))
        role = self.get(name)
        found = {name: role}
        for parent in role.parents:
            found.update(self.with_ancestors(parent, (*path, name)))
        return found
