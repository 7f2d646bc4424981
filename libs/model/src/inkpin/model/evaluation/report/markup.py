"""Pieces of HTML, each with everything escaped that is text."""

import base64
from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(value: object) -> Html:
    """Return a value as HTML: escaped, unless it is HTML already."""
    return value if isinstance(value, Html) else Html(escape(str(value)))


def joined(parts: Iterable[object]) -> Html:
    """Return values as HTML, one behind the other."""
    return Html("\n".join(map(html, parts)))


def section(name: str, title: str, *parts: object) -> Html:
    """Return a part of the page under a heading; links lead to #name."""
    body = joined(parts)
    return Html(f'<section id="{escape(name)}">\n<h2>{escape(title)}</h2>\n{body}\n</section>')


def paragraph(*parts: object) -> Html:
    """Return a paragraph."""
    return Html(f"<p>{''.join(map(html, parts))}</p>")


def code(text: str) -> Html:
    """Return something that a person types."""
    return Html(f"<code>{escape(text)}</code>")


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], *, text_columns: int = 1
) -> Html:
    """Return a table whose first columns hold text, so many of them, and the others numbers."""

    def line(tag: str, cells: Sequence[object]) -> str:
        kinds = ("" if i < text_columns else ' class="n"' for i in range(len(cells)))
        pairs = zip(kinds, cells, strict=True)
        return f"<tr>{''.join(f'<{tag}{kind}>{html(cell)}</{tag}>' for kind, cell in pairs)}</tr>"

    body = "\n".join(line("td", row) for row in rows)
    return Html(
        f'<div class="wide"><table>\n<thead>{line("th", head)}</thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def picture(content: bytes, alt: str, kind: str = "") -> Html:
    """Return a PNG or SVG as part of the page; `kind` is a class of its style."""
    mime = "image/png" if content.startswith(b"\x89PNG") else "image/svg+xml"
    data = base64.b64encode(content).decode()
    look = f' class="{escape(kind)}"' if kind else ""
    return Html(f'<img{look} alt="{escape(alt)}" src="data:{mime};base64,{data}">')


def figure(content: Html, caption: object, kind: str = "") -> Html:
    """Return something with words below it."""
    look = f' class="{escape(kind)}"' if kind else ""
    return Html(f"<figure{look}>{content}<figcaption>{html(caption)}</figcaption></figure>")


def absent(what: str, why: str) -> Html:
    """Return a sentence about a figure that could not be had."""
    return paragraph(f"{what}: left out here. {why[:1].upper()}{why[1:]}.")


def percent(share: float | None, digits: int = 2) -> str:
    """Return a share in percent; a dash for none."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def whole_number(number: int | None) -> str:
    """Return a number; a dash where it could not be had."""
    return "–" if number is None else f"{number:,}"
