//! `run`: cases on backends.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use super::record::record;
use super::subjects::Choice;
use super::{Format, Problem, complain, stdout, tell_faults};
use crate::corpus::CaseFile;
use crate::corpus::case_folder::CaseFolder;
use crate::corpus::selection::{self, Filter};
use crate::event::exit_code::ExitCode;
use crate::event::{Event, Footer, Partition};
use crate::judge::divergence::observation::Observations;
use crate::os::platform;
use crate::registry::Registry;
use crate::report::junit::Junit;
use crate::report::text::{Detail, Text};
use crate::report::{Sources, json};
use crate::runner::subject::Subject;
use crate::runner::{self, Options, Session, Trial};

/// How many trials are told one by one; of more, only what went wrong and the matrix.
const FEW: usize = 40;

/// `run`'s arguments.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Parts of trials' names, which are `area/case[axis=value]@kind:backend`; everything where
    /// there is none.
    #[arg(value_name = "PATTERN")]
    patterns: Vec<String>,
    /// Takes patterns for whole names: a trial's, a permutation's or a case's.
    #[arg(long)]
    exact: bool,
    /// Runs this case file, wherever it stands, and not those of the root. May be given again.
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// What random delays follow from; 0 for no delays.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many trials run at once; four times as many as there are processors where it isn't given,
    /// since most of the time they wait.
    #[arg(long, value_name = "N", value_parser = jobs)]
    jobs: Option<NonZeroUsize>,
    /// What to print: text for people, or the event log as JSON lines.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Writes the event log here too, as JSON lines.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Writes the run here as JUnit XML, too: a test case for each trial.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Runs one of so many parts of all trials, as in 1/2; `merge` unites their logs.
    ///
    /// Which part a trial is in follows from its name, so that machines agree on it.
    #[arg(long, value_name = "PART/OF")]
    partition: Option<Partition>,
    /// Writes what breaks into golden/divergences/, for somebody to give reasons for it.
    ///
    /// Adds what broke and isn't recorded, corrects how it broke, and takes out what holds now. A
    /// new entry has no reason and no link yet, and makes every run fail until it has.
    #[arg(long)]
    write_divergences: bool,
}

pub(super) fn run(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &Arguments,
) -> Result<ExitCode, Problem> {
    let library = CaseFolder::open(root)?;
    let (cases, faults) = if arguments.files.is_empty() {
        library.cases()
    } else {
        library.files(&arguments.files)
    };
    let faulty = tell_faults(&faults);
    let goldens = library.goldens(&cases)?;
    let options = options(&library, arguments)?;
    let session = Session::start(&options.program)?;
    let subjects = arguments
        .choice
        .subjects(registry, library.corpus.root(), &session)?;
    let filter = Filter {
        patterns: arguments.patterns.clone(),
        exact: arguments.exact,
    };
    let platform = platform::current();
    let system = platform.system;
    let mut trials = selection::trials(&cases, &subjects, &goldens, system, &filter);
    // They are of the corpus, whichever files run.
    let corpus = if arguments.files.is_empty() {
        Cow::Borrowed(cases.as_slice())
    } else {
        Cow::Owned(library.cases().0)
    };
    let divergences = library.divergences(&corpus, registry, &subjects);
    tell_faults(&divergences.faults);
    divergences.assign(&mut trials, platform);
    let of_files = if faulty == 0 {
        divergences.code
    } else {
        divergences.code.worse(ExitCode::Usage)
    };
    let unmet = unmet(&filter, &trials);
    if trials.is_empty() || !unmet.is_empty() {
        let everywhere: Vec<Subject> = registry.iter().cloned().map(Subject::from).collect();
        let of_unmet = Filter {
            patterns: unmet.clone(),
            ..filter
        };
        let elsewhere = selection::trials(&cases, &everywhere, &goldens, system, &of_unmet);
        // Where only faulty files match, that has been said.
        let is_faulty = |pattern: &String| {
            let mut faulty = faults.iter().map(|fault| fault.path.display().to_string());
            faulty.any(|path| path.replace('\\', "/").contains(pattern.as_str()))
        };
        if !cases.is_empty() && !unmet.iter().any(is_faulty) {
            complain(&nothing(&unmet, &elsewhere, &subjects, &names(&cases)));
        }
        return Ok(of_files.worse(ExitCode::NothingToRun));
    }
    if let Some(partition) = arguments.partition {
        trials.retain(|trial| partition.holds(&trial.name));
    }
    let sources = Sources {
        divergences: divergences.texts().clone(),
        ..Sources::of(&library, &cases)
    };
    let mut observations = Observations::default();
    let footer = tell_of(
        &trials,
        &options,
        &session,
        &sources,
        arguments,
        &mut observations,
    )?;
    if arguments.write_divergences && !footer.interrupted {
        record(&library, &cases, &subjects, &observations)?;
    }
    Ok(of_files.worse(code(&footer)))
}

/// What patterns may have meant: cases and areas.
fn names(cases: &[CaseFile]) -> Vec<String> {
    let area = |case: &CaseFile| case.name.split_inclusive('/').next().map(str::to_owned);
    let mut names: Vec<String> = cases.iter().filter_map(area).collect();
    names.dedup();
    names.extend(cases.iter().map(|case| case.name.clone()));
    names
}

/// The patterns that match none of these trials: slips, most likely, so the others don't run
/// either.
fn unmet(filter: &Filter, trials: &[Trial]) -> Vec<String> {
    let is_met = |pattern: &String| {
        trials
            .iter()
            .any(|trial| filter.means(pattern, &trial.name))
    };
    let patterns = filter.patterns.iter();
    patterns
        .filter(|pattern| !is_met(pattern))
        .cloned()
        .collect()
}

/// Why there is nothing to run for these patterns, or at all, and what may have been meant.
/// `elsewhere` are the trials that they match on any backend.
fn nothing(
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
        return format!("no trial on {on} matches `{asked}`; trials on other backends do");
    }
    let alike: Vec<&str> = patterns
        .iter()
        .flat_map(|pattern| selection::alike(pattern, names))
        .collect();
    match alike.as_slice() {
        [] => format!("no trial matches `{asked}`; `list cases` shows the cases"),
        alike => format!(
            "no trial matches `{asked}`; did you mean {}?",
            alike.join(", ")
        ),
    }
}

/// How many jobs: clap's own words for a zero are about Rust's types.
fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    let number: usize = text.parse().map_err(|_| "it is no whole number")?;
    NonZeroUsize::new(number).ok_or_else(|| "at least one trial must run at once".to_owned())
}

fn options(library: &CaseFolder, arguments: &Arguments) -> Result<Options, Problem> {
    Ok(Options {
        seed: arguments.seed,
        jobs: arguments
            .jobs
            .map_or_else(runner::jobs_here, NonZeroUsize::get),
        ..super::options(library)?
    })
}

/// Tells of one event on standard output.
type Print<'a> = Box<dyn FnMut(&Event) -> io::Result<()> + 'a>;

/// Runs the trials, and tells of them where the arguments say.
fn tell_of(
    trials: &[Trial],
    options: &Options,
    session: &Session,
    sources: &Sources,
    arguments: &Arguments,
    observations: &mut Observations,
) -> Result<Footer, Problem> {
    let mut log = arguments.log.as_deref().map(create).transpose()?;
    let junit = arguments.junit.as_deref().map(create).transpose()?;
    let mut junit = junit.map(|file| (Junit::new(sources), file));
    let some = !arguments.patterns.is_empty() || !arguments.files.is_empty();
    let asked_for_few = some && trials.len() <= FEW;
    let detail = if asked_for_few {
        Detail::Trials
    } else {
        Detail::Matrix
    };
    let mut print: Print<'_> = match arguments.format {
        Format::Text => {
            let mut text = Text::new(stdout(), sources, detail);
            Box::new(move |event| text.event(event))
        }
        Format::Json => {
            let mut out = BufWriter::new(io::stdout().lock());
            Box::new(move |event| json::write(event, &mut out))
        }
    };
    let mut unwritten = None;
    let footer = runner::run_in(session, trials, options, &mut |mut event: Event| {
        match &mut event {
            Event::Header(header) => header.partition = arguments.partition,
            Event::Finished(report) => observations.add(report),
            Event::Started { .. } | Event::Footer(_) => {}
        }
        if let Some((junit, _)) = &mut junit {
            junit.event(&event);
        }
        let printed = print(&event);
        let logged = log.as_mut().map_or(Ok(()), |log| json::write(&event, log));
        // The first error counts; the run goes on, so that nothing is left behind.
        if let (None, Err(error)) = (&unwritten, printed.and(logged)) {
            unwritten = Some(error);
        }
    });
    if let Some((junit, mut file)) = junit {
        junit.write(&mut file)?;
    }
    match unwritten {
        Some(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(footer),
    }
}

/// A file to write to.
///
/// # Errors
/// Where it can't be made.
pub(super) fn create(path: &Path) -> Result<BufWriter<File>, Problem> {
    let file = File::create(path).map_err(|error| {
        let what = format!("can't write {}: {error}", path.display());
        Problem::new(ExitCode::Usage, what)
    })?;
    Ok(BufWriter::new(file))
}

/// What a run that came to this exits with.
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
    fn a_pattern_that_matches_nothing_is_told_with_what_may_have_been_meant() {
        let why = |pattern: &str| nothing(&[pattern.to_owned()], &[], &[], &names());
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
    fn an_interruption_outweighs_every_verdict() {
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
