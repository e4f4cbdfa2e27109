"""The house: modules import downwards only and in no circle, every package is shipped, every file says what noun it holds."""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("model", "agents", "runs", "visualization")

#: The floors of the house, top to ground: a module may import from its own floor and from those below. The longest name that
#: a module's begins with says where it stands.
FLOORS = (
    ("runs.__main__",),
    ("runs.commands", "runs.screen"),
    ("visualization",),
    ("runs.questions",),
    ("runs.study", "runs"),
    ("model.economy", "model.opening", "model.opening_accounts", "model.phases", "model.structure", "model"),
    ("agents",),
    (
        "model.books",
        "model.dye",
        "model.errors",
        "model.equations",
        "model.fits",
        "model.given",
        "model.toml_file",
        "model.preset_memory",
        "model.history",
        "model.instruments",
        "model.markets",
        "model.observed",
        "model.parameters",
        "model.places",
        "model.preset_check",
        "model.preset_entries",
        "model.preset_rows",
        "model.preset_tables",
        "model.presets",
        "model.roles",
        "model.scenario",
        "model.surroundings",
        "model.uncertainty",
        "model.units",
        "model.views",
        "model.words",
        "model.worlds",
    ),
)


@functools.cache
def modules() -> dict[str, Path]:
    """All modules by dotted name without `perpetuum.`."""
    found = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found[".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")] = path
    return found


@functools.cache
def tree(module: str) -> ast.Module:
    """What stands in a module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


@functools.cache
def imports() -> dict[str, frozenset[str]]:
    """What each module imports, at its head, in its functions or for its types: name to names."""
    arrows = {}
    for name in modules():
        seen = set()
        for node in ast.walk(tree(name)):
            if isinstance(node, ast.Import):
                seen |= {alias.name.removeprefix("perpetuum.") for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("perpetuum"):
                inside = node.module.removeprefix("perpetuum").removeprefix(".")
                for alias in node.names:
                    module = f"{inside}.{alias.name}".removeprefix(".")
                    seen.add(module if module in modules() else inside)
        arrows[name] = frozenset(seen & set(modules()) - {name})
    return arrows


def floor(module: str) -> int:
    """The number of a module's floor, 0 at the top."""
    names = [
        (len(name), number) for number, level in enumerate(FLOORS) for name in level if f"{module}.".startswith(f"{name}.")
    ]
    assert names, f"{module} stands on no floor: name it in FLOORS"
    return max(names)[1]


def circles() -> list[list[str]]:
    """Sets of modules that import one another in a circle (Tarjan's strongly connected components)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in imports()[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            ring = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(ring) > 1:
                found.append(sorted(ring))

    for name in imports():
        if name not in index:
            visit(name)
    return found


def test_no_module_imports_one_that_stands_above_it():
    upward = sorted(
        f"{name} imports {other}" for name, others in imports().items() for other in others if floor(other) < floor(name)
    )
    assert not upward, "\n".join(upward)


def test_no_modules_import_one_another_in_a_circle():
    assert not circles(), "\n".join(" <-> ".join(ring) for ring in circles())


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_file_says_first_what_it_holds(name):
    first = ast.get_docstring(tree(name))
    assert first, f"{modules()[name]} has no docstring"
    assert first.splitlines()[0].endswith((".", ":", "?", "!")), first.splitlines()[0]


@pytest.mark.parametrize("name", sorted(modules()))
def test_no_file_is_longer_than_four_hundred_lines(name):
    assert len(modules()[name].read_text(encoding="utf-8").splitlines()) <= 400


def test_every_package_is_shipped():
    shipped = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    there = {f"perpetuum.{name}" for name, path in modules().items() if path.name == "__init__.py"}
    without = {str(p.parent) for p in modules().values() if not (p.parent / "__init__.py").exists()}
    assert not without, f"folders without __init__.py are not shipped: {without}"
    assert shipped == there


# --- nothing is kept for tests alone ----------------------------------------------------------------------------------

#: What only a framework calls, by name: Mesa, Solara, typer and logging.
CALLED_FROM_OUTSIDE = {
    "reset_randomizer",
    "deregister_agent",
    "datacollector",
    "Page",
    "perpetuum",
    "emit",
}


@functools.cache
def used_words() -> frozenset[str]:
    """Names that the house reads: variables, attributes, imports, and words of texts and documents."""
    words = set()
    for name in modules():
        nodes = list(ast.walk(tree(name)))
        said = {id(node.body[0].value) for node in nodes if isinstance(node, DEFINITIONS) and ast.get_docstring(node)}
        for node in nodes:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                words.add(node.id if isinstance(node, ast.Name) else node.attr)
            elif isinstance(node, ast.ImportFrom):
                words |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
                words.add(node.value)
    for folder in FOLDERS:
        for path in [*(ROOT / folder).rglob("*.md"), *(ROOT / folder).rglob("*.ipynb"), ROOT / "README.md"]:
            words |= set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    return frozenset(words)


DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def defined(module: ast.Module) -> list[str]:
    """Functions, methods and classes that nothing registers, constants of the module, and what a class keeps of itself."""
    names = [
        target.id for node in module.body if isinstance(node, ast.Assign) for target in node.targets if hasattr(target, "id")
    ]
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef) or (isinstance(node, ast.FunctionDef) and not registered(node)):
            names.append(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and getattr(node.value, "id", "") == "self":
            names.append(node.attr)
    return [name for name in names if not name.startswith("__")]


def registered(function: ast.FunctionDef) -> bool:
    """Whether a decorator hands a function to somebody who calls it: `@series(...)`, `@app.command(...)`."""
    kept = (
        "property",
        "staticmethod",
        "classmethod",
        "functools",
        "equation",
        "loop",
        "contextlib",
        "dataclass",
        "overload",
    )
    return any(not ast.unparse(one).startswith(kept) for one in function.decorator_list)


def test_nothing_is_defined_that_only_tests_use():
    known = used_words() | CALLED_FROM_OUTSIDE
    unused = [
        f"{path.relative_to(ROOT)}: {name}"
        for module, path in modules().items()
        for name in defined(tree(module))
        if name not in known
    ]
    assert not unused, "\n".join(unused)
