"""The app itself in a real terminal: sending, refused calls, every pane, the themes."""

from stage import seconds


def sending(stage, terminal, size):
    steps = [
        "wait-text Prompt 20", "wait-stable 0.6", 'type "a red fox in the snow"', 'wait-text "red fox in the snow"', "key ctrl+s",
        "wait-text image/png 20", "wait-stable 0.5", "shot picture", "key F3", "wait-stable 0.3", "shot parts", "key F4",
        "wait-stable 0.3", "shot raw", "key F1", "wait-text Keys", "shot help", "key Escape", 'wait-no-text "next theme"', "key F9",
        "wait-stable 0.3", "shot glacier", "key F9", "wait-stable 0.3", "shot moss", "key ctrl+l", "wait-stable 0.3", "shot log",
        "key F2", "wait-stable 0.3", "shot preview", "key ctrl+q", "wait-exit 10", "expect-exit 0",
    ]
    return _play(stage, f"send-{terminal}-{size}", terminal, size, steps)


def refused(stage, terminal):
    steps = [
        "wait-text Prompt 20", "wait-stable 0.6", 'type "[scene:image-safety] a fox"', "key ctrl+s", "wait-text finishMessage 20",
        "wait-stable 0.4", "shot card", "key ctrl+q", "wait-exit 10", "expect-exit 0",
    ]
    return _play(stage, f"refused-{terminal}-80x24", terminal, "80x24", steps)


def elsewhere(stage, terminal):
    """The picture goes when another pane is zoomed, and comes back."""
    steps = [
        "wait-text Preview 20", "wait-card a 20", "key F3", "key F8", "wait-no-card a", "shot elsewhere", "key F8", "wait-card a",
        "key F2", "key F8", "wait-card a", "shot zoomed", "key ctrl+q", "wait-exit 10", "expect-exit 0", "wait-no-card a", "shot gone",
    ]
    return _play(stage, f"card-{terminal}-120x40", terminal, "120x40", steps, "open", stage.replies["card"])


def _play(stage, name, terminal, size, steps, *arguments):
    run = stage.terminal(name, terminal, steps, arguments, size=size, environment=["COLORTERM=truecolor"])
    run.check()
    run.left_clean()
    return seconds(run)
