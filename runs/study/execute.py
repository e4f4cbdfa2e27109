"""Running a study: what is missing in its folder is cut into batches, simulated anywhere, and written as it comes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from perpetuum.model.errors import InputError
from perpetuum.model.given import as_given
from perpetuum.runs.study import fingerprint
from perpetuum.runs.study.batches import Progress, run_batch
from perpetuum.runs.study.description import Study
from perpetuum.runs.study.executors import cut, open_engine
from perpetuum.runs.study.folder import StudyFolder
from perpetuum.runs.study.manifest import read_summary


class StudyStopped(KeyboardInterrupt):
    """The user stopped the study; the message says what is kept and how to go on."""


def run_study(
    study: Study,
    folder: str | Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    batch: int | None = None,
    progress: Progress | None = None,
    csv: bool = False,
) -> dict[str, Any]:
    """Simulate what is missing of a study and put it into its folder; returns the content of summary.json.

    `workers`: processes on this machine (1: this one alone); `scheduler`: address of a Dask scheduler instead; `batch`:
    worlds simulated together (None: what suits). `progress(done, total)` counts worlds, those of earlier runs included.
    The tables are the same to the byte whatever these are, and however often the study was stopped and resumed. Raises
    InputError for a folder that holds something else, a disk that is full, workers that die again and again, a scheduler
    that does not answer; StudyStopped for Ctrl-C. Batches that are finished are kept in every case.
    """
    if not isinstance(study, Study):
        raise InputError(f"a study is what make_study or read_toml returns, not {as_given(study)}")
    with StudyFolder(folder) as target:
        if target.compare(study) and target.finished:
            target.open(study)
            if csv and not (target.path / "worlds.csv").is_file():
                target.write_csv()
            if progress is not None:
                progress(study.worlds, study.worlds)
            return read_summary(target.path)
        study.check()
        done = 0
        try:
            with open_engine(workers, scheduler=scheduler) as engine:
                target.open(study)
                missing = target.missing()
                done = study.worlds - sum(last - first for first, last in missing)
                simulate = fingerprint.OnTheSameProgram(run_batch, study.preset, study.preset_hash, study.code_hash)
                tasks = (((first, last), study.batch(first, last)) for first, last in cut(missing, engine.workers, batch))
                for (first, last), result in engine.run(simulate, tasks):
                    target.write(result, first, last)
                    done += last - first
                    if progress is not None:
                        progress(done, study.worlds)
            return target.finish(csv)
        except KeyboardInterrupt:
            raise StudyStopped(
                f"stopped with {done} of {study.worlds} worlds done, which are kept in '{target.path}': "
                "run the same again to go on"
            ) from None
