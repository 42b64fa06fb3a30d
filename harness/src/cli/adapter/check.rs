//! `adapter check`: tests an adapter, and says what its author must fix.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::plans;
use crate::adapter::protocol::{Breach, FromAdapter, ToAdapter};
use crate::adapter::{Adapter, AdapterColumn, AdapterProcess, PATIENCE, Unusable};
use crate::backend::{Kind, Outcome};
use crate::cli::problem::Problem;
use crate::cli::settings::default_options;
use crate::corpus::CaseFolder;
use crate::event::ExitCode;
use crate::history::{Ending, Exit, History, OperationKind, ProcessHistory};
use crate::plan::{Content, NO_STEP};
use crate::printable::{indented, line};
use crate::runner::{self, Options, RunFailure, Session, interrupt};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();

/// The deadline of a run that hangs on purpose.
const HANGING: Duration = Duration::from_secs(1);

/// The result of one check: a note, or the mistake.
type CheckResult = Result<String, String>;

/// A check of an adapter process.
type ProcessCheck = fn(&mut AdapterProcess, &AdapterColumn) -> Result<String, Unusable>;

pub(super) fn check(
    adapter: &Arc<Adapter>,
    folder: &CaseFolder,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let options = default_options(folder)?;
    let session = Session::start(&options.program)?;
    let mut checklist = Checklist { out, mistakes: 0 };
    let ready = session.ready(adapter);
    let about = match &ready {
        Ok(ready) => Ok(ready.about.clone()),
        Err(unfit) => Err(unfit.to_string()),
    };
    let fix = match &ready {
        Err(Unusable::Absent(_)) => "install what it needs, or correct its command",
        Err(Unusable::Broke(breach)) if breach.to_string().contains("isn't a message") => {
            "write only messages of `adapter schema from-adapter` to standard output, and print to standard error"
        }
        _ => "answer {\"start\":…} with one line, {\"ready\":…}, and list your backends",
    };
    checklist.add("it introduces itself", about, fix)?;
    if let Ok(ready) = ready {
        let columns = adapter.columns(Ok(ready));
        let mut hosted = columns.iter().filter(|column| column.capabilities.is_ok());
        let first = hosted
            .next()
            .expect("an adapter without a backend isn't ready");
        check_protocol(&mut checklist, &session, first)?;
        for column in std::iter::once(first).chain(hosted) {
            let what = format!("{} transfers items, complete and in order", column.key);
            let result = of_run(exchange(column, &options, &session));
            checklist.add(
                &what,
                result,
                "report the outcome of each operation, and its item",
            )?;
        }
        let killed = of_run(kill(first, &options, &session));
        let fix = "send {\"exited\":…} for a process that the harness killed, and continue";
        checklist.add("the exit of a killed process is reported", killed, fix)?;
        let ended = of_run(hang(first, &options, &session));
        let fix = "after {\"end\":…}, kill the processes of the run, report their exits, then send \
                   {\"done\":…}";
        checklist.add("a run that hangs is ended", ended, fix)?;
    }
    if interrupt::requested() {
        return Ok(ExitCode::Interrupted);
    }
    Ok(match checklist.mistakes {
        0 => ExitCode::AsExpected,
        _ => ExitCode::Adapter,
    })
}

/// Checks the messages that aren't about a run.
fn check_protocol(
    checklist: &mut Checklist<'_>,
    session: &Session,
    column: &AdapterColumn,
) -> Result<(), Problem> {
    let checks: [(&str, ProcessCheck, &str); 5] = [
        (
            "another version of the protocol is refused",
            |process, _| unknown_version(process),
            "answer a version that you don't know with {\"refused\":{\"why\":…}}",
        ),
        (
            "a line that isn't a message is answered with an error",
            nonsense,
            "answer a line that you can't read with {\"error\":{\"why\":…}}, and continue",
        ),
        (
            "an unknown step is unsupported",
            unknown_step,
            "check all steps before you start a process; answer {\"unsupported\":…}, then {\"done\":…}",
        ),
        (
            "`stop` ends it",
            |process, column| {
                process.introduce(&column.adapter)?;
                process.tell_to_stop();
                exit(process)
            },
            "exit with code 0 after {\"stop\":{}}",
        ),
        (
            "the end of its input ends it",
            |process, column| {
                process.introduce(&column.adapter)?;
                process.close();
                exit(process)
            },
            "exit with code 0 at the end of standard input",
        ),
    ];
    for (what, check, fix) in checks {
        let result = session.try_with(&column.adapter, |process| check(process, column));
        checklist.add(what, result.map_err(|unfit| unfit.to_string()), fix)?;
    }
    Ok(())
}

/// The list of checks, as it is printed.
struct Checklist<'a> {
    out: &'a mut dyn Write,
    mistakes: usize,
}

impl Checklist<'_> {
    /// Writes a line for a check that passed, or the mistake and its fix.
    fn add(&mut self, what: &str, result: CheckResult, fix: &str) -> io::Result<()> {
        match result {
            Ok(note) if note.is_empty() => writeln!(self.out, "{GOOD}✓{GOOD:#} {what}"),
            Ok(note) => {
                writeln!(self.out, "{GOOD}✓{GOOD:#} {what}: {}", line(&note))
            }
            Err(why) => {
                self.mistakes += 1;
                let why = indented(&why);
                let fix = specific(&why).unwrap_or(fix);
                writeln!(
                    self.out,
                    "{BAD}✗{BAD:#} {what}\n    {why}\n    to fix it: {fix}"
                )
            }
        }
    }
}

/// Returns how to correct a message that contradicts an earlier one, or the rules. The reason says which;
/// what the step tests has nothing to do with it.
fn specific(why: &str) -> Option<&'static str> {
    if why.contains("monotonic clock") {
        return Some("read the clock that harness/adapters/README.md names for this system");
    }
    let is_contradiction = why.contains("the adapter says that ");
    is_contradiction.then_some(
        "send the messages of each process in the order of harness/adapters/README.md: alive, then began and \
         returned for each operation from 0 on, then exited",
    )
}

fn unknown_version(process: &mut AdapterProcess) -> Result<String, Unusable> {
    let version = "0.0".to_owned();
    process.say(&ToAdapter::Start { version });
    match process.answer("`start`")? {
        FromAdapter::Refused { why } => Ok(why),
        other => Err(unexpected(&other, "refused")),
    }
}

fn nonsense(process: &mut AdapterProcess, column: &AdapterColumn) -> Result<String, Unusable> {
    process.introduce(&column.adapter)?;
    let mut last = String::new();
    for line in ["this isn't a message\n", "{\"no-such-message\":{}}\n"] {
        process.say_line(line.into());
        last = match process.answer(&format!("{line:?}"))? {
            FromAdapter::Error { why } => why,
            other => return Err(unexpected(&other, "error")),
        };
    }
    Ok(last)
}

fn unknown_step(process: &mut AdapterProcess, column: &AdapterColumn) -> Result<String, Unusable> {
    process.introduce(&column.adapter)?;
    let mut message = json!({ "run": {
        "run": 1,
        "backend": column.key,
        "plan": plans::exchange(column.key.kind).plan,
    } });
    message["run"]["plan"]["processes"][0]["steps"][0]["action"] = json!({ "no-such-step": {} });
    process.say_line(format!("{message}\n").into_bytes());
    let why = match process.answer("`run`")? {
        FromAdapter::Unsupported { run: 1, why } => why,
        other => return Err(unexpected(&other, "unsupported")),
    };
    match process.answer("`run`")? {
        FromAdapter::Done { run: 1 } => Ok(why),
        other => Err(unexpected(&other, "done")),
    }
}

fn exit(process: &mut AdapterProcess) -> Result<String, Unusable> {
    match process.exit_within(PATIENCE) {
        Some(Exit::Code(0)) if process.group().others(&[process.pid()]) => {
            Err(Breach::new("exited, but one of its processes still runs").into())
        }
        Some(Exit::Code(0)) => Ok(String::new()),
        Some(_) => Err(process.gone().into()),
        None => {
            let seconds = PATIENCE.as_secs();
            Err(Breach::new(format_args!("did not exit within {seconds} s")).into())
        }
    }
}

fn unexpected(answer: &FromAdapter, expected: &str) -> Unusable {
    let answer = answer.name();
    Breach::new(format_args!(
        "answered with `{answer}`, not with `{expected}`"
    ))
    .into()
}

/// Returns the result of a check that is a run. An adapter may not support it.
fn of_run(run: Result<String, RunFailure>) -> CheckResult {
    match run {
        Ok(seen) => Ok(seen),
        Err(RunFailure::Unsupported(why)) => Ok(why),
        Err(other) => Err(other.to_string()),
    }
}

fn exchange(
    column: &AdapterColumn,
    options: &Options,
    session: &Session,
) -> Result<String, RunFailure> {
    let kind = column.key.kind;
    let history = runner::observe_column(&plans::exchange(kind), column, options, session)?;
    let wrong = |what: String| Err(RunFailure::Adapter(what));
    if history.ending != Ending::Completed {
        return wrong("the exchange didn't complete".to_owned());
    }
    let bad = |process: &&ProcessHistory| process.exit != Some(Exit::Code(0));
    if let Some(bad) = history.processes.iter().find(bad) {
        let exit = exit_in_words(bad.exit);
        let all = history.processes.iter().map(|process| &process.stderr[..]);
        let stderr: Vec<u8> = all.collect::<Vec<_>>().concat();
        let stderr = String::from_utf8_lossy(&stderr);
        return wrong(format!("a process {exit}\n{stderr}").trim_end().to_owned());
    }
    let leaves = |process: &ProcessHistory| {
        let last = process.operations.last();
        last.is_some_and(|last| last.kind == OperationKind::Exit && last.outcome.is_some())
    };
    if !history.processes.iter().all(leaves) {
        return wrong(format!(
            "a process ended without the operation `exit` of step {NO_STEP}, in which it closes its ends"
        ));
    }
    if kind == Kind::Process {
        return match &history.processes[0].stdout[..] {
            b"hello\n" | b"hello\r\n" => Ok(String::new()),
            other => {
                let shown = String::from_utf8_lossy(other).into_owned();
                wrong(format!("it printed {shown:?} instead of \"hello\\n\""))
            }
        };
    }
    let put = contents(&history, OperationKind::Put);
    let got = contents(&history, OperationKind::Get);
    let length = |contents: &[Content]| -> u64 { contents.iter().map(|one| one.length()).sum() };
    let is_same = match kind {
        Kind::Stream => length(&put) == length(&got),
        _ => put == got,
    };
    if !is_same || put.is_empty() {
        let (put, got) = (shown(&put), shown(&got));
        return wrong(format!("one process put {put}, but the other got {got}"));
    }
    Ok(String::new())
}

/// Returns the contents of all operations of this kind that succeeded; only one process does some.
fn contents(history: &History, kind: OperationKind) -> Vec<Content> {
    let processes = history.processes.iter();
    let operations = processes.flat_map(|process| &process.operations);
    operations
        .filter(|operation| operation.kind == kind && operation.outcome == Some(Outcome::Ok))
        .filter_map(|operation| operation.content)
        .collect()
}

fn shown(contents: &[Content]) -> String {
    let shown: Vec<String> = contents
        .iter()
        .map(|content| crate::plan::hex::encode(&content.head()))
        .collect();
    format!("[{}]", shown.join(", "))
}

fn kill(
    column: &AdapterColumn,
    options: &Options,
    session: &Session,
) -> Result<String, RunFailure> {
    let History {
        processes, ending, ..
    } = runner::observe_column(&plans::kill(column.key.kind), column, options, session)?;
    match (processes[0].exit, ending) {
        (Some(Exit::Killed), Ending::Completed) => Ok(String::new()),
        (Some(Exit::Killed), _) => {
            let what = "the harness killed a process, but the answer to its killer, or an exit, didn't come";
            Err(RunFailure::Adapter(what.to_owned()))
        }
        (exit, _) => {
            let exit = exit_in_words(exit);
            let what = format!("the harness killed a process, but it {exit}");
            Err(RunFailure::Adapter(what))
        }
    }
}

fn exit_in_words(exit: Option<Exit>) -> String {
    match exit {
        Some(Exit::Code(code)) => format!("exited with code {code}"),
        Some(Exit::Signal(signal)) => format!("was killed by signal {signal}"),
        Some(Exit::Killed) => "was killed by the harness".to_owned(),
        Some(Exit::Ended) => "was ended by the harness".to_owned(),
        Some(Exit::Unseen) => "exited without a report how".to_owned(),
        None => "never started".to_owned(),
    }
}

fn hang(
    column: &AdapterColumn,
    options: &Options,
    session: &Session,
) -> Result<String, RunFailure> {
    let mut permutation = plans::hang(column.key.kind);
    permutation.plan.deadline = HANGING;
    let history = runner::observe_column(&permutation, column, options, session)?;
    match history.ending {
        Ending::Completed => Err(RunFailure::Adapter(
            "a process that idles forever ended by itself".to_owned(),
        )),
        Ending::Stalled | Ending::DeadlinePassed | Ending::TooSlow => Ok(String::new()),
    }
}
