"""Carriers of messages."""

from loyalty.messaging.adapters.console import ConsoleTexts

__all__ = ["ConsoleTexts"]
