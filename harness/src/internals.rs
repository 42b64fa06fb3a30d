//! What this package's own tests and benchmarks use beyond the public modules.
//!
//! Only they use it. It isn't an interface for other crates: anything here may change in any release.

pub use crate::adapter::{files, protocol};
pub use crate::backends::{broker::Broker, std_pipe::StdPipe};
pub use crate::case::ClauseStatus;
pub use crate::clause::Catalogue;
pub use crate::corpus::{
    CaseFile, CaseFolder, ROOT_VARIABLE, RootFolder, TrialFilter, can_run, trials,
};
pub use crate::event::{Event, EventLog, ExitCode, Footer, merge::unite};
pub use crate::history::{Exit, History, Operation, OperationKind, ProcessHistory};
pub use crate::judge::{
    Break, Finding, FindingState, Hang, Instance, TrialName, TrialReport, Verdict, WaitFor,
    divergence::{Divergence, DivergenceKind, Quote, QuoteSource, Shows, Signature},
    invariant,
};
pub use crate::linearizable::{
    generate::{Hazard, Recipe, generate},
    online::OnlineJudge,
    recorded::{FileJudgement, Reading, write_line},
};
pub use crate::os::{clock, platform, supervisor};
pub use crate::peer::{hook, log};
pub use crate::plan::{
    Action, Codec, Content, End, Expected, ExpectedExit, GivenEnd, Item, Limit, NO_STEP,
    Permutation, Piece, Plan, PlannedChannel, Process, ProcessIndex, Requirement, Source, Start,
    Step, StepId, Value, content_of,
};
pub use crate::proof::{KillTable, ProofOptions, TestBed, prove, references};
pub use crate::report::{json, judged::JudgedFile, proof::text as proof_text};
pub use crate::runner::{Options, STALL, Session, Subject, Trial, attempt, observe, run, run_in};
