"""The scripts that the page brings: what the browser has to know before any component comes."""

from __future__ import annotations

import re
from pathlib import Path

from perpetuum.visualization.app import scripts

APP = Path(scripts.__file__).parent
MIXIN = re.compile(r"window\.perpetuumMixins = window\.perpetuumMixins \|\| {}\)\.(\w+) = {")


def brought() -> list[str]:
    return re.findall(r"<script>(.*?)</script>", scripts.scripts(), re.DOTALL)


def test_the_page_brings_every_script_whole_and_each_once():
    told = brought()
    for file in (APP / "js").glob("*.js"):
        assert sum(one.endswith(file.read_text(encoding="utf-8")) for one in told) == 1, file.name


def test_every_part_that_a_component_is_put_together_from_is_on_the_page_and_none_is_idle():
    there = [name for script in brought() for name in MIXIN.findall(script)]
    asked = []
    for file in (APP / "vue").glob("*.vue"):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip().startswith("mixins:"):
                asked += [name for name in re.findall(r"\b(?:ring|chart)[A-Z]\w*", line)]
    assert sorted(there) == sorted(asked)
    assert there


def test_no_two_parts_of_a_component_know_a_method_by_the_same_name():
    method = re.compile(r"^    (\w+)\(.*\) {$", re.MULTILINE)
    for component, begins in (("machine", "ring_"), ("chart", "chart_")):
        files = [APP / "vue" / f"{component}.vue", *(APP / "js").glob(f"{begins}*.js")]
        names = [name for file in files for name in method.findall(file.read_text(encoding="utf-8"))]
        twice = {name for name in names if names.count(name) > 1} - {"arriving"}  # watched, and told by a computed value
        assert not twice, component
