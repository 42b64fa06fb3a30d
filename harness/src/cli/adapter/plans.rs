//! The trivial permutations that `adapter check` runs.

use crate::backend::Kind;
use crate::case::{self, expand};
use crate::plan::Permutation;

/// Two processes exchange two items. Without a channel, one process prints a line.
pub(super) fn exchange(kind: Kind) -> Permutation {
    match kind {
        Kind::Process => plan(
            kind,
            r#"
            [processes.printer]
            steps = [{ print = "hello" }]
            "#,
        ),
        Kind::Stream => plan(
            kind,
            r#"
            [processes.putter]
            steps = [
              { write = { on = "c.tx", items = [{ bytes = "00ff" }, { bytes = "0a0d" }] } },
              { close = "c.tx" },
            ]
            [processes.getter]
            steps = [{ read = { on = "c.rx", until = "$end" } }]
            "#,
        ),
        Kind::Endpoint => plan(
            kind,
            r#"
            [processes.server]
            steps = [
              { listen = { on = "c", label = "listening" } },
              { accept = { on = "c", into = "accepted" } },
              { recv = { on = "accepted", count = 2 } },
            ]
            [processes.client]
            steps = [
              { await = { done = "listening" } },
              { connect = { on = "c", into = "made" } },
              { send = { on = "made", items = [{ bytes = "00ff" }, { bytes = "0a0d" }] } },
            ]
            "#,
        ),
        Kind::Queue | Kind::Pipe => plan(
            kind,
            r#"
            [processes.putter]
            steps = [{ PUT = { on = "TX", items = [{ bytes = "00ff" }, { bytes = "0a0d" }] } }]
            [processes.getter]
            steps = [{ GET = { on = "RX", count = 2 } }]
            "#,
        ),
    }
}

/// A process kills another one that would never exit.
pub(super) fn kill(kind: Kind) -> Permutation {
    plan(
        kind,
        r#"
        [processes.victim]
        exit  = "killed"
        steps = [HELD{ barrier = "both-live" }, { idle = "forever" }]
        [processes.killer]
        OTHER
        steps = [{ barrier = "both-live" }, { kill = "victim" }]
        "#,
    )
}

/// A process never exits.
pub(super) fn hang(kind: Kind) -> Permutation {
    plan(
        kind,
        r#"
        [processes.sleeper]
        steps = [HELD{ idle = "forever" }]
        "#,
    )
}

fn plan(kind: Kind, processes: &str) -> Permutation {
    let (put, get, tx, rx) = match kind {
        Kind::Queue | Kind::Endpoint | Kind::Process => ("put", "get", "c", "c"),
        Kind::Pipe => ("send", "recv", "c.tx", "c.rx"),
        Kind::Stream => ("write", "read", "c.tx", "c.rx"),
    };
    let channel = match kind {
        Kind::Process => String::new(),
        kind => format!("[channels.c]\nkind = \"{kind}\"\n"),
    };
    // Some process must hold an end of each channel.
    let held = match kind {
        Kind::Process => String::new(),
        Kind::Endpoint => r#"{ listen = "c" }, "#.to_owned(),
        _ => format!(r#"{{ {put} = {{ on = "{tx}", item = {{ bytes = "01" }} }} }}, "#),
    };
    // A library may connect the two ends of a channel only when both are there.
    let other = match kind {
        Kind::Process | Kind::Endpoint => String::new(),
        _ => format!("holds = [\"{rx}\"]"),
    };
    let processes = processes
        .replace("HELD", &held)
        .replace("OTHER", &other)
        .replace("PUT", put)
        .replace("GET", get)
        .replace("TX", tx)
        .replace("RX", rx);
    let text = format!(
        "title = \"a trivial exchange\"\nclauses = []\ndeadline = \"10s\"\n{channel}{processes}"
    );
    let case = case::parse(&text).expect("it is written here");
    let permutations = expand::permutations("adapter/check", &case).expect("it is written here");
    let first = permutations.into_iter().next();
    first.expect("there is always one")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    fn each_plan_can_be_created(
        #[values(Kind::Queue, Kind::Pipe, Kind::Stream, Kind::Process)] kind: Kind,
        #[values(exchange, kill, hang)] make: fn(Kind) -> Permutation,
    ) {
        assert!(!make(kind).plan.processes.is_empty());
    }
}
