"""The app in a terminal: a pseudo-terminal that is drained, or a pane of a tmux server of its own."""

import fcntl
import os
import pty
import select
import shutil
import struct
import subprocess
import termios
import threading
import time

from scratch import check, wait_for

SEND, NEW = b"\x13", b"\x0e"
PREVIEW = b"\x1bOQ"
PARAMETERS = b"\x1b[21~"
DOWN = b"\x1b[B"
ESCAPE = b"\x1b"
# Presses of the send key closer together than half a second count once.
BETWEEN_SENDS = 0.7


class Pty:
    """The app on a pseudo-terminal, 120 by 40, as the leader of a session whose terminal it is."""

    def __init__(self, scratch, base, env=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        tty = os.ttyname(slave)
        # The shell, the first of a new session to open it, makes it its own terminal, and becomes the app.
        script = 'exec <>"$TTY" >&0 2>&0; unset TTY; exec "$@"'
        command = ["sh", "-c", script, "sh", scratch.binary, "--profile", "local"]
        self.process = subprocess.Popen(
            command, env=scratch.env(base, TTY=tty, **(env or {})), cwd=scratch.work, start_new_session=True
        )
        scratch.started.append(self.process)
        self.pid = self.process.pid
        self.seen = bytearray()
        self.heard_at = time.monotonic()
        self._leaving = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_text("Prompt")
        os.close(slave)

    def write(self, keys):
        os.write(self.master, keys)

    def type(self, text):
        """Types and waits until the app has drawn what there was to draw."""
        before = len(self.seen)
        self.write(text.encode())
        wait_for("the app to draw what was typed", lambda: len(self.seen) > before and self.quiet())

    def quiet(self):
        return time.monotonic() - self.heard_at > 0.05

    def wait_text(self, text, seconds=20.0):
        """Waits for a word among all that was ever drawn; words are drawn in one go, lines may not be."""
        wait_for(f"{text!r} on the screen", lambda: text.encode() in self.seen, seconds)

    def hang_up(self):
        """Closes the terminal, as a lost line does."""
        # Only when nobody reads from it any more: a read in progress would hold it open.
        self._leaving.set()
        self._reader.join()
        os.close(self.master)
        self.master = None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.kill()
        if self.master is not None:
            self.hang_up()

    def _read(self):
        while not self._leaving.is_set():
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return  # the app has ended
            self.seen += data
            self.heard_at = time.monotonic()


class Tmux:
    """The app in a pane of a tmux server that nobody else uses."""

    def __init__(self, scratch, base, env=None):
        self.env = scratch.env(base, TMUX_TMPDIR=scratch.root, **(env or {}))
        self.ended = False
        new = ["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-c", scratch.work]
        self._tmux(*new, scratch.binary, "--profile", "local")
        self.pid = int(self._tmux("display-message", "-p", "#{pane_pid}"))
        self.wait_text("Prompt")

    def write(self, keys):
        self._tmux("send-keys", "-H", *(f"{key:02x}" for key in keys))

    def type(self, text):
        self._tmux("send-keys", "-l", text)
        self.wait_text(text.split()[-1])

    def wait_text(self, text, seconds=20.0):
        wait_for(f"{text!r} on the screen", lambda: text in self._tmux("capture-pane", "-p"), seconds)

    def hang_up(self):
        self._tmux("kill-server")
        self.ended = True

    def close(self):
        if not self.ended:
            self.hang_up()

    def _tmux(self, *args):
        command = ["tmux", "-L", "store", *map(str, args)]
        ran = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=20)
        check(ran.returncode == 0, f"tmux {args[0]}: {ran.stderr.strip()}")
        return ran.stdout


def have_tmux():
    return shutil.which("tmux") is not None
