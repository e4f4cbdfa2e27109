"""Equations: a rule written for one firm in one world, in plain numbers, and run over all firms and worlds at once.

    @equation
    def smoothed(rate: float, month: float, speed: float) -> float:
        return rate + speed * (12.0 * month - rate)

    smoothed(10.0, 1.0, 0.5)                                    # plain Python: try it by hand, in a doctest, in a notebook
    cloud.ebitda = smoothed(cloud.ebitda, receipts, speed)      # (worlds,) or (firms, worlds): one compiled loop

Plain numbers, (worlds,) and (firms, worlds) arrays mix by numpy's rules of broadcasting, with whole dollars and truth
values read as numbers. The loop has no temporaries and no fastmath: + - * / min max and comparisons have numpy's bits.
exp, log, tanh and powers may differ from numpy's in the last bit: leave them to numpy, outside the rule.
"""

from __future__ import annotations

import contextvars
import dis
import functools
import hashlib
import inspect
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numba import cfunc, config, njit, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic
from numba.misc.appdirs import AppDirs
from numba.np.ufunc._internal import PyUFunc_None, fromfunc  # type: ignore[import-not-found]

from perpetuum.model.places import folder_of_this_user, may_write

#: What a whole must exceed for a part of it to be asked: a quotient by less could overflow.
DUST = 1e-150
#: What compiled code says where it finds no folder to be kept in.
NOT_KEPT = "compiled code cannot be kept (no folder may be written): it is compiled anew in every process"
#: Tables whose numbers compiled code holds: where they change, it is compiled anew.
TABLES = tuple(Path(__file__).parent / name for name in ("units.py", "books/accounts.py", "books/payment_kinds.py"))
#: numpy's inner loop over float64: addresses of inputs and output, how many, bytes from one to the next, nothing.
_INNER_LOOP = types.void(
    types.CPointer(types.CPointer(types.float64)), types.CPointer(types.intp), types.CPointer(types.intp), types.voidptr
)


def vector_width(given: str | None, features: str) -> str | None:
    """What numba is to know of the processor: `given` by the user, else its own features with vectors as wide as it has.

    Compilers keep to half of AVX-512's width since its first processors lowered their clock for more. Those with VBMI2 (2019
    and later) do not: clearing takes two thirds of the time. Nothing is reassociated, so that bits do not depend on the width.
    """
    return f"{features},-prefer-256-bit" if given is None and "+avx512vbmi2" in features.split(",") else given


def place_for_code(chosen: str, beside: Path, of_user: Path) -> str:
    """Where numba is told to keep what it compiles: as `chosen`, else "" where it may write beside the sources or in the user's
    cache, as it does by itself, else a folder of temporary files. Where packages belong to somebody else and there is no home,
    every process would compile all anew, for half a minute.
    """
    return chosen or ("" if may_write(beside) or may_write(of_user) else folder_of_this_user())


# Before anything is compiled: numba asks once.
config.CPU_FEATURES = vector_width(config.CPU_FEATURES, get_host_cpu_features())  # type: ignore[attr-defined]
config.CACHE_DIR = place_for_code(  # type: ignore[attr-defined]
    config.CACHE_DIR,  # type: ignore[attr-defined]
    Path(__file__).parent / "__pycache__",
    Path(AppDirs(appname="numba", appauthor=False).user_cache_dir),
)


@functools.cache
def tables() -> str:
    """A fingerprint of the tables."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in TABLES)).hexdigest()


@functools.cache
def version() -> int:
    """A number that changes with this file and with the tables."""
    return int(hashlib.sha256(Path(__file__).read_bytes() + tables().encode()).hexdigest()[:12], 16)


def written_in(function: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    """Files, with fingerprints, of the kernels that stand in a function's module: their code may be part of its own.

    Those that other modules gave it come with the files of what they in turn may call.
    """
    files = {function.__code__.co_filename}
    for name, value in function.__globals__.items():
        if callable(getattr(value, "py_func", None)) and not name.startswith("__"):
            files |= _FILES.get(value.py_func.__module__, {value.py_func.__code__.co_filename})
    files |= _FILES.get(function.__module__, set())
    _FILES[function.__module__] = files
    return tuple((Path(file).name, fingerprint(file)) for file in sorted(files))


#: Files whose kernels may be part of those of a module, by its name.
_FILES: dict[str, set[str]] = {}


@functools.cache
def fingerprint(file: str) -> str:
    """A fingerprint of a file's text, or nothing where there is none (a notebook's)."""
    path = Path(file)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else ""


def kernel[F: Callable[..., Any]](function: F, counted: bool = True) -> F:
    """Compile a function, and keep what was compiled: beside the source, else in the user's cache, else among temporary files,
    else in memory alone.

    Quotients are numpy's: x / 0 is inf or nan and stops nothing. Neither fastmath nor parallel: bits come first.
    `counted`: whether references to arrays are counted (see `loop`).
    """
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": counted, "no_cfunc_wrapper": True}
    try:
        compiled = njit(cache=True, **options)(function)
        kept = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
        if kept is not None:
            # numba looks at the function's own file alone; compiled code holds what it calls and the tables as they were, too.
            kept._source_stamp = (kept._source_stamp, tables(), written_in(function))
    except RuntimeError:  # numba found no folder that may be written
        _warn_once()
        compiled = njit(**options)(function)
    KERNELS.append(compiled)
    return cast(F, compiled)


#: All kernels, as numba has them, in the order in which their modules were imported.
KERNELS: list[Any] = []


@functools.cache
def _warn_once() -> None:
    warnings.warn(NOT_KEPT, stacklevel=3)


def loop[F: Callable[..., Any]](function: F) -> F:
    """A part of a kernel that makes no arrays, but looks at many short rows of those that it is given.

    Every such view is otherwise counted in and out by numba, one processor at a time: a third of the time of such a loop.
    """
    return kernel(function, counted=False)


class _Unheard(threading.local):
    """A context in which numpy does not hear of quotients by zero, made once a thread: cheaper to enter than `np.errstate`."""

    def __init__(self) -> None:
        context = contextvars.Context()
        context.run(np.seterr, divide="ignore", invalid="ignore", over="ignore")
        self.run = context.run


#: A loop may work out a quotient that its rule then passes over: numpy need not hear of it.
_UNHEARD = _Unheard()


@intrinsic  # type: ignore[misc]
def _each(typing: Any, rule: Any, version: Any, args: Any, counts: Any, steps: Any) -> Any:
    """numpy's inner loop over a rule. As machine code: the same loop in Python takes numba thrice as long to compile."""
    inputs = [types.float64] * len(inspect.signature(rule.dispatcher.py_func).parameters)
    one = rule.get_call_type(typing, inputs, {})

    def write(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        addresses, count, bytes_apart = given[2], builder.load(given[3]), given[4]

        def column(place: int) -> tuple[Any, Any]:
            index = cgutils.intp_t(place)
            apart = builder.ashr(builder.load(builder.gep(bytes_apart, [index])), cgutils.intp_t(3))
            return builder.load(builder.gep(addresses, [index])), apart

        columns = [column(place) for place in range(len(inputs) + 1)]
        value = context.get_function(rule, one)
        with cgutils.for_range(builder, count) as each:
            cells = [builder.gep(start, [builder.mul(each.index, apart)]) for start, apart in columns]
            result = value(builder, [builder.load(cell) for cell in cells[:-1]])
            builder.store(context.cast(builder, result, one.return_type, types.float64), cells[-1])
        return context.get_dummy_value()

    return types.void(rule, version, args, counts, steps), write


@intrinsic  # type: ignore[misc]
def _number(typing: Any, data: Any) -> Any:
    """The number that numpy hands a loop beside its arrays, in the place of an address."""

    def read(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.ptrtoint(given[0], cgutils.intp_t)

    return types.intp(data), read


def together(rules: Sequence[Equation]) -> Callable[..., None]:
    """numpy's inner loops over the rules of a file, in one function that takes a rule by its number: loaded at once, not one
    by one, which takes a process a second. numba keeps it beside the file, as if it stood there in the first rule's place.
    """
    first = rules[0].rule
    name = f"{first.__name__}_and_others"
    # numba compares code and what it closes over: so that no loop outlives a change of this file, or is taken for others.
    these = repr((version(), [one.rule.__qualname__ for one in rules]))
    choices = "".join(
        f"        if which == {number}:\n            _each(rule_{number}, version, args, counts, steps)\n"
        for number in range(len(rules))
    )
    head = f"def made(version):\n    def {name}(args, counts, steps, data):\n        which = _number(data)\n"
    text = f"{head}{choices}    return {name}"
    bare: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    called = {f"rule_{number}": njit(**bare)(one.rule) for number, one in enumerate(rules)}  # by the loops alone
    known: dict[str, Any] = {"_each": _each, "_number": _number, "__name__": first.__module__} | called
    exec(compile("\n" * (first.__code__.co_firstlineno - 1) + text, first.__code__.co_filename, "exec"), known)
    return cast(Callable[..., None], known["made"](int(hashlib.sha256(these.encode()).hexdigest()[:12], 16)))


#: Rules that nobody has compiled yet, by file; those of a notebook stay alone, since there will be more of them.
_WAITING: dict[str, list[Equation]] = {}
_ONE_THREAD = threading.RLock()


class Equation:
    """A rule with its compiled loop, which is built when the rule first meets an array."""

    def __init__(self, rule: Callable[..., float]):
        functools.update_wrapper(self, rule)
        self.rule = rule
        self.inputs = tuple(inspect.signature(rule).parameters)
        self.tells = inspect.signature(rule).return_annotation in (bool, "bool")
        self.divides = any(step.argrepr in ("/", "/=") for step in dis.get_instructions(rule))
        self._loop: Callable[..., Any] | None = None
        self.file = rule.__code__.co_filename
        if Path(self.file).is_file():
            _WAITING.setdefault(self.file, []).append(self)

    def __call__(self, *inputs: Any) -> Any:
        """The rule of plain numbers; over arrays, its value for every firm and world."""
        for value in inputs:
            if type(value) is np.ndarray:
                loop = self._loop or self.compile()
                result = _UNHEARD.run(loop, *inputs) if self.divides else loop(*inputs)
                return result > 0.0 if self.tells else result
        return self.rule(*inputs)

    def compile(self) -> Callable[..., Any]:
        """The loop over firms and worlds, as a numpy ufunc of float64 (of truth values: 0.0 and 1.0), with those of its file.

        Like `numba.vectorize`, which however builds part of its loop anew in every process: a twentieth of a second a rule.
        """
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            self._loop = self._one_by_one
            return self._loop
        with _ONE_THREAD:
            if self._loop is None:
                self._compile_with_others()
        return cast(Callable[..., Any], self._loop)

    def _compile_with_others(self) -> None:
        rules = _WAITING.pop(self.file, [self])
        loops = together(rules)
        try:
            compiled = cfunc(_INNER_LOOP, cache=True, error_model="numpy")(loops)
        except RuntimeError:  # numba found no folder that may be written
            _warn_once()
            compiled = cfunc(_INNER_LOOP, error_model="numpy")(loops)
        for number, rule in enumerate(rules):
            rule._loop = rule._ufunc(compiled, number)

    def _ufunc(self, compiled: Any, number: int) -> Callable[..., Any]:
        """numpy's function over the compiled loop of this number."""
        inputs, numbers = len(self.inputs), [np.dtype(np.float64).num] * (len(self.inputs) + 1)
        name, says = self.rule.__name__, self.rule.__doc__
        return cast(
            Callable[..., Any],
            fromfunc(name, says, [compiled.address], [numbers], inputs, 1, [number or None], compiled, PyUFunc_None),
        )

    def _one_by_one(self, *inputs: Any) -> Any:
        """The loop where nothing may be compiled (NUMBA_DISABLE_JIT); numpy's numbers have numpy's quotients."""
        rows = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in inputs))
        one_by_one = [self.rule(*numbers) for numbers in np.stack([row.ravel() for row in rows], axis=1)]
        return np.array(one_by_one, dtype=np.float64).reshape(rows[0].shape)

    def __reduce__(self) -> str:
        return self.rule.__qualname__


def equation(rule: Callable[..., float]) -> Equation:
    """Make a rule for one firm in one world run over all of them; it returns one number (or truth value)."""
    return Equation(rule)
