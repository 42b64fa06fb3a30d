//! `run`: runs cases on backends, and reports the results.

use std::borrow::Cow;
use std::io::{self, BufWriter};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::problem::Problem;
use super::record::Recorder;
use super::report_file::ReportFile;
use super::settings::default_options;
use super::shortage;
use super::subjects::SubjectArguments;
use super::terminal::{OutputFormat, print_error, print_mistakes, stdout};
use crate::corpus::{self, CaseFile, CaseFolder, TrialFilter, similar_names};
use crate::event::{Event, ExitCode, Footer, Partition};
use crate::judge::divergence::observation::Observations;
use crate::os::invocation::invocation;
use crate::os::platform;
use crate::printable::line;
use crate::registry::Registry;
use crate::report::{Again, Detail, JunitReport, Sources, TextCollector, TextReport, json};
use crate::runner::{self, Options, Session, Subject, Trial};

/// The most chosen trials that are shown one by one. Of more trials, only failures and the matrix
/// are shown.
const FEW: usize = 40;

/// The arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Parts of names of trials, which are `area/case[axis=value]@kind:backend`. Without patterns,
    /// runs all cases.
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Matches each pattern against the whole name of a trial, a permutation or a case.
    #[arg(long)]
    exact: bool,
    /// Runs this case file instead of the cases in the root folder. May be repeated.
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    subjects: SubjectArguments,
    /// The seed of random delays and drawn values. 0 means no delays.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// The number of trials that run at once. Defaults to 6 × CPUs, because trials mostly wait.
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,
    /// The output format: text for people, or the event log as JSON lines.
    #[arg(long, value_enum, default_value_t = OutputFormat::Text)]
    format: OutputFormat,
    /// Also writes the event log to this file, as JSON lines, compressed if its name ends in .gz.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Also writes JUnit XML to this file, with a test case for each trial.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Runs only a part of all trials, such as 1/2. `merge` combines the logs of all parts.
    ///
    /// The part of a trial follows from its name, so it is the same on every machine.
    #[arg(long, value_name = "PART/OF")]
    partition: Option<Partition>,
    /// Lists the reviewed divergences that showed, each with how the promise broke.
    ///
    /// Without this option, one line below the matrix counts them. The event log always has them.
    #[arg(long)]
    show_divergences: bool,
    /// Writes the breaks of this run into golden/divergences/, for review.
    ///
    /// Adds new breaks, corrects how recorded promises break, and removes those that hold now. A
    /// new entry has no kind, reason and quote, and every run fails until a person adds them.
    #[arg(long)]
    write_divergences: bool,
}

pub(super) fn run(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &RunArguments,
) -> Result<ExitCode, Problem> {
    let folder = CaseFolder::open(root)?;
    let (cases, rejected) = if arguments.files.is_empty() {
        folder.cases()
    } else {
        folder.files(&arguments.files)
    };
    let faulty = print_mistakes(&rejected);
    let goldens = folder.goldens(&cases)?;
    let options = options(&folder, arguments)?;
    let session = Session::start(&options.program)?;
    let subjects = arguments
        .subjects
        .subjects(registry, folder.root_folder.root(), &session)?;
    let filter = TrialFilter {
        patterns: arguments.patterns.clone(),
        exact: arguments.exact,
    };
    let platform = platform::current();
    let system = platform.system;
    let mut trials = corpus::trials(&cases, &subjects, &goldens, system, &filter);
    // Divergences are about the cases of the folder, even if other files run.
    let cases_of_folder = if arguments.files.is_empty() {
        Cow::Borrowed(cases.as_slice())
    } else {
        Cow::Owned(folder.cases().0)
    };
    let divergences = folder.divergences(&cases_of_folder, registry, &subjects);
    print_mistakes(&divergences.rejected);
    divergences.assign(&mut trials, platform);
    let of_files = if faulty == 0 {
        divergences.code
    } else {
        divergences.code.worse(ExitCode::Usage)
    };
    let unmet = unmet(&filter, &trials);
    if trials.is_empty() || !unmet.is_empty() {
        let everywhere: Vec<Subject> = registry.iter().cloned().map(Subject::from).collect();
        let of_unmet = TrialFilter {
            patterns: unmet.clone(),
            ..filter
        };
        let elsewhere = corpus::trials(&cases, &everywhere, &goldens, system, &of_unmet);
        // If a pattern matches a file with mistakes, its mistakes were printed.
        let is_rejected = |pattern: &String| {
            let mut paths = rejected.iter().map(|file| file.path.display().to_string());
            paths.any(|path| path.replace('\\', "/").contains(pattern.as_str()))
        };
        if !cases.is_empty() && !unmet.iter().any(is_rejected) {
            print_error(&why_nothing(&unmet, &elsewhere, &subjects, &names(&cases)));
        }
        return Ok(of_files.worse(ExitCode::NothingToRun));
    }
    if let Some(partition) = arguments.partition {
        trials.retain(|trial| partition.holds(&trial.name));
    }
    let root = root.map(|root| ("--root", root.display().to_string()));
    let options_again = root.into_iter().chain(arguments.subjects.adapters());
    let sources = Sources {
        divergences: divergences.texts().clone(),
        again: Again::program(&invocation(), &options_again.collect::<Vec<_>>()),
        ..Sources::of(&folder, &cases)
    };
    let mut observations = Observations::default();
    let footer = run_and_report(
        &trials,
        &options,
        &session,
        &sources,
        arguments,
        &mut observations,
    );
    shortage::note(&session, arguments.jobs, trials.len());
    let footer = footer?;
    if arguments.write_divergences && !footer.interrupted {
        let recorder = Recorder {
            folder: &folder,
            cases: &cases,
            subjects: &subjects,
            divergences: &divergences,
        };
        recorder.record(&observations)?;
    }
    Ok(of_files.worse(code(&footer)))
}

/// Returns the names of areas and cases, which a misspelt pattern may have meant.
fn names(cases: &[CaseFile]) -> Vec<String> {
    let area = |case: &CaseFile| case.name.split_inclusive('/').next().map(str::to_owned);
    let mut names: Vec<String> = cases.iter().filter_map(area).collect();
    names.dedup();
    names.extend(cases.iter().map(|case| case.name.clone()));
    names
}

/// Returns the patterns that match none of these trials. They are probably misspelt, so no other
/// pattern runs either.
fn unmet(filter: &TrialFilter, trials: &[Trial]) -> Vec<String> {
    let is_met = |pattern: &String| {
        trials
            .iter()
            .any(|trial| filter.pattern_matches(pattern, &trial.name))
    };
    let patterns = filter.patterns.iter();
    patterns
        .filter(|pattern| !is_met(pattern))
        .cloned()
        .collect()
}

/// Returns why nothing runs, with suggestions. `elsewhere` has the trials on any backend that the
/// patterns match.
fn why_nothing(
    patterns: &[String],
    elsewhere: &[Trial],
    subjects: &[Subject],
    names: &[String],
) -> String {
    let on: Vec<String> = subjects.iter().map(|s| s.key().to_string()).collect();
    let on = on.join(", ");
    if patterns.is_empty() {
        return format!("nothing to run: no case is for {on}");
    }
    let asked = patterns.join("` or `");
    if !elsewhere.is_empty() {
        return format!("no trial on {on} matches `{asked}`, but trials on other backends do");
    }
    let similar: Vec<&str> = patterns
        .iter()
        .flat_map(|pattern| similar_names(pattern, names))
        .collect();
    match similar.as_slice() {
        [] => format!("no trial matches `{asked}`; `list cases` shows the cases"),
        similar => format!(
            "no trial matches `{asked}`; did you mean {}?",
            similar.join(", ")
        ),
    }
}

/// Parses a number of jobs. The messages of clap's own parser are about Rust's types.
fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|_| "it must be a whole number")?;
    NonZeroUsize::new(number).ok_or_else(|| "at least one trial must run at once".to_owned())
}

fn options(folder: &CaseFolder, arguments: &RunArguments) -> Result<Options, Problem> {
    Ok(Options {
        seed: arguments.seed,
        jobs: arguments
            .jobs
            .map_or_else(runner::jobs_here, NonZeroUsize::get),
        ..default_options(folder)?
    })
}

/// Prints one event on standard output.
type Print<'a> = Box<dyn FnMut(&Event) -> io::Result<()> + 'a>;

/// Runs the trials, and writes the reports that the arguments name.
fn run_and_report(
    trials: &[Trial],
    options: &Options,
    session: &Session,
    sources: &Sources,
    arguments: &RunArguments,
    observations: &mut Observations,
) -> Result<Footer, Problem> {
    let create = |path: Option<&Path>| path.map(ReportFile::create).transpose();
    let mut log = create(arguments.log.as_deref())?;
    let junit = create(arguments.junit.as_deref())?;
    let mut junit = junit.map(|file| (JunitReport::new(sources), file));
    let some = !arguments.patterns.is_empty() || !arguments.files.is_empty();
    let asked_for_few = some && trials.len() <= FEW;
    let detail = if asked_for_few {
        Detail::Trials
    } else {
        Detail::Matrix
    };
    let mut print: Print<'_> = match arguments.format {
        OutputFormat::Text => {
            let mut text = TextReport::new(stdout(), sources, detail)
                .lists_divergences(arguments.show_divergences);
            Box::new(move |event| text.event(event))
        }
        OutputFormat::Json => {
            let mut out = BufWriter::new(io::stdout().lock());
            Box::new(move |event| json::write(event, &mut out))
        }
    };
    let mut unwritten = None;
    let mut texts = TextCollector::new(sources, trials);
    let mut emit = |event: &Event| {
        if let Some((junit, _)) = &mut junit {
            junit.event(event);
        }
        let printed = print(event);
        let logged = log
            .as_mut()
            .map_or(Ok(()), |log| log.write(|out| json::write(event, out)));
        // Keep the first error. The run continues, so that no process is left.
        let written = match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => logged,
        };
        if let (None, Err(problem)) = (&unwritten, written) {
            unwritten = Some(problem);
        }
    };
    let footer = runner::run_in(session, trials, options, &mut |mut event: Event| {
        match &mut event {
            Event::Header(header) => {
                header.partition = arguments.partition;
                header.command = line(&invocation().command()).into_owned();
                header.rerun = sources.again.rerun();
            }
            Event::Finished(report) => {
                observations.add(report);
                texts.add(report);
            }
            Event::Footer(_) => emit(&Event::Texts(texts.texts())),
            Event::Started { .. } | Event::Texts(_) => {}
        }
        emit(&event);
    });
    if let Some(log) = log {
        unwritten = unwritten.or(log.finish().err());
    }
    if let Some((junit, mut file)) = junit {
        let written = file
            .write(|out| junit.write(out))
            .and_then(|()| file.finish());
        unwritten = unwritten.or(written.err());
    }
    unwritten.map_or(Ok(footer), Err)
}

/// Returns the exit code of a run.
pub(super) fn code(footer: &Footer) -> ExitCode {
    let code = ExitCode::of(&footer.counts);
    if footer.interrupted {
        code.worse(ExitCode::Interrupted)
    } else {
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        ["seed/queue", "seed/pipe"].map(str::to_owned).to_vec()
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_an_error_with_suggestions() {
        let why = |pattern: &str| why_nothing(&[pattern.to_owned()], &[], &[], &names());
        assert_eq!(
            why("seed/queeu"),
            "no trial matches `seed/queeu`; did you mean seed/queue?"
        );
        assert_eq!(
            why("xyzzy"),
            "no trial matches `xyzzy`; `list cases` shows the cases"
        );
    }

    #[test]
    fn an_interrupt_outweighs_every_verdict() {
        use crate::judge::Verdict;
        let footer = |interrupted| Footer {
            counts: vec![(Verdict::Fail, 1)],
            interrupted,
            elapsed: 0,
            waited: 0,
        };
        assert_eq!(code(&footer(false)), ExitCode::Broken);
        assert_eq!(code(&footer(true)), ExitCode::Interrupted);
    }
}
