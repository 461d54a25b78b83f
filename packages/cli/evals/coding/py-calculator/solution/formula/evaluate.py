from formula.errors import FormulaError
from formula.tokens import tokenize

FUNCTIONS = {"min": min, "max": max}


def evaluate(text, variables=None):
    """The value of a formula. Raises FormulaError."""
    parser = _Parser(tokenize(text), variables or {})
    value = parser.sum()
    if parser.token.kind != "end":
        raise FormulaError("unexpected text", parser.token.position)
    return value


class _Parser:
    def __init__(self, tokens, variables):
        self._tokens = tokens
        self._at = 0
        self._variables = variables

    @property
    def token(self):
        return self._tokens[self._at]

    def take(self, *texts):
        """The token when it is an operator among these."""
        token = self.token
        if token.kind != "operator" or token.text not in texts:
            return None
        self._at += 1
        return token

    def expect(self, text):
        if self.take(text) is None:
            raise FormulaError(f"expected {text}", self.token.position)

    def sum(self):
        value = self.product()
        while operator := self.take("+", "-"):
            right = self.product()
            value = value + right if operator.text == "+" else value - right
        return value

    def product(self):
        value = self.unary()
        while operator := self.take("*", "/"):
            right = self.unary()
            if operator.text == "/" and right == 0:
                raise FormulaError("division by zero", operator.position)
            value = value * right if operator.text == "*" else value / right
        return value

    def unary(self):
        return -self.unary() if self.take("-") else self.power()

    def power(self):
        base = self.atom()
        operator = self.take("^")
        if operator is None:
            return base
        exponent = self.unary()
        if base == 0 and exponent < 0:
            raise FormulaError("division by zero", operator.position)
        return base**exponent

    def atom(self):
        token = self.token
        if self.take("("):
            value = self.sum()
            self.expect(")")
            return value
        if token.kind == "number":
            self._at += 1
            try:
                return float(token.text)
            except ValueError:
                raise FormulaError("no number", token.position) from None
        if token.kind == "name":
            self._at += 1
            return self.call(token) if self.take("(") else self.variable(token)
        raise FormulaError("expected a value", token.position)

    def variable(self, token):
        if token.text not in self._variables:
            raise FormulaError(f"unknown name {token.text}", token.position)
        return self._variables[token.text]

    def call(self, token):
        if token.text not in FUNCTIONS:
            raise FormulaError(f"unknown function {token.text}", token.position)
        values = [self.sum()]
        while self.take(","):
            values.append(self.sum())
        self.expect(")")
        return FUNCTIONS[token.text](values)
