"""The streams of Python's asyncio, with the Python kit. The quotes are from asyncio's documents."""

import asyncio
import socket
import threading

from ipc_conformance_kit import Stream, run


class Streams(Stream):
    """asyncio.StreamReader and asyncio.StreamWriter over socket.socketpair"""

    name = "python-asyncio/streams"
    native = "duplex end-on-close several-channels snapshot-at-put open-in-peer backpressure".split()
    errors = {asyncio.TimeoutError: "timeout", ConnectionResetError: "gone"}

    @classmethod
    def create(cls, channel):
        a, b = socket.socketpair()
        if channel.duplex:
            return {"a": a, "b": b}
        return {"rx": a, "tx": b}

    def __init__(self, end):
        self.loop = asyncio.new_event_loop()
        # The loop runs all the time, as in a program that waits for other things meanwhile.
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        connected = asyncio.open_unix_connection(sock=socket.socket(fileno=end.fd))
        self.reader, self.writer = self.do(connected)

    def do(self, work):
        # "Submit a coroutine to the given event loop. Thread-safe."
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def write(self, data):
        # "The method should be used along with the drain() method".
        self.loop.call_soon_threadsafe(self.writer.write, data)
        self.do(self.writer.drain())

    def read(self):
        # "If EOF was received and the internal buffer is empty, return an empty bytes object."
        return self.do(self.reader.read(65536))

    def timed_read(self, seconds):
        return self.do(asyncio.wait_for(self.reader.read(65536), seconds))

    def half_close(self):
        # "Close the write end of the stream after the buffered write data is flushed."
        self.loop.call_soon_threadsafe(self.writer.write_eof)

    def close(self):
        # "The method should be used, though not mandatory, along with the wait_closed() method".
        self.loop.call_soon_threadsafe(self.writer.close)
        self.do(self.writer.wait_closed())


if __name__ == "__main__":
    run(Streams)
