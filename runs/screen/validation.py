"""The validation table on the screen, and as the document `model/VALIDATION.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType

from perpetuum.model.words.speech import say
from perpetuum.runs.screen import layout
from perpetuum.runs.screen.layout import Paragraph, quiet, section, table
from perpetuum.runs.study.scored import PRIORS, TEST_ORIGIN

Told = Mapping[str, Any]

#: Share of outcomes inside the 10-90 bands that was asked of the test.
COVERAGE_ASKED = 0.60, 0.95

#: Below this a figure is rounding.
SMALLEST = 1e-9
_SECTIONS = ("books", "article", "returns", "expectations")


def show(told: Told, preset: str, seed: int, console: Console) -> None:
    """Print what `Validation.told` says."""
    parts: list[RenderableType] = [_rows(told, name) for name in _SECTIONS[:2]]
    parts += [_hindcast(origin, one) for origin, one in told["hindcast"].items()] or [quiet(say("validate.no_hindcast"))]
    parts += [_telecom(told["telecom"])] if told["telecom"] else []
    if told["fits"]:
        parts.append(section(say("validate.fits"), "", *(Paragraph(line) for line in fits(told))))
    parts += [_rows(told, name) for name in _SECTIONS[2:]]
    parts += [quiet(logged(told["logged"]))] if told["hindcast"] else []
    layout.show(console, quiet(say("validate.title", preset=preset, seed=seed)), *parts)


def logged(log: Told | None) -> str:
    """Where the scores of this look were logged, and whether it was the first."""
    if log is None:
        return say("validate.logged_nowhere")
    return say("validate.logged" if log["rows"] else "validate.logged_before", rows=log["rows"], file=log["file"])


def claim(name: str) -> str:
    """A claim or a series in words."""
    return say(f"validate.claim.{name}")


def verdict(row: Told) -> str:
    """A verdict in words."""
    return say(f"validate.verdict.{row['verdict']}")


#: Claims whose figures are calendar years.
IN_YEARS = ("profit",)


def number(value: float | None) -> str:
    """A figure with three digits that say something."""
    if value is None:
        return ""
    told = f"{value:,.0f}" if abs(value) >= 1000 else f"{value if abs(value) > SMALLEST else 0.0:.3g}"
    return told.replace("-", "−")


def cells(row: Told) -> tuple[str, str, str, str, str]:
    """Claim, model, interval, fact, verdict."""
    of = _year if row["claim"] in IN_YEARS else number
    interval = "" if row["low"] == row["high"] else say("validate.from_to", low=of(row["low"]), high=of(row["high"]))
    return claim(row["claim"]), of(row["model"]), interval, of(row["fact"]), verdict(row)


def _year(value: float) -> str:
    return f"{value:.0f}"


def heads(name: str) -> tuple[str, str, str, str, str]:
    """Names of the columns."""
    middle = "interval" if name == "expectations" else "range"
    return tuple(say(f"validate.head_{one}") for one in ("claim", "model", middle, "fact", "verdict"))  # type: ignore[return-value]


def _rows(told: Told, name: str) -> RenderableType:
    rows = table(*zip(heads(name), ("left", "right", "right", "right", "left"), strict=True), wrapped=(0,))
    for row in told[name]:
        rows.add_row(*cells(row))
    return section(say(f"validate.{name}"), "", rows)


def scored(one: Told) -> list[tuple[str, str, str, str]]:
    """A hindcast's lines: the model, the same fitted on the year before, the better informed of both with what rests on hindsight
    held at its middle and with the model's discrepancy, the rulers, then the model by series, by its priors.
    """
    lines = [
        (say(f"validate.{row}"), number(told["error"]), say.percent(told["coverage"]), number(told["crps"]))
        for row, told in (
            ("model_row", one),
            ("fitted_row", one.get("fitted")),
            ("held_row", one.get("without_hindsight")),
            ("wide_row", one.get("with_discrepancy")),
        )
        if told
    ]
    for ruler in one["crps_of_rulers"]:
        lines.append((say(f"validate.ruler.{ruler}"), number(one[ruler]), "", number(one["crps_of_rulers"][ruler])))
    if one.get("fitted"):
        lines.append((say("validate.by_series"), "", "", ""))
    for name, score in one["series"].items():
        lines.append((f"  {claim(name)}", number(score["error"]), say.percent(score["inside"]), number(score["crps"])))
    return lines


def apart(one: Told) -> list[tuple[str, str, str, str]]:
    """What is reported beside a hindcast's scores."""
    return [(claim(n), number(s["error"]), say.percent(s["inside"]), number(s["crps"])) for n, s in one["finance"].items()]


def fits(told: Told) -> list[str]:
    """How fits were made, and what each says of which parameters, in sentences."""
    lines = [say("validate.fits_how"), say("validate.fits_knew")]
    for one in told["fits"]:
        both = {
            name: say.listed([say.parameter(parameter) for parameter in one[name]]) if one[name] else say("validate.none")
            for name in ("identified", "not_identified")
        }
        sizes = {"fit": one["fit"], "known": one["known"]}
        if one["bound"] is None:
            lines.append(say("validate.fit_untold", **sizes, command=one["command"]))
        else:
            key = "validate.fit" if one["identified"] else "validate.fit_nothing"
            lines.append(say(key, **sizes, **both, bound=number(one["bound"])))
    return lines


def score_heads() -> tuple[str, str, str, str]:
    """Names of a hindcast's columns."""
    return tuple(say(f"validate.head_{one}") for one in ("model", "error", "coverage", "crps"))  # type: ignore[return-value]


def _hindcast(origin: str, one: Told) -> RenderableType:
    tables = []
    for lines in (scored(one), apart(one)):
        rows = table(*zip(score_heads(), ("left", "right", "right", "right"), strict=True), wrapped=(0,))
        for line in lines:
            rows.add_row(*line)
        tables.append(rows)
    asked = [quiet(asked_of(one))] if origin == TEST_ORIGIN else []
    return section(say("validate.hindcast", origin=origin), "", tables[0], *asked, quiet(say("validate.finance")), tables[1])


def asked_of(one: Told) -> str:
    """What was asked of the test before it was opened, and which of it is met, by the better informed draw, in a sentence."""
    best = one.get("fitted") or one
    better = min(one["crps_of_rulers"][ruler] for ruler in ("trend", "trend_6"))
    parts = {
        "error": (number(best["error"]), best["error"] < one["trend"], {"limit": number(one["trend"])}),
        "aim": (number(best["error"]), best["error"] < one["trend_6"], {"limit": number(one["trend_6"])}),
        "coverage": (
            say.percent(best["coverage"]),
            COVERAGE_ASKED[0] <= best["coverage"] <= COVERAGE_ASKED[1],
            {"low": say.percent(COVERAGE_ASKED[0]), "high": say.percent(COVERAGE_ASKED[1])},
        ),
        "crps": (number(best["crps"]), best["crps"] < better, {"limit": number(better)}),
    }
    told = [
        say(f"validate.asked_{name}", found=found, verdict=say(f"validate.verdict.{'met' if met else 'missed'}"), **limits)
        for name, (found, met, limits) in parts.items()
    ]
    return say("validate.asked", told=say("list.semicolon").join(told))


def failed(one: Told) -> list[tuple[str, str, str, str, str]]:
    """The unscored forecast of the telecom machine: firms in the order in which they fail."""
    lines = []
    for row in one["forecast"]["failures"]:
        when = row["date"] or say("validate.never")
        months = say("validate.from_to", low=number(row["low"]), high=number(row["high"])) if row["date"] else ""
        lines.append((say.firm(row["firm"]), say.share(row["share"]), say.share(row["first"]), when, months))
    return lines


def failed_heads() -> tuple[str, str, str, str, str]:
    """Names of its columns."""
    return tuple(say(f"validate.head_{one}") for one in ("firm", "fails", "first", "when", "months"))  # type: ignore[return-value]


def fallen(one: Told) -> str:
    """How far vendors' sales fall, in a sentence."""
    fall = one["forecast"]["drawdown"]
    return say("validate.drawdown", **{name: say.percent(fall[name]) for name in ("median", "low", "high")})


def _telecom(one: Told) -> RenderableType:
    scores = table(*zip(score_heads(), ("left", "right", "right", "right"), strict=True), wrapped=(0,))
    for line in scored(one):
        scores.add_row(*line)
    order = table(*zip(failed_heads(), ("left", "right", "right", "right", "right"), strict=True), wrapped=(0, 4))
    for row in failed(one):
        order.add_row(*row)
    title = say("validate.telecom", origin=one["origin"])
    return section(title, "", scores, quiet(say("validate.unscored")), quiet(fallen(one)), order)


def _markdown(names: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(names)} |", f"|{'---|' * len(names)}", *(f"| {' | '.join(line)} |" for line in lines), ""]


def fits_section(told: Told) -> list[str]:
    """The part of the document that says how what is unknown was fitted; nothing where no fit ships."""
    if not told["fits"]:
        return []
    lines = [f"## {say('validate.fits')}", ""]
    for line in fits(told):
        lines += [line, ""]
    commands = [f"uv run {one['command']}" for one in told["fits"]]
    return [*lines, "```console", *(f"$ {command}" for command in commands), "```", ""]


def heading() -> str:
    """How the text of `model/VALIDATION.md` begins, whatever was validated."""
    return f"# {say('validate.title', preset='', seed='').partition(' · ')[0]}"


def scores_section(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """The part of the document that has every score of the test that was logged; nothing where none was."""
    of_test = [row for row in rows if row["origin"] == TEST_ORIGIN]
    if not of_test:
        return []
    heads = [say(f"validate.head_{one}") for one in ("date", "code", "draws", "of", "error", "coverage", "crps")]
    lines = [
        (
            *(row["date"], row["code"], row["draws"], f"{row['worlds']}, {row['seed']}"),
            *(row["error"], say.percent(float(row["coverage"])), row["crps"]),
        )
        for row in of_test
    ]
    codes, draws = ({row[name] for row in of_test} for name in ("code", "draws"))
    fits = {draw.partition(",")[0] for draw in draws if not draw.startswith(PRIORS)}
    note = say("validate.every_score_note", n=len(of_test), codes=len(codes), fits=len(fits))
    return [f"## {say('validate.every_score', origin=TEST_ORIGIN)}", "", note, "", *_markdown(heads, lines)]


def document(told: Told, preset: str, seed: int, rows: Sequence[Mapping[str, str]] = ()) -> str:
    """The text of `model/VALIDATION.md`; `rows`: the log of scores."""
    text = [
        f"# {say('validate.title', preset=preset, seed=seed)}",
        "",
        "Written by `uv run perpetuum validate --out model/VALIDATION.md`.",
        "",
    ]
    for name in _SECTIONS[:2]:
        text += [f"## {say(f'validate.{name}')}", "", *_markdown(heads(name), [cells(row) for row in told[name]])]
    for origin, one in told["hindcast"].items():
        text += [f"## {say('validate.hindcast', origin=origin)}", "", *_markdown(score_heads(), scored(one))]
        text += [asked_of(one), ""] if origin == TEST_ORIGIN else []
        text += [f"{say('validate.finance')}:", "", *_markdown(score_heads(), apart(one))]
    if one := told["telecom"]:
        text += [f"## {say('validate.telecom', origin=one['origin'])}", "", *_markdown(score_heads(), scored(one))]
        text += [f"{say('validate.unscored')} {fallen(one)}", "", *_markdown(failed_heads(), failed(one))]
    text += fits_section(told)
    for name in _SECTIONS[2:]:
        text += [f"## {say(f'validate.{name}')}", "", *_markdown(heads(name), [cells(row) for row in told[name]])]
    text += scores_section(rows)
    return "\n".join(text).rstrip() + "\n"
