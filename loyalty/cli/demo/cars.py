"""Invented cars: a maker that does not exist, VINs with a right check digit, plates of the province."""

from dataclasses import dataclass
from random import Random

MODELS = (  # name, price in yuan, electric
    ("云途 轿车 1.6L", 118_800, False),
    ("云途 轿车 2.0T 旗舰", 186_900, False),
    ("云途 SUV 1.5T", 149_800, False),
    ("云途 SUV 2.0T 四驱", 236_800, False),
    ("云途 纯电 SUV", 209_900, True),
    ("云途 皮卡 2.3T", 132_800, False),
)
MAKER = "LYT"  # no maker has this code
SIGNS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
PLATE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True)
class Car:
    """One invented car; `price` in whole yuan with tax."""

    vin: str
    plate: str
    model: str
    price: int
    electric: bool


def car(random: Random, serial: int, home: int) -> Car:
    """Return a car; `serial` makes its VIN the only one of its kind."""
    model, price, electric = random.choices(MODELS, weights=(6, 3, 6, 3, 5, 1))[0]
    letter = "AEA"[home]
    tail = "".join(random.choices(PLATE_SIGNS, k=4)) + random.choice("0123456789")
    plate = f"粤{letter}{'D' if electric else ''}{tail}"
    return Car(_vin(random, serial), plate, model, price + 1_000 * random.randrange(-5, 12), electric)


def _vin(random: Random, serial: int) -> str:
    signs = [*MAKER, *random.choices(SIGNS, k=5), "0", *random.choices(SIGNS[:8], k=2), *f"{serial:06d}"]
    total = sum(
        weight * (int(sign) if sign.isdigit() else _VALUES[sign]) for sign, weight in zip(signs, _WEIGHTS, strict=True)
    )
    signs[8] = "0123456789X"[total % 11]
    return "".join(signs)
