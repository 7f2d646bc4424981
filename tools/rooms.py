"""Draw the house from its real imports: `./dev lint --fix` writes docs/rooms.svg.

A panel for each layered contract of pyproject.toml, which says what stands over what; an arrow
points from who imports to what is imported. Those that follow from others are left out.
"""

import sys
import tomllib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "rooms.svg"
WIDTH, HEIGHT, GAP, ROW = 124, 28, 14, 58
TITLE = 44


def layers(contract: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return the modules of a layers contract, row by row from the top, by full names."""
    container = contract.get("containers", [""])[0]
    return [
        [f"{container}.{name.strip(' ()')}".lstrip(".") for name in row.split("|")]
        for row in contract["layers"]
    ]


def imports(graph: grimp.ImportGraph, modules: Sequence[str]) -> dict[str, set[str]]:
    """Return which of `modules`, with all that is in them, import which others."""
    inside = {name: room for room in modules for name in {room, *graph.find_descendants(room)}}
    found: dict[str, set[str]] = {room: set() for room in modules}
    for name, room in inside.items():
        found[room] |= {
            inside[other]
            for other in graph.find_modules_directly_imported_by(name)
            if other in inside
        } - {room}
    return found


def reduced(edges: Mapping[str, set[str]], rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the arrows that no way over others implies; one that points up is never left out."""
    row_of = {name: line for line, row in enumerate(rows) for name in row}
    below: dict[str, set[str]] = {}
    kept = []
    for module in sorted(edges, key=row_of.__getitem__, reverse=True):
        down = {other for other in edges[module] if row_of[other] > row_of[module]}
        implied = set().union(*(below[other] for other in down))
        below[module] = down | implied
        kept += [(module, other) for other in sorted(edges[module] - implied)]
    return kept


def panel(title: str, rows: Sequence[Sequence[str]], edges: Sequence[tuple[str, str]]) -> list[str]:
    """Return the SVG of one contract, its upper left corner at 0, 0."""
    widest = max(map(len, rows)) * (WIDTH + GAP) - GAP
    middle = {
        name: (
            (widest - len(row) * (WIDTH + GAP) + GAP) / 2 + i * (WIDTH + GAP) + WIDTH / 2,
            TITLE + line * ROW,
        )
        for line, row in enumerate(rows)
        for i, name in enumerate(row)
    }
    made = [f'<text class="title" x="0" y="16">{escape(title)}</text>']
    for a, b in edges:
        (x1, y1), (x2, y2) = middle[a], middle[b]
        row = rows[(y2 - TITLE) // ROW]
        if y2 - y1 == ROW or b not in (row[0], row[-1]):  # from above
            curve = (x1, y1 + HEIGHT, x1, y1 + HEIGHT + 16, x2, y2 - 20, x2, y2 - 3)
        else:  # past the rows between
            side = WIDTH / 2 if b == row[-1] else -WIDTH / 2
            y1, y2 = y1 + HEIGHT // 2, y2 + HEIGHT // 2
            bend = max(x1 / side, x2 / side) * side + side + side * (y2 - y1) / ROW / 5
            curve = (x1 + side, y1, bend, y1, bend, y2, x2 + side * 1.05, y2)
        numbers = "M{:g},{:g} C{:g},{:g} {:g},{:g} {:g},{:g}".format(*curve)
        made.append(f'<path d="{numbers}" marker-end="url(#tip)"/>')
    for name, (x, y) in middle.items():
        made += [
            f'<rect x="{x - WIDTH / 2:g}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>',
            f'<text x="{x:g}" y="{y + 19}" text-anchor="middle">{name.rpartition(".")[2]}</text>',
        ]
    return made


STYLE = """
rect { fill: #eef3fb; stroke: #4a6fa5; }
path { fill: none; stroke: #7b8794; stroke-width: 1.2; }
text { font: 13px sans-serif; fill: #1b2733; }
.title { font-weight: bold; }
"""


def picture() -> str:
    """Return the whole picture as SVG."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    roots = settings["root_packages"]
    graph = grimp.build_graph(roots[0], *roots[1:], exclude_type_checking_imports=True)
    panels, x, tallest = [], 20, 0
    for contract in settings["contracts"]:
        if contract["type"] != "layers":
            continue
        rows = layers(contract)
        edges = reduced(imports(graph, [name for row in rows for name in row]), rows)
        inside = "\n".join(panel(contract["name"], rows, edges))
        panels.append(f'<g transform="translate({x} 20)">\n{inside}\n</g>')
        x += max(max(map(len, rows)) * (WIDTH + GAP), 300) + 90
        tallest = max(tallest, TITLE + len(rows) * ROW)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} {tallest + 20}">',
            f"<style>{STYLE}</style>",
            '<defs><marker id="tip" viewBox="0 0 6 6" refX="5" refY="3" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0,0 L6,3 L0,6"/></marker></defs>',
            f'<rect width="{x}" height="{tallest + 20}" style="fill: white; stroke: none"/>',
            *panels,
            "</svg>\n",
        ]
    )


def main() -> int:
    """Return whether the picture shows other imports than there are, if it may not be made anew."""
    drawn = picture()
    if PICTURE.read_text("utf-8") == drawn:
        return 0
    if "--fix" in sys.argv[1:]:
        PICTURE.write_text(drawn, "utf-8")
        return 0
    print(f"{PICTURE.relative_to(ROOT)}: the imports are others now: ./dev lint --fix")
    return 1


if __name__ == "__main__":
    sys.exit(main())
