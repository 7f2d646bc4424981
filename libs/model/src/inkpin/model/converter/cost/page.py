"""The report of a conversion as a page that one keeps: one file, nothing from elsewhere."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from inkpin.model.converter.integer_program import IntegerProgram

# Pixels of the graph: a box, between boxes, from row to row, between lines beside them.
_BOX, _HEIGHT, _GAP, _ROW, _LANE = 190, 40, 24, 62, 9
_WIDE, _HIGH = 900, 260  # of the arena's map
_COLOURS = ("#4a7fb5", "#c8783c", "#5a9a68", "#a05c8c", "#8c8044", "#5c94a0")
_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
       color: #1d2733; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { padding: .2rem .5rem; text-align: left; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr + tr td { border-top: 1px solid #dde3ea; } .nodes { overflow-wrap: anywhere; }
.bar { background: #7fa9d2; height: .8rem; min-width: 1px; } .warning { color: #9c2f18; }
.wide { overflow-x: auto; } svg text { font: 12px system-ui, sans-serif; fill: #1d2733; }
"""


def page(name: str, program: IntegerProgram, report: Mapping[str, Any]) -> str:
    """Return the text of an HTML file.

    Args:
        name: of the network.
        program: the network in integers.
        report: of it, as Converted.report has it.
    """
    flash = ", ".join(f"{key} {_bytes(n)}" for key, n in report["flash_bytes"].items())
    facts = {
        "flash": flash,
        "RAM": _bytes(report["ram_bytes"]),
        "multiply-accumulates": f"{report['macs']:,}",
        "operators": ", ".join(f"{kind} {count}" for kind, count in report["ops"].items()),
        **({"dropped": ", ".join(report["dropped"])} if report["dropped"] else {}),
        **_comparisons(report),
    }
    rows = "".join(
        f"<tr><th>{_text(key)}</th><td>{_text(said)}</td></tr>" for key, said in facts.items()
    )
    warnings = "".join(f'<p class="warning">warning: {_text(w)}</p>' for w in report["warnings"])
    return (
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_text(name)}: what it costs</title><style>{_STYLE}</style>\n"
        f"<h1>{_text(name)} as fixed-point C</h1>\n<table>{rows}</table>\n{warnings}\n"
        f"<h2>The network</h2>\n<div class=wide>{_graph(program, report['nodes'])}</div>\n"
        f"<h2>Step by step</h2>\n{_steps(report['nodes'])}\n"
        f"<h2>The arena</h2>\n<p>{report['arena_bytes']:,} bytes; no plan can do with less than "
        f"{report['arena_bound']:,}. Across: steps; down: bytes.</p>\n"
        f"<div class=wide>{_arena(report)}</div>\n</html>\n"
    )


def _comparisons(report: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for output in report["outputs"]:
        compared = output.get("onnxruntime")
        said = "not compared: that takes calibration data"
        if compared:
            parts = [f"{compared['samples']} samples"]
            if compared["agreement"] is not None:
                parts.append(f"same best class {compared['agreement']:.2%}")
            if compared["snr_db"] is not None:
                parts.append(f"{compared['snr_db']:g} dB of signal to noise")
            said = compared["failure"] or ", ".join(parts)
        found[f"output {output['name']} beside onnxruntime"] = said
    return found


def _steps(nodes: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of the calls, a bar for each number."""
    columns = {"MACs": "macs", "flash": "flash", "RAM": "ram", "SNR/dB": "snr_db"}
    most = {
        key: max((node[key] or 0 for node in nodes), default=0) or 1 for key in columns.values()
    }
    head = "".join(f'<th class="n">{label}</th><th></th>' for label in columns)
    rows = []
    for number, node in enumerate(nodes):
        cells = []
        for key in columns.values():
            value = node[key]
            shown = "" if value is None else f"{value:.1f}" if key == "snr_db" else f"{value:,}"
            width = 0 if value is None else max(0.0, 60 * value / most[key])
            bar = f'<div class="bar" style="width:{width:.0f}px"></div>'
            cells.append(f'<td class="n">{shown}</td><td>{bar}</td>')
        said = f"{_text(node['kernel'])}: {_text(' '.join(node['nodes']))}"
        rows.append(
            f'<tr><td class="n">{number}</td>{"".join(cells)}<td class="nodes">{said}</td></tr>'
        )
    return f"<table><tr><th></th>{head}<th>kernel and nodes</th></tr>{''.join(rows)}</table>"


def _graph(program: IntegerProgram, nodes: Sequence[Mapping[str, Any]]) -> str:
    """Return the calls as boxes, each below all that it reads, and lines between them."""
    inputs = [each.name for each in program.inputs]
    level = dict.fromkeys([*inputs, *program.constants], 0)
    for call in program.calls:
        level[call.output] = 1 + max((level[name] for name in call.inputs), default=0)
    rows: dict[int, list[str]] = {}
    for name in (*inputs, *(call.output for call in program.calls)):
        rows.setdefault(level[name], []).append(name)
    widest = max(map(len, rows.values()))
    width = widest * (_BOX + _GAP) + 2 * _GAP
    places = {}
    for row, names in rows.items():
        left = (width - len(names) * (_BOX + _GAP)) / 2
        for i, name in enumerate(names):
            places[name] = left + i * (_BOX + _GAP), row * _ROW + 10
    edges = [
        (name, call.output) for call in program.calls for name in call.inputs if name in places
    ]
    lines = [
        _line(places[start], places[end]) for start, end in edges if level[end] - level[start] == 1
    ]
    rights = {row: max(places[name][0] for name in names) + _BOX for row, names in rows.items()}
    ways: list[tuple[range, float]] = []
    for start, end in edges:
        between = range(level[start] + 1, level[end])
        if between:
            beside = [at for others, at in ways if {*others} & {*between}]
            across = max([*(rights[row] for row in between), *beside]) + _LANE
            ways.append((between, across))
            lines.append(_detour(places[start], places[end], across))
    wide = max([width, *(across + _LANE for _, across in ways)])
    said = dict.fromkeys(inputs, "input")
    for call, node in zip(program.calls, nodes, strict=True):
        snr = "" if node["snr_db"] is None else f", {node['snr_db']:.1f} dB"
        said[call.output] = f"{node['kernel']}{snr}"
    boxes = [
        f"<g><title>{_text(name)}</title>"
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{_BOX}" height="{_HEIGHT}" rx="6" '
        f'fill="{"#e9f3ec" if name in program.results else "#eef3f8"}" stroke="#8a96a3"/>'
        f'<text x="{x + 8:.0f}" y="{y + 16:.0f}">{_text(_short(said[name]))}</text>'
        f'<text x="{x + 8:.0f}" y="{y + 33:.0f}">{_text(_short(_held(program, name)))}</text></g>'
        for name, (x, y) in places.items()
    ]
    high = (max(rows) + 1) * _ROW
    return _svg(wide, high, [*lines, *boxes], "the network, from its inputs down to its outputs")


def _line(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return a line from one box down to one in the next row."""
    (x, y), (to_x, to_y) = ((left + _BOX / 2, top) for left, top in (start, end))
    return _path(f"M{x:.0f} {y + _HEIGHT:.0f}L{to_x:.0f} {to_y:.0f}")


def _detour(start: tuple[float, float], end: tuple[float, float], across: float) -> str:
    """Return a line from one box down to another, `across` being right of all between."""
    (x, y), (to_x, to_y) = ((left + _BOX * 3 / 4, top) for left, top in (start, end))
    return _path(f"M{x:.0f} {y + _HEIGHT:.0f}v6H{across:.0f}V{to_y - 6:.0f}H{to_x:.0f}V{to_y:.0f}")


def _path(way: str) -> str:
    return f'<path d="{way}" fill="none" stroke="#8a96a3" stroke-linejoin="round"/>'


def _held(program: IntegerProgram, name: str) -> str:
    held = program.types[name]
    return f"{'x'.join(map(str, held.shape)) or '1'} {held.kind}"


def _arena(report: Mapping[str, Any]) -> str:
    """Return what lies where, from step to step."""
    steps, total = max(len(report["nodes"]), 1), max(report["arena_bytes"], 1)
    across, down = (_WIDE - 20) / steps, _HIGH / total
    parts = []
    for i, place in enumerate(report["arena"]):
        x, y = 10 + place["first"] * across, place["offset"] * down
        wide = (place["last"] - place["first"] + 1) * across
        high = max(place["bytes"] * down, 1.0)
        told = f"{place['name']}: {place['bytes']:,} bytes at {place['offset']:,}"
        parts.append(
            f'<g><title>{_text(told)}</title><rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
            f'height="{high:.1f}" fill="{_COLOURS[i % len(_COLOURS)]}" fill-opacity=".45" '
            'stroke="#fff"/>'
        )
        if high >= 14:
            shown = _text(_short(place["name"], int(wide / 7)))
            parts.append(f'<text x="{x + 3:.1f}" y="{y + 12:.1f}">{shown}</text>')
        parts.append("</g>")
    if report["arena_bytes"]:
        ticks = range(0, steps, max(1, steps // 20))
        parts += [
            f'<text x="{10 + (step + 0.4) * across:.1f}" y="{_HIGH + 16}">{step}</text>'
            for step in ticks
        ]
    return _svg(_WIDE, _HIGH + 22, parts, "what lies in the arena at each step")


def _svg(width: float, height: float, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg role="img" aria-label="{label}" width="{width:.0f}" height="{height:.0f}">'
        f"{''.join(parts)}</svg>"
    )


def _short(text: str, room: int = 27) -> str:
    return text if len(text) <= room else f"{text[: max(room - 1, 0)]}…"


def _text(text: str) -> str:
    return html.escape(text)


def _bytes(size: int | None) -> str:
    return "no compiler for it here" if size is None else f"{size:,} bytes"
