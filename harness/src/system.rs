//! Operating systems, as clauses, capabilities and reports name them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An operating system that the harness runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// Linux.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl System {
    /// The one that this program was built for.
    pub const fn current() -> System {
        if cfg!(windows) {
            System::Windows
        } else if cfg!(target_os = "macos") {
            System::Macos
        } else {
            System::Linux
        }
    }

    /// The word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            System::Linux => "linux",
            System::Macos => "macos",
            System::Windows => "windows",
        }
    }

    /// The system with this word.
    pub fn from_word(word: &str) -> Option<System> {
        [System::Linux, System::Macos, System::Windows]
            .into_iter()
            .find(|s| s.word() == word)
    }

    /// Whether processes can be forked.
    pub fn is_unix(self) -> bool {
        self != System::Windows
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
