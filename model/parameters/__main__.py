"""The generator of `groups.py`: the registry's names as classes, so that a type checker knows them.

uv run python -m perpetuum.model.parameters
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from perpetuum.model.parameters import FIGURES, PARAMETERS, Parameter

GROUPS = Path(__file__).with_name("groups.py")
HEAD = '''"""The registry's groups of parameters and of agents' opening figures, as types.

Written by `python -m perpetuum.model.parameters`; do not edit. (worlds,) arrays in base units; structural ones are plain numbers.
"""

import numpy as np
from numpy.typing import NDArray

from perpetuum.model.worlds import Floats, Stateful

Codes = NDArray[np.int64]


class Group(Stateful):
    """The parameters of one dotted group, or the opening figures of one agent."""

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


def groups_text() -> str:
    """What `groups.py` has to hold."""
    groups: dict[str, list[tuple[str, Parameter]]] = {}
    for name, parameter in PARAMETERS.items():
        group, _, leaf = name.partition(".")
        groups.setdefault(group, []).append((leaf, parameter))
    common = {name: p for name, p in next(iter(FIGURES.values())).items() if all(name in f for f in FIGURES.values())}
    parts = [written(camel(group), "Group", f"`{group}.*`", rows) for group, rows in groups.items()]
    index = [f"    {group}: {camel(group)}" for group in groups]
    parts.append("\n".join(["\nclass ParameterGroups(Stateful):", '    """All groups by name."""', "", *index, ""]))
    parts.append(written("Figures", "Group", "Opening figures that every role has.", common.items()))
    for role, figures in FIGURES.items():
        rows = [(name, p) for name, p in figures.items() if name not in common]
        parts.append(written(f"{camel(role)}Figures", "Figures", f"Opening figures of a {role}.", rows))
    roles = ", ".join(f'"{role}": {camel(role)}Figures' for role in FIGURES)
    return HEAD + "\n".join(parts) + f"\n\nFIGURES_OF: dict[str, type[Figures]] = {{{roles}}}\n"


if __name__ == "__main__":
    GROUPS.write_text(groups_text(), encoding="utf-8")
    print(f"{GROUPS.name} written")
