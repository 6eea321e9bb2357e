"""What a photo of 4096 × 4096 costs on the line, in a pane of 60 × 30 cells."""

import stream
from stage import Failed, mark

# 60 × 30 cells inside of the preview's frame.
SIZE = "62x42"
REMOTE = "SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22"
# Name: what the terminal answers like, how the app is told, most bytes.
CASES = {
    "kitty": ("kitty-remote", [], 650_000),
    "iterm": ("konsole", ["--preview", "iterm"], 120_000),
    "sixel": ("sixel", [], 200_000),
    "blocks": ("xterm", [], 80_000),
}


def run(stage, case):
    """In a pretended terminal at the end of a fast line; hiding, showing and typing come after."""
    profile, arguments, most = CASES[case]
    steps = [
        "wait-text Preview 20", "wait 1", "wait-quiet 1.5 30", "mark shown", "shot shown", "key F1", "wait-text Keys 5",
        "wait-quiet 0.5", "mark covered", "key Escape", "wait-no-text Keys 5", "wait-quiet 0.5", "mark uncovered",
        "key Escape", "wait-quiet 0.3", "mark prompt", 'type "' + "the quick brown fox jumps over it" * 2 + '"', "wait-quiet 0.5",
        "mark typed", "shot typed", "key ctrl+q", "expect-exit 0",
    ]
    run = stage.pty(f"weight-{case}", profile, steps, ["open", stage.replies["photo"], *arguments], size=SIZE, environment=[REMOTE])
    run.check()
    shown = run.mark("shown")
    bytes_ = shown if case == "blocks" else stream.weight(run.stream, 0, shown)
    if bytes_ > most or (case != "blocks" and bytes_ == 0):
        raise Failed(f"{bytes_} bytes, expected 1 to {most}")
    if case == "blocks" and stream.kinds(run.stream):
        raise Failed(f"graphics in the stream: {stream.kinds(run.stream)}")
    hiding = stream.weight(run.stream, shown, run.mark("uncovered"))
    if case == "kitty" and not 0 < hiding <= 200:
        raise Failed(f"hiding and showing took {hiding} bytes of graphics, expected 1 to 200")
    typing = stream.weight(run.stream, run.mark("prompt"), run.mark("typed"))
    if typing:
        raise Failed(f"typing for a second sent {typing} bytes of picture")
    total = run.mark("typed") - run.mark("prompt")
    run.left_clean()
    return f"{bytes_} bytes of at most {most}, hidden and shown {hiding}, typing {typing} (text {total})"


def slow(stage, terminal):
    """In a real terminal behind a line of 2 Mbit/s."""
    steps = ["wait-text Preview 40", "wait-stable 3 90", mark("shown"), "shot shown", "key ctrl+q", "wait-exit 30", "expect-exit 0"]
    line = ["--ssh", "--ssh-latency", "120", "--ssh-kbps", "2000"]
    run = stage.terminal(f"slow-{terminal}", terminal, steps, ["open", stage.replies["photo"]], *line, size=SIZE)
    run.check()
    bytes_ = stream.weight(run.stream)
    if bytes_ > 250_000:
        raise Failed(f"{bytes_} bytes, at most 250000 expected")
    run.left_clean()
    return f"{bytes_} bytes of at most 250000" if bytes_ else "left out on so slow a line, half-blocks stay"
