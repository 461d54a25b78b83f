class Policy:
    """Who may do what."""

    def __init__(self, registry, audit):
        self._registry = registry
        self._audit = audit

    def allows(self, roles, resource, action):
        found = {}
        for name in roles:
            found.update(self._registry.with_ancestors(name))
        rules = [rule for role in found.values() for rule in role.rules if _matches(rule, resource, action)]
        denial = next((rule for rule in rules if rule.startswith("!")), None)
        decisive = denial or next(iter(rules), None)
        allowed = denial is None and decisive is not None
        self._audit.record(f"{resource}:{action}", allowed, decisive)
        return allowed


def _matches(rule, resource, action):
    wanted_resource, wanted_action = rule.removeprefix("!").split(":")
    return wanted_resource in ("*", resource) and wanted_action in ("*", action)
