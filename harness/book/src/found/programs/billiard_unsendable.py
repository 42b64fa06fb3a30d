"""An item that can't be pickled ends the queue of its producer."""

import queue
import time

import billiard


def produce(items):
    items.put(lambda: None)
    items.put(1)
    time.sleep(60)


if __name__ == "__main__":
    context = billiard.get_context("fork")
    items = context.Queue()
    producer = context.Process(target=produce, args=(items,))
    producer.start()
    try:
        print("kept: got", items.get(timeout=2))
    except queue.Empty:
        print("broken: the item that was put after it never arrives")
    producer.terminate()
