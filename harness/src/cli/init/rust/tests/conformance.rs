//! The cases as tests, one for each: `cargo test`. Replace `toy_pipe` by your own library, call by call.

use std::io::{Error, ErrorKind};

use ipc_conformance::prelude::*;

ipc_conformance::conformance! {
    pipe("toy/pipe")
        .given(toy_pipe::channel)
        .send(toy_pipe::send)
        .recv(toy_pipe::recv)
        // What the library's documents say about its errors.
        .error(|error: &Error| match error.kind() {
            ErrorKind::BrokenPipe => Outcome::Gone,
            _ => Outcome::Error,
        })
        // What else the library can do. `Capability` has a sentence for each.
        .can([Capability::EndOnClose, Capability::ZeroLength])
}
