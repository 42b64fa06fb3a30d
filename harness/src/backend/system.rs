//! Operating systems, as clauses, capabilities and reports name them, and what stands in for one.

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
    /// All of them.
    pub const ALL: [System; 3] = [System::Linux, System::Macos, System::Windows];

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
        System::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Whether processes can be forked.
    pub fn is_unix(self) -> bool {
        self != System::Windows
    }
}

/// As people call it: `Linux`.
impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            System::Linux => "Linux",
            System::Macos => "macOS",
            System::Windows => "Windows",
        })
    }
}

/// What runs the programs of an operating system without being it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emulation {
    /// Wine, for Windows.
    Wine,
}

impl Emulation {
    /// The word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Emulation::Wine => "wine",
        }
    }
}

/// As people call it: `Wine`.
impl fmt::Display for Emulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Emulation::Wine => "Wine",
        })
    }
}

/// What a run is on: an operating system, or something in its place, of which results are evidence
/// only as far as that is like it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system that programs are built for.
    pub system: System,
    /// What stands in for it, if anything.
    pub emulation: Option<Emulation>,
}

impl Platform {
    /// Everything that a run can be on.
    pub const ALL: [Platform; 4] = [
        Platform::genuine(System::Linux),
        Platform::genuine(System::Macos),
        Platform::genuine(System::Windows),
        Platform {
            system: System::Windows,
            emulation: Some(Emulation::Wine),
        },
    ];

    /// The operating system itself.
    pub const fn genuine(system: System) -> Platform {
        Platform {
            system,
            emulation: None,
        }
    }
}

/// As reports call it: `Linux`, `Windows (Wine)`.
impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.emulation {
            Some(emulation) => write!(f, "{} ({emulation})", self.system),
            None => self.system.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_for_a_system_is_named_with_it() {
        let names = Platform::ALL.map(|platform| platform.to_string());
        assert_eq!(names, ["Linux", "macOS", "Windows", "Windows (Wine)"]);
    }
}
