//! The event log of one test, for runs of the tests in many processes or on many machines.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use crate::event::{Event, Footer};
use crate::judge::TrialReport;
use crate::os::clock;
use crate::report::json;
use crate::runner::{self, Options, Trial};
use crate::testing::variables::LOGS_VARIABLE;

/// The largest number of bytes of a test's name in a file's name.
const LONGEST: usize = 160;

/// Writes the results of a test's trials into a log of its own, if [`LOGS_VARIABLE`] asks for it.
pub(super) struct TestLog(Option<OpenLog>);

struct OpenLog {
    file: BufWriter<File>,
    path: PathBuf,
    began: u64,
    footer: Footer,
}

impl TestLog {
    /// Begins the log of this test in the folder that [`LOGS_VARIABLE`] names. Replaces the log of
    /// an earlier run.
    ///
    /// # Errors
    /// If the log can't be written: a message for people.
    pub(super) fn begin(
        test: &str,
        trials: &[Trial],
        options: &Options,
    ) -> Result<TestLog, String> {
        let Some(folder) = env::var_os(LOGS_VARIABLE) else {
            return Ok(TestLog(None));
        };
        let folder = Path::new(&folder);
        let path = folder.join(file_name(test));
        let create = || {
            fs::create_dir_all(folder)?;
            File::create(&path)
        };
        let file = create().map_err(|error| unwritten(&path, &error))?;
        let mut open = OpenLog {
            file: BufWriter::new(file),
            path,
            began: clock::now(),
            footer: Footer::default(),
        };
        open.write(&Event::Header(runner::header(trials, options)))?;
        Ok(TestLog(Some(open)))
    }

    /// Adds the report of one trial.
    ///
    /// # Errors
    /// If it can't be written.
    pub(super) fn add(&mut self, report: &TrialReport) -> Result<(), String> {
        let TestLog(Some(open)) = self else {
            return Ok(());
        };
        open.footer.count(report.verdict);
        open.footer.waited += report.waited;
        open.write(&Event::Started {
            name: report.name.clone(),
        })?;
        open.write(&Event::Finished(Box::new(report.clone())))
    }

    /// Ends the log.
    ///
    /// # Errors
    /// If it can't be written.
    pub(super) fn end(self) -> Result<(), String> {
        let TestLog(Some(mut open)) = self else {
            return Ok(());
        };
        open.footer.elapsed = clock::now() - open.began;
        open.write(&Event::Footer(open.footer.clone()))
    }
}

impl OpenLog {
    fn write(&mut self, event: &Event) -> Result<(), String> {
        json::write(event, &mut self.file).map_err(|error| unwritten(&self.path, &error))
    }
}

fn unwritten(path: &Path, error: &io::Error) -> String {
    let path = path.display();
    format!("can't write {path}: {error}; {LOGS_VARIABLE} asks for it")
}

/// A file's name on every system, another one for each test.
fn file_name(test: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.,=@".contains(byte);
    let plain: String = test
        .bytes()
        .map(|byte| match byte {
            b'/' | b':' => '+',
            byte if is_plain(&byte) => char::from(byte),
            _ => '_',
        })
        .take(LONGEST)
        .collect();
    format!("{plain}-{:016x}.jsonl", xxh3_64(test.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_like_its_test() {
        let name = file_name("pipe/sizes[size=1]@pipe:std/pipe");
        let plain = "pipe+sizes_size=1_@pipe+std+pipe-";
        assert!(name.starts_with(plain), "{name}");
        assert!(name.ends_with(".jsonl"), "{name}");
    }

    #[test]
    fn tests_with_similar_names_have_files_of_their_own() {
        let long = "x".repeat(1000);
        assert_ne!(file_name("a/b"), file_name("a:b"));
        assert_ne!(
            file_name(&format!("{long}1")),
            file_name(&format!("{long}2"))
        );
        assert!(file_name(&long).len() < 255);
    }
}
