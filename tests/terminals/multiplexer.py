"""In tmux, at hand or behind SSH: half-blocks, no graphics byte, no title changed."""

import stream
from pictures import FINE
from stage import Failed, seconds


def run(stage, terminal, *layers):
    steps = [
        "wait-card a 20", "wait-stable 0.6 30", f"wait-no-color {FINE} 2", "assert-card a", "shot shown",
        "key F1", "wait-text Keys 10", "wait-stable 0.4 30", "shot covered", "key Escape", "wait-card a 10",
        "resize 90x30", "wait-card a 10", "resize 120x40", "wait-card a 10", "key Left", "wait-card b 10", "shot second",
        "key ctrl+q", "wait-exit 20", "expect-exit 0", "wait-no-card b 5", "wait 0.4", "assert-no-card b", "shot gone",
    ]
    name = "-".join(["multiplexer", terminal, *layers])
    run = stage.terminal(name, terminal, steps, ["open", stage.replies["plain"]], "--layers", ",".join(layers))
    run.check()
    if found := stream.kinds(run.stream):
        raise Failed(f"graphics in the stream: {found}")
    for bad, what in ((b"\x1b_", "an APC string"), (b"\x1bP", "a DCS string"), (b"\x1bk", "a title")):
        if bad in run.stream:
            at = run.stream.index(bad)
            raise Failed(f"{what} in the stream: {run.stream[at:at + 40]!r}")
    run.left_clean()
    return f"half-blocks, {len(run.stream)} bytes, {seconds(run)}"
