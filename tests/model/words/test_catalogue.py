"""The catalogue of texts: both languages have the same, with the same places, and nobody asks for one that is missing."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest

from perpetuum.model.preset_rows import of_row
from perpetuum.model.presets import load_preset, preset_names
from perpetuum.model.roles import INDUSTRIES
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.speech import SEVERAL, Words
from perpetuum.visualization import app

PAGE = Path(app.__file__).parent
ROOT = PAGE.parent.parent
#: What a place of an f-string may be filled with stands as a word somewhere in these.
SOURCES = ("visualization", "model", "agents", "runs")
WORD = re.compile(r"\w+")
#: A place of an f-string, as a pattern.
PLACE = "(.+)"


def places(text):
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name is not None})


@cache
def nodes(path):
    """Every node of a module."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def modules():
    """Modules that ask for texts, each with its nodes, the whole of it first."""
    found = [path for folder in ("visualization", "runs", "model/words") for path in (ROOT / folder).rglob("*.py")]
    found.append(ROOT / "model" / "observed" / "events.py")
    return {path: nodes(path) for path in sorted(found)}


def pattern(node):
    """What a literal or an f-string may come to, as a regular expression; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else PLACE for part in node.values)
    return None


def asks_for_a_text(call):
    """Whether a call looks like `say("...")`, `words("...")`, `desk.words("...")` or `Words("zh")("...")`."""
    what = call.func
    called = what.func if isinstance(what, ast.Call) else what
    name = getattr(called, "attr", None) or getattr(called, "id", "")
    return name in ("words", "say") or (isinstance(what, ast.Call) and name == "Words")


def either(node):
    """An expression, or both sides of a choice."""
    return [*either(node.body), *either(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def asked_for():
    """Every text that a module asks for: module, line, pattern of the key."""
    for path, found in modules().items():
        for node in found:
            if isinstance(node, ast.Call) and node.args and asks_for_a_text(node):
                for part in either(node.args[0]):
                    if wanted := pattern(part):
                        yield path.name, node.lineno, wanted


def listed():
    """Texts asked for by a list of names, as in `{name: words(f"head.{name}") for name in TEXTS}`: module, key."""
    for path, found in modules().items():
        assigned = [node for node in found[0].body if isinstance(node, ast.Assign)]
        lists = {ast.unparse(node.targets[0]): node.value for node in assigned}
        for node in found:
            for loop in getattr(node, "generators", ()):
                source = lists.get(loop.iter.id) if isinstance(loop.iter, ast.Name) else loop.iter
                if isinstance(source, ast.Tuple) and isinstance(loop.target, ast.Name):
                    names = [name.value for name in source.elts if isinstance(name, ast.Constant)]
                    for call in ast.walk(node):
                        if isinstance(call, ast.Call) and call.args and asks_for_a_text(call):
                            wanted = ast.unparse(call.args[0])
                            if wanted.count("{") == 1 and wanted.endswith(f".{{{loop.target.id}}}'"):
                                yield from ((path.name, f"{wanted[2:].split('{')[0]}{name}") for name in names)


@cache
def filled_in():
    """All words that stand in a string of the program or in a preset."""
    words = set()
    for folder in SOURCES:
        for path in (ROOT / folder).rglob("*.py"):
            for node in nodes(path):
                if (told := pattern(node)) is not None:
                    told = re.sub(r"\\(.)", r"\1", told)
                    words.update((told, *WORD.findall(told)))
                elif isinstance(node, ast.FunctionDef):  # a series is named like its function
                    words.add(node.name)
    for path in (ROOT / "model" / "scenarios").glob("*.toml"):
        words.add(path.stem)
        words.update(WORD.findall(path.read_text(encoding="utf-8")))
    return words


@cache
def made_up():
    """Words that the page puts together, such as f"dye_{name}", as patterns."""
    patterns = {pattern(node) for found in modules().values() for node in found if isinstance(node, ast.JoinedStr)}
    return {wanted for wanted in patterns if re.fullmatch(r"\w+_\(\.\+\)|\(\.\+\)_\w+", wanted)}


def is_a_word(part):
    """Whether something that fills a place stands in the program, or is put together from what does."""
    if part in filled_in():
        return True
    found = (re.fullmatch(wanted, part) for wanted in made_up())
    return any(match and match.group(1) in filled_in() for match in found)


class Wanted:
    """Patterns of keys: those without a place are looked up as they are, the others tried by the letters they begin with."""

    def __init__(self, patterns):
        self.whole, self.by_head = {}, {}
        for one in patterns:
            head, place, _ = one.partition(PLACE)
            head = re.sub(r"\\(.)", r"\1", head)
            if place:
                self.by_head.setdefault(head, []).append(re.compile(one))
            else:
                self.whole[head] = one

    def fitting(self, key):
        """Every pattern that a key fits, with what fills its places."""
        if key in self.whole:
            yield self.whole[key], ()
        for length in range(len(key) + 1):
            for one in self.by_head.get(key[:length], ()):
                if found := one.fullmatch(key):
                    yield one.pattern, found.groups()


def is_used(key, wanted):
    for industry in (*INDUSTRIES, SEVERAL):  # its words are asked for under the keys that they replace
        key = key.removeprefix(f"{industry}.")
    return any(all(is_a_word(word) for part in parts for word in part.split(".")) for _, parts in wanted.fitting(key))


def test_every_text_is_there_in_every_language():
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    for language in LANGUAGES:
        assert keys[language] == keys["en"], sorted(keys[language] ^ keys["en"])


def test_texts_have_the_same_places_in_every_language():
    for language in LANGUAGES:
        differing = [key for key, text in catalogue("en").items() if places(catalogue(language)[key]) != places(text)]
        assert not differing


def test_an_industrys_own_text_asks_for_no_place_that_the_plain_one_lacks():
    texts = catalogue("en")
    own = [(key, f"{one}.") for one in (*INDUSTRIES, SEVERAL) for key in texts if key.startswith(f"{one}.")]
    pairs = [(key, key.removeprefix(one)) for key, one in own if key.removeprefix(one) in texts]
    assert len(pairs) > 50
    assert {key for key, plain in pairs if not set(places(texts[key])) <= set(places(texts[plain]))} == set()


def test_no_text_is_empty_in_one_language_or_left_in_the_other():
    english, chinese = catalogue("en"), catalogue("zh")
    assert not [key for key, text in english.items() if bool(text.strip()) != bool(chinese[key].strip())]
    copied = {key for key, text in english.items() if text == chinese[key] and re.search("[a-z]{4}", text)}
    # The switch of languages is in both, so that whoever came to the wrong one finds it.
    assert copied <= {"head.key_language"}


@pytest.mark.slow
def test_every_text_that_is_asked_for_exists():
    asked = list(asked_for())
    wanted = Wanted({one for _, _, one in asked})
    there = {one for key in catalogue("en") for one, _ in wanted.fitting(key)}
    missing = [f"{module}:{line} {one}" for module, line, one in asked if one not in there]
    missing += [f"{module} {key}" for module, key in listed() if key not in catalogue("en")]
    assert not missing


@pytest.mark.slow
def test_no_text_is_left_over():
    literals = (pattern(node) for found in modules().values() for node in found)  # keys in tables too
    wanted = {one for one in literals if one and "\\." in one and one != r"(.+)\.(.+)"}
    patterns = Wanted(wanted)
    left = sorted(key for key in catalogue("en") if not is_used(key, patterns))
    assert not left, "\n".join(left)


@pytest.mark.parametrize("preset", preset_names())
def test_every_unknown_of_a_preset_has_a_name_in_words(preset):
    known, nameless, firms = set(catalogue("en")), [], {agent.id for agent in load_preset(preset).agents}
    for name in (unknown.name for unknown in load_preset(preset).unknowns):
        firm, _, figure = name.rpartition(".")
        words = {f"firm.{firm}", f"firm_figure.{figure}"} if firm in firms else {f"parameter.{name}"}
        if (row := of_row(name)) is not None:
            words = {f"firm.{row.one}", f"firm.{row.other}", f"row_figure.{row.figure}"}
        nameless += sorted(words - known)
    assert not nameless


def test_a_figure_of_a_firm_is_named_with_its_firm():
    assert Words("en").parameter("lead_lab.revenue") == "revenue of the lead lab"
    assert Words("zh").parameter("hyperscaler_a.site_cost") == "云巨头甲建设成本"


def test_a_number_below_zero_has_a_minus_sign():
    told = Words("en")("loop.gap_lower", points=9.0, low=-14.2, high=-5.0)
    assert "interval −14 to −5 points" in told
    assert "-" not in told.replace("same-month", "")


@pytest.mark.parametrize("nothing", [0.0, -0.0, -0.3, 0.3])
def test_nothing_has_no_sign(nothing):
    assert Words("en")("ladder.bp", x=nothing) == "0 bp"
    assert Words("zh")("ladder.bp", x=nothing) == "0基点"
    assert Words("en")("ladder.bp", x=-1230.0) == "−1,230 bp"


def test_an_unknown_text_shows_as_its_key_and_places_are_filled():
    assert Words("zh")("no.such.key") == "no.such.key"
    assert Words("en")("when.date", name="May", year=2028) == "May 2028"
    assert Words("zh")("when.date", name="5", year=2028) == "2028年5月"
    assert Words("tlh").language == "en"


OF_AI = {
    "en": r"\bAI\b|labs?\b|cloud|chip|\bcompute\b|computing power|GPU|hyperscaler|gigawatt|\bGW\b",
    "zh": "AI|实验室|云|芯片|算力|GPU|吉瓦",
}
#: Parts that core firms play, under which an industry calls its own.
CORE_PARTS = ("lead_lab", "leveraged_cloud", "lead_vendor")


@pytest.mark.parametrize("language", OF_AI)
def test_what_nobody_knows_of_another_industry_is_called_in_its_own_words(language):
    preset = load_preset("telecom_1999")
    called = {one.name: Words(language, preset.industry).parameter(one.name) for one in preset.unknowns}
    assert len(called) > 100
    assert {name: told for name, told in called.items() if re.search(OF_AI[language], told)} == {}


def test_of_one_two_and_many_each_has_its_part():
    told = {n: Words("en")("odds.growth_held_all", n=n).partition(" that")[0] for n in (1, 2, 3)}
    assert told == {1: "the world", 2: "both worlds", 3: "all 3 worlds"}
    assert [Words("en")("count.world", n=n) for n in (1, 2, 3)] == ["1 world", "2 worlds", "3 worlds"]
    assert Words("en")("rungs.all", n=1) == "the only world"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figures_source_names_the_seed_and_the_months(language):
    sources = {key: text for key, text in catalogue(language).items() if re.search(r"(figure|plot)\.source$", key)}
    assert len(sources) >= 5
    assert [key for key, text in sources.items() if not {"seed", "months"} <= set(places(text))] == []


#: Who speaks of AI whatever the preset: `validate`, whose record is AI's, where unknowns were fitted, and the program's name.
ALWAYS_AI = ("validate.", "odds.fitted", "page.title")


@pytest.mark.parametrize("language", OF_AI)
def test_whatever_is_said_of_another_industry_is_said_in_its_words(language):
    """Every text that names AI's firms or goods has another for this industry, whoever may say it."""
    texts, agents = catalogue(language), {agent.id for agent in load_preset("telecom_1999").agents}
    asked = {key for key in texts if not key.startswith(("telecom.", f"{SEVERAL}.", *ALWAYS_AI))}
    absent = {key for key in asked if re.match(r"(firm|the)\.", key) and key.partition(".")[2] not in {*agents, *CORE_PARTS}}
    told = {key: texts.get(f"telecom.{key}", texts[key]) for key in asked - absent}
    assert len(told) > 2000
    assert {key: text for key, text in told.items() if re.search(OF_AI[language], text)} == {}
