//! The sentences on which the reason of a divergence rests, and where they are.

use std::fmt;

/// Sentences of a document or of source code, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    /// The sentences, or parts of them.
    pub texts: Vec<String>,
    /// Where they are.
    pub source: QuoteSource,
}

/// Where a quote is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuoteSource {
    /// A file of a crate of the lock file, as in `crate:interprocess/src/unnamed_pipe.rs`. Its
    /// documentation comments are the document that docs.rs publishes.
    Crate {
        /// The crate.
        name: String,
        /// The file below the crate's folder.
        file: String,
    },
    /// A file of Python's standard library, as in `python:multiprocessing/queues.py`.
    Python(String),
    /// A file of the package whose divergences these are, as in `package:harness/book/src/run.md`.
    Package(String),
    /// A manual page, as in `man:mq_send(3)`.
    Manual(String),
    /// A page of the web.
    Web(String),
}

impl QuoteSource {
    /// Returns the source that this text names.
    pub(super) fn parse(text: &str) -> Option<QuoteSource> {
        let (scheme, rest) = text.split_once(':')?;
        if rest.trim().is_empty() {
            return None;
        }
        Some(match scheme {
            "crate" => {
                let (name, file) = rest.split_once('/')?;
                QuoteSource::Crate {
                    name: name.to_owned(),
                    file: file.to_owned(),
                }
            }
            "python" => QuoteSource::Python(rest.to_owned()),
            "package" => QuoteSource::Package(rest.to_owned()),
            "man" => QuoteSource::Manual(rest.to_owned()),
            "https" => QuoteSource::Web(text.to_owned()),
            _ => return None,
        })
    }

    /// Whether it is only source code or a tracker, which document nothing for users. Whether a
    /// line of a crate is a documentation comment isn't known here.
    pub(super) fn is_no_document(&self) -> bool {
        match self {
            QuoteSource::Python(_) => true,
            QuoteSource::Web(address) => ["github.com", "githubusercontent.com", "bugs."]
                .iter()
                .any(|host| address.contains(host)),
            QuoteSource::Package(file) => !file.ends_with(".md"),
            QuoteSource::Crate { .. } | QuoteSource::Manual(_) => false,
        }
    }
}

/// As files write it.
impl fmt::Display for QuoteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QuoteSource::Crate { name, file } => write!(f, "crate:{name}/{file}"),
            QuoteSource::Python(file) => write!(f, "python:{file}"),
            QuoteSource::Package(file) => write!(f, "package:{file}"),
            QuoteSource::Manual(page) => write!(f, "man:{page}"),
            QuoteSource::Web(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_crate("crate:some/src/lib.rs", true)]
    #[case::a_page_of_the_package("package:book/run.md", true)]
    #[case::source_code_of_the_package("package:src/lib.rs", false)]
    #[case::a_manual("man:mq_send(3)", true)]
    #[case::a_document("https://docs.python.org/3/library/multiprocessing.html", true)]
    #[case::source_code("python:multiprocessing/queues.py", false)]
    #[case::source_code_on_the_web("https://github.com/some/library/blob/main/a.c", false)]
    fn source_code_and_trackers_are_no_documents(#[case] text: &str, #[case] is_document: bool) {
        let source = QuoteSource::parse(text).unwrap();
        assert_eq!(source.to_string(), text);
        assert_eq!(!source.is_no_document(), is_document);
    }

    #[rstest]
    #[case::no_scheme("somewhere")]
    #[case::nothing_in_it("man:")]
    #[case::no_file("crate:some")]
    #[case::an_unknown_scheme("ftp://example.org")]
    fn other_texts_name_no_source(#[case] text: &str) {
        assert_eq!(QuoteSource::parse(text), None);
    }
}
