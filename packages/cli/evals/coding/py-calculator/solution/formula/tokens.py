import re
from dataclasses import dataclass

from formula.errors import FormulaError


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(r"\s*(?:(?P<number>[0-9][0-9.]*)|(?P<name>[A-Za-z_]\w*)|(?P<operator>[-+*/^(),]))")


def tokenize(text):
    tokens = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError("unknown character", at + len(text[at:]) - len(text[at:].lstrip()))
        kind = match.lastgroup
        tokens.append(Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*tokens, Token("end", "", len(text))]
