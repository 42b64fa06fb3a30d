"""get(timeout) waits without a limit for the rest of an item."""

import os
import signal
import threading
import time

import billiard


def produce(items):
    items.put(b"x" * 1_000_000)  # more than a pipe holds
    time.sleep(60)


if __name__ == "__main__":
    context = billiard.get_context("fork")
    items = context.Queue()
    producer = context.Process(target=produce, args=(items,), daemon=True)
    producer.start()
    while items.empty():
        time.sleep(0.01)  # until the first bytes are in the pipe
    os.kill(producer.pid, signal.SIGSTOP)
    getter = threading.Thread(target=items.get, kwargs={"timeout": 0.5}, daemon=True)
    getter.start()
    getter.join(2)
    print("broken: 2 s later it still waits" if getter.is_alive() else "kept: it gave up in time")
    os.kill(producer.pid, signal.SIGKILL)
