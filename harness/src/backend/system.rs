//! Operating systems and their emulations.

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
    /// Every operating system.
    pub const ALL: [System; 3] = [System::Linux, System::Macos, System::Windows];

    /// Returns the operating system that this program was built for.
    pub const fn current() -> System {
        if cfg!(windows) {
            System::Windows
        } else if cfg!(target_os = "macos") {
            System::Macos
        } else {
            System::Linux
        }
    }

    /// Returns the word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            System::Linux => "linux",
            System::Macos => "macos",
            System::Windows => "windows",
        }
    }

    /// Returns the operating system with this word.
    pub fn from_word(word: &str) -> Option<System> {
        System::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Whether processes can be forked.
    pub fn is_unix(self) -> bool {
        self != System::Windows
    }
}

/// The name in texts: `Linux`.
impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            System::Linux => "Linux",
            System::Macos => "macOS",
            System::Windows => "Windows",
        })
    }
}

/// A program that stands in for an operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Emulation {
    /// Wine, for Windows.
    Wine,
}

impl Emulation {
    /// Returns the word for it in files.
    pub fn word(self) -> &'static str {
        match self {
            Emulation::Wine => "wine",
        }
    }
}

/// The name in texts: `Wine`.
impl fmt::Display for Emulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Emulation::Wine => "Wine",
        })
    }
}

/// The operating system of a run, or its emulation. Results under an emulation are evidence about
/// the operating system only where the two behave alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system that programs are built for.
    pub system: System,
    /// The program that stands in for it, if any.
    pub emulation: Option<Emulation>,
}

impl Platform {
    /// Every platform.
    pub const ALL: [Platform; 4] = [
        Platform::genuine(System::Linux),
        Platform::genuine(System::Macos),
        Platform::genuine(System::Windows),
        Platform {
            system: System::Windows,
            emulation: Some(Emulation::Wine),
        },
    ];

    /// Returns the platform that is this operating system itself.
    pub const fn genuine(system: System) -> Platform {
        Platform {
            system,
            emulation: None,
        }
    }
}

/// The name in reports: `Linux`, `Windows (Wine)`.
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
    fn an_emulation_is_named_with_its_system() {
        let names = Platform::ALL.map(|platform| platform.to_string());
        assert_eq!(names, ["Linux", "macOS", "Windows", "Windows (Wine)"]);
    }
}
