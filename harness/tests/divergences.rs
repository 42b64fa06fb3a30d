//! Reviewed divergences: each is reported as recorded, a stale one is reported with the line to
//! change, and none covers anything else.

mod quotes;
mod root;
mod shown;

use root::{Entry, Root};

/// Reports end of stream once, and an error on every later receive.
const END_ONCE: &str = "pipe:std/pipe~end-once";
/// Never reports end of stream.
const MISSING_END: &str = "pipe:std/pipe~missing-end";
/// Reports end of stream as an undocumented error.
const END_AS_ERROR: &str = "pipe:std/pipe~end-as-error";
/// Keeps all promises that the cases below test.
const DELAYS: &str = "pipe:std/pipe~delays";

const KILLED: &str = "pipe/end-of-killed-writer";

/// A divergence that [`END_ONCE`] shows.
const STICKY: Entry = Entry {
    clause: "pipe.eof.sticky",
    case: KILLED,
    signature: r#"{ step = "recv p.rx", outcome = "gone", raw = "BrokenPipe" }"#,
    shows: "always",
};

#[test]
fn a_reviewed_divergence_exits_with_0() {
    let root = Root::new();
    root.record(END_ONCE, &[STICKY]);
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn what_the_library_documents_is_not_broken() {
    let root = Root::new();
    root.record(END_ONCE, &[STICKY]);
    root.replace(END_ONCE, "kind = \"broken\"", "kind = \"documented\"");
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(0)
        .says("documented  pipe/end-of-killed-writer")
        .says("1 trial on [system]: 1 documented");
}

#[test]
fn one_entry_stands_for_several_backends_and_clauses() {
    let root = Root::new();
    root.record(MISSING_END, &[STICKY]);
    root.replace(
        MISSING_END,
        STICKY.signature,
        r#"[
  { backends = "*~end-once", clauses = "pipe.eof.sticky", step = "recv p.rx", outcome = "gone", raw = "BrokenPipe" },
  { backends = "*~missing-end", clauses = ["pipe.eof.on-*", "live.*"], step = "recv p.rx", outcome = "pending" },
]"#,
    );
    let lists = [
        (
            r#"["pipe:std/pipe~missing-end"]"#,
            r#"["pipe:std/pipe~missing-end", "pipe:std/pipe~end-once"]"#,
        ),
        (
            r#"["pipe.eof.sticky"]"#,
            r#"["pipe.eof.sticky", "pipe.eof.on-writer-sigkill", "live.deadline"]"#,
        ),
    ];
    for (from, to) in lists {
        root.replace(MISSING_END, from, to);
    }
    for backend in [MISSING_END, END_ONCE] {
        let run = root.run(&[KILLED, "--backend", backend]);
        run.exits_with(0)
            .says("diverges  pipe/end-of-killed-writer");
    }
}

#[test]
fn a_hang_and_the_clauses_that_it_breaks_can_be_reviewed() {
    let root = Root::new();
    let pending = |clause| Entry {
        clause,
        signature: r#"{ step = "recv p.rx", outcome = "pending" }"#,
        ..STICKY
    };
    root.record(
        MISSING_END,
        &[
            pending("live.deadline"),
            pending("pipe.eof.on-writer-sigkill"),
        ],
    );
    let run = root.run(&[KILLED, "--backend", MISSING_END]);
    run.exits_with(0)
        .says("diverges  pipe/end-of-killed-writer");

    // One of the two isn't enough.
    root.record(MISSING_END, &[pending("live.deadline")]);
    let run = root.run(&[KILLED, "--backend", MISSING_END]);
    run.exits_with(1)
        .says("pipe.eof.on-writer-sigkill (must, core)");
}

/// An adapter that declares less than another version of its library may.
#[cfg(unix)]
const ABLE_TO_DO_LITTLE: &str = r#"
read start
echo '{"ready":{"version":"0.10","name":"little","about":"little","backends":[{"kind":"queue","name":"little/queue","about":"a queue","library":"little","version":"1.0rc1","capabilities":{"native":["spawn"],"composed":[],"largest-message":null,"largest-capacity":null}}]}}'
cat > /dev/null
"#;

#[cfg(unix)]
#[test]
fn a_divergence_that_this_version_of_an_adapters_library_cannot_show_waits() {
    let root = Root::new();
    let script = root.path().join("adapter.sh");
    std::fs::write(&script, ABLE_TO_DO_LITTLE).expect("a temporary folder is writable");
    let waiting = Entry {
        clause: "queue.end.by-close",
        case: "queue/end-by-close",
        signature: r#"{ step = "get q", outcome = "error" }"#,
        shows: "always",
    };
    let adapter = format!("sh {}", script.display());
    root.record("queue:little/queue", &[waiting]);
    let run = root.run(&["queue/end-by-close", "--adapter", &adapter, "--no-adapters"]);
    // There is nothing to run, and nothing is wrong.
    run.exits_with(4).says("not-applicable");
    assert!(!run.stderr.contains("little"), "{}", run.stderr);
}

#[test]
fn a_stale_divergence_fails_and_names_the_line_to_remove() {
    let root = Root::new();
    root.record(DELAYS, &[STICKY]);
    let run = root.run(&[KILLED, "--backend", DELAYS]);
    run.exits_with(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_divergence_that_shows_sometimes_is_never_stale() {
    let root = Root::new();
    let shows = "sometimes";
    root.record(DELAYS, &[Entry { shows, ..STICKY }]);
    let run = root.run(&[KILLED, "--backend", DELAYS]);
    run.exits_with(0)
        .says("diverges  pipe/end-of-killed-writer")
        .says("it held this time");
}

#[test]
fn a_break_with_another_signature_fails_and_shows_the_difference() {
    let root = Root::new();
    let signature = r#"{ step = "recv p.rx", outcome = "gone", raw = "ConnectionReset (104)" }"#;
    root.record(
        END_ONCE,
        &[Entry {
            signature,
            ..STICKY
        }],
    );
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(1);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn a_misspelt_clause_fails_and_names_its_line() {
    let root = Root::new();
    let clause = "pipe.eof.stiky";
    root.record(END_ONCE, &[Entry { clause, ..STICKY }]);
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(2).says("fail  pipe/end-of-killed-writer");
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_misspelt_case_fails_and_names_its_line() {
    let root = Root::new();
    let case = "pipe/end-of-kiled-writer";
    root.record(END_ONCE, &[Entry { case, ..STICKY }]);
    let run = root.run(&["seed/pipe", "--backend", END_ONCE]);
    run.exits_with(1).says("pass  seed/pipe");
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_misspelt_backend_fails_and_names_its_line() {
    let root = Root::new();
    root.record("pipe:std/pip", &[STICKY]);
    let run = root.run(&["seed/pipe", "--backend", "pipe:std/pipe"]);
    run.exits_with(2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn contradictory_divergences_fail_and_name_both_lines() {
    let root = Root::new();
    let (case, shows) = ("pipe/end-*", "sometimes");
    root.record(
        END_ONCE,
        &[
            STICKY,
            Entry {
                case,
                shows,
                ..STICKY
            },
        ],
    );
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(1);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_divergence_without_a_reason_fails_and_names_its_line() {
    let root = Root::new();
    root.record(END_ONCE, &[STICKY]);
    root.replace(END_ONCE, "reason = \"as the test says\"", "reason = \"\"");
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn a_reference_can_have_no_divergences() {
    let root = Root::new();
    root.record("pipe:std/pipe", &[STICKY]);
    let run = root.run(&[KILLED, "--backend", "pipe:std/pipe"]);
    run.exits_with(2);
    insta::assert_snapshot!(run.stderr);
}

#[test]
fn divergences_of_a_missing_adapters_backend_are_accepted() {
    let root = Root::new();
    root.record("pipe:cpython/Pipe", &[STICKY]);
    root.replace(
        "pipe:cpython/Pipe",
        "\n[[divergence]]",
        "brought-by = \"the adapter python-multiprocessing\"\n[[divergence]]",
    );
    let run = root.run(&["seed/pipe", "--backend", "pipe:std/pipe"]);
    run.exits_with(0);
}

#[test]
fn no_divergence_covers_a_different_golden() {
    let root = Root::new();
    // Claims that the writer sent other messages, before the first break.
    root.replace_in("golden/pipe/end-of-killed-writer.snap", "0..2", "0..3");
    root.record(END_ONCE, &[STICKY]);
    let run = root.run(&[KILLED, "--backend", END_ONCE]);
    run.exits_with(3)
        .says("the transcript isn't the reviewed one");
}

#[test]
fn written_divergences_count_after_they_are_reviewed() {
    let root = Root::new();
    let arguments = [KILLED, "pipe/chain", "--backend", END_AS_ERROR];
    let write = [&arguments[..], &["--write-divergences"]].concat();
    root.run(&arguments).exits_with(1);
    let written = root.run(&write);
    written.exits_with(1);
    assert!(
        written
            .stderr
            .contains("until each new one has a kind, a reason and a quote"),
        "{}",
        written.stderr
    );

    // Nobody has reviewed them.
    let unreviewed = root.run(&arguments);
    unreviewed.exits_with(2);
    assert!(
        unreviewed.stderr.contains("the reason is empty"),
        "{}",
        unreviewed.stderr
    );

    let review = [
        ("kind", "broken"),
        ("reason", "known"),
        ("quote", "so it is"),
        ("source", "https://example.org"),
        ("link", "https://example.org"),
    ];
    for (key, text) in review {
        root.replace_all(
            END_AS_ERROR,
            &format!("{key} = \"\""),
            &format!("{key} = \"{text}\""),
        );
    }
    root.run(&arguments).exits_with(0);
    let this_system = format!("os = {:?}", std::env::consts::OS);
    let recorded = root.recorded(END_AS_ERROR);
    let anywhere = recorded.replace(&this_system, r#"os = "[this system]""#);
    insta::assert_snapshot!(anywhere);

    // The second time, there is nothing to write.
    let again = root.run(&write);
    again.exits_with(0);
    assert!(
        again.stderr.contains(": 0 added, 0 changed, 0 removed"),
        "{}",
        again.stderr
    );
}

#[test]
fn check_reads_the_divergences() {
    let root = Root::new();
    let clause = "pipe.eof.stiky";
    root.record(END_ONCE, &[Entry { clause, ..STICKY }]);
    let check = root.program(&["check"]);
    check.exits_with(2);
    assert!(check.stderr.contains("pipe.eof.stiky"), "{}", check.stderr);
}
