"""Runs the app in the harness's terminals, and says how it went."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Failed(Exception):
    """A check did not hold; the message says what was seen and what was expected."""


class Stage:
    def __init__(self, binary, harness, out, work):
        self.harness, self.out, self.work = harness, out, work
        # The far side of SSH sees this folder, and neither the one that the program was built in nor this one.
        self.binary, self.around = work / "unpeel", work / "around.sh"
        shutil.copy(binary, self.binary)
        shutil.copy(HERE / "around.sh", self.around)

    def terminal(self, name, kind, steps, arguments, *options, size="120x40", environment=()):
        """The app in a real terminal; `steps` is a list of the harness's steps."""
        run = Run(self, name)
        run.begin(steps)
        command = [self.harness / "termshot.py", "--terminal", kind, "--size", size, "--record", "--out", run.folder]
        command += ["--keys", run.folder / "steps", "--cwd", run.folder, "--ssh-keep", self.work, "--timeout", "240"]
        run.play([*command, *options, "--", *run.wrapped(arguments, environment)])
        return run

    def pty(self, name, profile, steps, arguments, *options, size="120x40", environment=()):
        """The app in a pseudo-terminal that answers like the terminal `profile`."""
        run = Run(self, name)
        run.begin(steps)
        command = [self.harness / "ptyshot.py", "--profile", profile, "--size", size, "--out", run.folder]
        command += ["--keys", run.folder / "steps", "--timeout", "120"]
        run.play([*command, *options, "--", *run.wrapped(arguments, environment)])
        return run


class Run:
    """One run: its steps with their results, its stream, and the notes of `around.sh`."""

    def __init__(self, stage, name):
        self.stage, self.name = stage, name
        self.folder = stage.out / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def begin(self, steps):
        (self.folder / "steps").write_text("\n".join(steps) + "\n")

    def wrapped(self, arguments, environment):
        settings = [f"HOME={self.folder}/home", f"UNPEEL_STATE_DIR={self.folder}/state", *environment]
        return ["sh", self.stage.around, self.folder, "env", *settings, self.stage.binary, *arguments]

    def play(self, command):
        began = time.monotonic()
        command = [sys.executable, *map(str, command)]
        with open(self.folder / "log", "wb") as log:
            self.status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
        self.seconds = time.monotonic() - began
        result = self.folder / "result.json"
        self.result = json.loads(result.read_text()) if result.exists() else {"steps": []}
        stream = self.folder / "stream.out"
        self.stream = stream.read_bytes() if stream.exists() else b""

    def check(self):
        """Raises with the step that failed."""
        if self.status == 0:
            return
        failed = [step for step in self.result["steps"] if not step["ok"]]
        if failed:
            number = self.result["steps"].index(failed[0]) + 1
            raise Failed(f"step {number} `{failed[0]['step']}`: {failed[0].get('error')}")
        raise Failed(f"the harness ended with {self.status}: {(self.folder / 'log').read_text()[-300:].strip()}")

    def results(self, word):
        """Results of the steps that begin so, in order."""
        return [step.get("result") for step in self.result["steps"] if step["step"].startswith(word)]

    def find(self, questions):
        """What the harness finds: see find.py."""
        command = [sys.executable, HERE / "find.py", self.stage.harness]
        found = subprocess.run(command, input=json.dumps(questions), capture_output=True, text=True, check=True)
        return json.loads(found.stdout)

    def mark(self, name):
        """Bytes that the program had written at `mark(name)`."""
        for step in self.result["steps"]:
            if step["step"].startswith("run ") and (step.get("result") or {}).get("out", "").startswith(f"{name} "):
                return int(step["result"]["out"].split()[1])
            if step["step"] == f"mark {name}":
                return step["result"]["out_bytes"]
        raise Failed(f"there is no mark {name}")

    def notes(self, name):
        path = self.folder / name
        return path.read_bytes() if path.exists() else b""

    def left_clean(self):
        """Raises when the terminal was not left as it was found."""
        before, after = self.notes("settings.before"), self.notes("settings.after")
        if not before or before != after:
            raise Failed(f"the terminal's settings were {before!r} and became {after!r}")
        if self.notes("title.before") != self.notes("title.after"):
            raise Failed(f"the pane's title became {self.notes('title.after')!r}")
        if self.notes("unread"):
            raise Failed(f"left unread for the shell: {self.notes('unread')!r}")
        after = self.stream.rpartition(b"\x1b[?1049l")[2]
        if after.strip(b"\r\n"):
            raise Failed(f"written after leaving: {after[:200]!r}")


def mark(name):
    """The step that notes how much the program has written."""
    return f'run "echo {name} $(stat -c %s stream.out)"'


def is_installed(program):
    return shutil.which(program) is not None


def seconds(run):
    return f"{run.seconds:.0f} s"
