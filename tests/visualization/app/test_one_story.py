"""One story: every sentence of the page is made from the figures that stand beside it, in every preset, month and language."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from perpetuum.model.observed.states import Definition
from perpetuum.model.presets import preset_names
from perpetuum.model.words.catalogue import LANGUAGES
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import cash, panels, tour
from perpetuum.visualization.app.dials import dials, funders
from perpetuum.visualization.app.frames import frame
from perpetuum.visualization.app.happened import told as happened
from perpetuum.visualization.app.inspector import inspect
from perpetuum.visualization.app.session import WATCHED, Session, Start
from perpetuum.visualization.app.verdict import figures, sentence, standing, state

#: What says that customers pay for all, and what says that they do not.
PAYS = {
    "en": ("customers pay for running and building", "stands alone", "pays for itself", "self-financing", "ON ITS OWN"),
    "zh": ("客户付款足以覆盖", "自立", "已能自给", "缩小而自给"),
}
DOES_NOT = {
    "en": ("outside money", "outsiders still pay", "money from outside"),
    "zh": ("外部资金", "外部出钱", "以外的资金"),
}
#: What was once, which says nothing of now.
PASSAGE = {"en": "; first stood alone in [^·]*", "zh": "；首次自立：[^·]*"}
#: What a sentence says of how far sales are under their peak, of months of a year, and of cash.
UNDER = {"en": r"sales are (\d+) % under their peak", "zh": r"销售(?:自.*?起)?较峰值低(\d+)%"}
OF_A_YEAR = {"en": r"(\d+) of 12 months", "zh": r"第(\d+)个月，满12个月"}
GONE = {"en": r"without (?:its|the vendor's) finance (\S+) %? ?of its", "zh": r"没有供应商融资，其销售额将减少(\S+?)%"}
CASH = {
    "en": r"(?:has cash for|cash for) (over 5 years|\d+ months?)",
    "zh": r"(?:(?<!没有芯片商，)只够|可支撑)(\d+个月|5年以上)",
}
#: Of the smallest machine: what the lab lacks, what it has, and for how many months that lasts without the vendor's money.
ALONE = {
    "en": (r"lacks \$([\d.]+)bn", r"cash stays at \$([\d.]+)bn", r"without the vendor it would last (\d+)"),
    "zh": (r"每月缺([\d.]+)亿", r"现金保持在([\d.]+)亿", r"没有芯片商，只够(\d+)"),
}
#: For how many months the tank above the ring says that cash lasts, without the vendor's money or with what there is.
TANK = {
    "en": (r"for (\d+) months? without the vendor", r"for (\d+) months?$"),
    "zh": (r"没有芯片商可支撑(\d+)", r"，可支撑(\d+)"),
}
#: What the sentence of the smallest machine says of cash that runs out.
ENOUGH = {"en": r"enough for (\d+)", "zh": r"还够(\d+)"}
NUMBER = r"[−<]?[\d.]+"
LITTLE = ("<", "不到")


def number(text: str) -> float:
    """A share as it is written, in per cent: `<1 %` is half a per cent."""
    return 0.5 if text.startswith(LITTLE) else float(re.search(NUMBER, text).group().replace("−", "-"))


class Shown:
    """Everything in words that stands on the page at the end of a month."""

    def __init__(self, session: Session, language: str):
        self.session, self.language = session, language
        self.words = words = Words(language, session.economy.scenario.definition.industry)
        self.seen = seen = figures(session, WATCHED)
        self.state, self.standing = state(session, WATCHED, seen), standing(session, WATCHED, seen)
        self.said = sentence(words, session, seen, self.state, self.standing)
        self.text = " · ".join((self.said.lead, self.said.detail, self.said.since))
        self.own, self.ratio, self.cover = dials(words, [seen])
        self.running, self.building = (float(mark.short) for mark in self.ratio.marks)
        self.payers = funders(words, session, WATCHED)
        lab = session.economy.lead_lab.name
        self.sheet = {item.label: item.value for s in inspect(words, session, lab).sections for item in s.items}
        self.node = next(node for node in frame(session)["nodes"] if lab in node["agents"])
        self.lab = lab

    # --- what may be wrong: each yields sentences ------------------------------------------------------------------

    def wrong(self):
        """All contradictions."""
        checks = (
            self.pays,
            self.ranges,
            self.sales,
            self.months,
            self.vendor,
            self.money,
            self.alone,
            self.failed,
            self.fell,
        )
        for check in checks:
            yield from (f"{check.__name__}: {fault}" for fault in check())

    def pays(self):
        """State against ratio; at the end the verdict is of another month, and what has changed since stands beside it."""
        later = self.words.knows("verdict.later") and self.standing.state != self.state.name
        if self.session.ended and later:
            return
        opposite = DOES_NOT if self.building >= 1 else PAYS
        text = re.sub(PASSAGE[self.language], "", self.text)
        yield from (f"'{one}' beside {self.building}" for one in opposite[self.language] if one in text)
        if self.building > self.running and self.ratio.marks[1].text == self.words(
            "dial.ratio_building", ratio=self.ratio.marks[1].short
        ):
            yield f"with building {self.building}, more than running alone, {self.running}"
        if self.state.name in ("customers", "outside") and (self.running >= 1) != (self.state.name == "customers"):
            yield f"{self.state.name} beside running {self.running}"

    def ranges(self):
        """A value lies in its range, in the sentence as on the dial; the gauge holds both."""
        share, low, high, _ = (number(part) for part in re.findall(NUMBER, self.said.facts[0]))
        if not low <= share <= high:
            yield f"{share} is not within {low} to {high}"
        mark = self.own.marks[0]
        if [share, low, high] != [number(part) for part in re.findall(NUMBER, mark.whole)]:
            yield f"'{self.said.facts[0]}' beside '{mark.whole}'"
        if not all(one <= self.own.full for one in (mark.at, mark.low, mark.high)):
            yield f"{mark.whole} beyond the gauge's end {self.own.full}"
        parts = sum(number(part["short"]) for part in self.payers["parts"])
        if self.payers["parts"] and not 94 <= parts <= 106:  # every part is rounded; where nobody buys there is none
            yield f"payers add up to {parts} %"

    def sales(self):
        """How far sales are under their peak fits the state."""
        limit, found = Definition(), re.search(UNDER[self.language], self.text)
        bounds = {"halved": (100 * (1 - limit.fallen_sales), 100), "shrinking": (25, 50), "smaller": (25, 50)}
        if found and self.state.name in bounds:
            low, high = bounds[self.state.name]
            if not low <= int(found.group(1)) <= high:
                yield f"{found.group()} in '{self.said.lead}'"

    def months(self):
        """What is provisional has not lasted for a year; what has is not."""
        found = re.search(OF_A_YEAR[self.language], self.text)
        if found and not 1 <= int(found.group(1)) <= 11:
            yield found.group()
        confirmed = self.standing.confirmed or self.session.ended or self.state.name == "fallen"
        if bool(found) == confirmed and self.state.name != "halved" and not cash.asks(self.session):
            yield f"'{self.said.since}' where confirmed is {confirmed}"

    def vendor(self):
        """What would be gone without the vendor's finance is the caused share beside it."""
        found = re.search(GONE[self.language], self.text)
        caused = re.findall(NUMBER, self.said.facts[0])[3]
        if found and number(found.group(1)) != number(caused):
            yield f"{found.group()} beside {self.said.facts[0]}"

    def money(self):
        """Whoever tells how long the lab's cash lasts tells the same."""
        label, value = self.words("reading.runway.name"), None
        value = self.sheet.get(label)
        told = re.findall(CASH[self.language], " ".join((self.text, *self.said.facts)))
        if value and any(self.told(one) != self.told(value) for one in told):
            yield f"{told} beside {value}"
        months = self.node["figures"].get("runway", 0.0)  # to a tenth of a month: half a month may be either of two
        if value and self.told(value) not in [self.told(self.words.cash(months + off)) for off in (-0.05, 0.05)]:
            yield f"{months} beside {value}"

    def alone(self):
        """The smallest machine's cash, what it lacks and its months fit each other, and the tank above the ring says the same."""
        if not cash.asks(self.session):
            return
        desk = SimpleNamespace(words=self.words, session=self.session, once=lambda _, work: work())
        tank = tour.tank(desk, WATCHED)["told"]
        without, lasts = (re.search(pattern, tank) for pattern in TANK[self.language])
        lacks, has, months = (re.search(pattern, self.text) for pattern in ALONE[self.language])
        if months:
            exact = float(has.group(1)) / float(lacks.group(1))
            if not int(months.group(1)) <= exact < int(months.group(1)) + 1:
                yield f"{months.group()} of {exact}"
            if not without or without.group(1) != months.group(1):
                yield f"{months.group()} beside {tank}"
        enough = re.search(ENOUGH[self.language], self.text)
        if enough and lasts and not without and lasts.group(1) != enough.group(1):
            yield f"{enough.group()} beside {tank}"

    @staticmethod
    def told(text: str) -> str:
        return "".join(re.findall(r"\d+", text))

    def failed(self):
        """A lab that has defaulted covers nothing and has no runway, wherever one looks."""
        marks = self.session.economy.core_events[f"default:{self.lab}"][self.session.row(WATCHED)]
        if not marks.any():
            return
        if self.cover.marks[0].text != self.words("dial.cover_failed"):
            yield f"covered {self.cover.marks[0].text}"
        kept = [name for name in ("runway", "cover") if self.words(f"reading.{name}.name") in self.sheet]
        yield from (f"{name} in its books" for name in kept)
        if "runway" in self.node["figures"]:
            yield "runway on the picture"
        if not cash.asks(self.session):
            yield from re.findall(CASH[self.language], " ".join((self.text, *self.said.facts)))
        at = int(marks.argmax())
        for tab, line in (("money", "lead_lab_runway"), ("firms", "commitment_cover")):
            drawn = panels.panel_data(self.session, tab)["watched"][line]
            if any(value is not None for value in drawn[at:]):
                yield f"{line} is drawn after the default"

    def fell(self):
        """A fall by a default stands in the journal too, in its month; the first of the dominoes is the first."""
        first = self.session.economy.scenario.definition.start
        lines = happened(self.words, self.session, 10_000)
        name = self.words.firm(self.state.who).lower()
        if (self.state.why == "default" or self.state.name == "domino") and not any(
            line.month == self.state.month and line.weight == "default" and name in line.text.lower() for line in lines
        ):
            yield f"no default of {name} in {self.words.month_of(first, self.state.month)} in the journal"
        if self.state.name == "domino":
            marks = self.session.economy.core_events
            others = {
                key
                for key, months in marks.items()
                if key.startswith("default:") and months[self.session.row(WATCHED), : self.state.month].any()
            }
            known = f"default:{self.state.who}" in others
            if self.state.why != ("again" if known else "another" if others else "first"):
                yield f"{self.state.why} after {others}"


def contradictions(start: Start, months: int, every: int = 1) -> list[str]:
    """What is wrong on the page of a world, month by month."""
    session, found = Session(start), []
    while session.month < min(months, session.horizon):
        session.step()
        if session.month % every == 0 or session.ended:
            for language in LANGUAGES:
                shown = Shown(session, language)
                found += [
                    f"{start.preset} month {session.month} {language}: {fault}; {shown.text}" for fault in shown.wrong()
                ]
    return found


#: Worlds that see every state: the smallest machine on its edge and over it, and the large ones calm and squeezed.
FEW = [
    Start("triangle", settings={"vendor_finance.scale": 0.5}, months=9),
    Start("triangle", months=24),
    Start("triangle", settings={"vendor_finance.scale": 0.0, "lead_lab.cash": 9.5}, months=8),
    Start("ono_2023", settings={"funding.tightening": 1.0}, months=72),
    Start("telecom_1999", settings={"funding.tightening": 1.0}),
]
ALL = [Start(preset, settings=more) for preset in preset_names() for more in ({}, {"funding.tightening": 1.0})]


@pytest.mark.parametrize("start", FEW, ids=lambda start: f"{start.preset} {start.settings}")
def test_no_sentence_contradicts_a_figure_beside_it(start):
    assert contradictions(start, 100, every=4) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", ALL, ids=lambda start: f"{start.preset} {start.settings}")
def test_no_sentence_contradicts_a_figure_beside_it_in_any_preset_month_and_language(start):
    assert contradictions(start, 600) == []
