"""The words of a text: folded, split and measured, so that "4 GB", "4-gb" and "4gb" are one word.

Every word that comes out carries what it means in its spelling: a quantity is a number and its unit (`"4gb"`, and
`"500ml"` for half a litre), a code is written without separators (`"dscw120"`). What a word is can be told again from
the word alone, so that an index keeps nothing but words.
"""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from mktcore.goods import Dimension, Measure

__all__ = [
    "MAX_TEXT",
    "MAX_WORDS",
    "fold_text",
    "is_model_number",
    "join_code",
    "spell_measure",
    "split_quantity",
    "split_words",
]

MAX_TEXT = 2_000
"""Characters of one text that are read; the rest of a longer one is ignored, so that a hostile text costs no more."""
MAX_WORDS = 80
"""Words of one text that are kept."""
MAX_WORD = 40
MAX_DIGITS = 12
MIN_CODE = 4

_UNITS: dict[str, tuple[str, int, str]] = {
    # spelled as, times, written: lengths, volumes and masses of one system become one unit
    "in": ("in", 1, "inches inch in \" ' ″ '' zoll"),  # many shops write inches with the sign of feet
    "ft": ("in", 12, "feet foot ft"),
    "mm": ("mm", 1, "millimetres millimetre millimeters millimeter mm"),
    "cm": ("mm", 10, "centimetres centimetre centimeters centimeter cm"),
    "m": ("mm", 1000, "metres metre meters meter m"),
    "tb": ("tb", 1, "terabytes terabyte tb"),
    "gb": ("gb", 1, "gigabytes gigabyte gigs gig gb go"),
    "mb": ("mb", 1, "megabytes megabyte mb"),
    "kb": ("kb", 1, "kilobytes kilobyte kb"),
    "ghz": ("mhz", 1000, "gigahertz ghz"),
    "mhz": ("mhz", 1, "megahertz mhz"),
    "hz": ("hz", 1, "hertz hz"),
    "w": ("w", 1, "watts watt w"),
    "v": ("v", 1, "volts volt v"),
    "mah": ("mah", 1, "mah"),
    "mp": ("mp", 1, "megapixels megapixel mpix mp"),
    "kg": ("g", 1000, "kilograms kilogram kgs kg"),
    "g": ("g", 1, "grams gram gr g"),
    "lb": ("oz", 16, "pounds pound lbs lb"),
    "oz": ("oz", 1, "ounces ounce oz"),
    "l": ("ml", 1000, "litres litre liters liter l"),
    "cl": ("ml", 10, "centilitres centilitre cl"),
    "ml": ("ml", 1, "millilitres millilitre milliliters milliliter ml"),
    "pk": ("pk", 1, "packs pack pk pcs pieces piece count ct"),
    "user": ("user", 1, "users user"),
    "port": ("port", 1, "ports port"),
    "disc": ("disc", 1, "discs disc"),
    "year": ("year", 1, "years year yrs yr"),
}
_UNIT_OF = {written: (unit, times) for unit, times, spellings in _UNITS.values() for written in spellings.split()}
_POURED = frozenset({"ml", "g"})
"""Units in which "2 x 500" is one quantity; 2 x 4 GB of memory is not 8 GB."""
_BASES = {Dimension.VOLUME: "ml", Dimension.MASS: "g", Dimension.LENGTH: "mm", Dimension.COUNT: "pk"}
_SPELLINGS = "|".join(re.escape(written) for written in sorted(_UNIT_OF, key=lambda text: (-len(text), text)))
_TOKEN = re.compile(
    rf"(?:(?<![^\W_])(?P<times>\d{{1,3}})[ ]?[x×*][ ]?)?"  # noqa: RUF001 - the sign that people write
    rf"(?P<measure>\d+(?:[.,]\d+)*)[ ]?-?[ ]?(?P<unit>{_SPELLINGS})(?![^\W_])"
    r"|(?P<number>\d+(?:[.,]\d+)+)(?![^\W_]|[-./+][^\W_])"
    r"|(?P<compound>[^\W_]+(?:[-./+][^\W_]+)*)"
)
_PART = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_GROUPED = re.compile(r",(?=\d{3}(?!\d))")
_QUANTITY = re.compile(rf"(\d+(?:\.\d+)?)({'|'.join(sorted({unit for unit, _ in _UNIT_OF.values()}, reverse=True))})")


def fold_text(text: str) -> str:
    """Return a text in small letters without accents, cut to what is read of it.

    >>> fold_text("Crème BRÛLÉE")
    'creme brulee'
    """
    folded = text[:MAX_TEXT].casefold()
    if folded.isascii():
        return folded
    parts = unicodedata.normalize("NFKD", folded)
    # Cut again: taken apart, one sign may be eighteen letters.
    return "".join(part for part in parts if not unicodedata.combining(part))[:MAX_TEXT]


def split_words(text: str, most: int = MAX_WORDS) -> list[str]:
    """Return the words of a text in their order, each once.

    >>> split_words("Sony 46 inch LCD, DSC-W120/P 4 GB")
    ['sony', '46in', 'lcd', 'dscw120p', 'dsc', 'w120', 'p', '4gb']
    >>> split_words("Cola 2 x 500 ml") == split_words("Cola 1 l")
    True
    """
    found: dict[str, None] = {}
    for match in _TOKEN.finditer(fold_text(text)):
        times, measure, unit, number, compound = match.groups()
        if unit is not None:
            _add_measure(times, measure, written=unit, found=found)
        elif number is not None:
            found[_plain_number(number)] = None
        elif compound.isalnum():
            found[compound[:MAX_WORD]] = None
        else:
            _split_compound(compound, found)
        if len(found) >= most:
            break
    return list(found)[:most]


def _add_measure(times: str | None, measure: str, written: str, *, found: dict[str, None]) -> None:
    unit, factor = _UNIT_OF[written]
    number = _plain_number(measure)
    if factor > 1 or (times and unit in _POURED):
        if len(number) > MAX_DIGITS or number.count(".") > 1:
            factor = 1  # no amount that anybody sells: left as it is written
        else:
            number = f"{Decimal(number) * factor * (int(times) if times and unit in _POURED else 1):f}"
            number = _plain_number(number)
    if times and unit not in _POURED:
        found[times] = None
    found[number + unit] = None


def _split_compound(compound: str, found: dict[str, None]) -> None:
    code = "".join(letter for letter in compound if letter.isalnum())[:MAX_WORD]
    if not code.isdigit() and is_model_number(code):
        found[code] = None
    for part in _PART.findall(compound):
        found[_plain_number(part) if part[0].isdigit() else part[:MAX_WORD]] = None


def _plain_number(text: str) -> str:
    """Write a number one way: "2,000" and "2000", "4.0" and "4"."""
    text = _GROUPED.sub("", text[:MAX_WORD]).replace(",", ".")
    if text.count(".") == 1:
        whole, _, digits = text.partition(".")
        digits = digits.rstrip("0")
        return f"{whole}.{digits}" if digits else whole
    return text


def join_code(text: str) -> str:
    """Return a part number as it is compared: small letters and digits only.

    >>> join_code("DSC-W120/P")
    'dscw120p'
    """
    return "".join(letter for letter in fold_text(text[:MAX_WORD]) if letter.isalnum())


def spell_measure(measure: Measure) -> str | None:
    """Return the quantity that a measure is as a word; None where names do not write such ones.

    >>> spell_measure(Measure.parse("2 x 500 ml")), spell_measure(Measure.parse("1 l"))
    ('1000ml', '1000ml')
    """
    unit = _BASES.get(measure.dimension)
    if unit is None:
        return None
    size = measure.size
    if size.denominator == 1:
        return f"{size.numerator}{unit}"
    return f"{_plain_number(f'{float(size):.3f}')}{unit}"


@lru_cache(maxsize=1 << 16)
def is_model_number(word: str) -> bool:
    """Tell whether a word may be a model number: letters with digits, or many digits, and no quantity.

    >>> [is_model_number(word) for word in ("w120", "98811", "2007", "4gb", "camera")]
    [True, True, False, False, False]
    """
    if len(word) < MIN_CODE or not any(letter.isdigit() for letter in word):
        return False
    if word.isdigit():
        return len(word) > MIN_CODE
    return word.isalnum() and split_quantity(word) is None


@lru_cache(maxsize=1 << 16)
def split_quantity(word: str) -> tuple[str, str] | None:
    """Return unit and number of a word that is a quantity.

    >>> split_quantity("4gb"), split_quantity("w120")
    (('gb', '4'), None)
    """
    match = _QUANTITY.fullmatch(word)
    return (match[2], match[1]) if match else None
