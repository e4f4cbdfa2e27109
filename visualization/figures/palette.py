"""Colours, the same in page, figures and report: Okabe-Ito, with neighbours set apart.

Any two are told apart under the three common colour deficiencies too (tests/visualization/figures/test_palette.py measures how
far).

Dyes say whose money it is and keep their colours everywhere. Vendor, clouds and labs are told apart by place
and label, never by colour. Source: M. Okabe and K. Ito, Color Universal Design (2008).
"""

from __future__ import annotations

from perpetuum.model.words.speech import say

#: Colour of each dye of `model.books.payment_kinds.DYES`.
DYE_COLOURS: dict[str, str] = {
    "customers": "#009E73",
    "other_customers": "#86E3E6",
    "equity": "#0072B2",
    "credit": "#E69F00",
    "states": "#C77FB8",
    "own": "#A0A0A0",
    "inside": "#6EAEFB",
    "lap_1": "#D55E00",
    "lap_2": "#A14300",
    "lap_3": "#5A2900",
}

#: From money that needs nobody's faith to money that is the machine's own; charts stack in this order.
DYE_ORDER: tuple[str, ...] = (
    "customers",
    "other_customers",
    "own",
    "states",
    "equity",
    "credit",
    "inside",
    "lap_1",
    "lap_2",
    "lap_3",
)

#: States of worlds: blues pay for themselves, grey spins on outside money, red has fallen.
STATE_COLOURS: dict[str, str] = {
    "stands_alone": "#0B4F7D",
    "smaller": "#6FA8D0",
    "spinning": "#C9CDD1",
    "fallen": "#B5431A",
}
#: The same for lines on paper and for bars under white letters, where the light ones would hardly be seen.
STATE_INKS: dict[str, str] = STATE_COLOURS | {"smaller": "#2E79A8", "spinning": "#6B7279"}

#: Shares of worlds from none to all: one hue a state, darker is more, in grey too.
SHARE_COLOURS: dict[str, tuple[str, ...]] = {
    "fallen": ("#F7F0E6", "#F3CFB8", "#E39B79", "#C65B36", "#8E2A0B", "#521300"),
    "stands_alone": ("#F2F4F5", "#C5DAE9", "#86B3D3", "#4687B5", "#0B4F7D", "#062E4A"),
    "smaller": ("#F3F7FA", "#D6E6F1", "#A9CBE2", "#6FA8D0", "#3F7FAB", "#1C5178"),
    "spinning": ("#F7F4EF", "#DBDCDD", "#B5BABF", "#868D95", "#595F66", "#33373B"),
}
#: What was gained, nothing, what was lost: two hues that are equally dark at the same distance from the middle.
GAIN_TO_LOSS: tuple[str, ...] = (*reversed(SHARE_COLOURS["stands_alone"][1:]), *SHARE_COLOURS["fallen"])
#: Hatching of the states where colour alone would tell them apart.
STATE_HATCHES: dict[str, str] = {"stands_alone": "....", "smaller": "..", "spinning": "", "fallen": "////"}
#: Amounts: matplotlib's map that reads the same with every kind of colour vision, and in grey.
AMOUNT_MAP = "cividis"

#: The run as asked and its twin with loose money.
ARM_COLOURS: dict[str, str] = {"asked": "#8C1C4B", "loose": "#3C6E8F"}

PAPER = "#FFFCF7"
INK = "#222222"
QUIET = "#66605A"
FAINT = "#DDD6CC"
SHADE = "#EFE7DA"


def dye_label(name: str) -> str:
    """What a reader calls a dye."""
    return say(f"figure.{name}") if name.startswith("lap_") else say(f"dye.{name}")
