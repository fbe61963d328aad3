"""Every text that the project shows, gathered from its code and templates.

A small extractor of our own, as ours are not only in calls of gettext: a refusal carries its sentence as a class
attribute, an effect and a flaw of input as an argument.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2] / "loyalty"
FIRST_SHOWN = {
    *("_", "gettext", "lazy_gettext", "ngettext", "say", "Entry", "Group", "Sentence", "ValidationError"),
    *("ApprovalKind", "Figure", "Named"),
    *("TaskKind", "CallOutcome", "Sentenced"),
}
FORM_WORDS = {"label", "hint", "others", "one", "add", "unit", "numbered", "script"}  # of forms of rules and tasks
TEMPLATE_CALLS = ("_", "gettext", "ngettext")


def of_project(root: Path = ROOT) -> dict[str, str]:
    """Return each text with the file that says it."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        found |= dict.fromkeys(of_python(path.read_text()), str(path.relative_to(root)))
    for path in sorted(root.rglob("templates/**/*")):
        if path.suffix in {".html", ".txt"}:
            found |= dict.fromkeys(of_template(path), str(path.relative_to(root)))
    return found


def of_template(path: Path) -> set[str]:
    """Return the texts of a template; of those with two forms, the singular."""
    with path.open("rb") as file:
        extracted = babel_extract(file, TEMPLATE_CALLS, (), {"silent": "false", "encoding": "utf-8"})
        return {text[0] if isinstance(text, tuple) else text for _line, _call, text, _notes in extracted}


def of_python(source: str) -> set[str]:
    """Return the texts of a module."""
    return {text for node in ast.walk(ast.parse(source)) for text in _of_node(node) if text.strip()}


def _of_node(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield from _sentences(node.body)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_table_of_texts(node):
        yield from _all_texts(node.value)
    elif isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["told"]:
        yield from _texts([node.value])  # a sentence that is too long for the line of its problem
    elif isinstance(node, ast.Call):
        yield from _of_call(node)
        if _called(node)[:1].isupper():  # a field is a class; `unit="growth"` of a query is no text
            yield from _texts(word.value for word in node.keywords if word.arg in FORM_WORDS)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else str(getattr(node.func, "id", ""))


def _of_call(node: ast.Call) -> Iterator[str]:
    name = _called(node)
    if name == "Effect":
        yield from _texts([*node.args[1:2], *(word.value for word in node.keywords if word.arg == "sentence")])
    elif name == "refuse":  # of a reader of bodies: the field, then what is wrong with it
        yield from _texts(node.args[1:2])
    elif name in FIRST_SHOWN:
        yield from _texts(node.args[:1])
    elif name == "Malformed" and node.args and isinstance(node.args[0], ast.Dict):
        for value in node.args[0].values:
            yield from _texts(value.elts if isinstance(value, ast.List) else ())


def _is_table_of_texts(node: ast.Assign | ast.AnnAssign) -> bool:
    """Tell whether the name ends in _TEXTS or _TITLES: tables whose values are shown."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id.endswith(("_TEXTS", "_TITLES")) for target in targets)


def _all_texts(value: ast.AST | None) -> Iterator[str]:
    for node in ast.walk(value) if value is not None else ():
        if isinstance(node, ast.Dict):
            yield from _texts(node.values)


def _sentences(body: Iterable[ast.stmt]) -> Iterator[str]:
    for statement in body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(target, ast.Name) and target.id in {"sentence", "mistake"} for target in targets):
            yield from _texts([statement.value])


def _texts(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
