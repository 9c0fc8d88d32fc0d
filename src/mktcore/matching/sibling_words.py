"""Words that tell siblings apart: colours, and what editions, licences and conditions are called."""

__all__ = ["COLOURS", "EDITIONS"]

_COLOURS = """
    beige black blue bronze brown burgundy champagne charcoal chrome copper cream cyan gold gray green grey ivory
    lavender magenta maroon navy orange pink platinum purple red silver tan teal titanium turquoise violet white yellow
"""
_EDITIONS = """
    academic additional aoo basic bundle business cal client competitive complete crossgrade crossupgrade deluxe design
    device edu education educational elements enterprise express extended family full gold home jr junior kit license
    licence limited linux lite mac macintosh maintenance master max media mini mlp multi oem pc platinum plus premium
    pro production professional refurbished renewal retail sbs server single small special standard std student suite
    teacher trial ultimate upgrade upgrades upsell used user users version volume web win windows xl
"""
COLOURS = frozenset(_COLOURS.split())
EDITIONS = frozenset(_EDITIONS.split())
