"""The sink that stands in for a carrier of text messages."""

from loyalty.messaging.adapters import ConsoleTexts
from loyalty.messaging.rules import Rendered


def test_a_text_is_printed_and_kept_in_a_file_for_its_owner_alone(tmp_path, capsys):
    texts = ConsoleTexts(tmp_path / "data")

    texts.send_text("+8613812345678", Rendered("验证码 123456\n，5 分钟内有效", None, {}, None))
    texts.send_text("+8613812345678", Rendered("second", None, {}, None))

    kept = tmp_path / "data" / "outbox.log"
    lines = ["SMS +8613812345678 验证码 123456 ，5 分钟内有效", "SMS +8613812345678 second"]
    assert kept.read_text(encoding="utf-8").splitlines() == lines
    assert capsys.readouterr().err.splitlines() == lines
    assert kept.stat().st_mode & 0o077 == 0
