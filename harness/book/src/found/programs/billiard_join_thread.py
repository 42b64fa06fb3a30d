"""In the process that made a queue, join_thread() doesn't wait for the feeder thread."""

import threading
import time

import billiard

if __name__ == "__main__":
    context = billiard.get_context("fork")
    items = context.Queue()
    # A process that could read the queue, and doesn't yet.
    reader = context.Process(target=time.sleep, args=(60,))
    reader.start()
    items.put(b"x" * 1_000_000)  # more than a pipe holds
    items.close()
    joiner = threading.Thread(target=items.join_thread, daemon=True)
    joiner.start()
    joiner.join(1)
    if joiner.is_alive():
        print("kept: join_thread() waits until all data is in the pipe")
    elif any(one.name == "QueueFeederThread" for one in threading.enumerate()):
        print("broken: join_thread() has returned, and the feeder thread still has data")
    reader.terminate()
