"""Texts for cells of spreadsheets."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes: one that could be a formula begins with a quote."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_SIGNS) else text
