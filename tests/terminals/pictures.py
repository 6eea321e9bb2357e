"""One terminal, at hand or behind SSH: the right protocol, the right cells, through everything that can happen to a picture."""

import place
import replies
import stream
from stage import Failed, mark, seconds

# What the terminal itself proves to have, best first.
PROTOCOLS = {"kitty": "kitty", "konsole": "kitty", "xterm": "sixel", "mlterm": "sixel", "xterm-nosixel": None}
FINE = ",".join(map(str, replies.FINE))
# The app keeps sixels below the size at which terminals begin to cut them.
SIXEL_SIDE = 996
SIZES = ["90x30", "132x43", "120x40"]


def run(stage, terminal, *options):
    """Everything in one session; returns figures."""
    protocol = PROTOCOLS[terminal]
    looks = Looks(protocol)
    steps = [
        *looks.see(0, "120x40", "first"),
        mark("first"), "key F1", "wait-text Keys 10", *looks.only_blocks(), "wait-stable 0.4 30", mark("covered"), "shot covered", "key Escape",
        *looks.see(0, "120x40", "uncovered"),
        mark("uncovered"),
    ]
    for size in SIZES:
        steps += [f"resize {size}", *looks.see(0, size, f"at-{size}"), mark(size)]
    for number in range(1, 5):
        steps += ["key Right", *looks.see(number, "120x40", f"picture-{number + 1}"), mark(f"picture-{number + 1}")]
    steps += ["key F8", *looks.see(4, "120x40", "zoomed", zoomed=True), "key F8", *looks.see(4, "120x40", "unzoomed")]
    steps += ["key Left", *looks.see(3, "120x40", "back"), mark("back")]
    steps += ["key ctrl+q", "wait-exit 20", "expect-exit 0", "wait-no-card a 5", "wait-no-card b 5", "wait 0.5", f"wait-no-color {FINE} 5", "assert-no-card a", "shot gone"]
    name = "-".join(["pictures", terminal, *(option.strip("-") for option in options)])
    run = stage.terminal(name, terminal, steps, ["open", stage.replies["five"]], *options)
    run.check()
    worst = looks.judge(run)
    _protocol(run, protocol)
    if protocol == "kitty":
        _kitty_state(run)
    run.left_clean()
    return f"{protocol or 'half-blocks'}, cells within {worst:.2f}, {stream.weight(run.stream)} bytes of graphics, {seconds(run)}"


class Looks:
    """Looks at the picture, and afterwards judges what was seen; the size of a cell is known only then."""

    def __init__(self, protocol):
        self.protocol = protocol
        self.wanted = []

    def see(self, number, size, shot, zoomed=False):
        """Steps: picture `number` of the five is there, upright and sharp."""
        card = replies.FIVE[number][0]
        self.wanted.append((number, tuple(map(int, size.split("x"))), zoomed, shot))
        sharp = [f"wait-color {FINE} 200 20"] if self.protocol else []
        return [f"wait-card {card} 20", *sharp, "wait-stable 0.4 30", f"shot {shot}", f"assert-card {card}"]

    def only_blocks(self):
        return [f"wait-no-color {FINE} 10"]

    def judge(self, run):
        """Raises when one was not in its place; returns the largest difference in cells."""
        cell = run.result["cell_px"]
        most = SIXEL_SIDE if self.protocol == "sixel" else None
        worst = 0
        for (number, size, zoomed, shot), seen in zip(self.wanted, run.results("assert-card")):
            area = place.zoomed(size) if zoomed else place.preview(size)
            wanted = place.fitted(replies.FIVE[number][1], area, cell, most)
            difference = place.difference(seen, wanted)
            if difference > 1:
                raise Failed(f"{shot}: at {seen}, expected {wanted}, cells of {cell} pixels")
            worst = max(worst, difference)
        return worst


def _protocol(run, protocol):
    seen = stream.kinds(run.stream)
    if seen != ([protocol] if protocol else []):
        raise Failed(f"graphics in the stream: {seen or 'none'}, expected {protocol or 'none'}")


def _kitty_state(run):
    if placed := stream.on_screen(run.stream, run.mark("covered")):
        raise Failed(f"under the help there are still placements: {placed}")
    for name in ["first", "uncovered", *SIZES, "picture-2", "picture-5", "back"]:
        placed = stream.on_screen(run.stream, run.mark(name))
        if len(placed) != 1:
            raise Failed(f"at {name} these are placed, expected one: {placed}")
    cost = stream.weight(run.stream, run.mark("first"), run.mark("uncovered"))
    if cost > 200:
        raise Failed(f"hiding and showing took {cost} bytes of graphics, at most 200 expected")
    if left := stream.kept(run.stream):
        raise Failed(f"pictures left in the terminal's memory: {left}")
