"""What can be wrong with an expression: message ids and their English (the catalogue has both).

`edge.words` lies above this package, so the English stands here as well; a test holds the two
together.
"""

from __future__ import annotations

from edge.errors import ExpressionError

MESSAGES: dict[str, str] = {
    "expr.empty": "there is nothing here; write a condition such as 'AT-101 > 0.6 ppm'",
    "expr.too-long": "longer than {limit} characters or operations; split it",
    "expr.too-deep": "nested over {limit} deep; split it",
    "expr.unknown-character": "{found} means nothing here",
    "expr.number-too-large": "{found} is too large a number",
    "expr.open-bracket": "'[' without its ']'",
    "expr.expected": "expected {expected}, found {found}",
    "expr.expected-operand": "expected a number, a tag, a function or '(', found {found}",
    "expr.expected-operator": "expected an operator or the end, found {found}",
    "expr.ends-early": "it ends where something is still to come: {expected}",
    "expr.ends-early-operand": "it ends where a number, a tag, a function or '(' is to come",
    "expr.no-name": "'[]' holds no tag name",
    "expr.chained": "comparisons cannot be chained; join two with 'and'",
    "expr.unknown-name": "unknown tag {name}",
    "expr.unknown-name-near": "unknown tag {name}; did you mean {near}?",
    "expr.subtract": "{name} is read as one name; to subtract, put spaces around '-'",
    "expr.unknown-function": "unknown function {name}; there are {known}",
    "expr.unknown-unit": "{found} is no unit; case counts: ppm, %LEL, mg/m3, m, m/s, degC, kPa, s",
    "expr.wants-one-tag": "{name} takes one tag",
    "expr.wants-one-number": "{name} takes one number",
    "expr.wants-numbers": "{name} takes two numbers or more",
    "expr.no-unit": "{number} has no unit and is joined with {unit}; write '{number} {unit}'",
    "expr.compared": "{left} cannot be compared with {right}",
    "expr.units": "{left} cannot be joined with {right} by '{operator}'",
    "expr.wants-condition": "'{operator}' joins conditions, and this is {found}",
    "expr.wants-number": "'{operator}' needs a number or quantity, and this is a condition",
    "expr.product": "'{operator}' of {left} and {right}: one of them must be a plain number",
}


def refusal(text: str, offset: int, message_id: str, **params: str) -> ExpressionError:
    """Return the error for the character at `offset` (from 0) of `text`, to be raised."""
    problem = MESSAGES[message_id].format(**params)
    return ExpressionError(text, offset + 1, message_id, params, problem)
