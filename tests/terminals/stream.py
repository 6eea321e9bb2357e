"""What a program wrote to its terminal: the pictures in it, and the rest."""

import re

SEQUENCE = re.compile(
    rb"\x1b_G(?P<kitty>[^\x1b]*)\x1b\\"
    rb"|(?P<sixel>\x1bP[\d;]*q[^\x1b]*\x1b\\)"
    rb"|\x1b\](?P<iterm>1337;[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|(?P<wrapped>\x1bPtmux;)"
)


class Sent:
    """One graphics command: its kind, its place in the stream, its bytes on the line, its keys (kitty)."""

    def __init__(self, match):
        self.kind = match.lastgroup
        self.start, self.end = match.span()
        self.bytes = self.end - self.start
        head, _, self.payload = (match["kitty"] or b"").partition(b";")
        self.keys = dict(pair.split("=", 1) for pair in head.decode("latin1").split(",") if "=" in pair)

    @property
    def is_question(self):
        return self.keys.get("a") == "q"


def pictures(data):
    """Every graphics command but the question whether there are any."""
    return [sent for sent in map(Sent, SEQUENCE.finditer(data)) if not sent.is_question]


def kinds(data):
    """How pictures were sent. kitty's command to delete them is no picture: Konsole gets it for those of other kinds too."""
    return sorted({sent.kind for sent in pictures(data) if sent.keys.get("a") != "d"})


def weight(data, first=0, last=None):
    """Bytes of graphics commands that begin between two places of the stream."""
    last = len(data) if last is None else last
    return sum(sent.bytes for sent in pictures(data) if first <= sent.start < last)


def text(data):
    """All bytes that are no graphics."""
    return SEQUENCE.sub(b"", data)


def on_screen(data, last=None):
    """kitty's placements that are visible after the stream up to `last`: (picture, columns, rows)."""
    placed = {}
    for sent in pictures(data[:last]):
        keys = sent.keys
        number = keys.get("i")
        if keys.get("a") in ("p", "T"):
            placed[number] = (int(keys.get("c", 0)), int(keys.get("r", 0)))
        elif keys.get("a") == "d":
            placed = {} if number is None else {n: cells for n, cells in placed.items() if n != number}
    return [(number, *cells) for number, cells in placed.items()]


def kept(data, last=None):
    """Numbers of kitty's pictures that the terminal still keeps."""
    numbers = set()
    for sent in pictures(data[:last]):
        if sent.keys.get("a") in ("t", "T"):
            numbers.add(sent.keys.get("i"))
        elif sent.keys.get("a") == "d" and sent.keys.get("d") == "I":
            numbers.discard(sent.keys.get("i"))
    return numbers
