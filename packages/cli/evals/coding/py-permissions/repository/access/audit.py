class Audit:
    """Every decision that was made, oldest first."""

    def __init__(self):
        self.entries = []

    def record(self, wanted, allowed):
        self.entries.append((wanted, allowed))

    def denied(self):
        return [wanted for wanted, allowed in self.entries if not allowed]
