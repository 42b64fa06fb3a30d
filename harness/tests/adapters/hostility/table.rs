//! What hostile adapters do, by their mechanisms, and what the harness says.

/// A hostile adapter.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) mechanism: &'static str,
    /// The arguments that make this program that adapter.
    pub(super) words: &'static [&'static str],
    /// A part of the harness's words.
    pub(super) told: Told,
    /// Whether it takes at most about a second.
    pub(super) is_quick: bool,
}

pub(super) enum Told {
    /// On standard error, before any trial runs.
    AtStart(&'static str),
    /// In the report of the trial.
    InRun(&'static str),
    /// In the report of the trial: one of these, as it depends on what the harness sees first.
    InRunEither([&'static str; 2]),
}

use Told::{AtStart, InRun, InRunEither};

const fn quick(
    name: &'static str,
    mechanism: &'static str,
    words: &'static [&'static str],
    told: Told,
) -> Row {
    Row {
        name,
        mechanism,
        words,
        told,
        is_quick: true,
    }
}

const fn slow(
    name: &'static str,
    mechanism: &'static str,
    words: &'static [&'static str],
    told: Told,
) -> Row {
    Row {
        is_quick: false,
        ..quick(name, mechanism, words, told)
    }
}

const START: &str = "answers-start";
const RUN: &str = "answers-run";
const ALIVE: &str = r#"{"alive":{"run":1,"process":0,"pid":LIVING}}"#;
const ALIVE_TOO: &str = r#"{"alive":{"run":1,"process":1,"pid":LIVING}}"#;
const BEGAN: &str = r#"{"began":{"run":1,"process":0,"operation":0,"step":0,"kind":"put","end":{"channel":0,"side":"queue"},"at":NOW,"item":{"int":0}}}"#;

pub(super) const ROWS: &[Row] = &[
    // It doesn't answer.
    slow(
        "silence_at_the_start",
        "no answer",
        &["mute"],
        AtStart("did not answer `start` within 10 s"),
    ),
    slow(
        "silence_in_a_run",
        "no answer",
        &["silence"],
        InRun("never said that producer is alive"),
    ),
    slow(
        "a_run_that_it_does_not_end",
        "no answer",
        &["never-ends"],
        InRun("did not end a run within 10 s of the message `end`"),
    ),
    slow(
        "another_program",
        "no answer",
        &["becomes-another-program"],
        AtStart("did not answer"),
    ),
    slow(
        "everything_closed",
        "closed streams",
        &["closes-everything"],
        InRun("closed its standard output and didn't exit"),
    ),
    quick(
        "output_closed_early",
        "closed streams",
        &["closes-early"],
        InRun("closed its standard output and didn't exit"),
    ),
    // What it writes isn't a message.
    quick(
        "garbage",
        "no message",
        &["garbage"],
        AtStart(r#"wrote a line that isn't a message, "Hello, world!""#),
    ),
    quick(
        "a_print",
        "no message",
        &["prints"],
        InRun(r#"wrote a line that isn't a message, "debug: got here""#),
    ),
    slow(
        "an_empty_line",
        "no message",
        &[RUN, ""],
        InRun("wrote a line that isn't a message"),
    ),
    slow(
        "invalid_utf_8",
        "no message",
        &["invalid-utf-8"],
        InRun("wrote a line that isn't a message"),
    ),
    slow(
        "a_cut_line",
        "no message",
        &["exits-in-a-line"],
        InRun("ended its output in the middle of a line"),
    ),
    slow(
        "an_unknown_message",
        "no message",
        &[RUN, r#"{"hello":{}}"#],
        InRun("unknown variant `hello`"),
    ),
    slow(
        "an_unknown_field",
        "no message",
        &[RUN, r#"{"done":{"run":1,"and":2}}"#],
        InRun("unknown field `and`"),
    ),
    slow(
        "a_field_twice",
        "no message",
        &[RUN, r#"{"done":{"run":1,"run":2}}"#],
        InRun("duplicate field `run`"),
    ),
    quick(
        "a_nasty_line",
        "no message",
        &[RUN, "\u{1b}[2J\u{202e}\u{200b}9999 trials"],
        InRun(r#""\u{1b}[2J\u{202e}\u{200b}9999 trials""#),
    ),
    // Numbers.
    slow(
        "no_number",
        "numbers",
        &[RUN, r#"{"alive":{"run":1,"process":0,"pid":NaN}}"#],
        InRun("wrote a line that isn't a message"),
    ),
    slow(
        "a_huge_number",
        "numbers",
        &[RUN, r#"{"alive":{"run":1,"process":0,"pid":1e400}}"#],
        InRun("number out of range"),
    ),
    slow(
        "a_negative_number",
        "numbers",
        &[RUN, r#"{"alive":{"run":1,"process":0,"pid":-1}}"#],
        InRun("invalid value: integer `-1`"),
    ),
    slow(
        "an_operation_out_of_reach",
        "numbers",
        &[
            RUN,
            ALIVE,
            r#"{"returned":{"run":1,"process":0,"operation":18446744073709551615,"at":NOW,"outcome":"ok"}}"#,
        ],
        InRun("which never began"),
    ),
    // Too much.
    slow(
        "an_endless_line",
        "too much",
        &["endless-line"],
        InRun("wrote a line of more than 64 MiB"),
    ),
    slow(
        "an_endless_output",
        "too much",
        &["floods"],
        InRun("wrote more than 64 MiB in one run"),
    ),
    slow(
        "an_endless_introduction",
        "too much",
        &["floods-at-birth"],
        InRun("when nothing ran"),
    ),
    slow(
        "much_standard_error",
        "too much",
        &["fills-stderr"],
        InRun("exited with code 3; its standard error ends:\nxxx"),
    ),
    slow(
        "a_long_list",
        "too much",
        &["asks-at-length"],
        InRun("asks for something"),
    ),
    slow(
        "a_deep_message",
        "nesting",
        &["nested-deep"],
        InRun("wrote a line that isn't a message"),
    ),
    // What it hosts.
    quick(
        "thousands_of_backends",
        "its backends",
        &["hosts-thousands"],
        AtStart("hosts 10000 backends, and at most 256 are allowed"),
    ),
    slow(
        "a_line_full_of_backends",
        "its backends",
        &["hosts-a-line-full"],
        AtStart("backends, and at most 256 are allowed"),
    ),
    slow(
        "a_long_name",
        "its backends",
        &["has-a-long-name"],
        AtStart("calls a backend"),
    ),
    slow(
        "no_backend",
        "its backends",
        &[
            START,
            r#"{"ready":{"version":"0.10","name":"","about":"","backends":[]}}"#,
        ],
        AtStart("hosts no backend"),
    ),
    quick(
        "a_nasty_reason",
        "its backends",
        &[
            START,
            r#"{"refused":{"why":"\n9999 trials on Linux\u001b[2J\u202e\u200b\r"}}"#,
        ],
        AtStart(r"\n9999 trials on Linux\u{1b}[2J\u{202e}\u{200b}\r; so the adapter refuses"),
    ),
    // Versions and answers.
    quick(
        "another_protocol_version",
        "protocol version",
        &["wrong-version"],
        AtStart(r#"speaks version "2.0" of the protocol, not "0.10""#),
    ),
    slow(
        "a_refusal",
        "refusal",
        &["refuses"],
        AtStart("not on Sundays; so the adapter refuses to start"),
    ),
    slow(
        "a_long_refusal",
        "refusal",
        &["refuses-at-length"],
        AtStart("so the adapter refuses to start"),
    ),
    slow(
        "another_answer",
        "unasked answers",
        &[START, r#"{"done":{"run":0}}"#],
        AtStart("answered `start` with `done`"),
    ),
    slow(
        "an_answer_twice",
        "unasked answers",
        &[START, "READY", "READY"],
        InRun("said `ready`"),
    ),
    slow(
        "an_answer_to_another_run",
        "unasked answers",
        &[RUN, r#"{"done":{"run":7}}"#],
        InRun("said `done` of run 7 in run 1"),
    ),
    slow(
        "an_answer_before_the_start",
        "unasked answers",
        &[RUN, r#"{"done":{"run":1}}"#],
        InRun("said `done` before producer was alive"),
    ),
    slow(
        "an_end_twice",
        "unasked answers",
        &[
            RUN,
            r#"{"failed":{"run":1,"why":"twice"}}"#,
            r#"{"done":{"run":1}}"#,
            r#"{"done":{"run":1}}"#,
        ],
        InRun("the adapter failed: twice"),
    ),
    // Ids.
    slow(
        "a_process_twice",
        "ids",
        &[RUN, ALIVE, ALIVE],
        InRun("producer is alive a second time"),
    ),
    slow(
        "a_process_of_none",
        "ids",
        &[RUN, r#"{"alive":{"run":1,"process":99,"pid":LIVING}}"#],
        InRun("said `alive` of process 99, and the plan has 2"),
    ),
    slow(
        "a_step_of_none",
        "ids",
        &["wrong-ids"],
        InRun("says that producer does step 4711, which isn't one of its steps"),
    ),
    slow(
        "an_operation_twice",
        "ids",
        &[RUN, ALIVE, BEGAN, BEGAN],
        InRun("began operation 0, where 1 comes next"),
    ),
    quick(
        "a_return_before_its_begin",
        "ids",
        &["out-of-order"],
        InRun("returned from operation 0, which never began"),
    ),
    slow(
        "an_exit_before_a_birth",
        "ids",
        &[RUN, r#"{"exited":{"run":1,"process":0,"exit":{"code":0}}}"#],
        InRun("exited before it was alive"),
    ),
    // Clocks.
    slow(
        "another_clock",
        "clocks",
        &["wrong-clock"],
        InRun("did operation 0 before the run"),
    ),
    // Process ids.
    quick(
        "the_number_zero",
        "process ids",
        &["names-zero"],
        InRun(", a number that no process has"),
    ),
    slow(
        "a_number_too_large",
        "process ids",
        &["names-more-than-there-are"],
        InRun(", a number that no process has"),
    ),
    slow(
        "the_first_process",
        "process ids",
        &[RUN, r#"{"alive":{"run":1,"process":0,"pid":1}}"#],
        InRun("which isn't in the adapter's process group"),
    ),
    quick(
        "the_harness_itself",
        "process ids",
        &["names-its-parent"],
        InRun("which isn't in the adapter's process group"),
    ),
    slow(
        "an_exited_process",
        "process ids",
        &["names-the-dead"],
        InRun("there is no such process, and never said that it exited"),
    ),
    slow(
        "a_process_of_another_session",
        "process ids",
        &["forks-away"],
        InRun("which isn't in the adapter's process group"),
    ),
    slow(
        "an_exit_that_was_none",
        "lies",
        &[
            RUN,
            ALIVE,
            ALIVE_TOO,
            r#"{"exited":{"run":1,"process":0,"exit":{"code":0}}}"#,
            r#"{"exited":{"run":1,"process":1,"exit":{"code":0}}}"#,
            r#"{"done":{"run":1}}"#,
        ],
        InRun("said `done`, and producer, process "),
    ),
    slow(
        "an_end_with_living_processes",
        "lies",
        &["done-too-early"],
        InRun("said `done`, and producer, process "),
    ),
    slow(
        "a_death_denied",
        "lies",
        &["kills-a-process-and-denies-it"],
        InRunEither(["did not end a run", "and never said that it exited"]),
    ),
    // How it ends.
    quick(
        "an_exit_that_speaks_the_version_before",
        "its end",
        &["speaks-0.9"],
        InRun("exited with code 3"),
    ),
    quick(
        "an_exit",
        "its end",
        &["dies"],
        InRun("exited with code 3; its standard error ends:\nTraceback: out of luck"),
    ),
    slow(
        "an_exit_at_birth",
        "its end",
        &["exits-at-birth"],
        AtStart("exited with code 0"),
    ),
    slow(
        "a_kill_of_itself",
        "its end",
        &["kills-itself"],
        InRun("was killed by signal 9"),
    ),
    slow(
        "a_crash",
        "its end",
        &["crashes"],
        InRun("was killed by signal 6"),
    ),
    slow(
        "a_kill_of_its_group",
        "its end",
        &["kills-its-group"],
        InRun("was killed by signal 9"),
    ),
    slow(
        "a_nasty_end",
        "its end",
        &["nasty-stderr"],
        InRun("exited with code 3; its standard error ends:"),
    ),
    slow(
        "a_stop_of_itself",
        "stopped",
        &["stops-itself"],
        InRun("has been stopped for 10 s"),
    ),
    slow(
        "a_stop_of_all",
        "stopped",
        &["stops-its-processes"],
        InRun("has been stopped for 10 s"),
    ),
    slow(
        "signals_ignored",
        "ignored signals",
        &["ignores-signals"],
        InRun("never said that producer is alive"),
    ),
    // Processes that it leaves.
    slow(
        "a_child_in_its_place",
        "left processes",
        &["forks-on"],
        InRun("exited with code 0"),
    ),
    slow(
        "a_child_with_its_output",
        "left processes",
        &["leaves-a-child-with-its-output"],
        InRun("exited with code 3"),
    ),
    slow(
        "a_session_with_its_output",
        "left processes",
        &["leaves-a-session-with-its-output"],
        InRun("exited with code 3"),
    ),
    quick(
        "a_session_without_environment",
        "left processes",
        &["leaves-a-session-without-environment"],
        InRun("exited with code 3"),
    ),
    slow(
        "fifty_sessions_that_ignore_signals",
        "left processes",
        &["leaves-many-that-ignore-signals"],
        InRun("exited with code 3"),
    ),
    slow(
        "a_chain_of_forks",
        "left processes",
        &["goes-on-forking"],
        InRun("exited with code 3"),
    ),
    // Files.
    slow(
        "a_locked_folder",
        "its folder",
        &["locks-its-folder"],
        InRun("exited with code 3"),
    ),
    slow(
        "a_link_for_a_folder",
        "its folder",
        &["replaces-its-folder"],
        InRun("exited with code 3"),
    ),
    slow(
        "a_removed_folder",
        "its folder",
        &["removes-its-folder"],
        InRun("exited with code 3"),
    ),
    slow(
        "a_full_folder",
        "its folder",
        &["fills-its-folder"],
        InRun("exited with code 3"),
    ),
    slow(
        "odd_files",
        "its folder",
        &["leaves-odd-files"],
        InRun("exited with code 3"),
    ),
];
