"""Where a table holds: the whole mainland, or one province by its code of ISO 3166-2."""

from collections.abc import Mapping

EVERYWHERE = "CN"
REGION_TEXTS: Mapping[str, str] = {
    "CN": "Mainland China",
    "CN-BJ": "Beijing",
    "CN-TJ": "Tianjin",
    "CN-HE": "Hebei",
    "CN-SX": "Shanxi",
    "CN-NM": "Inner Mongolia",
    "CN-LN": "Liaoning",
    "CN-JL": "Jilin",
    "CN-HL": "Heilongjiang",
    "CN-SH": "Shanghai",
    "CN-JS": "Jiangsu",
    "CN-ZJ": "Zhejiang",
    "CN-AH": "Anhui",
    "CN-FJ": "Fujian",
    "CN-JX": "Jiangxi",
    "CN-SD": "Shandong",
    "CN-HA": "Henan",
    "CN-HB": "Hubei",
    "CN-HN": "Hunan",
    "CN-GD": "Guangdong",
    "CN-GX": "Guangxi",
    "CN-HI": "Hainan",
    "CN-CQ": "Chongqing",
    "CN-SC": "Sichuan",
    "CN-GZ": "Guizhou",
    "CN-YN": "Yunnan",
    "CN-XZ": "Tibet",
    "CN-SN": "Shaanxi",
    "CN-GS": "Gansu",
    "CN-QH": "Qinghai",
    "CN-NX": "Ningxia",
    "CN-XJ": "Xinjiang",
}


def regions_for(region: str) -> tuple[str, ...]:
    """Return where to look for a table of a region, its own first."""
    return (region,) if region == EVERYWHERE else (region, EVERYWHERE)
