//! Reads an event log.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::event::{Event, EventLog, OLDEST, Texts, VERSION};
use crate::printable::line;

/// The reason why an event log can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It can't be read.
    #[error("can't read the log: {0}")]
    Unreadable(#[from] io::Error),
    /// A line isn't an event.
    #[error("line {line} isn't an event: {error}")]
    NoEvent {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The log has another version.
    #[error("the log has version {0}, but this program reads only versions {OLDEST} to {VERSION}")]
    Version(u32),
    /// The first line isn't a header.
    #[error("the log doesn't start with a header")]
    NoHeader,
    /// The last line isn't a footer.
    #[error(
        "the footer is missing after line {lines}: the run didn't end, or the log was cut short"
    )]
    NoFooter {
        /// How many lines the log has.
        lines: usize,
    },
    /// Trials are missing, although the run ended by itself.
    #[error("the header announces {promised} trials, but the log has {found}")]
    Trials {
        /// How many trials the header announces.
        promised: usize,
        /// How many trials the log has.
        found: usize,
    },
    /// A header or an event is in the wrong place.
    #[error(
        "line {line} is in the wrong place: a log starts with its only header and ends with its only footer"
    )]
    OutOfPlace {
        /// The number of the line, from 1.
        line: usize,
    },
}

/// Reads an event log.
///
/// # Errors
/// Returns an error if the log isn't complete: see [`LogError`].
pub fn read(log: impl BufRead) -> Result<Vec<Event>, LogError> {
    let mut events = Vec::new();
    for (number, line) in (1..).zip(log.lines()) {
        let line = line?;
        if number == 1 {
            known_version(&line)?;
        }
        let mut event: Event = serde_json::from_str(&line).map_err(|error| LogError::NoEvent {
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
        if let Event::Header(header) = &mut event {
            // What an older version lacks has its default now.
            header.version = VERSION;
        }
        events.push(event.printable());
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

/// Returns an error if the log doesn't have as many trials as its header announces.
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

/// Returns an error if the header has another version. The whole header may have another form then,
/// so this reads only its version.
fn known_version(line: &str) -> Result<(), LogError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    match serde_json::from_str(line) {
        Ok(Versioned { version }) if !(OLDEST..=VERSION).contains(&version) => {
            Err(LogError::Version(version))
        }
        _ => Ok(()),
    }
}

/// Whether the name of this file says that its content is compressed by gzip.
pub(crate) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

/// Reads the event log in a file, which is compressed if its name ends in `.gz`.
///
/// # Errors
/// Returns an error if the file can't be read or the log isn't complete: see [`LogError`].
pub fn read_file(path: &Path) -> Result<EventLog, LogError> {
    let (mut header, mut footer, mut reports) = (None, None, Vec::new());
    let mut texts = Texts::default();
    let file = File::open(path)?;
    let events = match is_compressed(path) {
        true => read(BufReader::new(MultiGzDecoder::new(file)))?,
        false => read(BufReader::new(file))?,
    };
    for event in events {
        match event {
            Event::Header(first) => header = Some(first),
            Event::Started { .. } => {}
            Event::Finished(report) => reports.push(*report),
            Event::Texts(more) => texts.join(more),
            Event::Footer(last) => footer = Some(last),
        }
    }
    Ok(EventLog {
        path: line(&path.display().to_string()).into_owned(),
        header: header.ok_or(LogError::NoHeader)?,
        footer: footer.ok_or(LogError::NoFooter { lines: 0 })?,
        reports,
        texts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::json::write;
    use crate::test_support::reports::{footer, header, passed};
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
    fn written_events_are_read_back() {
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
    #[case::no_footer(&[0, 1, 2], "the footer is missing after line 3")]
    #[case::two_headers(&[0, 0, 3], "line 2 is in the wrong place")]
    #[case::a_trial_is_missing(&[0, 1, 3], "announces 1 trials, but the log has 0")]
    #[case::event_after_the_footer(&[0, 2, 3, 2], "line 4 is in the wrong place")]
    fn an_incomplete_log_is_an_error(#[case] lines: &[usize], #[case] expected: &str) {
        let events: Vec<Event> = lines.iter().map(|line| whole()[*line].clone()).collect();
        let error = read(log(&events).as_slice()).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_log_that_was_cut_short_is_an_error() {
        let bytes = log(&whole());
        for length in 0..bytes.len() - 1 {
            assert!(read(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_log_of_another_version_is_an_error() {
        let text = String::from_utf8(log(&whole())).unwrap();
        let [current, next] =
            [VERSION, VERSION + 1].map(|version| format!("\"version\":{version}"));
        let error = read(text.replacen(&current, &next, 1).as_bytes()).unwrap_err();
        assert!(matches!(error, LogError::Version(4)), "{error}");
    }
}
