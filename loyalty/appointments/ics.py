"""An appointment as a file that calendars read."""

from collections.abc import Iterable
from datetime import UTC, datetime

from loyalty.appointments.queries import AppointmentView
from loyalty.appointments.rules import State

LONGEST_LINE = 75


def as_ics(one: AppointmentView, title: str, link: str, now: datetime) -> str:
    """Return the appointment as an iCalendar file; moved or cancelled, it takes the place of the one before."""
    called_off = one.state == State.CANCELLED
    return calendar_of(
        [
            "BEGIN:VEVENT",
            f"UID:appointment-{one.id}@loyalty",
            f"SEQUENCE:{one.seq}",
            f"DTSTAMP:{stamp(now)}",
            f"DTSTART:{stamp(one.starts_at)}",
            f"DTEND:{stamp(one.ends_at)}",
            f"SUMMARY:{plain(title)}",
            f"LOCATION:{plain(one.store)}",
            f"STATUS:{'CANCELLED' if called_off else 'CONFIRMED' if one.state != State.ASKED else 'TENTATIVE'}",
            f"URL:{link}",
            "END:VEVENT",
        ]
    )


def calendar_of(lines: Iterable[str]) -> str:
    """Return a file of these events' lines, folded as the format asks for."""
    whole = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//loyalty//calendar//EN", *lines, "END:VCALENDAR"]
    return "\r\n".join(map(folded, whole)) + "\r\n"


def stamp(moment: datetime) -> str:
    """Return a moment as the format writes it."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def plain(text: str) -> str:
    """Return a text with what the format reads as signs of its own taken apart."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def folded(line: str) -> str:
    """Return a line in pieces of at most 75 octets, none of them within a character."""
    pieces: list[str] = []
    piece = ""
    for character in line:
        if len((piece + character).encode()) > (LONGEST_LINE if not pieces else LONGEST_LINE - 1):
            pieces.append(piece)
            piece = ""
        piece += character
    return "\r\n ".join([*pieces, piece])
