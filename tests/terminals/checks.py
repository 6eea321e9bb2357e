"""The checks in real terminals: which ones are run, and what came of each.

    checks.py BINARY HARNESS OUT [--all] [--only WORD]

TERMINALS, "xterm kitty" by default, says which terminals. One line per check: `ok NAME (figures)`, `FAILED NAME: why`,
`not run: NAME, why`. The exit status is the number of failed checks.
"""

import argparse
import concurrent.futures
import functools
import os
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

import app
import line
import multiplexer
import pictures
import replies
import silent
import weight
from stage import Failed, Stage, is_installed

# So many at once: each is a terminal, an X server and the app, and mostly waits.
AT_ONCE = 2


def main():
    args = arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        stage = Stage(args.binary, args.harness, args.out, Path(work))
        stage.replies = replies.write(stage.work)
        terminals = os.environ.get("TERMINALS", "xterm kitty").split()
        checks = [check for check in listed(stage, terminals, args.all) if args.only in check[0]]
        began = time.monotonic()
        failed = run(checks)
    print(f"{len(checks)} checks, {failed} failed, {time.monotonic() - began:.0f} s")
    return failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=Path)
    parser.add_argument("harness", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--all", action="store_true", help="every terminal in every surrounding; about 20 minutes")
    parser.add_argument("--only", default="", help="checks with this in their name")
    return parser.parse_args()


def listed(stage, terminals, everything):
    """Checks as (name, programs that are needed, whether it measures time, function, arguments)."""
    found = []

    def add(name, needs, function, *arguments, alone=False):
        found.append((name, needs, alone, function, (stage, *arguments)))

    for case in silent.CASES:
        add(f"silent-{case}", [], silent.run, case, alone=True)
    add("leaving", [], silent.leaving)
    add("editor", [], app.editor)
    add("echo-60-2000", ["ssh"], line.run, 60, 2000, alone=True)
    if everything:
        add("echo-120-2000", ["ssh"], line.run, 120, 2000, alone=True)
    for case in weight.CASES:
        add(f"weight-{case}", [], weight.run, case)
    for terminal in terminals:
        program = terminal.removesuffix("-nosixel")
        add(f"pictures-{terminal}", [program], pictures.run, terminal)
        add(f"pictures-{terminal}-ssh", [program, "ssh"], pictures.run, terminal, "--ssh")
        add(f"multiplexer-{terminal}-tmux", [program, "tmux"], multiplexer.run, terminal, "tmux")
        add(f"multiplexer-{terminal}-ssh-tmux", [program, "ssh", "tmux"], multiplexer.run, terminal, "ssh", "tmux")
        if everything and terminal in ("konsole", "mlterm"):
            add(f"pictures-{terminal}-iterm", [program], functools.partial(pictures.run, told="iterm"), terminal)
        if everything:
            add(f"multiplexer-{terminal}-tmux-ssh", [program, "ssh", "tmux"], multiplexer.run, terminal, "tmux", "ssh")
            add(f"refused-{terminal}-80x24", [program], app.refused, terminal)
            add(f"slow-{terminal}", [program, "ssh"], weight.slow, terminal)
        add(f"send-{terminal}-120x40", [program], app.sending, terminal, "120x40")
        add(f"send-{terminal}-80x24", [program], app.sending, terminal, "80x24")
        add(f"card-{terminal}-120x40", [program], app.elsewhere, terminal)
    if not everything and "kitty" in terminals:
        add("slow-kitty", ["kitty", "ssh"], weight.slow, "kitty")
    return found


def run(checks):
    """Runs those that measure time one after the other, then the rest, and prints each; how many failed."""
    possible = []
    for check in checks:
        missing = [program for program in check[1] if not is_installed(program)]
        if missing:
            print(f"not run: {check[0]}, {', '.join(missing)} is not installed", flush=True)
        else:
            possible.append(check)
    failed = 0
    for alone in (True, False):
        with concurrent.futures.ThreadPoolExecutor(1 if alone else AT_ONCE) as pool:
            for passed in pool.map(one, [check for check in possible if check[2] == alone]):
                failed += not passed
    return failed


def one(check):
    name, _, _, function, arguments = check
    try:
        print(f"ok {name} ({function(*arguments)})", flush=True)
        return True
    except Failed as why:
        print(f"FAILED {name}: {why}", flush=True)
    except Exception as error:
        print(f"FAILED {name}: {type(error).__name__}: {error}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
