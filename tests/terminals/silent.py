"""Terminals that do not answer, or late, or byte by byte: the app starts at once, and what is typed is what is typed."""

import json
import re

from stage import Failed

CASES = {
    "silent": ("none", []),
    "late": ("kitty-remote", ["--reply-delay", "3000"]),
    "late-sixel": ("sixel", ["--reply-delay", "3000"]),
    "split": ("kitty-remote", ["--reply-delay", "20", "--reply-split"]),
    "split-slow": ("kitty-remote", ["--reply-delay", "60", "--reply-split"]),
    "split-very-slow": ("konsole", ["--reply-delay", "150", "--reply-split"]),
}
# The pretended terminal waits so long before it starts the program.
HEAD_START = 0.05
LIMIT = 1.5


def run(stage, case):
    profile, options = CASES[case]
    # Two questions, the second one after the first answer.
    patience = 12 if "slow" in case else 7
    steps = [
        "wait 0.05", 'type "abc"', "wait-text abc 10", f"wait {patience}", "shot after-replies", 'type "def"', "wait-text abcdef 5",
        "shot end", "key ctrl+q", "expect-exit 0",
    ]
    run = stage.pty(f"silent-{case}", profile, steps, [], *options)
    run.check()
    took = _first_screen(run)
    if took > LIMIT:
        raise Failed(f"the first screen took {took * 1000:.0f} ms, at most {LIMIT * 1000:.0f} expected")
    text = _prompt((run.folder / "end.txt").read_text())
    if text != "abcdef":
        raise Failed(f"the prompt reads {text!r}, expected 'abcdef'")
    run.left_clean()
    return f"first screen after {took * 1000:.0f} ms"


def _first_screen(run):
    """Seconds until the program had written a whole screen."""
    for line in (run.folder / "stream.jsonl").read_text().splitlines():
        record = json.loads(line)
        written = run.stream[: record["at"] + record["n"]]
        if record["dir"] == "o" and b"Prompt" in written and b"Preview" in written:
            return record["t"] - HEAD_START
    raise Failed("there was no first screen")


def _prompt(screen):
    """What stands in the prompt's box, the top left one."""
    lines = []
    for line in screen.splitlines()[1:]:
        inside = re.match(r"[│┃║|](.*?)[│┃║|]", line)
        if not inside:
            break
        lines.append(inside[1].strip())
    return "\n".join(lines).strip()


def leaving(stage):
    """Quit while a picture is on its way and the terminal's answer is under way: it must not reach the shell."""
    steps = ["wait-text Preview 20", "wait 1.6", "key ctrl+q", "expect-exit 0"]
    environment = ["SSH_CONNECTION=192.0.2.1 50000 192.0.2.2 22"]
    run = stage.pty(
        "leaving", "kitty-remote", steps, ["open", stage.replies["photo"]], "--reply-delay", "300", environment=environment
    )
    run.check()
    run.left_clean()
    return "nothing left unread"
