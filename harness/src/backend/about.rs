//! How a backend introduces itself.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// How a backend introduces itself: the library, its version, and how the backend uses it.
///
/// A crate states its own version with `env!("CARGO_PKG_VERSION")`:
///
/// ```
/// use ipc_conformance::backend::About;
///
/// let about = About {
///     library: Some("paper-trail".to_owned()),
///     version: Some("0.3.1".to_owned()),
///     mechanism: "one locked file".to_owned(),
///     ..About::default()
/// };
/// assert_eq!(about.to_string(), "paper-trail 0.3.1: one locked file");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct About {
    /// The library, such as `interprocess`; `None` if the backend doesn't name it.
    pub library: Option<String>,
    /// The version of the library, as the library writes it; `None` if it isn't known.
    pub version: Option<String>,
    /// The language runtime with its version, such as `CPython 3.12.3`. The harness fills it in for
    /// a backend in Rust.
    pub runtime: Option<String>,
    /// How the backend uses the library, such as `local_socket`.
    pub mechanism: String,
}

impl About {
    /// Returns the description of a backend over this version of a library.
    pub(crate) fn library(name: impl Into<String>, version: impl Into<String>) -> About {
        let version = Some(version.into());
        About {
            version,
            ..About::library_of_unknown_version(name)
        }
    }

    /// Returns the description of a backend over a library whose version isn't known.
    pub(crate) fn library_of_unknown_version(name: impl Into<String>) -> About {
        About {
            library: Some(name.into()),
            ..About::default()
        }
    }

    /// Adds how the backend uses the library.
    pub(crate) fn by(mut self, mechanism: impl Into<String>) -> About {
        self.mechanism = mechanism.into();
        self
    }

    /// Returns the library with its version, such as `interprocess 2.4.7`, if the backend names it.
    pub(crate) fn versioned_library(&self) -> Option<String> {
        let library = self.library.as_ref()?;
        Some(match &self.version {
            Some(version) => format!("{library} {version}"),
            None => format!("{library} (version unknown)"),
        })
    }
}

/// A description without a library.
impl From<String> for About {
    fn from(mechanism: String) -> About {
        About::default().by(mechanism)
    }
}

/// A description without a library.
impl From<&str> for About {
    fn from(mechanism: &str) -> About {
        About::default().by(mechanism)
    }
}

/// As people read it: `interprocess 2.4.7: local_socket (rustc 1.95.0)`.
impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [self.versioned_library(), Some(self.mechanism.clone())];
        let parts: Vec<String> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        f.write_str(&parts.join(": "))?;
        match &self.runtime {
            Some(runtime) => write!(f, " ({runtime})"),
            None => Ok(()),
        }
    }
}

/// Version 1 of the event log has a line in place of the fields.
impl<'de> Deserialize<'de> for About {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<About, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Line(String),
            Fields {
                library: Option<String>,
                version: Option<String>,
                runtime: Option<String>,
                mechanism: String,
            },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Line(line) => About::from(line),
            Written::Fields {
                library,
                version,
                runtime,
                mechanism,
            } => About {
                library,
                version,
                runtime,
                mechanism,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn with_runtime(about: About) -> About {
        About {
            runtime: Some("rustc 1.95.0".to_owned()),
            ..about
        }
    }

    #[rstest]
    #[case::all(
        with_runtime(About::library("lib", "2.4.7").by("sockets")),
        "lib 2.4.7: sockets (rustc 1.95.0)"
    )]
    #[case::no_mechanism(About::library("lib", "2.4.7"), "lib 2.4.7")]
    #[case::no_version(
        About::library_of_unknown_version("lib").by("sockets"),
        "lib (version unknown): sockets"
    )]
    #[case::no_library(About::from("a pipe"), "a pipe")]
    fn a_description_is_read_as_a_line(#[case] about: About, #[case] expected: &str) {
        assert_eq!(about.to_string(), expected);
        let json = serde_json::to_string(&about).unwrap();
        assert_eq!(serde_json::from_str::<About>(&json).unwrap(), about);
    }

    #[test]
    fn the_line_of_an_old_log_is_a_description() {
        let about: About = serde_json::from_str("\"interprocess 2.4: fifo_file\"").unwrap();
        assert_eq!(about, About::from("interprocess 2.4: fifo_file"));
    }
}
