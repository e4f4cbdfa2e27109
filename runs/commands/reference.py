"""The reference in `runs/README.md`: commands, options, files and series, from the command line's own help and the registry.

uv run python -m perpetuum.runs.commands.reference      # writes it anew; a test compares
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from perpetuum.runs.commands.cli import app

#: Files by the commands that write them: what each holds.
FILES = {
    "run": {
        "`answer.txt`": "the whole answer, which the screen has in short, 80 columns wide, in the language of the command",
        "`summary.json`": "all that the screen shows, and more: shares with intervals, pairs, first dominoes, rings, reckoning, "
        "metrics (median, 5th and 95th percentile), the loose twin, the other readings, the ladder",
        "`worlds.parquet`": "one row a world and arm (`asked`, `loose`): parameters, verdict, first domino, metrics",
        "`series.parquet`": "one row a world, arm and month: the series below",
        "`firms.parquet`": "one row a world, arm (`asked`, `loose`) and firm, of the months judged, $bn: month of its first "
        "default (-1 never) and cause, months in breach of a covenant and the first one, month of its first rescue, `distress` "
        "(share of the 24 months before its default, or before the end, with cover below 1; empty where it has none), debt "
        "today and at the default, and by class of creditors (`secured`, `unsecured`, `vendor`, `trade`) what was owed and "
        "recovered then; a guarantor's payment counts as recovered and stands in `guaranteed` too; `shares_` and class: worth "
        "of the shares that they get in the restructuring, in that month; `loss`: per dollar lent (secured, unsecured, vendor), "
        "1 - recovered / owed, and `loss_after_shares` with the shares too, at their price eleven months later "
        "(`share_price_later`: a multiple of that in the restructuring); both empty where the firm owes nothing today",
        "`events.parquet`": "what happened and why: month, world, who, kind, whom, cause, amount ($bn), and a sentence",
        "`manifest.json`": "what it takes to run it again: preset, settings, seeds, every parameter, versions, wall time",
        "`fans.png`, `fans.svg`": "revenue, capital spending and prices in both arms, with bands",
        "`who_funds_the_machine.png`, `who_funds_the_machine.svg`": "the vendors' revenue stacked by the dye of its dollars",
        "`states.png`, `states.svg`": "which share of the worlds has fallen, stands alone, is smaller or spins, by month",
        "`outside_money.png`, `outside_money.svg`": "who pays what AI's customers do not, by year",
        "`life_lost.png`, `life_lost.svg`": "months of life lost by when funding tightens and how hard",
        "`unknowns.png`, `unknowns.svg`": "the odds at both ends of each unknown, and what decides them",
        "`ladder.png`, `ladder.svg`": "with `--ladder`: shares of the states by degree of tightening, with past squeezes",
        "`money_ring.png`, `money_ring.svg`": "the ring as a flow diagram, before the tightening and at the end",
        "`report.html`": "with `--report`: all of it in one file, see `perpetuum report`",
    },
    "report": {
        "`report.html`": "the whole report in one file: no server, no internet, no other file",
    },
    "sweep": {
        "`study.toml`": "the study, to be run again",
        "`worlds.parquet`": "a row a world: `world`, `replicate`, `seed`, every varied parameter, the verdict (`state` "
        "at the last month judged, `fallen_month`, `alone_month`, `cause`, `life`), the metrics, "
        "of every firm `default:<firm>` (month of its first default, -1 never) and `loss:<firm>` (per dollar that it owes today: "
        "1 - recovered / owed at its first default, 0 without one; empty where it owes nothing), and `error` where it failed",
        "`series.parquet`": "with `--series`: a row a world and month",
        "`summary.json`": "shares of the states over all worlds, metrics (median, 5th and 95th percentile)",
        "`manifest.json`": "the description, fingerprints of preset and code, versions, times",
    },
    "tip": {
        "`summary.json`": "the answer, every probe with intervals",
        "`probes.parquet`": "a row a world and probe (`--when`: `worlds.parquet`, last month of each fallen world; "
        "`--hysteresis`: `paths.parquet`, a row a world, arm and month; `--map`: `life_lost.parquet` and `.csv`, a row a start "
        "and strength: months of life lost within five years of the start with their interval, the pairs of worlds not fallen by "
        "then that they are the mean of, `unconditional`, the mean over all pairs to the end, with its interval, and "
        "`beyond_chance`: more is lost than chance would bring somewhere among so many cells; `--channels`: "
        "`channels.parquet` and `.csv`, the same by channel and start, `together` all of them, `sign` 1 where life is lost "
        "beyond chance among so many cells and -1 where it is gained; `--stop`: "
        "`stop_test.parquet` and `.csv`, a row a stop and event: months until it, median, 10th (`low`) and 90th percentile "
        "(`high`) of worlds not fallen at the stop, empty where it never comes, and the share of never with its interval)",
        "`study/`": "with `--map`, `--channels` and `--stop`: their worlds, as the folder of a sweep",
        "`manifest.json`": "what it takes to run it again",
        "`tip`, `across`, `no_return`, `hysteresis`, `life_lost`, `channels` or `stop_test`, `.png` and `.svg`": "the figure",
    },
    "autopsy": {
        "`summary.json`": "shares of every payoff, with intervals",
        "`shapley.parquet`, `coalitions.parquet`": "shares; a row a coalition and replicate",
        "`story.txt`, `story.json`": "the story of one world, in order and as a tree of causes",
        "`manifest.json`": "what it takes to run it again",
        "`autopsy.png`, `autopsy.svg`": "the shares",
    },
    "sensitivity": {
        "`summary.json`": "what survived the screening, indices, convergence",
        "`morris.parquet`, `sobol.parquet`": "elementary effects; indices of first and total order",
        "`manifest.json`": "what it takes to run it again",
        "`screening.png`, `sensitivity.png`, and `.svg`": "the figures",
    },
}

HEAD = """# Reference: commands, options, files, series

Written by `uv run python -m perpetuum.runs.commands.reference` from the command line's own help and the registry.

What lies behind the commands: [screen/README.md](screen/README.md) (how to read the answer), [study/README.md](study/README.md)
(sweeps, files of studies, Dask, what happens when something goes wrong) and [questions/README.md](questions/README.md) (tipping
points, blame, sensitivity, comparison).

Each command has `--help`; most have `--json` for machines; `python -m perpetuum.runs` is the same as `perpetuum`. Exit code
0 is fine, 2 means that the input was wrong (one sentence says what, and what is allowed) or that the files cannot be written
(no permission, a full disk), 130 that Ctrl-C stopped it, 1 is a fault of the program. A folder appears whole or not at all;
one that holds an earlier run or anybody's files is refused but for `--force`, a study is continued, and one on which another
program is at work is refused; what a killed program has left hidden beside it, or in it on another disk, goes when the next
one comes. A preset's file is read once by a command; workers, which read it themselves, refuse another one.
Numbers are written in the digits 0 to 9 (`0.7`, `1e-3`), in files and addresses too: `1_000` in quotes, `1,5` and digits of other
scripts are refused.
"""


def reference() -> str:
    """The whole text of `runs/README.md`."""
    return "\n".join([HEAD, *_commands(), *_squeezes(), *_series()])


def _commands() -> Iterator[str]:
    group: Any = typer.main.get_command(app)
    context = typer.Context(group, info_name="perpetuum")
    for name, command in group.commands.items():
        own = typer.Context(command, info_name=name, parent=context)
        yield f"## `perpetuum {' '.join([name, *command.collect_usage_pieces(own)])}`\n"
        yield _paragraphs(command.help or "")
        records = [record for parameter in command.params if (record := parameter.get_help_record(own))]
        yield from _table(("option", "meaning"), [(f"`{option}`", _cell(meaning)) for option, meaning in records])
        if name in FILES:
            yield from _table(("file", "holds"), list(FILES[name].items()))


def _paragraphs(text: str) -> str:
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    said = [f"    {part.partition(':')[2].strip()}" if part.startswith("Example:") else _cell(part) for part in parts]
    return "\n\n".join(said) + "\n"


def _squeezes() -> Iterator[str]:
    from perpetuum.model.surroundings.past_squeezes import DERIVED, HISTORY, WHOLLY_REFUSED

    yield "## Squeezes of the past\n"
    yield (
        "What `run --like YEAR` sets, as ordinary parameters: `funding.tightening` to 1, how long it takes to build up and to go "
        "away, and for each channel how far it went (the worst month or year against the calm before) and the months that it "
        "stayed there, `funding.hold_...`. `funding.hold_months` is the longest time of a channel that tightened; when it starts "
        "is the scenario's own. What stands as *estimate* has no published figure. Investment-grade spreads, lenders' new money "
        "and refusals to roll debt over last as long as high-yield spreads, `funding.hold_spreads`. Of refusals there is no "
        "record at all: *derived* says from what.\n"
    )
    for episode in HISTORY:
        yield f"### {episode.name}\n"
        yield f"From {episode.start}; builds up in {episode.ramp} months, goes away in {episode.release}.\n"
        rows = [
            (
                f"`funding.{one.parameter}`",
                f"{one.value:g}",
                f"{one.low:g} to {one.high:g}",
                f"{one.hold}",
                _cell("; ".join(filter(None, (one.source, one.estimate and f"*estimate*: {one.estimate}")))),
            )
            for one in episode.readings
        ]
        refused, spreads = f"funding.channel_{DERIVED}", episode.reading("spread_rise")
        rows.append(
            (
                f"`{refused}`",
                f"{episode.overrides()[refused]:g}",
                "",
                f"{spreads.hold}",
                f"*derived*: `funding.spread_rise` over {WHOLLY_REFUSED:g}, 1 at most",
            )
        )
        yield from _table(("parameter", "value", "range", "months", "source"), rows)


def _series() -> Iterator[str]:
    from perpetuum.model.observed.measures import MEASURES, SERIES

    yield "## Series\n"
    yield (
        "Columns of `series.parquet`, after `world`, `month` and `date`; stocks at the month's end. Those in italics are "
        "computed only where `--series` names them.\n"
    )
    rows = [
        (f"`{name}`" if name in SERIES else f"*`{name}`*", measure.unit, _cell(measure.help))
        for name, measure in MEASURES.items()
    ]
    yield from _table(("series", "unit", "meaning"), rows)


def _cell(text: str) -> str:
    """Text that stands in a table's cell as it is; words that a shell would take stand as code."""
    text = " ".join(text.replace("|", "\\|").replace("  [", " [").split())
    return re.sub(r"(?<![`\w-])(--[a-z][a-z-]*|[a-z_]+\.[a-z_]+(?:=\S+)?)(?![`\w])", r"`\1`", text)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    target = Path(__file__).resolve().parents[1] / "README.md"
    target.write_text(reference(), encoding="utf-8")
    print(f"{target}: {len(reference()) // 1000} KB")
