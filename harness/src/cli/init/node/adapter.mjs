/** Hosts the toy library. Replace `toy` by your own library, call by call. */

import * as toy from "./toy.mjs";
import { Inbox, Pipe, run } from "./ipc-conformance-kit.mjs";

class ToyPipe extends Pipe {
  static name = "toy/pipe";
  static about = "a pipe of messages with their lengths";
  // What the library itself can do. The kit adds what follows from the methods of this class.
  // `ipc-conformance adapter schema from-adapter` has a sentence for each capability.
  static native = ["boundaries", "zero-length", "end-on-close", "several-channels"];
  // Which outcome an error of the library is, by its code.
  static errors = { EPIPE: "gone", ERR_STREAM_DESTROYED: "gone", Closed: "closed" };
  // Its ends wait for each other.
  static connects = true;

  async open({ path, side }) {
    if (side === "tx") {
      this.end = await toy.connect(path);
      return;
    }
    this.end = await toy.listen(path);
    // The library pushes its messages. The inbox keeps them until a step asks for one.
    this.inbox = new Inbox();
    this.end.onMessage = (message) => this.inbox.put(message);
    this.end.onEnd = (error) => this.inbox.end(error);
  }

  send(data) {
    return this.end.send(data);
  }

  recv() {
    return this.inbox.get();
  }

  close() {
    return this.end.close();
  }
}

run(ToyPipe);
