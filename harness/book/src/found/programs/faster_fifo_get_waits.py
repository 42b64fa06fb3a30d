"""A get that may wait 10 s raises Empty at once, if another process was faster."""

import multiprocessing
import queue
import time

import faster_fifo


def consume(items, waited):
    start = time.monotonic()
    try:
        items.get()
        waited.put(None)
    except queue.Empty:
        waited.put(time.monotonic() - start)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    for round_ in range(1, 101):
        items, waited = faster_fifo.Queue(1000 * 1000), context.Queue()
        consumers = [context.Process(target=consume, args=(items, waited)) for _ in range(2)]
        for consumer in consumers:
            consumer.start()
        for _ in consumers:
            time.sleep(0.1)
            items.put(b"x" * 6000)  # more than the buffer of a new consumer
        gave_up = [each for each in (waited.get() for _ in consumers) if each is not None]
        for consumer in consumers:
            consumer.join()
        if gave_up and gave_up[0] < 9:
            print(f"broken: in round {round_}, a get raised Empty after {gave_up[0]:.1f} s")
            break
    else:
        print("kept: in 100 rounds, every get waited")
