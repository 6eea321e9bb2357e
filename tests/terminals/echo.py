"""How long keys wait for their echo behind SSH on a slow line, while a sharp picture is on its way.

    echo.py HARNESS FOLDER MS KBPS COMMAND...     MS each way; prints one line of JSON

A program of its own, because the harness's modules want to be the ones that begin.
"""

import json
import re
import shlex
import sys
import time

PAUSE = 0.09
LONGEST = 20


def main():
    harness, folder, ms, kbps, *command = sys.argv[1:]
    sys.path.insert(0, harness)
    import ptyshot
    import termshot

    termshot.become_subreaper()
    log = open(f"{folder}/sshd.log", "wb")
    try:
        sshd = termshot.Sshd(folder, log)
        argv = sshd.argv(shlex.join(command), float(ms), float(kbps))
        terminal = ptyshot.Pty(argv, profile="kitty-remote", record=f"{folder}/stream")
        print(json.dumps(measure(terminal, ptyshot.keybytes)))
        terminal.close()
    finally:
        termshot.end_all()


def measure(terminal, keybytes):
    seen = lambda words: any(words in line for line in terminal.lines())
    if not terminal.until(lambda: seen("Preview"), 20):
        return {"error": "there was no first screen"}
    terminal.send(keybytes("Escape"))
    if not terminal.until(lambda: is_sending(terminal), 20):
        return {"error": "no picture was sent"}
    typed, sent_at, waits = "", [], []
    began = time.monotonic()
    due = began
    sending = True
    while len(waits) < len(typed) or sending:
        now = time.monotonic()
        if now - began > LONGEST:
            return {"error": "no end", "typed": len(typed), "echoed": len(waits), "waits": waits}
        if sending and now >= due:
            letter = "abcdefghij"[len(typed) % 10]
            terminal.send(letter.encode())
            typed += letter
            sent_at.append(now)
            due = now + PAUSE
        terminal.pump(max(0.001, min(due, now + 0.02) - now))
        shown = prompt(terminal.lines())
        while len(waits) < len(typed) and shown.startswith(typed[: len(waits) + 1]):
            waits.append(round((time.monotonic() - sent_at[len(waits)]) * 1000))
        if len(typed) > 40:
            sending = sending and not is_placed(terminal) and len(typed) < 200
    took = time.monotonic() - began
    terminal.send(keybytes("ctrl+q"))
    terminal.until(lambda: terminal.wait() is not None, 10)
    return {"waits": waits, "picture": sum(sent["bytes"] for sent in terminal.model.graphics), "placed": is_placed(terminal), "seconds": round(took, 1)}


def is_sending(terminal):
    return any(sent["kind"] == "kitty" and "a=t" in sent["head"] for sent in terminal.model.graphics)


def is_placed(terminal):
    return any(sent["kind"] == "kitty" and "a=p" in sent["head"] for sent in terminal.model.graphics)


def prompt(lines):
    """What stands in the prompt's box, the top left one."""
    inside = []
    for line in lines[1:]:
        box = re.match(r"[│┃║|](.*?)[│┃║|]", line)
        if not box:
            break
        inside.append(box[1].strip())
    return "".join(inside)


if __name__ == "__main__":
    main()
