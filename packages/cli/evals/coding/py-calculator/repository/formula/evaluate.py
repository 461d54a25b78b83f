from formula.tokens import tokenize


def evaluate(text):
    """The value of a formula with + - * / and parentheses."""
    tokens = tokenize(text)
    value, rest = _sum(tokens)
    return value


def _sum(tokens):
    value, rest = _product(tokens)
    while rest and rest[0].text in "+-":
        operator = rest[0].text
        right, rest = _product(rest[1:])
        value = value + right if operator == "+" else value - right
    return value, rest


def _product(tokens):
    value, rest = _atom(tokens)
    while rest and rest[0].text in "*/":
        operator = rest[0].text
        right, rest = _atom(rest[1:])
        value = value * right if operator == "*" else value / right
    return value, rest


def _atom(tokens):
    first, rest = tokens[0], tokens[1:]
    if first.text == "(":
        value, rest = _sum(rest)
        return value, rest[1:]
    return float(first.text), rest
