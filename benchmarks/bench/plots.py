# Part of the mqa project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plots of a run, as SVG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .summary import FOLDED, OURS, Table

# Colours that colour-blind readers tell apart; a system keeps its own.
COLOURS = {
    "mqa": "#D55E00",
    "torch SDPA": "#0072B2",
    "torch FlexAttention": "#56B4E9",
    "ORT GroupQueryAttention": "#009E73",
    "ORT MultiHeadAttention": "#7A8B00",
    "ORT Attention": "#E0A000",
    "OpenVINO SDPA": "#CC79A7",
    "JAX": "#6A4C93",
    "IREE": "#888888",
}


def draw(result: dict, folder: Path) -> list[str] | str:
    """Names of the plots; or why there are none."""
    try:
        import matplotlib
    except ImportError as error:
        return str(error)
    matplotlib.use("Agg")
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "mqa", "font.size": 10,
        "axes.spines.top": False, "axes.spines.right": False,
        "axes.grid": True, "grid.alpha": 0.3, "legend.frameon": False,
        "legend.fontsize": 8,
    })  # fmt: skip
    from matplotlib import pyplot

    table, drawn = Table(result), []
    plots: dict[str, Callable] = {
        "speed": _speed, "peak": _peak, "heads": _heads, "blocks": _blocks
    }  # fmt: skip
    for name, plot in plots.items():
        figure = plot(pyplot, table)
        if figure is None:
            continue
        figure.tight_layout()
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
        figure.savefig(folder / f"{name}.png", dpi=110)
        pyplot.close(figure)
        drawn.append(name)
    return drawn


def _style(variant: str) -> dict:
    """Colour by system; dashed if its heads were folded by hand."""
    system, folded = variant.removesuffix(FOLDED), FOLDED in variant
    return {
        "color": COLOURS.get(system, "black"),
        "linestyle": "--" if folded else "-",
        "linewidth": 2.4 if system == OURS else 1.3,
        "marker": "o",
        "markersize": 5 if system == OURS else 3.5,
        "label": variant.replace(FOLDED, ", folded by hand"),
    }


def _variants(rows: list[dict]) -> list[str]:
    """Names in a fixed order, mqa first."""
    names = {row["variant"] for row in rows}
    systems = list(COLOURS)

    def rank(name: str) -> tuple[int, str]:
        system = name.removesuffix(FOLDED)
        known = system in systems
        return systems.index(system) if known else len(systems), name

    return sorted(names, key=rank)


def _lines(axes, rows: list[dict], x: str, y: Callable) -> None:
    for name in _variants(rows):
        mine = sorted((r for r in rows if r["variant"] == name),
                      key=lambda row: row[x])  # fmt: skip
        axes.plot([r[x] for r in mine], [y(r) for r in mine], **_style(name))


def _sizes(axes, values: set[int]) -> None:
    axes.set_xscale("log", base=2)
    ticks = sorted(values)
    labels = [f"{n // 1024}k" if n >= 1024 else str(n) for n in ticks]
    axes.set_xticks(ticks, labels)


def _count(threads: int) -> str:
    return f"{threads} thread{'s' * (threads > 1)}"


def _title(axes, text: str, threads: int) -> None:
    text = f"{text}; D=128, f32, {_count(threads)}"
    axes.set_title(text, loc="left", fontsize=10)


def _plain(axis) -> None:
    """Numbers instead of powers of ten."""
    from matplotlib import ticker

    axis.set_major_formatter(ticker.FuncFormatter(lambda x, _: f"{x:g}"))


def _speed(pyplot, table: Table):
    threads = max(table.threads, default=0)
    rows = table.select(group="decode", threads=threads)
    if not rows:
        return None
    figure, axes = pyplot.subplots(figsize=(8, 4.6))
    _lines(axes, rows, "keys", lambda row: row["gflops"])
    _sizes(axes, {row["keys"] for row in rows})
    peaks = {row["keys"]: row["peak_gflops"] for row in rows}
    axes.plot(sorted(peaks), [peaks[k] for k in sorted(peaks)], color="black",
              linestyle=":", label="FMA peak, same run")  # fmt: skip
    axes.set(yscale="log", xlabel="cached keys",
             ylabel="GFLOP/s (logarithmic)")  # fmt: skip
    _plain(axes.yaxis)
    _title(axes, "Decoding one token, 32 query heads, 1 key/value head",
           threads)  # fmt: skip
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _peak(pyplot, table: Table):
    threads = min(table.threads, default=0)
    rows = table.select(group="prefill", threads=threads)
    if not rows:
        return None
    keys, heads = (x(r[k] for r in rows)
                   for k, x in (("keys", max), ("heads", min)))  # fmt: skip
    rows = [r for r in rows if r["keys"] == keys and r["heads"] == heads]
    kinds = [(d, m) for d in (128, 64) for m in ("full", "causal")]
    figure, all_axes = pyplot.subplots(1, 4, figsize=(11, 4.2), sharey=True)
    names = _variants(rows)[::-1]
    for axes, (depth, mask) in zip(all_axes, kinds):
        of_peak = {r["variant"]: r["of_peak"] for r in rows
                   if (r["depth"], r["mask"]) == (depth, mask)}  # fmt: skip
        for number, name in enumerate(names):
            value = of_peak.get(name)
            if value is None:
                continue
            hatch = "///" if FOLDED in name else None
            axes.barh(number, value, color=_style(name)["color"], hatch=hatch,
                      edgecolor="white")  # fmt: skip
            axes.text(value + 0.01, number, f"{value:.2f}", va="center",
                      fontsize=8)  # fmt: skip
        axes.set(xlim=(0, 1.1), title=f"D={depth} {mask}")
        axes.grid(axis="y", visible=False)
    labels = [_style(name)["label"] for name in names]
    all_axes[0].set_yticks(range(len(names)), labels)
    figure.supxlabel(
        f"useful FLOPs, fraction of the FMA peak of the same run"
        f" (prefill, MQA with Hq={heads}, S={keys}, f32, {_count(threads)})",
        fontsize=10,
    )
    return figure


def _heads(pyplot, table: Table):
    threads = max(table.threads, default=0)
    rows = table.select(group="heads", threads=threads)
    if not rows:
        return None
    figure, axes = pyplot.subplots(figsize=(8, 4.6))
    _lines(axes, rows, "kv_heads", lambda row: row["median_s"] * 1e3)
    ticks = sorted({row["kv_heads"] for row in rows}, reverse=True)
    axes.set(xscale="log", yscale="log", ylabel="ms for one token",
             xlabel="key/value heads: 32 is multi-head, 1 is multi-query")  # fmt: skip
    keys = rows[0]["keys"]
    _title(axes, f"Decoding one token, 32 query heads, {keys} keys", threads)
    axes.set_xticks(ticks, [str(x) for x in ticks])
    axes.minorticks_off()
    _plain(axes.yaxis)
    axes.invert_xaxis()
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _blocks(pyplot, table: Table):
    rows = table.ours(group="masks")
    if not any(row["mask"] == "full" for row in rows):
        return None
    figure, axes = pyplot.subplots(figsize=(6.4, 4.6))
    axes.plot([0.01, 1], [0.01, 1], color="black", linestyle=":",
              label="time follows live blocks")  # fmt: skip
    for threads, marker in zip(table.threads, "os^v"):
        mine = [row for row in rows if row["threads"] == threads]
        full = next(row for row in mine if row["mask"] == "full")
        points = sorted(
            (row["live_blocks"] / full["live_blocks"],
             row["median_s"] / full["median_s"], row["mask"]) for row in mine
        )  # fmt: skip
        axes.plot(*zip(*[p[:2] for p in points]), marker=marker,
                  linestyle="none", label=_count(threads))  # fmt: skip
    for number, (x, y, mask) in enumerate(points):
        above = number % 2
        axes.annotate(mask, (x, y), xytext=(-7, 5) if above else (7, -8),
                      fontsize=7, textcoords="offset points",
                      ha="right" if above else "left")  # fmt: skip
    shares = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0]
    axes.set(xscale="log", yscale="log")
    for set_ticks in (axes.set_xticks, axes.set_yticks):
        set_ticks(shares, [f"{x:g}" for x in shares])
    axes.minorticks_off()
    axes.set(xlabel="live blocks of 64 x 64 / all blocks",
             ylabel="time / time without a mask",
             title=f"Masks, S={rows[0]['keys']}, D=128, f32")  # fmt: skip
    axes.legend(loc="upper left")
    return figure
