"""The app itself in a real terminal: sending, refused calls, every pane, the themes."""

from stage import Failed, seconds


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
        "key ctrl+q", "wait-exit 10", "expect-exit 0", "wait-no-card a", "shot gone",
    ]
    return _play(stage, f"card-{terminal}-120x40", terminal, "120x40", steps, "open", stage.replies["card"])


def editor(stage):
    """A program that the terminal is lent to gets every key, each time."""
    lines = stage.work / "edited"
    script = stage.work / "editor.sh"
    script.write_text(f'echo EDITOR-RUNS\nread -r line </dev/tty\necho "$line" >>{lines}\n')
    steps = ["wait-text Prompt 20"]
    words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
    for word in words:
        steps += ["wait 0.4", "key ctrl+g", "wait-text EDITOR-RUNS 5", "wait 0.3", f'type "{word}"', "key Return", "wait-text Prompt 5"]
    steps += ["wait 0.4", "key ctrl+q", "expect-exit 0"]
    run = stage.pty("editor", "kitty", steps, [], environment=[f"EDITOR=sh {script}", "VISUAL="])
    run.check()
    typed = lines.read_text().split()
    if typed != words:
        raise Failed(f"the editor was given {typed}, typed was {words}")
    run.left_clean()
    return f"{len(words)} times"


def _play(stage, name, terminal, size, steps, *arguments):
    run = stage.terminal(name, terminal, steps, arguments, size=size, environment=["COLORTERM=truecolor"])
    run.check()
    run.left_clean()
    return seconds(run)
