"""One terminal, at hand or behind SSH: the right protocol, the right cells, through everything that can happen to a picture."""

import place
import replies
import stream
from stage import Failed, mark, seconds

# What the terminal itself proves to have, best first.
PROTOCOLS = {"kitty": "kitty", "konsole": "kitty", "xterm": "sixel", "mlterm": "sixel", "xterm-nosixel": None}
FINE = ",".join(map(str, replies.FINE))
# The app keeps sixels below the size at which terminals begin to cut them.
SIXEL_SIDE = 1000
# How far a colour may be off.
TOLERANCE = 14
# Pixels between the quadrants of a card that may have neither colour; half-blocks mix a cell there. It shows that plain
# cards are sharp: a fine line would cost sixels colours of their palette.
SHARP = 5
SEEN = [f"{number + 1}.of.5" for number in range(5)]
# The help's last column on a screen of 120 × 40.
HELP_ENDS = 97
# konsole shows the new size over the text for a while.
SETTLING = {"konsole": ["wait 2.5"]}
# A reply opens at its last picture.
LAST = len(replies.FIVE) - 1
SIZES = ["90x30", "132x43", "120x40"]


def run(stage, terminal, *options, told=None):
    """Everything in one session, with the best protocol or the one that the app is told; returns figures."""
    protocol = told or PROTOCOLS[terminal]
    looks = Looks(protocol)
    steps = [
        *looks.see(LAST, "120x40", "first"),
        mark("first"),
        "key F1", "wait-text Keys 10", f"wait-no-color {FINE} 10", "wait-stable 0.4 30", mark("covered"),
        "shot covered", "key Escape", *looks.see(LAST, "120x40", "uncovered"), mark("uncovered"),
    ]
    for size in SIZES:
        steps += [f"resize {size}", *SETTLING.get(terminal, []), *looks.see(LAST, size, f"at-{size}"), mark(size)]
    for number in reversed(range(LAST)):
        steps += ["key Left", *looks.see(number, "120x40", f"picture-{number + 1}"), mark(f"picture-{number + 1}")]
    steps += ["key F8", *looks.see(0, "120x40", "zoomed", zoomed=True), "key F8", *looks.see(0, "120x40", "unzoomed")]
    steps += ["key Right", *looks.see(1, "120x40", "back"), mark("back")]
    steps += ["key ctrl+q", "wait-exit 20", "expect-exit 0", "wait-no-card a 5", "wait-no-card b 5"]
    steps += ["wait 0.5", f"wait-no-color {FINE} 5", "assert-no-card a", "assert-no-card b", "shot gone"]
    name = "-".join(["pictures", terminal, *(option.strip("-") for option in options), *([told] if told else [])])
    arguments = ["open", stage.replies["five" if protocol == "kitty" else "plain"], *(["--preview", told] if told else [])]
    run = stage.terminal(name, terminal, steps, arguments, *options)
    run.check()
    worst = looks.judge(run)
    _covered(run)
    _protocol(run, protocol)
    if protocol == "kitty":
        _kitty_state(run)
    run.left_clean()
    return f"{protocol or 'half-blocks'}, cells within {worst:.2f}, {stream.weight(run.stream)} bytes of graphics, {seconds(run)}"


class Looks:
    """Looks at the picture, and judges afterwards what was seen; the size of a cell is known only then."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.wanted = []

    def see(self, number, size, shot, zoomed=False):
        """Steps: picture `number` of the five is there and sharp."""
        card = replies.FIVE[number][0]
        self.wanted.append((number, tuple(map(int, size.split("x"))), zoomed, shot))
        there = f"wait-color {FINE} 200 20" if self.protocol == "kitty" else f"wait-text {SEEN[number]} 20"
        return ["wait 0.5", there, "wait-stable 0.8 30", f"shot {shot}"]

    def judge(self, run):
        """Raises when one was not upright, sharp and in its place; returns the largest difference in cells."""
        cell, origin = run.result["cell_px"], run.result["origin_px"]
        most = SIXEL_SIDE if self.protocol == "sixel" else None
        areas = [place.zoomed(size) if zoomed else place.preview(size) for _, size, zoomed, _ in self.wanted]
        questions = [
            (str(run.folder / f"{shot}.png"), replies.FIVE[number][0], TOLERANCE, place.pixels(area, origin, cell))
            for (number, _, _, shot), area in zip(self.wanted, areas)
        ]
        worst = 0
        for (number, _, _, shot), area, seen in zip(self.wanted, areas, run.find(questions)):
            if not seen["upright"]:
                raise Failed(f"{shot}: card {replies.FIVE[number][0]} is {seen['orientation']}, {seen['quads']}")
            if self.protocol and (gap := _gap(seen)) > SHARP:
                raise Failed(f"{shot}: half-blocks instead of {self.protocol}, {gap} mixed columns in the middle")
            wanted = place.fitted(replies.FIVE[number][1], area, cell, most)
            cells = place.cells(seen["bbox"], origin, cell)
            difference = place.difference(cells, wanted)
            if difference > 1:
                raise Failed(f"{shot}: at {cells}, expected {wanted}, cells of {cell} pixels")
            worst = max(worst, difference)
        return worst


def _covered(run):
    """Nothing of the picture may shine through the help."""
    x, y, _, rows = place.preview((120, 40))
    box = place.pixels((x, y, HELP_ENDS - x, rows), run.result["origin_px"], run.result["cell_px"])
    [seen] = run.find([(str(run.folder / "covered.png"), "a", TOLERANCE, box)])
    if seen["pixels"] > 1000:
        raise Failed(f"{seen['pixels']} pixels of the picture shine through the help")


def _gap(seen):
    left, right = seen["quads"]["TL"]["bbox"], seen["quads"]["TR"]["bbox"]
    return right[0] - left[2] if left and right else 0


def _protocol(run, protocol):
    seen = stream.kinds(run.stream)
    if seen != ([protocol] if protocol else []):
        raise Failed(f"graphics in the stream: {seen or 'none'}, expected {protocol or 'none'}")


def _kitty_state(run):
    if placed := stream.on_screen(run.stream, run.mark("covered")):
        raise Failed(f"under the help there are still placements: {placed}")
    for name in ["first", "uncovered", *SIZES, "picture-4", "picture-1", "back"]:
        placed = stream.on_screen(run.stream, run.mark(name))
        if len(placed) != 1:
            raise Failed(f"at {name} these are placed, expected one: {placed}")
    cost = stream.weight(run.stream, run.mark("first"), run.mark("uncovered"))
    if cost > 200:
        raise Failed(f"hiding and showing took {cost} bytes of graphics, at most 200 expected")
    if left := stream.kept(run.stream):
        raise Failed(f"pictures left in the terminal's memory: {left}")
