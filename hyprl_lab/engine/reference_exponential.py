"""The exponential function, digit for digit the one that the native engine uses.

`math.exp` is that of the machine's C library, which differs between machines in the last bit; so
would a probability, and now and then a condition on one.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["exponential"]

# float.fromhex: digits that are meant to the bit
LN2_HIGH: Final = float.fromhex("0x1.62e42feep-1")
LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")
INVERSE_LN2: Final = float.fromhex("0x1.71547652b82fep+0")
SERIES: Final = tuple(
    float.fromhex(text)
    for text in (
        "0x1.555555555553ep-3",
        "-0x1.6c16c16bebd93p-9",
        "0x1.1566aaf25de2cp-14",
        "-0x1.bbd41c5d26bf1p-20",
        "0x1.6376972bea4d0p-25",
    )
)
"""The odd part of (e^r + 1)/(e^r - 1), by powers of r²."""

HALF_LN2: Final = float.fromhex("0x1.62e43p-2")
THREE_HALVES_LN2: Final = float.fromhex("0x1.0a2b2p+0")
TINY: Final = float.fromhex("0x1.00001p-28")
OVERFLOWS: Final = 709.782712893383973096
UNDERFLOWS: Final = -745.13321910194110842


def exponential(x: float) -> float:
    """Return e to the power x; infinity above 709.78, 0 below -745.13, NaN of NaN.

    With k the whole number nearest to x/ln 2 and r = x - k·ln 2, e^x = 2^k·e^r, and e^r is
    1 + 2r/(R - r) where R = r·(e^r + 1)/(e^r - 1) is a polynomial in r². (K. C. Ng, FreeBSD
    `e_exp.c`, 2004, whose constants these are; the order of operations is that of Rust's `libm`.)

    Examples
    --------
    >>> exponential(0.0), exponential(1.0), exponential(-1000.0)
    (1.0, 2.7182818284590455, 0.0)
    """
    if math.isnan(x):
        return x
    if x > OVERFLOWS:
        return math.inf
    if x < UNDERFLOWS:
        return 0.0
    size = abs(x)
    if size < TINY:
        return 1.0 + x
    power = 0
    high, low = x, 0.0
    if size >= HALF_LN2:
        sign = -1 if x < 0.0 else 1
        power = int(INVERSE_LN2 * x + 0.5 * sign) if size >= THREE_HALVES_LN2 else sign
        high, low = x - power * LN2_HIGH, power * LN2_LOW
    rest = high - low
    square = rest * rest
    first, second, third, fourth, fifth = SERIES
    part = rest - square * (
        first + square * (second + square * (third + square * (fourth + square * fifth)))
    )
    value = 1.0 + (rest * part / (2.0 - part) - low + high)
    return math.ldexp(value, power)
