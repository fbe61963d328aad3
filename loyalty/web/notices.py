"""What has just happened, told on the next page, with a way back where there is one."""

from flask import flash


def notify(text: str, *, tone: str = "ok", undo: str | None = None) -> None:
    """Show `text` on the next page; `tone` is ok, info, due or over, `undo` the address that takes the act back."""
    flash({"text": text, "undo": undo}, tone)  # type: ignore[arg-type]  # the session keeps JSON, not only texts
