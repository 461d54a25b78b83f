class Policy:
    """Who may do what."""

    def __init__(self, registry, audit):
        self._registry = registry
        self._audit = audit

    def allows(self, roles, resource, action):
        wanted = f"{resource}:{action}"
        allowed = any(wanted in self._registry.get(name).rules for name in roles)
        self._audit.record(wanted, allowed)
        return allowed
