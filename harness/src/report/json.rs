//! The event log as JSON lines: what `--format json` prints and `--log` writes.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::Deserialize;

use crate::event::{Event, Log, VERSION};

/// Writes one event as one line.
pub fn write(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    out.write_all(&line)?;
    // Whoever follows the log sees a trial as soon as it is done.
    out.flush()
}

/// Why a log can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It can't be read.
    #[error("can't read the log: {0}")]
    Unreadable(#[from] io::Error),
    /// A line is no event.
    #[error("line {line} is no event: {error}")]
    NoEvent {
        /// Which, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// It is of another version.
    #[error("the log's version is {0}, and only {VERSION} can be read")]
    Version(u32),
    /// The first line is no header.
    #[error("the log doesn't start with a header")]
    NoHeader,
    /// The last line is no footer: the run didn't end, or the log was cut.
    #[error(
        "behind line {lines} the footer is missing: the run never ended, or the log was cut short"
    )]
    NoFooter {
        /// How many there are.
        lines: usize,
    },
    /// Not all trials are there, though the run ended by itself.
    #[error("line 1 speaks of {promised} trials, and {found} are there")]
    Trials {
        /// How many the header says there are.
        promised: usize,
        /// How many there are.
        found: usize,
    },
    /// Something stands where it can't.
    #[error("line {line} is out of place: one header comes first, one footer last")]
    OutOfPlace {
        /// Which, from 1.
        line: usize,
    },
}

/// Reads a whole log.
///
/// # Errors
/// A log that isn't whole is refused: see [`LogError`].
pub fn read(log: impl BufRead) -> Result<Vec<Event>, LogError> {
    let mut events = Vec::new();
    for (number, line) in (1..).zip(log.lines()) {
        let line = line?;
        if number == 1 {
            known_version(&line)?;
        }
        let event: Event = serde_json::from_str(&line).map_err(|error| LogError::NoEvent {
            line: number,
            error,
        })?;
        let ended = matches!(events.last(), Some(Event::Footer(_)));
        match &event {
            _ if ended => return Err(LogError::OutOfPlace { line: number }),
            Event::Header(_) if number == 1 => {}
            _ if number == 1 => return Err(LogError::NoHeader),
            Event::Header(_) => return Err(LogError::OutOfPlace { line: number }),
            _ => {}
        }
        events.push(event);
    }
    match events.last() {
        None => Err(LogError::NoHeader),
        Some(Event::Footer(footer)) => {
            if !footer.interrupted {
                none_is_missing(&events)?;
            }
            Ok(events)
        }
        Some(_) => Err(LogError::NoFooter {
            lines: events.len(),
        }),
    }
}

/// Whether it has as many trials as its header says.
fn none_is_missing(events: &[Event]) -> Result<(), LogError> {
    let finished = |event: &&Event| matches!(event, Event::Finished(_));
    let found = events.iter().filter(finished).count();
    match events.first() {
        Some(Event::Header(header)) if header.trials != found => Err(LogError::Trials {
            promised: header.trials,
            found,
        }),
        _ => Ok(()),
    }
}

/// Another version's header may have another form, so its version is looked at first.
fn known_version(line: &str) -> Result<(), LogError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_str(line) {
        Ok(Versioned { version }) if version != VERSION => Err(LogError::Version(version)),
        _ => Ok(()),
    }
}

/// Reads the whole log in a file.
///
/// # Errors
/// A log that isn't whole is refused: see [`LogError`].
pub fn read_file(path: &Path) -> Result<Log, LogError> {
    let (mut header, mut footer, mut reports) = (None, None, Vec::new());
    for event in read(BufReader::new(File::open(path)?))? {
        match event {
            Event::Header(first) => header = Some(first),
            Event::Started { .. } => {}
            Event::Finished(report) => reports.push(*report),
            Event::Footer(last) => footer = Some(last),
        }
    }
    Ok(Log {
        path: path.display().to_string(),
        header: header.ok_or(LogError::NoHeader)?,
        footer: footer.ok_or(LogError::NoFooter { lines: 0 })?,
        reports,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::text::tests::{footer, header, passed};
    use rstest::rstest;

    fn log(events: &[Event]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for event in events {
            write(event, &mut bytes).unwrap();
        }
        bytes
    }

    fn whole() -> Vec<Event> {
        let report = passed("seed/queue", "");
        vec![
            header(1),
            Event::Started {
                name: report.name.clone(),
            },
            Event::Finished(Box::new(report)),
            footer(&[]),
        ]
    }

    #[test]
    fn what_is_written_reads_back() {
        assert_eq!(read(log(&whole()).as_slice()).unwrap(), whole());
    }

    #[test]
    fn one_event_is_one_line() {
        let bytes = log(&whole());
        assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), whole().len());
    }

    #[rstest]
    #[case::nothing(&[], "doesn't start with a header")]
    #[case::no_header(&[1, 2, 3], "doesn't start with a header")]
    #[case::no_footer(&[0, 1, 2], "behind line 3 the footer is missing")]
    #[case::two_headers(&[0, 0, 3], "line 2 is out of place")]
    #[case::a_trial_is_missing(&[0, 1, 3], "line 1 speaks of 1 trials, and 0 are there")]
    #[case::goes_on_behind_its_footer(&[0, 2, 3, 2], "line 4 is out of place")]
    fn a_log_that_is_not_whole_is_refused(#[case] lines: &[usize], #[case] expected: &str) {
        let events: Vec<Event> = lines.iter().map(|line| whole()[*line].clone()).collect();
        let error = read(log(&events).as_slice()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_log_that_was_cut_anywhere_is_refused() {
        let bytes = log(&whole());
        for length in 0..bytes.len() - 1 {
            assert!(read(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_log_of_another_version_is_refused() {
        let text = String::from_utf8(log(&whole())).unwrap();
        let text = text.replacen("\"version\":1", "\"version\":2", 1);
        let error = read(text.as_bytes()).unwrap_err();
        assert!(matches!(error, LogError::Version(2)), "{error}");
    }
}
