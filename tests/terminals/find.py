"""Finds test cards in screenshots with the harness's own eyes.

    find.py HARNESS     reads and prints JSON: [shot, card, tolerance, [left, top, right, bottom]] to what is found in the box

A program of its own, because the harness's modules bring their own Python.
"""

import json
import sys

sys.path.insert(0, sys.argv[1])
import termshot  # noqa: F401  begins again with the Python that can read pictures
import cards

answers = []
for shot, card, tolerance, (left, top, right, bottom) in json.load(sys.stdin):
    found = cards.find_card(cards.load(shot)[top:bottom, left:right], card, tolerance)
    if found["bbox"]:
        found["bbox"] = [side + (left, top)[i % 2] for i, side in enumerate(found["bbox"])]
    answers.append(found)
print(json.dumps(answers))
