"""Where the picture has to be: the panes and the fitting, computed here a second time."""


def preview(size):
    """The inside of the preview pane: x, y, columns, rows."""
    width, height = size
    if width >= 110 and height >= 34:
        body = height - 1
        left = width * 43 // 100
        return left + 1, 1, width - left - 2, body - 7 - body * 3 // 10 - 2
    top = min(max(height // 4, 4), 8) + 1
    return 1, top + 1, width - 2, height - 1 - top - 2


def zoomed(size):
    return 1, 1, size[0] - 2, size[1] - 3


def fitted(picture, area, cell, most=None):
    """The cells of a picture in an area, for cells of that many pixels; `most`: pixels that a side may have at most."""
    x, y, columns, rows = area
    room = (columns, rows) if most is None else (min(columns, int(most // cell[0])), min(rows, int(most // cell[1])))
    across, down = room[0] * cell[0], room[1] * cell[1]
    scale = min(across / picture[0], down / picture[1])
    width = max(1, round(picture[0] * scale / cell[0]))
    height = max(1, round(picture[1] * scale / cell[1]))
    return {"x": x + (columns - width) // 2, "y": y + (rows - height) // 2, "w": width, "h": height}


def difference(seen, wanted):
    """The largest difference in cells."""
    return max(abs(seen[side] - wanted[side]) for side in wanted)


def cells(box, origin, cell):
    """A box of pixels (left, top, right, bottom) in cells."""
    left, top, right, bottom = box
    return {
        "x": round((left - origin[0]) / cell[0], 2),
        "y": round((top - origin[1]) / cell[1], 2),
        "w": round((right - left) / cell[0], 2),
        "h": round((bottom - top) / cell[1], 2),
    }


def pixels(area, origin, cell):
    """An area of cells as a box of pixels (left, top, right, bottom), with a little of the pane's frame around it."""
    x, y, columns, rows = area
    left, top = origin[0] + x * cell[0] - 3, origin[1] + y * cell[1] - 3
    return [int(max(0, left)), int(max(0, top)), int(left + columns * cell[0] + 6), int(top + rows * cell[1] + 6)]
