"""How templates become pages: Jinja as it is, but for two things that it does several hundred times for each page."""

from collections.abc import MutableMapping
from typing import Any

from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner  # type: ignore[attr-defined]  # what its own `escape` calls


def escaped(value: object) -> str:
    """Return the value as it stands in a page: its text escaped, or what it says itself when it knows HTML.

    As `markupsafe.escape`, which takes ten times as long for a result that also escapes what is added to it; nothing
    is added to what a template has put out.
    """
    if type(value) is str:
        return _escape_inner(value)
    if isinstance(value, Markup):
        return value
    told = getattr(value, "__html__", None)
    return _escape_inner(str(value)) if told is None else str(told())


class PageCode(CodeGenerator):
    """Templates whose output goes through `escaped` wherever Jinja's would go through `escape`."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.escaped(")
        if finalize.src is not None:
            self.write(finalize.src)


class PageEnvironment(Environment):
    """Templates that all have the same globals, as none has any of its own.

    Jinja would look through two dicts for each of them, and compare these whenever one template imports another.
    """

    code_generator_class = PageCode
    escaped = staticmethod(escaped)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of the application; with those of `d` before them, when there are any."""
        return super().make_globals(d) if d else self.globals
