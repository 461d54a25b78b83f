class Audit:
    """Every decision that was made, oldest first."""

    def __init__(self):
        self.entries = []

    def record(self, wanted, allowed, rule):
        self.entries.append((wanted, allowed, rule))

    def denied(self):
        return [wanted for wanted, allowed, _ in self.entries if not allowed]
