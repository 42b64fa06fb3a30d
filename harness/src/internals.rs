//! What this package's own tests and benchmarks use beyond the public modules.
//!
//! Hidden, and no interface for other crates: anything here may change in any release.

pub use crate::adapter::files;
pub use crate::adapter::protocol;
pub use crate::backends::{broker::Broker, std_pipe::StdPipe};
pub use crate::case::ClauseStatus;
pub use crate::clause::Catalogue;
pub use crate::corpus::{
    CaseFile, CaseFolder, ROOT_VARIABLE, RootFolder, TrialFilter, can_run, trials,
};
pub use crate::event::merge::unite;
pub use crate::event::{Event, EventLog, ExitCode, Footer};
pub use crate::history::{Exit, History, Operation, OperationKind, ProcessHistory};
pub use crate::judge::divergence::{Divergence, Shows, Signature};
pub use crate::judge::invariant;
pub use crate::judge::{
    Break, Finding, FindingState, Hang, Instance, TrialName, TrialReport, Verdict, WaitFor,
};
pub use crate::linearizable::generate::{Hazard, Recipe, generate};
pub use crate::linearizable::online::OnlineJudge;
pub use crate::linearizable::recorded::{FileJudgement, Reading, write_line};
pub use crate::os::{clock, platform, supervisor};
pub use crate::peer::{hook, log};
pub use crate::plan::{
    Action, Channel, Codec, Content, Expected, ExpectedExit, Item, Limit, NO_STEP, Permutation,
    Piece, Plan, Process, ProcessIndex, Source, Start, Step, StepId, Value, content_of,
};
pub use crate::proof::{KillTable, ProofOptions, TestBed, prove, references};
pub use crate::report::judged::JudgedFile;
pub use crate::report::{json, proof::text as proof_text};
pub use crate::runner::{Options, STALL, Session, Subject, Trial, attempt, observe, run, run_in};
