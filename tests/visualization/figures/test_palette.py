"""Colours are told apart with every common kind of colour vision, and so is text from its ground."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from perpetuum.visualization.figures.palette import DYE_COLOURS, INK, PAPER, QUIET, STATE_COLOURS, STATE_INKS

#: Linear RGB as seen without one of the three cones. Source: Machado, Oliveira and Fernandes (2009), severity 1.0.
VISIONS = {
    "all cones": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
#: sRGB to XYZ, and the white of D65 (IEC 61966-2-1).
XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = np.array([0.95047, 1.0, 1.08883])
#: Differences by CIEDE2000 from which two colours of a legend are told apart at a glance; about 2 is just noticed.
APART = 10.0
#: Contrast of text with its ground by WCAG 2, level AA.
READABLE = 4.5


def linear(colour):
    """Linear RGB of a colour as "#RRGGBB"."""
    value = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / WHITE
    f = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def ciede2000(one, other):
    """Difference of two colours in CIELAB. Source: Sharma, Wu and Dalal (2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25**7))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = (h1 + turn / 2) % 360 if c1 * c2 else h1 + h2
    t = 1 - 0.17 * np.cos(np.radians(h - 30)) + 0.24 * np.cos(np.radians(2 * h))
    t += 0.32 * np.cos(np.radians(3 * h + 6)) - 0.20 * np.cos(np.radians(4 * h - 63))
    s_l, s_c, s_h = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2), 1 + 0.045 * c, 1 + 0.015 * c * t
    bend = -2 * np.sqrt(c**7 / (c**7 + 25**7)) * np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2))))
    x, y, z = (l2 - l1) / s_l, (c2 - c1) / s_c, hue / s_h
    return float(np.sqrt(x**2 + y**2 + z**2 + bend * y * z))


def contrast(one, other):
    """Contrast of two colours by WCAG 2."""
    light, dark = sorted((float(XYZ[1] @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [  # the first, a grey, and a pair far apart of the paper's table
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ],
)
def test_differences_are_those_of_the_published_table(one, other, apart):
    assert ciede2000(one, other) == pytest.approx(apart, abs=1e-3)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("colours", [DYE_COLOURS, STATE_COLOURS, STATE_INKS], ids=["dyes", "states", "lines of states"])
def test_any_two_colours_of_a_legend_are_told_apart(vision, colours):
    seen = {name: lab(VISIONS[vision] @ linear(colour)) for name, colour in (colours | {"the paper": PAPER}).items()}
    near = {pair: ciede2000(seen[pair[0]], seen[pair[1]]) for pair in combinations(seen, 2)}
    assert {pair: round(apart, 1) for pair, apart in near.items() if apart < APART} == {}


@pytest.mark.parametrize("ink", [INK, QUIET])
def test_words_stand_out_from_the_paper(ink):
    assert contrast(ink, PAPER) >= READABLE
    assert min(contrast("#FFFFFF", colour) for colour in STATE_INKS.values()) >= READABLE  # white in the bars of a vote
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)  # the grey that is just dark enough on white
