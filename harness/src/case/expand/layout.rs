//! The processes of a permutation, their starters and their ends.

use std::ops::Range;

use super::values::AxisValues;
use crate::case::model::{Action, Case, Process, Target, every_step};
use crate::case::symbols::SymbolTable;
use crate::case::{Diagnostic, Diagnostics, Spanned};
use crate::plan::{End, GivenEnd, ProcessIndex};

/// The range of replicas of each process of the case, among all processes of the plan.
pub(super) struct Layout {
    groups: Vec<Range<ProcessIndex>>,
}

impl Layout {
    /// Numbers all processes; replicas of one process follow one another.
    pub(super) fn of(case: &Case, values: &AxisValues<'_>, errors: &mut Diagnostics) -> Layout {
        let mut next = 0;
        let groups = case.processes.iter().map(|process| {
            let count = match process.count.as_ref().map(|count| values.number(count)) {
                None => 1,
                Some(Ok(count)) => count,
                Some(Err(error)) => {
                    errors.push(error);
                    1
                }
            };
            let first = next;
            next += usize::try_from(count).unwrap_or(usize::MAX).min(MOST);
            if let (Some(position), true) = (&process.count, count > MOST as u64) {
                let message = format!("a process can have at most {MOST} replicas, not {count}");
                errors.push(Diagnostic::new(position.span, message));
            }
            first..next
        });
        Layout {
            groups: groups.collect(),
        }
    }

    /// Returns the indices of the replicas of this process of the case.
    pub(super) fn group(&self, process: usize) -> Range<ProcessIndex> {
        self.groups[process].clone()
    }

    /// Returns the number of a replica, if the process has several.
    pub(super) fn replica(&self, process: usize, index: ProcessIndex) -> Option<u64> {
        let group = &self.groups[process];
        (group.len() > 1).then(|| (index - group.start) as u64)
    }

    /// Returns the processes that a step refers to.
    pub(super) fn targets(
        &self,
        target: &Spanned<Target>,
        symbols: &SymbolTable<'_>,
    ) -> Result<Vec<ProcessIndex>, Diagnostic> {
        let (process, _) = symbols.process(target)?;
        let group = self.group(process);
        let Some(replica) = target.replica else {
            return Ok(group.collect());
        };
        let index = usize::try_from(replica)
            .ok()
            .and_then(|replica| group.clone().nth(replica));
        index.map(|index| vec![index]).ok_or_else(|| {
            let message = format!(
                "`{}` has {} replicas in one permutation, and none of them is `{}`",
                target.process,
                group.len(),
                target.value
            );
            Diagnostic::new(target.span, message).help("the first replica is `#0`")
        })
    }
}

/// The most replicas of one process.
const MOST: usize = 1024;

/// Returns the starter of each process; none if the supervisor starts it.
pub(super) fn starters(
    case: &Case,
    layout: &Layout,
    symbols: &SymbolTable<'_>,
    errors: &mut Diagnostics,
) -> Vec<Option<ProcessIndex>> {
    let all = layout.groups.last().map_or(0, |group| group.end);
    let mut starters = vec![None; all];
    for (process, model) in case.processes.iter().enumerate() {
        for index in layout.group(process) {
            every_step(&model.steps, &mut |step| {
                let Action::Start(target) = &step.action else {
                    return;
                };
                match layout.targets(target, symbols) {
                    Err(error) => errors.push(error),
                    Ok(started) => {
                        for one in started {
                            if starters[one].replace(index).is_some() {
                                let message = format!("`{}` is started twice", target.value);
                                errors.push(Diagnostic::new(target.span, message));
                            }
                        }
                    }
                }
            });
        }
    }
    starters
}

/// Returns the ends that a process receives, in the order in which it names them, each with its uses.
pub(super) fn ends(
    process: &Process,
    symbols: &SymbolTable<'_>,
    errors: &mut Diagnostics,
) -> Vec<GivenEnd> {
    let mut given: Vec<GivenEnd> = Vec::new();
    let mut give = |end: Result<End, Diagnostic>, puts: bool, gets: bool| match end {
        Err(error) => errors.push(error),
        Ok(end) => match given.iter_mut().find(|other| other.end == end) {
            Some(other) => {
                other.puts |= puts;
                other.gets |= gets;
            }
            None => given.push(GivenEnd { end, puts, gets }),
        },
    };
    every_step(&process.steps, &mut |step| match &step.action {
        Action::Put(put) => give(symbols.end(&put.on), true, false),
        Action::Get(get) => give(symbols.end(&get.on), false, true),
        Action::Poll(poll) => {
            let ends = poll.on.iter().map(|on| symbols.end(on));
            ends.for_each(|end| give(end, false, true));
        }
        Action::TaskDone(call) | Action::JoinQueue(call) | Action::Hint(_, call) => {
            give(symbols.end(&call.on), false, false)
        }
        Action::Close(end) => give(symbols.closed(end), false, false),
        Action::HalfClose(end) => give(symbols.end(end), false, false),
        Action::Raw(raw) => give(symbols.end(&raw.on), true, false),
        Action::Listen(listen) => give(symbols.endpoint(&listen.on), false, false),
        Action::Accept(setup) | Action::Connect(setup) => {
            give(symbols.endpoint(&setup.on), false, false);
            let bound = symbols.bound(&setup.into).into_iter();
            bound.for_each(|end| give(Ok(end), false, false));
        }
        _ => {}
    });
    for end in &process.holds {
        give(symbols.end(end), false, false);
    }
    given
}
