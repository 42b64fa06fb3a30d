"""close() leaves the writing end of a queue open if nothing was put."""

import os

import billiard


def handles():
    return len(os.listdir("/proc/self/fd"))


if __name__ == "__main__":
    context = billiard.get_context("fork")
    before = handles()
    items = context.Queue()
    items.close()
    items.join_thread()
    left = handles() - before
    print(f"broken: {left} more handle is open" if left else "kept: no handle is left")
