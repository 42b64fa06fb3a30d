/** A toy library: a pipe of messages between processes. It has one bug; replace it by your own. */

import net from "node:net";

/** Resolves with the receiving end of the pipe with this path, as soon as a sender can connect. */
export function listen(path) {
  const pipe = new ReceivingEnd();
  const server = net.createServer((socket) => {
    server.close();
    socket.on("data", (data) => pipe.hear(data));
    socket.on("end", () => pipe.onEnd());
    socket.on("error", (error) => pipe.onEnd(error));
    pipe.socket = socket;
  });
  return new Promise((resolve) => server.listen(path, () => resolve(pipe)));
}

/** Resolves with the sending end of the pipe with this path, as soon as its receiver listens. */
export function connect(path) {
  return new Promise((resolve) => {
    const socket = net.connect(path);
    const again = () => setTimeout(() => resolve(connect(path)), 5);
    socket.once("error", again);
    socket.once("connect", () => resolve(new SendingEnd(socket.off("error", again))));
  });
}

/** The end has been closed. */
export class Closed extends Error {
  name = "Closed";
}

class SendingEnd {
  isClosed = false;

  constructor(socket) {
    this.socket = socket.on("error", () => {}); // a send reports it, too
  }

  /** Sends a message: its length in four bytes, then its bytes. */
  send(message) {
    // The bug: it doesn't check `isClosed`, and the error of the socket doesn't say that either.
    const header = Buffer.alloc(4);
    header.writeUInt32BE(message.length);
    return new Promise((resolve, reject) => {
      const data = Buffer.concat([header, message]);
      this.socket.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  async close() {
    this.isClosed = true;
    if (this.socket.destroyed) return;
    await new Promise((resolve) => this.socket.once("close", resolve).destroySoon());
  }
}

class ReceivingEnd {
  /** Called with each message. */
  onMessage = () => {};
  /** Called at the end, or with an error. */
  onEnd = () => {};
  #data = Buffer.alloc(0);

  hear(data) {
    this.#data = Buffer.concat([this.#data, data]);
    while (this.#data.length >= 4) {
      const length = this.#data.readUInt32BE(0);
      if (this.#data.length < 4 + length) break;
      const message = this.#data.subarray(4, 4 + length);
      this.#data = this.#data.subarray(4 + length);
      this.onMessage(message);
    }
  }

  close() {
    this.socket?.destroy();
    this.onEnd(new Closed("the end has been closed"));
  }
}
