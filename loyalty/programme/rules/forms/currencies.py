"""What currencies are called."""

from collections.abc import Mapping

CURRENCY_TEXTS: Mapping[str, str] = {
    "CNY": "Renminbi (CNY)",
    "USD": "US dollar (USD)",
    "EUR": "Euro (EUR)",
    "GBP": "Pound (GBP)",
    "HKD": "Hong Kong dollar (HKD)",
    "MOP": "Macau pataca (MOP)",
    "TWD": "New Taiwan dollar (TWD)",
    "SGD": "Singapore dollar (SGD)",
    "MYR": "Ringgit (MYR)",
    "THB": "Baht (THB)",
    "AUD": "Australian dollar (AUD)",
    "CAD": "Canadian dollar (CAD)",
    "CHF": "Swiss franc (CHF)",
    "JPY": "Yen (JPY)",
    "KRW": "Won (KRW)",
    "VND": "Dong (VND)",
}
