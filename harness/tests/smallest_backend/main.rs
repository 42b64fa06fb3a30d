//! The backend in the crate's documentation keeps its promises.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    unix::main()
}

/// The program needs Unix sockets.
#[cfg(not(unix))]
fn main() {}
