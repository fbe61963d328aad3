"""VINs, plates, mileage: what is refused and what only warns."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from loyalty.kernel.errors import Malformed, Refused

VEHICLE_CLASSES = ("passenger", "van", "pickup", "truck", "motorcycle")
VEHICLE_USES = ("household", "business", "commercial")
ENERGIES = ("petrol", "diesel", "hybrid", "plug_in", "electric", "other")
OWNERSHIP_ROLES = ("owner", "driver", "payer")
VIN_TAIL = 6
MOST_KM = 3_000_000

_MISREAD = re.compile("[IOQ]")
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_PLACE = 8

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳使领]")
_PLATE_SPACES = re.compile(r"[\s·.\-•]+")
_NEW_ENERGY_LENGTH = 8


class OdometerBackward(Refused):
    """A reading must not be below an earlier one, nor above a later one, unless it corrects with a reason."""

    code = "customers.odometer_backward"
    sentence = (
        "On {day} the mileage was {known} km, so {asked} km cannot be right. Enter it as a correction with a reason."
    )


class AlreadyOwner(Refused):
    """Whoever is to become the main owner is so already."""

    code = "customers.already_owner"
    sentence = "This customer is the main owner of this vehicle already."


class OwnedThen(Refused):
    """The new ownership would begin before the present one."""

    code = "customers.owned_then"
    sentence = "The present owner has it from {day}. Choose this day or a later one."


class VinTaken(Refused):
    """VINs are unique."""

    code = "customers.vin_taken"
    sentence = "There is a vehicle with the VIN {vin} already. Open it and change its owner."


@lru_cache(maxsize=8192)  # a file asks for each several times: to check it, to store it, and at the next visit
def normal_vin(typed: str) -> str:
    """Return a VIN in capitals without spaces; malformed unless it has 17 characters and no I, O or Q."""
    vin = _PLATE_SPACES.sub("", unicodedata.normalize("NFKC", typed)).upper()
    if _MISREAD.search(vin):
        raise Malformed({"vin": ["A VIN has no letters I, O and Q. Read 1 for I and 0 for O and Q."]})
    if not _VIN.fullmatch(vin):
        raise Malformed({"vin": ["A VIN has 17 letters and digits."]})
    return vin


def vin_checks(vin: str) -> bool:
    """Return whether the check digit (the ninth) fits; many makers outside America do not use it, so it only warns."""
    total = sum(
        weight * (int(sign) if sign.isdigit() else _VIN_VALUES[sign])
        for sign, weight in zip(vin, _VIN_WEIGHTS, strict=True)
    )
    return vin[_CHECK_PLACE] == "0123456789X"[total % 11]


def normal_plate(typed: str) -> str:
    """Return a plate as 粤A0X12D; malformed unless it is a province and 6 or 7 (new energy) letters and digits."""
    plate = _PLATE_SPACES.sub("", unicodedata.normalize("NFKC", typed)).upper()
    if not _PLATE.fullmatch(plate):
        raise Malformed({"plate": ["A plate is a province and 6 letters and digits, 7 for new energy: 粤A·0X12D."]})
    return plate


def without_province(plate: str) -> str:
    """Return what of a stored plate people type when they leave the province out."""
    return plate[1:]


def shown_plate(plate: str) -> str:
    """Return a plate as it stands on the vehicle: 粤A·0X12D."""
    return f"{plate[:2]}·{plate[2:]}"


def new_energy(plate: str) -> bool:
    """Return whether the plate is a green one."""
    return len(plate) == _NEW_ENERGY_LENGTH


def check_reading(asked: int, *, before: tuple[int, date] | None, after: tuple[int, date] | None) -> None:
    """Refuse a mileage below the last reading `before` it or above the first one `after` it (km and day of each)."""
    if before and asked < before[0]:
        raise OdometerBackward(known=before[0], day=before[1], asked=asked)
    if after and asked > after[0]:
        raise OdometerBackward(known=after[0], day=after[1], asked=asked)
