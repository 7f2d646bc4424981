"""InkML (W3C recommendation, 2011): a traceGroup for each sample, its label as `truth`.

Written are X and Y in 0..239 and, where the sample knows it, T in milliseconds; whatever else
of the sample is text becomes an annotation of that name. Read are files of explicit points
with a traceGroup for each sample, or with one sample alone; of other sizes than 240 the
drawing is fitted into the area.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from inkpin.common import InputError
from inkpin.common.arrays import Floats, Points, Times
from inkpin.common.files import read_bytes, replacing
from inkpin.common.progress import Progress
from inkpin.model.data.formats.rescale import to_area
from inkpin.model.data.samples import Sample
from inkpin.preprocess import AREA

_NAMESPACE = "http://www.w3.org/2003/InkML"
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_TRUTH = "truth"
_LARGEST = 2.0**53
_REMEDY = "export it again"


def write(samples: Sequence[Sample], path: Path, progress: Progress) -> list[Path]:
    """Write one file with all samples."""
    ink = Element("ink", xmlns=_NAMESPACE)
    definitions = SubElement(ink, "definitions")
    for name in ("XY", "XYT"):
        context = SubElement(definitions, "context", {_ID: name})
        channels = SubElement(context, "traceFormat")
        for channel in name:
            bounds = {"units": "ms"} if channel == "T" else {"min": "0", "max": str(AREA - 1)}
            SubElement(channels, "channel", {"name": channel, "type": "integer", **bounds})
    for place, sample in enumerate(samples):
        progress(place, len(samples))
        group = SubElement(ink, "traceGroup")
        notes = {key: text for key, text in sample.extra.items() if isinstance(text, str)}
        for kind, text in {_TRUTH: sample.label, **notes}.items():
            SubElement(group, "annotation", type=kind).text = text
        for points, times in zip(sample.strokes, sample.times, strict=True):
            table = points if times is None else np.column_stack([points, times])
            trace = SubElement(group, "trace", contextRef="#XY" if times is None else "#XYT")
            trace.text = ", ".join(" ".join(map(str, row)) for row in table.tolist())
    ElementTree.indent(ink)
    with replacing(path) as file:
        file.write(ElementTree.tostring(ink, "utf-8", xml_declaration=True) + b"\n")
    return [path]


def read(path: Path, progress: Progress) -> list[Sample]:
    """Read the samples of one file."""
    text = read_bytes(path, _REMEDY)
    try:
        ink = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError) as error:
        raise InputError(f"{path}: no sound XML ({error}): {_REMEDY}") from error
    formats = dict(_formats(ink))
    groups = [group for group in ink.iter() if _name(group) == "traceGroup"]
    groups = [group for group in groups if _TRUTH in _notes(group)] or [ink]
    samples = []
    for place, group in enumerate(groups):
        progress(place, len(groups))
        try:
            samples.append(_sample(group, formats))
        except ValueError as error:
            raise InputError(f"{path}, sample {place + 1}: {error}: {_REMEDY}") from error
    return samples


@dataclass(frozen=True)
class _Channel:
    """One value of each point."""

    name: str
    max: str | None
    units: str | None


_XY = (_Channel("X", None, None), _Channel("Y", None, None))  # where a file does not say
_ANY = "#"  # the reference to the format of traces that name none


def _formats(ink: Element) -> Iterator[tuple[str, Sequence[_Channel]]]:
    """Yield the channels of every trace format, by reference to itself and to its context."""
    for parent in ink.iter():
        for element in parent:
            if _name(element) == "traceFormat":
                channels = [
                    _Channel(channel.get("name", ""), channel.get("max"), channel.get("units"))
                    for channel in element
                    if _name(channel) == "channel"
                ]
                yield from ((f"#{key.get(_ID, '')}", channels) for key in (parent, element))


def _sample(group: Element, formats: Mapping[str, Sequence[_Channel]]) -> Sample:
    notes = _notes(group)
    label = notes.pop(_TRUTH, "")
    if not label:
        raise ValueError("no annotation 'truth' that says what was written")
    strokes: list[Floats] = []
    times: list[Times | None] = []
    ours = True
    for trace in group.iter():
        if _name(trace) == "trace" and (trace.text or "").strip():
            channels = formats.get(trace.get("contextRef", _ANY), _XY)
            table = dict(zip(channels, _columns(trace.text or "", len(channels)), strict=True))
            values = {channel.name: column for channel, column in table.items()}
            if not values.keys() >= {"X", "Y"}:
                raise ValueError("a trace without X and Y")
            strokes.append(np.column_stack([values["X"], values["Y"]]))
            clock = [column for channel, column in table.items() if _is_clock(channel)]
            times.append(clock[0].astype(np.int64) if clock else None)
            ours = ours and all(c.max == str(AREA - 1) for c in channels if c.name in "XY")
    if not strokes:
        raise ValueError("no points")
    drawn: list[Points] = [points.astype(np.int32) for points in strokes]
    return Sample(label, drawn if ours else to_area(strokes), times, notes)


def _is_clock(channel: _Channel) -> bool:
    return channel.name == "T" and channel.units == "ms"


def _columns(text: str, count: int) -> Floats:
    """Return the values of a trace's points, (count, n)."""
    rows = [row.split() for row in text.strip().rstrip(",").split(",")]
    if {len(row) for row in rows} != {count}:
        raise ValueError(f"points that are not of {count} values each, as the format says")
    values = np.array(rows, np.float64)  # differences (with ' or ") are refused here
    if not np.isfinite(values).all() or np.abs(values).max() > _LARGEST:
        raise ValueError("a number out of range")
    return values.T


def _notes(element: Element) -> dict[str, str]:
    return {
        note.get("type", ""): (note.text or "").strip()
        for note in element
        if _name(note) == "annotation"
    }


def _name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
