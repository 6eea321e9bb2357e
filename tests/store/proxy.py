"""A proxy in front of the demo: passes every byte on, drop by drop if asked, and remembers it with its time."""

import random
import socket
import threading
import time
from bisect import bisect_right

READ = 64 * 1024
# Little room for what was not read yet, so that a slow proxy is felt as a slow line by the client.
ROOM = 64 * 1024


class Message:
    """One HTTP message as it goes by: its head, and its body without the framing of chunks."""

    def __init__(self):
        self.head = b""
        self.body = bytearray()
        self.seen = 0  # bytes of any kind
        self.whole_at = None  # when its last byte came
        self.over_at = None  # when nothing more could come
        self.marks = []  # (time, length of the body that had been passed on by then)
        self._pending = bytearray()
        self._length = None
        self._chunked = False
        self._left = 0  # of the current chunk, the line end behind it included

    def feed(self, data):
        self.seen += len(data)
        self._pending += data
        if not self.head:
            end = self._pending.find(b"\r\n\r\n")
            if end < 0:
                return
            self.head = bytes(self._pending[:end])
            del self._pending[: end + 4]
            self._read_head()
        if self._chunked:
            self._unchunk()
        else:
            self.body += self._pending
            self._pending.clear()
            self._whole(self._length is not None and len(self.body) >= self._length)

    def passed(self):
        self.marks.append((time.monotonic(), len(self.body)))

    def end(self):
        """The connection ended, which ends a body without a length."""
        self.over_at = time.monotonic()
        self._whole(self.head and self._length is None and not self._chunked)

    def length_at(self, moment):
        """How much of the body had been passed on at a time."""
        at = bisect_right(self.marks, (moment, float("inf")))
        return self.marks[at - 1][1] if at else 0

    def _whole(self, is_whole):
        if is_whole and self.whole_at is None:
            self.whole_at = time.monotonic()

    def _read_head(self):
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = headers.get("content-length")
        self._length = int(length) if length is not None and not self._chunked else None

    def _unchunk(self):
        while self._pending and self.whole_at is None:
            if self._left == 0:
                end = self._pending.find(b"\r\n")
                if end < 0:
                    return
                size = int(bytes(self._pending[:end]).split(b";")[0], 16)
                del self._pending[: end + 2]
                self._whole(size == 0)
                self._left = size + 2
                continue
            take = min(len(self._pending), self._left)
            self.body += self._pending[: max(0, min(take, self._left - 2))]
            del self._pending[:take]
            self._left -= take


class Connection:
    def __init__(self, client, demo):
        self.client, self.demo = client, demo
        self.request, self.reply = Message(), Message()

    def close(self):
        for end in (self.client, self.demo):
            try:
                # Shutting down wakes a thread that is blocked in the socket; closing does not.
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Proxy:
    """Listens on a port of its own, so that whoever was given this port is known by it.

    `up` and `down` are bytes a second, None is at once. Pieces and pauses between them are drawn from the seed.
    """

    def __init__(self, demo_port, seed=0, up=None, down=None):
        self.demo_port, self.up, self.down = demo_port, up, down
        self.connections = []
        self.changed = threading.Condition()
        self._seed = seed
        self._closing = threading.Event()
        self._threads = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def posts(self):
        """The connections on which anything was said."""
        with self.changed:
            return [connection for connection in self.connections if connection.request.seen]

    def wait(self, seen, seconds):
        """Waits until `seen(connection)` holds for one of the connections; whether it came to that."""
        with self.changed:
            return self.changed.wait_for(lambda: any(map(seen, self.connections)), seconds)

    def close(self):
        """Ends all connections; afterwards nothing is recorded any more."""
        self._closing.set()
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for connection in list(self.connections):
            connection.close()
        for thread in list(self._threads):
            thread.join(10)
        for connection in list(self.connections):
            connection.client.close()
            connection.demo.close()

    def _start(self, run, *args):
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                demo = socket.create_connection(("127.0.0.1", self.demo_port), 10)
            except OSError:
                client.close()
                continue
            demo.settimeout(None)
            for end in (client, demo):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(client, demo)
            with self.changed:
                number = len(self.connections)
                self.connections.append(connection)
                self.changed.notify_all()
            chance = random.Random(f"{self._seed} {number}")
            self._start(self._pump, client, demo, connection.request, self.up, random.Random(chance.random()))
            self._start(self._pump, demo, client, connection.reply, self.down, random.Random(chance.random()))

    def _pump(self, source, sink, message, rate, chance):
        try:
            while data := source.recv(READ):
                for piece in self._pieces(data, rate, chance):
                    with self.changed:
                        # Before it is passed on: what the other side has is never more than what is known here.
                        message.feed(piece)
                        self.changed.notify_all()
                    sink.sendall(piece)
                    with self.changed:
                        message.passed()
                        self.changed.notify_all()
        except OSError:
            pass  # one of the two went away, which is what this is about
        with self.changed:
            message.end()
            self.changed.notify_all()
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _pieces(self, data, rate, chance):
        if rate is None:
            yield data
            return
        at = 0
        while at < len(data):
            piece = data[at : at + chance.randint(1024, 32 * 1024)]
            at += len(piece)
            yield piece
            self._closing.wait(len(piece) / rate * chance.uniform(0.4, 1.6))
