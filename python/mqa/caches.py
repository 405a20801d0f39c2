# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Keys or values that lie in memory as a cache: in pages, as 8-bit integers.

The function then takes, instead of the operand `k`: the pool or the integers
`k`, the block table `k_table`, the scales `k_scale`, the zero points `k_zero`
and, where their number is dynamic, the number of keys `k_keys`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .errors import expect
from .npy import from_storage, storage_type, to_storage
from .regions import Emitter

# Dead slots and pages hold this: nobody may look at them.
_POISON = {"f16": np.nan, "bf16": np.nan, "f32": np.nan, "f64": np.nan}


@dataclass(frozen=True)
class Stored:
    """An argument of the function; axes of size None in `shape` are dynamic."""

    name: str
    sizes: tuple[int, ...]
    shape: tuple[int | None, ...]
    dtype: str
    scalar: bool = False

    @property
    def type(self) -> str:
        """The MLIR type."""
        return self.dtype if self.scalar else tensor(self.shape, self.dtype)


@dataclass(frozen=True)
class Cache:
    """How keys or values lie in memory.

    Attributes:
        page: positions of a page; 0: no pages.
        tables: the dimensions that have a table each: the first ones of the
            operand's layout.
        page_dim: where the pages are among the dimensions of the pool.
        entry: type of the table's entries: i32, i64 or index.
        spare: pages of the pool that no table names, and columns too many.
        dynamic: page size and number of pages are dynamic.
        scale: i8 data times scales over these dimensions; None: no integers.
        zero: zero points, of the layout of the scales, are subtracted first.
        key: the key dimension.
    """

    page: int = 0
    tables: str = ""
    page_dim: int = 0
    entry: str = "i32"
    spare: int = 2
    dynamic: bool = False
    scale: str | None = None
    zero: bool = False
    key: str = "n"


def tensor(shape: tuple[int | None, ...], dtype: str) -> str:
    """The tensor type of a shape."""
    return f"tensor<{''.join(f'{_text(s)}x' for s in shape)}{dtype}>"


def _text(size: int | None) -> str:
    return "?" if size is None else str(size)


class CachedOperand:
    """A key or value operand and its cache."""

    def __init__(
        self,
        cache: Cache,
        name: str,
        axes: str,
        dtype: str,
        sizes: Mapping[str, int],
        dynamic: Mapping[str, bool],
    ) -> None:
        """Checks the cache against the operand's layout."""
        self.cache, self.name, self.axes, self.dtype = cache, name, axes, dtype
        self.sizes, self.dynamic = sizes, dynamic
        self.data = dtype if cache.scale is None else "i8"
        if cache.page:
            start = f"a layout of {name} that begins with {cache.tables!r}"
            expect(axes.startswith(cache.tables), start, repr(axes))
            self.pool = axes[len(cache.tables) :]
            where = f"the key {cache.key} in the pool of {name}"
            expect(cache.key in self.pool, where, repr(self.pool))
            self.columns = math.ceil(sizes[cache.key] / cache.page)
            tables = math.prod(sizes[x] for x in cache.tables)
            self.pages = tables * self.columns + cache.spare

    def _stored(self, suffix: str, axes: str, dtype: str) -> Stored:
        sizes = tuple(self.sizes[x] for x in axes)
        shape = tuple(
            None if self.dynamic[x] else s for x, s in zip(axes, sizes)
        )
        return Stored(self.name + suffix, sizes, shape, dtype)

    def stored(self) -> tuple[Stored, ...]:
        """The arguments, in order."""
        cache = self.cache
        if not cache.page:
            found = [self._stored("", self.axes, self.data)]
        else:
            inner = self._stored("", self.pool, self.data)
            slot, at = self.pool.index(cache.key), cache.page_dim
            free = None if cache.dynamic else cache.page
            sizes, shape = list(inner.sizes), list(inner.shape)
            sizes[slot], shape[slot] = cache.page, free
            sizes.insert(at, self.pages)
            shape.insert(at, None if cache.dynamic else self.pages)
            pool = Stored(self.name, tuple(sizes), tuple(shape), self.data)
            table = self._stored("_table", cache.tables, cache.entry)
            columns = self.columns + cache.spare
            column = None if self.dynamic[cache.key] else columns
            found = [
                pool,
                Stored(
                    table.name,
                    (*table.sizes, columns),
                    (*table.shape, column),
                    cache.entry,
                ),
            ]
        if cache.scale is not None:
            found.append(self._stored("_scale", cache.scale, "f32"))
        if cache.zero:
            found.append(self._stored("_zero", cache.scale or "", "i8"))
        if cache.page and self.dynamic[cache.key]:
            found.append(Stored(f"{self.name}_keys", (), (), "index", True))
        return tuple(found)

    def emit(self, emitter: Emitter) -> str:
        """Emits the operand from the arguments and gives its name."""
        value = f"%{self.name}"
        stored = {x.name: x for x in self.stored()}
        logical = self._stored("", self.axes, self.data)
        if self.cache.page:
            slot, at = self.pool.index(self.cache.key), self.cache.page_dim
            keys = ""
            if self.dynamic[self.cache.key]:
                keys = f" keys(%{self.name}_keys)"
            value = emitter.let(
                f"mqa.paged_view %{self.name}[%{self.name}_table]{keys}"
                f" page_dim({at}) slot_dim({slot + (slot >= at)}) :"
                f" {stored[self.name].type},"
                f" {stored[f'{self.name}_table'].type} -> {logical.type}"
            )
        if self.cache.scale is None:
            return value
        return self._emit_dequantisation(emitter, value, logical)

    def _emit_dequantisation(
        self, emitter: Emitter, value: str, logical: Stored
    ) -> str:
        name, dtype = self.name, self.dtype
        compute = "f64" if dtype == "f64" else "f32"
        target = tensor(logical.shape, dtype)
        sizes = []
        for number, size in enumerate(logical.shape):
            if size is None:
                at = emitter.let(f"arith.constant {number} : index")
                text = f"tensor.dim {value}, {at} : {logical.type}"
                sizes.append(emitter.let(text))
        empty = emitter.let(f"tensor.empty({', '.join(sizes)}) : {target}")
        space = ", ".join(self.axes)
        factors = (f"{name}_scale", f"{name}_zero")
        parts = [x for x in self.stored() if x.name in factors]
        names = [value] + [f"%{x.name}" for x in parts]
        types = [logical.type] + [x.type for x in parts] + [target]
        scales = ", ".join(self.cache.scale or "")
        layouts = [space] + [scales] * len(parts) + [space]
        maps = ", ".join(f"affine_map<({space}) -> ({x})>" for x in layouts)
        loops = ", ".join('"parallel"' for _ in self.axes)
        body = Emitter(f"{name}d")
        wide = body.let("arith.extsi %x : i8 to i32")
        if self.cache.zero:
            zero = body.let("arith.extsi %z : i8 to i32")
            wide = body.let(f"arith.subi {wide}, {zero} : i32")
        number = body.let(f"arith.sitofp {wide} : i32 to {compute}")
        scale = "%s"
        if compute == "f64":
            scale = body.let("arith.extf %s : f32 to f64")
        number = body.let(f"arith.mulf {number}, {scale} : {compute}")
        if dtype != compute:
            number = body.let(f"arith.truncf {number} : {compute} to {dtype}")
        arguments = ["%x: i8", "%s: f32"]
        arguments += ["%z: i8"] if self.cache.zero else []
        arguments.append(f"%y: {dtype}")
        lines = "\n".join(f"    {x}" for x in body.lines)
        return emitter.let(
            f"linalg.generic {{indexing_maps = [{maps}],"
            f" iterator_types = [{loops}]}} ins({', '.join(names)} :"
            f" {', '.join(types[:-1])}) outs({empty} : {target}) {{\n"
            f"  ^bb0({', '.join(arguments)}):\n{lines}\n"
            f"    linalg.yield {number} : {dtype}\n  }} -> {target}"
        )

    def random(self, rng: np.random.Generator) -> dict[str, np.ndarray | int]:
        """Values of the arguments: pages in any order, poison where dead."""
        cache, found = self.cache, {}
        sizes = [self.sizes[x] for x in self.axes]
        if cache.scale is None:
            data = to_storage(rng.standard_normal(sizes), self.dtype)
        else:
            data = rng.integers(-128, 128, sizes).astype(np.int8)
        for x in self.stored():
            if x.name.endswith("_scale"):
                values = (0.5 + rng.random(x.sizes)) / 64
                found[x.name] = to_storage(values, "f32")
            elif x.name.endswith("_zero"):
                found[x.name] = rng.integers(-9, 9, x.sizes).astype(np.int8)
            elif x.name.endswith("_keys"):
                found[x.name] = self.sizes[cache.key]
            elif x.name.endswith("_table"):
                found[x.name] = self._random_table(rng, x)
        found[self.name] = data
        if cache.page:
            pool = next(x for x in self.stored() if x.name == self.name)
            table = found[f"{self.name}_table"]
            found[self.name] = self._scatter(data, table, pool)
        return found

    def _random_table(self, rng: np.random.Generator, x: Stored) -> np.ndarray:
        """Every page once; what stands beyond the keys is no page."""
        table = np.full(x.sizes, -1, storage_type(x.dtype))
        table[..., 1::2] = np.iinfo(np.int32).max
        pages = rng.permutation(max(0, self.pages - 1))
        used = table[..., : self.columns]
        table[..., : self.columns] = pages[: used.size].reshape(used.shape)
        return table

    def _paged(self, pool: np.ndarray) -> np.ndarray:
        """A view of the pool as [page, slot, rest...]."""
        slot = self.pool.index(self.cache.key)
        at = self.cache.page_dim
        return np.moveaxis(pool, (at, slot + (slot >= at)), (0, 1))

    def _keys_first(self, data: np.ndarray) -> np.ndarray:
        """A view of the data as [table, key, rest...]."""
        tables = len(self.cache.tables)
        data = np.moveaxis(data, self.axes.index(self.cache.key), tables)
        count = math.prod(data.shape[:tables])
        return data.reshape(count, *data.shape[tables:])

    def _scatter(
        self, data: np.ndarray, table: np.ndarray, x: Stored
    ) -> np.ndarray:
        poison = 99 if x.dtype == "i8" else to_storage(
            np.array(_POISON[x.dtype]), x.dtype
        )
        pool = np.full(x.sizes, poison, storage_type(x.dtype))
        paged, page = self._paged(pool), self.cache.page
        # Numbers that are no page mean the last one: it holds finite values.
        paged[-1:] = 1
        rows = table.reshape(-1, table.shape[-1])
        for row, keys in zip(rows, self._keys_first(data)):
            for n, value in enumerate(keys):
                paged[row[n // page], n % page] = value
        return pool

    def load(self, inputs: Mapping[str, np.ndarray | int]) -> np.ndarray:
        """The operand, in f64."""
        data = from_storage(inputs[self.name], self.data)
        if self.cache.page:
            data = self._gather(data, inputs[f"{self.name}_table"])
        if self.cache.scale is None:
            return data
        scales = self.cache.scale
        spread = [self.sizes[x] if x in scales else 1 for x in self.axes]
        order = [scales.index(x) for x in self.axes if x in scales]

        def broadcast(name: str, dtype: str) -> np.ndarray:
            values = from_storage(inputs[f"{self.name}_{name}"], dtype)
            return np.transpose(values, order).reshape(spread)

        data = data.astype(np.float64)
        if self.cache.zero:
            data = data - broadcast("zero", "i8")
        return data * broadcast("scale", "f32")

    def _gather(self, pool: np.ndarray, table: np.ndarray) -> np.ndarray:
        paged, page = self._paged(pool), self.cache.page
        count = self.sizes[self.cache.key]
        n = np.arange(count)
        entries = np.asarray(table)[..., n // page].astype(np.int64)
        last = self.pages - 1
        entries = np.where((entries < 0) | (entries > last), last, entries)
        data = paged[entries, n % page]
        tables = len(self.cache.tables)
        return np.moveaxis(data, tables, self.axes.index(self.cache.key))
