//! Reviewed transcripts, one file for each case.
//!
//! ```text
//! when start=spawn
//! when start=forkserver
//!   child
//!     |
//! when start=fork
//!   child
//!     | Ciallo~(∠・ω< )⌒★
//! ```
//!
//! Permutations with the same transcript share a block. If all permutations have the same transcript,
//! the file has only that, without `when`.

use std::fmt;

pub(super) mod compare;
pub(crate) mod file;

const WHEN: &str = "when ";
const INDENT: &str = "  ";

/// The reviewed transcripts of one case's permutations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Golden {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    /// The permutations with this transcript; empty for all permutations.
    when: Vec<String>,
    /// Its lines, each with its line break.
    text: String,
}

/// A mistake in the text of a golden.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} {problem}")]
pub struct GoldenError {
    line: usize,
    problem: &'static str,
}

impl Golden {
    /// Parses what `Display` writes, with or without an empty line at the end.
    pub fn parse(text: &str) -> Result<Golden, GoldenError> {
        let text = text.trim_end();
        if !text.starts_with(WHEN) {
            return Ok(Golden {
                blocks: vec![Block {
                    when: Vec::new(),
                    text: lines(text.lines()),
                }],
            });
        }
        let mut blocks: Vec<Block> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(name) = line.strip_prefix(WHEN) {
                match blocks.last_mut() {
                    Some(block) if block.text.is_empty() => block.when.push(name.to_owned()),
                    _ => blocks.push(Block {
                        when: vec![name.to_owned()],
                        text: String::new(),
                    }),
                }
                continue;
            }
            let body = line.strip_prefix(INDENT).ok_or(GoldenError {
                line: number,
                problem: "is neither indented nor a `when` line",
            })?;
            // The first line starts with `when`, so there is a block.
            if let Some(block) = blocks.last_mut() {
                block.text.push_str(body);
                block.text.push('\n');
            }
        }
        Ok(Golden { blocks })
    }

    /// Returns a case's golden after `runs`, which are transcripts by the name of their permutation.
    /// Permutations that weren't run keep their previous transcript. Transcripts of permutations that
    /// the case no longer has are dropped.
    pub fn updated(
        previous: Option<&Golden>,
        permutations: &[String],
        runs: &[(String, String)],
    ) -> Golden {
        let known = |name: &String| {
            let run = runs.iter().find(|(run, _)| run == name);
            run.map(|(_, text)| text.as_str())
                .or_else(|| previous?.expected(name))
        };
        let mut blocks: Vec<Block> = Vec::new();
        let mut all_known = true;
        for name in permutations {
            let Some(text) = known(name) else {
                all_known = false;
                continue;
            };
            let when = one_line(name);
            match blocks.iter_mut().find(|block| block.text == text) {
                Some(block) => block.when.push(when),
                None => blocks.push(Block {
                    when: vec![when],
                    text: text.to_owned(),
                }),
            }
        }
        // A block without `when` would also cover permutations without a transcript.
        if let ([block], true) = (blocks.as_mut_slice(), all_known) {
            block.when.clear();
        }
        Golden { blocks }
    }

    /// Returns the reviewed transcript of this permutation.
    pub fn expected(&self, permutation: &str) -> Option<&str> {
        let name = one_line(permutation);
        let covers = |block: &&Block| block.when.is_empty() || block.when.contains(&name);
        self.blocks
            .iter()
            .find(covers)
            .map(|block| block.text.as_str())
    }
}

impl fmt::Display for Golden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for block in &self.blocks {
            for name in &block.when {
                writeln!(f, "{WHEN}{name}")?;
            }
            let indent = if block.when.is_empty() { "" } else { INDENT };
            for line in block.text.lines() {
                writeln!(f, "{indent}{line}")?;
            }
        }
        Ok(())
    }
}

/// Escapes a permutation's name for a `when` line, because values of axes may be any text.
fn one_line(name: &str) -> String {
    name.chars()
        .flat_map(|c| {
            let escapes = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escapes.into_iter().flatten().chain(plain)
        })
        .collect()
}

fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn runs(runs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        runs.iter().map(owned).collect()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    const STARTS: [&str; 3] = ["start=spawn", "start=forkserver", "start=fork"];

    #[test]
    fn permutations_with_the_same_transcript_share_a_block() {
        let golden = Golden::updated(
            None,
            &names(&STARTS),
            &runs(&[
                ("start=spawn", "child\n  |\n"),
                ("start=forkserver", "child\n  |\n"),
                ("start=fork", "child\n  | Ciallo\n"),
            ]),
        );
        insta::assert_snapshot!(golden, @r"
        when start=spawn
        when start=forkserver
          child
            |
        when start=fork
          child
            | Ciallo
        ");
    }

    #[test]
    fn one_transcript_for_all_permutations_needs_no_when() {
        let golden = Golden::updated(
            None,
            &names(&["size=1", "size=2"]),
            &runs(&[("size=1", "reader\n"), ("size=2", "reader\n")]),
        );
        assert_eq!(golden.to_string(), "reader\n");
        assert_eq!(golden.expected("size=3"), Some("reader\n"));
    }

    #[test]
    fn a_permutation_that_was_not_run_keeps_its_block() {
        let all = names(&STARTS);
        let on_linux = Golden::updated(
            None,
            &all,
            &runs(&[(STARTS[0], "a\n"), (STARTS[1], "a\n"), (STARTS[2], "b\n")]),
        );
        let on_windows = Golden::updated(Some(&on_linux), &all, &runs(&[(STARTS[0], "c\n")]));
        assert_eq!(on_windows.expected("start=spawn"), Some("c\n"));
        assert_eq!(on_windows.expected("start=forkserver"), Some("a\n"));
        assert_eq!(on_windows.expected("start=fork"), Some("b\n"));
    }

    #[test]
    fn a_permutation_without_a_transcript_has_no_block() {
        let golden = Golden::updated(None, &names(&STARTS), &runs(&[(STARTS[0], "a\n")]));
        assert_eq!(golden.expected("start=fork"), None);
    }

    #[test]
    fn a_permutation_that_the_case_no_longer_has_is_dropped() {
        let old = Golden::updated(
            None,
            &names(&["n=1", "n=2"]),
            &runs(&[("n=1", "a\n"), ("n=2", "b\n")]),
        );
        let new = Golden::updated(Some(&old), &names(&["n=2"]), &[]);
        assert_eq!(new.to_string(), "b\n");
    }

    #[test]
    fn a_line_outside_a_block_is_an_error_with_its_number() {
        let error = Golden::parse("when a=1\n  x\ny\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 3 is neither indented nor a `when` line"
        );
    }

    proptest! {
        #[test]
        fn a_written_golden_reads_back(
            texts in prop::collection::vec("( {0,4}[a-z|∠][a-z .]{0,5}[a-z]\n){1,4}", 1..5),
            tail in "\n{0,2}",
        ) {
            let permutations: Vec<String> =
                (0..texts.len()).map(|n| format!("text=a\nb,n={n}")).collect();
            let runs: Vec<_> = permutations.iter().cloned().zip(texts).collect();
            let golden = Golden::updated(None, &permutations, &runs);
            let written = format!("{golden}{tail}");
            let read = Golden::parse(&written).unwrap();
            prop_assert_eq!(&read, &golden);
            for (name, text) in &runs {
                prop_assert_eq!(read.expected(name), Some(text.as_str()));
            }
        }
    }
}
