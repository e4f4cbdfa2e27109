"""Vue components that are handed their data as they are.

Reacton looks for components in every list and dict that a component is given, several times a render. The lists of this page
are figures and words, thousands of them a month, and hold none: they travel sealed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import solara


@dataclass(frozen=True)
class Sealed:
    """A value that is looked into by the browser alone; two with the same value are the same, so that nothing is sent."""

    value: Any


def component_vue(path: str) -> Callable[[Callable[..., None]], Callable[..., solara.Element]]:
    """As `solara.component_vue`, for components whose lists and dicts hold no other component."""

    def decorate(function: Callable[..., None]) -> Callable[..., solara.Element]:
        names = [name for name in inspect.signature(function).parameters if not name.startswith("event_")]
        component = solara.component_vue(path, to_json=dict.fromkeys(names, _opened))(function)

        def element(**handed: Any) -> solara.Element:
            return component(**{name: _sealed(value) for name, value in handed.items()})

        return element

    return decorate


def _sealed(value: Any) -> Any:
    return Sealed(value) if isinstance(value, (list, tuple, dict)) else value


def _opened(value: Any, _widget: Any) -> Any:
    return value.value if isinstance(value, Sealed) else value
