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
    asked = [name for mixed, spread in map(parts_of, (APP / "vue").glob("*.vue")) for name in (*mixed, *spread)]
    assert sorted(there) == sorted(asked)
    assert there


def parts_of(file: Path) -> tuple[list[str], list[str]]:
    """What a component is put together from: by Vue as mixins, and by itself, methods one by one."""
    text = file.read_text(encoding="utf-8")
    mixed = re.findall(r"\bmixins:.*", text)
    return re.findall(r"perpetuumMixins\.(\w+)", " ".join(mixed)), re.findall(r"\.\.\.(\w+)\.methods", text)


def test_components_that_the_server_opens_name_no_mixins_which_ipyvue_does_not_hear():
    """The ring was put together from mixins, and stayed empty."""
    opened = {
        name for file in APP.glob("*.py") for name in re.findall(r'"vue/(\w+)\.vue"', file.read_text(encoding="utf-8"))
    }
    assert "machine" in opened
    assert "chart" not in opened
    assert [name for name in opened if "mixins:" in (APP / "vue" / f"{name}.vue").read_text(encoding="utf-8")] == []


def test_no_two_parts_of_a_component_know_a_method_by_the_same_name():
    method = re.compile(r"^    (\w+)\(.*\) {$", re.MULTILINE)
    for component, begins in (("machine", "ring_"), ("chart", "chart_")):
        files = [APP / "vue" / f"{component}.vue", *(APP / "js").glob(f"{begins}*.js")]
        names = [name for file in files for name in method.findall(file.read_text(encoding="utf-8"))]
        twice = {name for name in names if names.count(name) > 1} - {"arriving"}  # watched, and told by a computed value
        assert not twice, component
