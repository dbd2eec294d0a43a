"""The one small grammar with units: conditions, scenario triggers, scoring. Parsed, never eval.

    compile("AT-101 > 0.6 ppm and not bad(AT-102)", {"AT-101": Unit.PPM, "AT-102": Unit.PPM})

Names: a bare name takes its hyphens (`AT-101`), so subtraction needs spaces; any name may stand
in brackets. Units stand after numbers and are checked when compiled. `t` is the time in seconds;
functions are min, max, abs, age(tag), bad(tag). Temperatures are in degC throughout, so a
difference of two is compared with `5 degC`.
"""

from edge.expr.compiler import Expression, compile_expression
from edge.expr.parser import parse
from edge.expr.program import Input, Result, Values
from edge.expr.syntax import Node, unparse

compile = compile_expression  # noqa: A001  # read as expr.compile, the name the design gives it

__all__ = [
    "Expression",
    "Input",
    "Node",
    "Result",
    "Values",
    "compile",
    "compile_expression",
    "parse",
    "unparse",
]
