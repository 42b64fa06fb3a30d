//! Reviewed transcripts, one file for each case.

/// The reviewed transcripts of one case's permutations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Golden {
    blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Block {
    /// The permutations that it is the transcript of; empty where it is every permutation's.
    when: Vec<String>,
    text: String,
}

/// A golden that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct GoldenError {
    line: usize,
    problem: &'static str,
}

impl Golden {
    /// Reads what [`Golden`]'s `Display` writes.
    pub fn parse(text: &str) -> Result<Golden, GoldenError> {
        let _ = text;
        Ok(Golden::default())
    }

    /// The reviewed transcript of this permutation; `None` where it was never reviewed.
    pub fn expected(&self, permutation: &str) -> Option<&str> {
        self.blocks
            .iter()
            .find(|block| {
                block.when.is_empty() || block.when.iter().any(|name| name == permutation)
            })
            .map(|block| block.text.as_str())
    }
}
