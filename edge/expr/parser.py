"""Tokens to a tree, by recursive descent; nothing is evaluated and nothing is looked up.

either     = both { "or" both }
both       = negation { "and" negation }
negation   = "not" negation | comparison
comparison = sum [ ("<" | "<=" | ">" | ">=" | "==" | "!=") sum ]
sum        = product { ("+" | "-") product }
product    = signed { ("*" | "/") signed }
signed     = "-" signed | primary
primary    = number [unit] | tag | "t" | "true" | "false" | function "(" … ")" | "(" either ")"
"""

from __future__ import annotations

from collections.abc import Callable

from edge.errors import ExpressionError
from edge.expr.lexer import Token, tokens_of
from edge.expr.messages import refusal
from edge.expr.syntax import (
    COMPARISONS,
    FUNCTIONS,
    TIME,
    Binary,
    Call,
    Node,
    Number,
    Ref,
    Time,
    Truth,
    Unary,
)

MAX_NESTED = 40  # each level is a dozen calls deep
MAX_OPERATIONS = 200  # of the tree, which is as deep as its longest chain


def parse(text: str) -> Node:
    """Return the tree of `text`. Raises `ExpressionError` with position and what was expected."""
    parser = _Parser(text)
    if parser.here.kind == "end":
        raise refusal(text, 0, "expr.empty")
    node = parser.either()
    if parser.here.kind != "end":
        raise parser.unexpected("operator")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokens_of(text)
        self._index = 0
        self._nested = 0
        self._operations = 0

    @property
    def here(self) -> Token:
        return self._tokens[self._index]

    def unexpected(self, expected: str) -> ExpressionError:
        """Return the error that `expected` (a symbol, "operand" or "operator") is not here."""
        token = self.here
        before = self._tokens[self._index - 1] if self._index else None
        if token.kind == "end":
            suffix = "-operand" if expected == "operand" else ""
            where = (self._text, token.offset, f"expr.ends-early{suffix}")
            return refusal(*where) if suffix else refusal(*where, expected=expected)
        found = repr(token.text)
        if before is not None and before.kind == "number" and token.kind == "name":
            return refusal(self._text, token.offset, "expr.unknown-unit", found=found)
        if expected in ("operand", "operator"):
            return refusal(self._text, token.offset, f"expr.expected-{expected}", found=found)
        return refusal(self._text, token.offset, "expr.expected", expected=expected, found=found)

    def either(self) -> Node:
        return self._chain(self._both, ("or",))

    def _both(self) -> Node:
        return self._chain(self._negation, ("and",))

    def _negation(self) -> Node:
        if not self._at("word", ("not",)):
            return self._comparison()
        token = self._take()
        return Unary("not", self._deeper(self._negation, token), token.offset)

    def _comparison(self) -> Node:
        left = self._sum()
        if not self._at("operator", COMPARISONS):
            return left
        token = self._take()
        node = self._binary(token, left, self._sum())
        if self._at("operator", COMPARISONS):
            raise refusal(self._text, self.here.offset, "expr.chained")
        return node

    def _sum(self) -> Node:
        return self._chain(self._product, ("+", "-"))

    def _product(self) -> Node:
        return self._chain(self._signed, ("*", "/"))

    def _signed(self) -> Node:
        if not self._at("operator", ("-",)):
            return self._primary()
        token = self._take()
        return Unary("-", self._deeper(self._signed, token), token.offset)

    def _primary(self) -> Node:
        token = self.here
        if token.kind == "number":
            self._take()
            return Number(token.value, token.unit, token.offset)
        if token.kind == "tag":
            self._take()
            return Ref(token.text, token.offset)
        if token.kind == "name":
            return self._named(self._take())
        if self._at("word", ("true", "false")):
            self._take()
            return Truth(token.text == "true", token.offset)
        if self._at("operator", ("(",)):
            self._take()
            node = self._deeper(self.either, token)
            self._expect(")")
            return node
        raise self.unexpected("operand")

    def _named(self, token: Token) -> Node:
        if not self._at("operator", ("(",)):
            return Time(token.offset) if token.text == TIME else Ref(token.text, token.offset)
        if token.text not in FUNCTIONS:
            known = ", ".join(FUNCTIONS)
            name = token.text
            raise refusal(self._text, token.offset, "expr.unknown-function", name=name, known=known)
        self._take()
        arguments = [self._deeper(self.either, token)]
        while self._at("operator", (",",)):
            self._take()
            arguments.append(self._deeper(self.either, token))
            self._count(token)
        self._expect(")")
        return Call(token.text, tuple(arguments), token.offset)

    def _chain(self, operand: Callable[[], Node], operators: tuple[str, ...]) -> Node:
        kind = "word" if operators[0].isalpha() else "operator"
        node = operand()
        while self._at(kind, operators):
            token = self._take()
            node = self._binary(token, node, operand())
        return node

    def _binary(self, token: Token, left: Node, right: Node) -> Node:
        self._count(token)
        return Binary(token.text, left, right, token.offset)

    def _count(self, token: Token) -> None:
        self._operations += 1
        if self._operations > MAX_OPERATIONS:
            raise refusal(self._text, token.offset, "expr.too-long", limit=str(MAX_OPERATIONS))

    def _deeper(self, rule: Callable[[], Node], token: Token) -> Node:
        self._nested += 1
        if self._nested > MAX_NESTED:
            raise refusal(self._text, token.offset, "expr.too-deep", limit=str(MAX_NESTED))
        node = rule()
        self._nested -= 1
        return node

    def _at(self, kind: str, texts: tuple[str, ...]) -> bool:
        return self.here.kind == kind and self.here.text in texts

    def _take(self) -> Token:
        token = self.here
        self._index += 1
        return token

    def _expect(self, text: str) -> None:
        if not self._at("operator", (text,)):
            raise self.unexpected(f"'{text}'")
        self._take()
