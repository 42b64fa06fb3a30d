//! The exit codes of the program.

use std::process;

/// An exit code of the program.
///
/// If several apply, the program exits with the one that casts most doubt on the others: see
/// [`ExitCode::worse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitCode {
    /// Every trial that ran had an expected verdict.
    AsExpected = 0,
    /// A promise was broken, or a reviewed divergence is out of date. With `compare --exit-code`:
    /// the logs differ.
    Broken = 1,
    /// The command line, a case file, a divergence or a history is wrong. A case's mistake can show
    /// only in its run.
    Usage = 2,
    /// No promise was found broken, but some trials couldn't be judged.
    Inconclusive = 3,
    /// There was nothing to run: no case, or no case that a backend can run here.
    NothingToRun = 4,
    /// An adapter failed.
    Adapter = 5,
    /// The harness failed.
    Harness = 70,
    /// A person interrupted the program.
    Interrupted = 130,
}

impl ExitCode {
    /// Returns the number for the operating system.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// Returns the more important of the two: 130, then 70, 2, 5, 1, 3, 4, and 0 last.
    pub fn worse(self, other: ExitCode) -> ExitCode {
        if self.rank() >= other.rank() {
            self
        } else {
            other
        }
    }

    fn rank(self) -> u8 {
        match self {
            ExitCode::AsExpected => 0,
            ExitCode::NothingToRun => 1,
            ExitCode::Inconclusive => 2,
            ExitCode::Broken => 3,
            ExitCode::Adapter => 4,
            ExitCode::Usage => 5,
            ExitCode::Harness => 6,
            ExitCode::Interrupted => 7,
        }
    }
}

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        process::ExitCode::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_important_code_wins() {
        let by_precedence = [
            ExitCode::Interrupted,
            ExitCode::Harness,
            ExitCode::Usage,
            ExitCode::Adapter,
            ExitCode::Broken,
            ExitCode::Inconclusive,
            ExitCode::NothingToRun,
            ExitCode::AsExpected,
        ];
        for (n, worse) in by_precedence.iter().enumerate() {
            for milder in &by_precedence[n..] {
                assert_eq!(worse.worse(*milder), *worse);
                assert_eq!(milder.worse(*worse), *worse);
            }
        }
    }
}
