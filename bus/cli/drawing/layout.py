"""Where things stand on a sheet: columns by what comes before, lanes by who does it. Pure.

Layered drawing in five moves: each box goes into the column after its last predecessor; a line
over several columns gets a slot in each of them; slots of a column and lane are put in the order
of what they are joined to; lanes take the height they need; lines go level through columns and
turn only in the gaps between, each source at a place of its own. Lengths are in pixels.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

GAP: Final = 56.0
"""Between two columns: where lines turn."""
SPACE: Final = 22.0
"""Between two boxes of a lane, and between a box and the border of its lane."""
HEAD: Final = 42.0
"""Width of the strip with a lane's name."""
_WIRE: Final = 14.0
_LOWEST: Final = 76.0
_SWEEPS: Final = 4

Point = tuple[float, float]
_Cell = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Box:
    """Something to be placed in a lane."""

    id: str
    lane: str
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A box or a lane with its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished layout. `lines` has the corner points of each line, by its two ends."""

    boxes: Mapping[str, Placed]
    lines: Mapping[tuple[str, str], tuple[Point, ...]]
    lanes: Mapping[str, Placed]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Slot:
    """A box, or the place where a line passes through a column."""

    id: str
    column: int
    lane: str
    width: float
    height: float


def laid_out(boxes: Sequence[Box], links: Sequence[tuple[str, str]], lanes: Sequence[str]) -> Sheet:
    """Return a layout of boxes joined by lines.

    Args:
        boxes: The boxes, each after those that have a line to it.
        links: The lines, from box to box; there is no circle among them.
        lanes: Every lane, from top to bottom.
    """
    columns = _columns(boxes, links)
    slots = {
        box.id: _Slot(box.id, columns[box.id], box.lane, box.width, box.height) for box in boxes
    }
    chains = {link: _chain(link, slots) for link in dict.fromkeys(links)}
    cells = _ordered(slots, [step for chain in chains.values() for step in pairwise(chain)])
    bands = _bands(cells, slots, lanes)
    placed = _placed(cells, slots, bands)
    lines = _lines(chains, slots, placed)
    right = max(one.x + one.width for one in placed.values()) + SPACE
    wide = {lane: Placed(band.x, band.y, right, band.height) for lane, band in bands.items()}
    bottom = max(band.y + band.height for band in bands.values())
    return Sheet({box.id: placed[box.id] for box in boxes}, lines, wide, right, bottom)


def _columns(boxes: Sequence[Box], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    columns = {box.id: 0 for box in boxes}
    before: dict[str, list[str]] = defaultdict(list)
    for source, target in links:
        before[target].append(source)
    for box in boxes:
        columns[box.id] = max((columns[one] + 1 for one in before[box.id]), default=0)
    return columns


def _chain(link: tuple[str, str], slots: dict[str, _Slot]) -> list[str]:
    """Return what a line passes, adding a slot in each column between its ends."""
    source, target = (slots[end] for end in link)
    chain = [source.id]
    for column in range(source.column + 1, target.column):
        wire = _Slot(f"{source.id}>{target.id}@{column}", column, target.lane, 0.0, _WIRE)
        slots[wire.id] = wire
        chain.append(wire.id)
    return [*chain, target.id]


def _ordered(
    slots: Mapping[str, _Slot], steps: Sequence[tuple[str, str]]
) -> dict[_Cell, list[str]]:
    """Return the slots of each column and lane, near to what they are joined to."""
    cells: dict[_Cell, list[str]] = defaultdict(list)
    for slot in slots.values():
        cells[slot.column, slot.lane].append(slot.id)
    left: dict[str, list[str]] = defaultdict(list)
    right: dict[str, list[str]] = defaultdict(list)
    for one, other in steps:
        left[other].append(one)
        right[one].append(other)
    lanes = {
        lane: place for place, lane in enumerate(dict.fromkeys(s.lane for s in slots.values()))
    }
    for sweep in range(_SWEEPS):
        near = left if sweep % 2 == 0 else right
        for cell in sorted(cells, reverse=sweep % 2 == 1):
            rank = {
                name: lanes[slots[name].lane] * len(slots) + place
                for names in cells.values()
                for place, name in enumerate(names)
            }
            wanted = {
                name: sum(rank[one] for one in near[name]) / len(near[name])
                if near[name]
                else float(rank[name])
                for name in cells[cell]
            }
            cells[cell].sort(key=lambda name: wanted[name])
    return cells


def _height(names: Sequence[str], slots: Mapping[str, _Slot]) -> float:
    return sum(slots[name].height for name in names) + SPACE * (len(names) - 1)


def _bands(
    cells: Mapping[_Cell, list[str]], slots: Mapping[str, _Slot], lanes: Sequence[str]
) -> dict[str, Placed]:
    bands: dict[str, Placed] = {}
    top = 0.0
    for lane in lanes:
        tallest = max(_height(names, slots) for (_, of), names in cells.items() if of == lane)
        height = max(tallest + 2 * SPACE, _LOWEST)
        bands[lane] = Placed(0.0, top, 0.0, height)
        top += height
    return bands


def _placed(
    cells: Mapping[_Cell, list[str]],
    slots: Mapping[str, _Slot],
    bands: Mapping[str, Placed],
) -> dict[str, Placed]:
    widths: dict[int, float] = defaultdict(float)
    for slot in slots.values():
        widths[slot.column] = max(widths[slot.column], slot.width)
    lefts = {0: HEAD + SPACE}
    for column in range(len(widths)):
        lefts[column + 1] = lefts[column] + widths[column] + GAP
    placed: dict[str, Placed] = {}
    for (column, lane), names in cells.items():
        top = bands[lane].middle - _height(names, slots) / 2
        for name in names:
            slot, room = slots[name], widths[column]
            width = slot.width or room  # a line goes level through its whole column
            x = lefts[column] + (room - width) / 2
            placed[name] = Placed(x, top, width, slot.height)
            top += slot.height + SPACE
    return placed


def _lines(
    chains: Mapping[tuple[str, str], list[str]],
    slots: Mapping[str, _Slot],
    placed: Mapping[str, Placed],
) -> dict[tuple[str, str], tuple[Point, ...]]:
    turns = _turns(chains, slots, placed)
    lines: dict[tuple[str, str], tuple[Point, ...]] = {}
    for link, chain in chains.items():
        points: list[Point] = []
        for one, other in pairwise(chain):
            here, there = placed[one], placed[other]
            points.append((here.x + here.width, here.middle))
            if here.middle != there.middle:
                turn = turns[one, slots[one].column]
                points += [(turn, here.middle), (turn, there.middle)]
            points.append((there.x, there.middle))
        lines[link] = tuple(dict.fromkeys(points))
    return lines


def _turns(
    chains: Mapping[tuple[str, str], list[str]],
    slots: Mapping[str, _Slot],
    placed: Mapping[str, Placed],
) -> dict[tuple[str, int], float]:
    """Return where the lines that leave a slot turn; lines of one slot turn together."""
    rooms: dict[int, dict[str, float]] = defaultdict(dict)
    ends: dict[int, float] = defaultdict(float)
    for chain in chains.values():
        for one, other in pairwise(chain):
            fall = placed[other].middle - placed[one].middle
            if fall:
                rooms[slots[one].column][one] = fall
    for name, slot in slots.items():
        ends[slot.column] = max(ends[slot.column], placed[name].x + placed[name].width)
    turns: dict[tuple[str, int], float] = {}
    for column, falls in rooms.items():
        # those that fall turn from below upwards, those that rise from above: fewer crossings
        order = sorted(
            falls, key=lambda one: -placed[one].middle if falls[one] > 0 else placed[one].middle
        )
        for place, name in enumerate(order, start=1):
            turns[name, column] = ends[column] + GAP * place / (len(order) + 1)
    return turns
