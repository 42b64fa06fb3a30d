/** Node's `net` over a Unix socket, with the JavaScript kit. The quotes are from Node's documents. */

import net from "node:net";
import process from "node:process";
import { Stream, run } from "../kits/ipc-conformance-kit.mjs";

const ignored = () => {}; // each call reports the error as well

class Net extends Stream {
  static name = "node/net";
  static about = "net.Socket over a Unix socket";
  static library = "node:net";
  static version = process.versions.node;
  static connects = true;
  static native = ["duplex", "end-on-close", "several-channels"];
  static errors = { ECONNRESET: "gone", ERR_STREAM_DESTROYED: "closed" };

  /** One side listens, and the other connects: before its steps begin, its process has the end. */
  async open({ path, side }) {
    if (side === "tx" || side === "b") {
      this.connection = Promise.resolve(await connect(path));
      return;
    }
    const server = net.createServer({ allowHalfOpen: true });
    this.connection = new Promise((resolve) => {
      server.once("connection", (socket) => {
        server.close();
        resolve(socket.on("error", ignored));
      });
    });
    await new Promise((resolve) => server.listen(path, resolve));
  }

  async write(data) {
    const socket = await this.connection;
    // "The optional callback parameter will be executed when the data is finally written out."
    await new Promise((resolve, reject) => {
      socket.write(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  async read() {
    const socket = await this.connection;
    for (;;) {
      const data = socket.read();
      if (data !== null) return data;
      if (socket.errored) throw socket.errored;
      if (socket.readableEnded || socket.destroyed) return undefined;
      await new Promise((resolve) => {
        for (const event of ["readable", "end", "close"]) socket.once(event, resolve);
      });
    }
  }

  async halfClose() {
    const socket = await this.connection;
    await new Promise((resolve) => socket.end(resolve));
  }

  async close() {
    const socket = await this.connection;
    if (socket.destroyed) return;
    await new Promise((resolve) => socket.once("close", resolve).destroySoon());
  }
}

/** Resolves with a connection as soon as another process listens. */
function connect(path) {
  return new Promise((resolve) => {
    const socket = net.connect({ path, allowHalfOpen: true });
    const again = () => setTimeout(() => resolve(connect(path)), 5);
    socket.once("error", again);
    socket.once("connect", () => resolve(socket.off("error", again).on("error", ignored)));
  });
}

run(Net);
