"""Saved replies to be opened: test cards, plain and with a line too fine for half-blocks, and a photo."""

import base64
import json
import random
import struct
import zlib

# The colours by which the harness knows its cards, by quadrant.
CARDS = {
    "a": [(215, 0, 95), (0, 175, 95), (0, 95, 255), (255, 175, 0)],
    "b": [(175, 0, 255), (0, 215, 215), (135, 95, 0), (255, 135, 175)],
}
# A frame of this colour lies inside of a card. It is thinner than a half-block, so only graphics show it unmixed.
FINE = (255, 0, 255)

FIVE = [("a", (400, 400)), ("b", (400, 400)), ("a", (800, 300)), ("b", (300, 800)), ("a", (1024, 1024))]


def write(folder):
    """Writes the replies; gives their paths by name."""
    pictures = {
        "card": [card(*FIVE[0], fine=False)],
        "five": [card(*one) for one in FIVE],
        "plain": [card(*one, fine=False) for one in FIVE],
        "photo": [photo(4096)],
    }
    paths = {}
    for name, files in pictures.items():
        paths[name] = folder / f"{name}.json"
        paths[name].write_text(reply(files))
    return paths


def reply(files):
    parts = [{"inlineData": {"mimeType": "image/png", "data": base64.b64encode(file).decode()}} for file in files]
    candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
    return json.dumps({"candidates": [candidate]})


def card(name, size, fine=True):
    width, height = size
    top = bytes(CARDS[name][0]) * (width // 2) + bytes(CARDS[name][1]) * (width - width // 2)
    bottom = bytes(CARDS[name][2]) * (width // 2) + bytes(CARDS[name][3]) * (width - width // 2)
    thick = max(width, height) // 100 if fine else 0
    near = min(width, height) // 40
    rows = []
    for y in range(height):
        row = bytearray(top if y < height // 2 else bottom)
        from_edge = min(y, height - 1 - y)
        if near <= from_edge < near + thick:
            row[3 * near : 3 * (width - near)] = bytes(FINE) * (width - 2 * near)
        elif from_edge >= near:
            for left in (near, width - near - thick):
                row[3 * left : 3 * (left + thick)] = bytes(FINE) * thick
        rows.append(b"\0" + row)
    return png(size, b"".join(rows))


def photo(side, seed=4):
    """Noise of several sizes, as detail in a photo has; all arithmetic is on whole rows."""
    dice = random.Random(seed)
    length = 3 * side
    high = int.from_bytes(b"\x80" * length, "big")
    layers = {grain: 0 for grain in (1, 8, 32, 128)}
    rows = []
    for y in range(side):
        for grain in layers:
            if y % grain == 0:
                layers[grain] = noise(dice, side, grain)
        row = sum(layers.values())
        # PNG's filter "Sub": each byte less the one of the pixel before, without a borrow between bytes.
        before = row >> 24
        row = ((row | high) - (before & ~high)) ^ ((row ^ ~before) & high)
        rows.append(b"\1" + row.to_bytes(length, "big"))
    return png((side, side), b"".join(rows))


def noise(dice, side, grain):
    """A row of grey pixels in runs of `grain`, as one number; finer ones are fainter, and their sum stays below 256."""
    depth = {1: 16, 8: 48, 32: 64, 128: 96}[grain]
    values = dice.randbytes(side // grain).translate(bytes(value * depth // 256 for value in range(256)))
    return int.from_bytes(b"".join(values[i : i + 1] * (3 * grain) for i in range(len(values))), "big")


def png(size, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data
