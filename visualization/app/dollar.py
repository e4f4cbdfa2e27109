"""Follow one dollar, and build the machine: two walks round the ring, in the payments of a month; plain data, without a browser.

A dollar that is paid in mixes with what its receiver has, and leaves in proportion to what that pays this month; what is not
paid out again stays. So of a dollar that a vendor pays to its customers the part that comes back is the product of what the
stops pass on (the loop gain of `model/README.md`, there by hand for the triangle).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from perpetuum.model.words.speech import Words, capital
from perpetuum.visualization.app.frames import CUSTOMERS, MACHINE, SUPPLIERS

#: Laps that are told.
LAPS = 3
#: Money that is followed no further, and that is told of, of a dollar.
DUST, TOLD = 1e-6, 5e-4
KEPT = "kept"
#: Everybody else who puts money in.
OUTSIDE = ("funds", "investors", "lenders", "states")


@dataclass(frozen=True)
class Stop:
    """A stop of a dollar: what arrives at a group of the machine, and where it goes from there; parts of the first dollar."""

    at: str  # vendors, labs or clouds
    arrives: float
    goes: Mapping[str, float]  # to the groups of the machine
    leaks: Mapping[str, float]  # to everybody else, and KEPT

    @property
    def goes_on(self) -> float:
        """What goes on within the machine."""
        return sum(self.goes.values())


@dataclass(frozen=True)
class Lap:
    """Once round: from what vendors pay out to what comes back to them."""

    starts: float
    stops: tuple[Stop, ...]
    returns: float


def passed_on(frame: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Where a dollar at each group of the machine goes this month: shares by group, node or KEPT, which add up to one."""
    group = {node["id"]: node["group"] for node in frame["nodes"]}
    paid: dict[str, dict[str, float]] = {one: {} for one in MACHINE}
    received = dict.fromkeys(MACHINE, 0.0)
    for band in frame["bands"]:
        payer, payee, bn = group[band["from"]], group[band["to"]], band["bn"]
        if payer == payee:
            continue
        if payer in paid:
            paid[payer][payee] = paid[payer].get(payee, 0.0) + bn
        if payee in received:
            received[payee] += bn
    shares = {}
    for one, goes in paid.items():
        spent = sum(goes.values())
        whole = max(spent, received[one])
        shares[one] = {to: bn / whole for to, bn in goes.items()} if whole else {}
        shares[one][KEPT] = 1.0 - sum(shares[one].values())
    return shares


def follow(frame: Mapping[str, Any]) -> list[Lap]:
    """A dollar that vendors pay to their customers, lap by lap; none where they pay them nothing this month."""
    shares = passed_on(frame)
    out = {one: shares["vendors"].get(one, 0.0) for one in ("labs", "clouds")}
    financed = sum(out.values())
    if financed <= 0:
        return []
    told, starts = [], 1.0
    for _ in range(LAPS):
        waiting = {one: starts * part / financed for one, part in out.items()}
        stops = [Stop("vendors", starts, dict(waiting), {})]
        arrived = dict.fromkeys(waiting, 0.0)
        went: dict[str, dict[str, float]] = {one: {} for one in waiting}
        while sum(waiting.values()) > DUST * starts:
            moving, waiting = waiting, dict.fromkeys(waiting, 0.0)
            for one, amount in moving.items():
                arrived[one] += amount
                for to, part in shares[one].items():
                    went[one][to] = went[one].get(to, 0.0) + amount * part
                    if to in waiting:
                        waiting[to] += amount * part
        for one, amount in arrived.items():
            stops.append(Stop(one, amount, *_parted(went[one])))
        returns = sum(goes.get("vendors", 0.0) for goes in went.values())
        back = {to: returns * part for to, part in shares["vendors"].items()}
        stops.append(Stop("vendors", returns, *_parted(back)))
        told.append(Lap(starts, tuple(stops), returns))
        starts = returns * financed
    return told


def _parted(goes: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    inside = {to: amount for to, amount in goes.items() if to in MACHINE}
    return inside, {to: amount for to, amount in goes.items() if to not in MACHINE}


# --- in words -------------------------------------------------------------------------------------------------------


def follow_told(words: Words, frame: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The walk as steps: a sentence, and the groups that it is about."""
    if not frame["month"]:
        return [{"text": words("dollar.at_rest"), "about": ["vendors"]}]
    laps = follow(frame)
    if not laps:
        return [{"text": words("dollar.no_finance"), "about": ["vendors"]}]
    steps = []
    for number, lap in enumerate(laps, 1):
        for place, stop in enumerate(lap.stops):
            if stop.arrives < TOLD:
                continue  # nothing could be told of where it goes
            tenths = _tenths(stop)
            key = "starts" if not place else "returns" if place == len(lap.stops) - 1 else "stop"
            text = words(
                f"dollar.{key}",
                lap=number,
                who=words(f"dollar.who.{stop.at}") if place else capital(words(f"dollar.who.{stop.at}")),
                cents=cents(words, stop.arrives),
                goes=_listed(words, stop.goes, tenths),
                leaks=_listed(words, stop.leaks, tenths),
            )
            steps.append({"text": text, "about": [stop.at, *stop.goes]})
    left = laps[-1].returns
    again = laps[0].stops[-1]
    tenths = _tenths(again)  # as they were told part by part
    gain = _tenths_told(words, sum(tenths.get(to, 0) for to in again.goes)) if again.goes_on else cents(words, 0.0)
    last = words("dollar.end", laps=len(laps), cents=cents(words, left), gain=gain)
    return [*steps, {"text": last, "about": list(MACHINE)}]


def cents(words: Words, part: float) -> str:
    """A part of a dollar in cents."""
    return _tenths_told(words, round(1000 * part)) if part > 0 else words("dollar.cents", number="0")


def _tenths_told(words: Words, tenths: int) -> str:
    return words("dollar.cents", number=f"{tenths / 10:.1f}".removesuffix(".0")) if tenths else words("dollar.little")


def _tenths(stop: Stop) -> dict[str, int]:
    """Tenths of a cent of each part that is told of a stop, which add up to what arrives as it is told: those nearest to their
    next tenth are rounded up."""
    parts = {**stop.goes, **stop.leaks}
    tenths = {to: int(1000 * part + 1e-6) for to, part in parts.items()}
    nearest = sorted(parts, key=lambda to: tenths[to] - 1000 * parts[to])
    for to in nearest[: max(0, round(1000 * stop.arrives) - sum(tenths.values()))]:
        tenths[to] += 1
    return {to: many for to, many in tenths.items() if many or parts[to] >= TOLD}


def _listed(words: Words, parts: Mapping[str, float], tenths: Mapping[str, int]) -> str:
    found = sorted((to for to in parts if to in tenths), key=lambda to: -parts[to])
    # Those who are paid are lists themselves.
    told = [
        words("dollar.part_kept", cents=_tenths_told(words, tenths[to]))
        if to == KEPT
        else words("dollar.part", cents=_tenths_told(words, tenths[to]), to=words(f"dollar.to.{to}"))
        for to in found
    ]
    return words("list.semicolon").join(told) or words("dollar.nothing")


def build_told(words: Words, frame: Mapping[str, Any], earned: float) -> list[dict[str, Any]]:
    """The machine put together: six steps, each with its sentence, the nodes that stand by then, and whether the ring is closed.

    `earned`: what AI's customers paid this month ($bn).
    """
    group = {node["id"]: node["group"] for node in frame["nodes"]}

    def between(payers: tuple[str, ...], payees: tuple[str, ...]) -> float:
        return sum(b["bn"] for b in frame["bands"] if group[b["from"]] in payers and group[b["to"]] in payees)

    ways = {
        "vendor": (("vendors", "clouds"), between(("clouds",), ("vendors",))),
        "lab": (("labs",), between(("labs",), ("clouds",))),
        "customers": ((CUSTOMERS,), earned),
        "finance": ((), between(("vendors",), ("labs", "clouds"))),
        "outside": (OUTSIDE, between(OUTSIDE, MACHINE)),
        "leaks": ((SUPPLIERS,), between(MACHINE, (SUPPLIERS, *OUTSIDE))),
    }
    others = words.listed([words(f"dollar.to.{one}") for one in OUTSIDE if one in group.values()])
    standing: list[str] = []
    steps = []
    for number, (name, (added, bn)) in enumerate(ways.items(), 1):
        standing += [node for node, of in group.items() if of in added]
        text = words(f"build.{name}", others=others)
        if frame["month"]:
            text = words("build.amount" if bn else "build.none", text=text, amount=words.money(bn))
        steps.append({"text": text, "number": number, "shown": list(standing), "closed": number > 3})
    return steps
