"""Page templates, filled. Jinja2 is loaded when the first page is rendered: no daemon has it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from edge.errors import SuianError

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, data: Mapping[str, object]) -> str:
    """Return the HTML of `templates/<template>.html.j2` with `data`.

    A name that the template asks for and `data` lacks raises jinja2's `UndefinedError`: a gap in a
    report is a mistake, never a blank. Raises `SuianError` where Jinja2 is not installed.
    """
    return _environment().get_template(f"{template}.html.j2").render(data)


@cache
def _environment() -> Environment:
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - see above
    except ImportError:
        raise SuianError("HTML reports need Jinja2: pip install 'suian[engineer]'") from None
    return Environment(
        loader=PackageLoader("edge.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
