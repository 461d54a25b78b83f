from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    kind: str
    text: str


def tokenize(text):
    tokens = []
    at = 0
    while at < len(text):
        character = text[at]
        if character.isspace():
            at += 1
        elif character.isdigit():
            end = at
            while end < len(text) and (text[end].isdigit() or text[end] == "."):
                end += 1
            tokens.append(Token("number", text[at:end]))
            at = end
        else:
            tokens.append(Token("operator", character))
            at += 1
    return tokens
