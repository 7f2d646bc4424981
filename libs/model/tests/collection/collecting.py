"""Kill a program that saves samples, again and again: `python collecting.py FOLDER ROUNDS SEED`.

In each round a child process opens the collection and appends, relabels, deletes, undoes and
redoes at random, until SIGKILL meets it at a random moment. What it is about to do and what
was acknowledged it writes down in a pipe. Then the collection must hold all that was
acknowledged, and nothing else but perhaps the one change that was under way.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

from inkpin.model.collection.collection import Collection
from inkpin.model.data.samples import Sample

STROKES = [np.array([[10, 10], [200, 200]])]
MOST = 15  # lines of a child's log before the moment of its death
MOMENT, OPENING = 0.005, 0.03  # seconds
ROUNDS_A_FILE = 20


def labels(collection):
    return {entry.id: entry.label for entry in collection.find()}


def collect(path, name, log, chance):
    """Change a collection until killed."""
    tell = log.write
    with Collection.open(path) as collection:
        done, undone = [], []
        for number in range(10**6):
            before = labels(collection)
            kind = chance.choice("aaarduy")
            if kind == "u" and done:
                step, source, target = done[-1][0], done, undone
            elif kind == "y" and undone:
                step, source, target = undone[-1][1], undone, done
            elif kind in "rd" and before:
                ids = chance.sample(sorted(before), chance.randint(1, min(3, len(before))))
                label = chance.choice("0123456789") if kind == "r" else None
                step = {key: label for key in ids if before[key] != label}
                if not step:
                    continue
                source, target = None, done
            else:
                kind, step, source, target = "a", {f"{name}-{number}": "7"}, None, done
            tell(json.dumps(step) + "\n")
            if source is not None:
                assert collection.undo() if kind == "u" else collection.redo()
                target.append(source.pop())
            else:
                if kind == "a":
                    collection.append(Sample("7", STROKES, [None], {"key_id": next(iter(step))}))
                elif kind == "r":
                    collection.relabel(step, label)
                else:
                    collection.delete(step)
                done.append(({key: before.get(key) for key in step}, step))
                undone.clear()
            tell("saved\n")


def applied(state, step):
    merged = {**state, **step}
    return {key: label for key, label in merged.items() if label is not None}


def killed(path, name, chance):
    """Run one child, kill it; return what it wrote down, as whole lines."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            collect(path, name, os.fdopen(writing, "w", buffering=1), chance)
        finally:
            os._exit(1)  # never back into the parent's loop
    os.close(writing)
    with os.fdopen(reading) as log:
        seen = [log.readline() for _ in range(chance.randrange(MOST))]
        # Without a line the child is opening the file, which takes longer than one change.
        time.sleep(chance.uniform(0, MOMENT if seen else OPENING))
        os.kill(child, signal.SIGKILL)
        text = "".join([*seen, log.read()])
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the child ended by itself"
    return text[: text.rfind("\n") + 1].splitlines()


def main(folder, rounds, seed):
    """Print how many children were killed and how many changes had been acknowledged."""
    chance = random.Random(seed)
    acknowledged, state, path = 0, {}, None
    for number in range(rounds):
        if number % ROUNDS_A_FILE == 0:
            path, state = folder / f"{number}.jsonl", {}
        lines = killed(path, f"{number}", chance)
        saved = lines.count("saved")
        acknowledged += saved
        steps = [json.loads(line) for line in lines if line != "saved"]
        for step in steps[:saved]:
            state = applied(state, step)
        possible = [state, *(applied(state, step) for step in steps[saved:])]
        with Collection.open(path) as collection:
            found = labels(collection)
        assert found in possible, f"round {number}: {found} is none of {possible}"
        state = found
    print(rounds, acknowledged)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
