//! Histories that other programs recorded, as JSON lines with one operation each.
//!
//! ```text
//! {"peer":"p1","channel":"q","op":"put","item":3,"start":10,"end":14,"outcome":"ok"}
//! {"peer":"c1","channel":"q","op":"get","item":3,"start":12,"end":15,"outcome":"ok"}
//! {"peer":"c1","channel":"q","op":"get","start":16}
//! ```
//!
//! The lines can be in any order. An operation that never returned has no `end` and no `outcome`, or
//! `null` for both. Each channel has items of its own: the same name on two channels means two items.
//!
//! In: bytes of a file. Out: a judgement with the lines that prove it, or mistakes with the lines where
//! they are. This module opens no file.

mod channel;
mod channel_reader;
mod fields;
mod file;
mod judged;
mod line;
mod mistake;
mod name_table;
mod readable;
mod reading;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use file::RecordedFile;
pub use judged::FileJudgement;
pub(crate) use judged::{RecordedOperation, RecordedViolation};
pub(crate) use mistake::Mistake;
pub(crate) use reading::MOST_MISTAKES;
pub use reading::Reading;
pub use write::write_line;
