"""The generator of `groups/`: the registry's names as classes, so that a type checker knows them.

uv run python -m perpetuum.model.parameters
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from perpetuum.model.parameters import FIGURES, PARTS, Parameter

GROUPS = Path(__file__).with_name("groups")
HEAD = '''"""{doc}

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

{imports}
'''


def annotation(parameter: Parameter) -> str:
    """The type under which the model reads a parameter."""
    if parameter.structural:
        return "int" if parameter.kind == "int" else "float"
    return "Codes" if parameter.kind == "choice" else "Floats"


def written(name: str, base: str, doc: str, parameters: Iterable[tuple[str, Parameter]]) -> str:
    """A class with an annotated line for each parameter."""
    rows = [
        f"    {leaf}: {annotation(p)}  # {f'{p.unit}: ' if p.unit else ''}{p.help}"
        + (f" ({', '.join(p.choices)})" if p.choices else "")
        for leaf, p in parameters
    ]
    return "\n".join([f"\nclass {name}({base}):", f'    """{doc}"""', "", *rows, ""])


def camel(name: str) -> str:
    """`vendor_finance` as `VendorFinance`."""
    return name.title().replace("_", "")


def module(doc: str, classes: Iterable[str]) -> str:
    """A file of classes, which imports the types that they name."""
    text = "\n".join(classes)
    base = [name for name in ("Codes", "Group") if name in text]
    imports = [f"from perpetuum.model.parameters.groups.base import {', '.join(base)}"]
    imports += ["from perpetuum.model.worlds import Floats"] if "Floats" in text else []
    return HEAD.format(doc=doc, imports="\n".join(imports)) + "\n" + text


def groups_texts() -> dict[str, str]:
    """What the generated files of `groups/` have to hold, by name: one for each part of the registry, and the index."""
    files: dict[str, str] = {}
    homes: dict[str, str] = {}
    for part, parameters in PARTS.items():
        groups: dict[str, list[tuple[str, Parameter]]] = {}
        for parameter in parameters:
            group, _, leaf = parameter.name.partition(".")
            groups.setdefault(group, []).append((leaf, parameter))
        if groups:
            assert not homes.keys() & groups, f"a group of {part}.py stands in another part of the registry as well"
            homes |= dict.fromkeys(groups, part)
            classes = (written(camel(group), "Group", f"`{group}.*`", rows) for group, rows in groups.items())
            files[f"{part}.py"] = module(f"The groups of parameters of `../{part}.py`, as types.", classes)
    files["figures.py"] = figures_text()
    files["__init__.py"] = index_text(homes)
    return files


def figures_text() -> str:
    """The opening figures of every role."""
    common = {name: p for name, p in next(iter(FIGURES.values())).items() if all(name in f for f in FIGURES.values())}
    classes = [written("Figures", "Group", "Opening figures that every role has.", common.items())]
    for role, figures in FIGURES.items():
        rows = [(name, p) for name, p in figures.items() if name not in common]
        classes.append(written(f"{camel(role)}Figures", "Figures", f"Opening figures of a {role}.", rows))
    roles = ", ".join(f'"{role}": {camel(role)}Figures' for role in FIGURES)
    text = module("Agents' opening figures, as types.", classes)
    return text + f"\n\nFIGURES_OF: dict[str, type[Figures]] = {{{roles}}}\n"


def index_text(homes: dict[str, str]) -> str:
    """All groups by name, from the files in which they stand, and what is imported from here."""
    held = {"base": ["Codes", "Group"], "figures": ["FIGURES_OF", "Figures", *(f"{camel(role)}Figures" for role in FIGURES)]}
    for group, part in homes.items():
        held.setdefault(part, []).append(camel(group))
    imports = [
        broken(f"from perpetuum.model.parameters.groups.{part} import ", in_order(names), "()") for part, names in sorted(held.items())
    ]
    imports += ["from perpetuum.model.worlds import Stateful"]
    every = in_order([*(name for names in held.values() for name in names), "ParameterGroups"])
    rows = [f"    {group}: {camel(group)}" for group in homes]
    head = HEAD.format(doc="The registry's groups of parameters and of agents' opening figures, as types.", imports="\n".join(imports))
    exported = broken("__all__ = ", [f'"{name}"' for name in every], "[]")
    return "\n".join([head, exported, "\n\nclass ParameterGroups(Stateful):", '    """All groups by name."""', "", *rows, ""])


def broken(start: str, names: list[str], brackets: str) -> str:
    """A line that lists names, or one line a name where that is too long."""
    line = start + (", ".join(names) if brackets == "()" else f"[{', '.join(names)}]")
    return line if len(line) <= 125 else start + "\n".join([brackets[0], *(f"    {name}," for name in names), brackets[1]])


def in_order(names: Iterable[str]) -> list[str]:
    """Constants, then classes, each by the alphabet."""
    return sorted(names, key=lambda name: (not name.isupper(), name))


if __name__ == "__main__":
    for name, text in groups_texts().items():
        (GROUPS / name).write_text(text, encoding="utf-8")
    print(f"{GROUPS.name}/ written")
