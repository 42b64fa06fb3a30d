//! The case that a recipe makes.

use super::build::build;
use super::pool;
use super::recipe::{Recipe, SweepChoice};
use super::steps::{LONG, at, count, literal};

use super::world::{World, stepped};
use crate::backend::Kind;
use crate::case::expand;
use crate::case::model::{
    Action, Case, ChannelKind, DEADLINE, ExpectedOutcome, Injection, Limit, Moment,
    OperationOptions, Process, SignalStep, Step, Sweep, Target, Term, every_step,
};
use crate::clause::ClauseId;

/// The clause that every run tests. Breaks of all others count too.
const CLAUSE: &str = "live.deadline";

/// Returns the case that the recipe makes. It has no mistake.
pub(crate) fn case(recipe: &Recipe) -> Case {
    let world = build(recipe);
    let mut case = whole(world);
    if let (Some(pool), ChannelKind::Queue) = (&recipe.pool, recipe.kind) {
        case.channels.push(pool::channel(pool));
        case.processes.extend(pool::processes(pool));
    }
    match recipe.sweep.and_then(|choice| swept(&case, choice)) {
        Some(swept) => swept,
        None => case,
    }
}

fn whole(world: World) -> Case {
    let processes = world.parties.into_iter().map(|party| Process {
        name: at(party.name),
        count: None,
        start: party.starter.map(|_| literal(party.method)),
        holds: party.holds.into_iter().map(at).collect(),
        exit: party.ended.map(literal),
        steps: stepped(party.steps),
    });
    Case {
        title: at("a random case".to_owned()),
        why: None,
        clauses: vec![at(ClauseId::from(CLAUSE))],
        requires: world.requires.into_iter().map(at).collect(),
        systems: Vec::new(),
        deadline: at(DEADLINE),
        rows: Vec::new(),
        axes: Vec::new(),
        property: None,
        sweep: None,
        vars: Vec::new(),
        channels: world.channels,
        processes: processes.collect(),
    }
}

/// Returns the case with a sweep over one of its processes; `None` if the operations of none are certain.
fn swept(case: &Case, choice: SweepChoice) -> Option<Case> {
    let count = case.processes.len();
    let first = usize::from(choice.victim) % count;
    let victims = (0..count).map(|n| (first + n) % count);
    if !choice.pauses && case.processes.iter().any(joins_queue) {
        return None;
    }
    let mut sweeps = victims
        .filter(|victim| !is_handled(case, &case.processes[*victim].name))
        .filter(|victim| !has_threads(&case.processes[*victim]))
        .filter(|victim| choice.pauses || !may_reset(case, *victim))
        .filter(|victim| choice.pauses || !handles_others(case, *victim))
        .map(|victim| with_sweep(case, victim, choice));
    sweeps.find(|swept| expand::permutations("random/case", swept).is_ok())
}

/// Returns whether a step of the process, or one inside another, is of this kind.
fn does(process: &Process, is_kind: impl Fn(&Action) -> bool) -> bool {
    let mut does = false;
    every_step(&process.steps, &mut |step| does |= is_kind(&step.action));
    does
}

/// Returns whether a step kills or pauses the process, or signals to it.
fn is_handled(case: &Case, name: &str) -> bool {
    let handles = |action: &Action| match action {
        Action::Kill(target)
        | Action::Terminate(target)
        | Action::Pause(target)
        | Action::Signal(SignalStep { to: target, .. }) => target.process == name,
        _ => false,
    };
    case.processes.iter().any(|process| does(process, handles))
}

/// Returns whether the process joins a queue, for ever if a process that marks items is killed.
fn joins_queue(process: &Process) -> bool {
    does(process, |action| matches!(action, Action::JoinQueue(_)))
}

/// Returns whether the process has threads, which no sweep covers.
fn has_threads(process: &Process) -> bool {
    does(process, |action| matches!(action, Action::Threads(_)))
}

/// Returns whether the process kills, pauses, resumes or signals to others. If it is killed before, they go on.
fn handles_others(case: &Case, victim: usize) -> bool {
    use Action::{Kill, Pause, Resume, Signal, Terminate};
    does(&case.processes[victim], |action| {
        matches!(
            action,
            Kill(_) | Terminate(_) | Pause(_) | Resume(_) | Signal(_)
        )
    })
}

/// Returns whether a kill of the process may reset a connection: it may leave something unread in it, or in
/// one whose end it holds for a process that it has yet to start. Some systems report that to the other side
/// in place of the end of stream.
fn may_reset(case: &Case, victim: usize) -> bool {
    let has_two_ways = case
        .channels
        .iter()
        .any(|channel| channel.kind.value == ChannelKind::Endpoint || channel.duplex.is_some());
    let has_unread = |action: &Action| matches!(action, Action::Get(_) | Action::Start(_));
    has_two_ways && does(&case.processes[victim], has_unread)
}

fn with_sweep(case: &Case, victim: usize, choice: SweepChoice) -> Case {
    let mut swept = case.clone();
    let moments = Moment::ALL.into_iter();
    let chosen = usize::from(choice.moment % 15) + 1;
    let moments = moments.enumerate().filter(|(n, _)| chosen >> n & 1 == 1);
    let process = &case.processes[victim];
    let replica = process.count.is_some().then_some(0);
    let fault = match choice.pauses {
        true => Injection::Pause,
        false => Injection::Kill,
    };
    swept.sweep = Some(at(Sweep {
        fault,
        process: at(Target {
            process: process.name.value.clone(),
            replica,
        }),
        at: moments.map(|(_, moment)| at(moment)).collect(),
        moments: (chosen >= 8).then(|| at(2)),
    }));
    if fault == Injection::Pause {
        // The pause ends when nothing else moves, and a timed call counts as moving until its time is up.
        let all = swept.processes.iter_mut();
        all.for_each(|process| untimed(&mut process.steps));
    } else {
        // The victim does nothing else than without the sweep, until it is killed. Others may miss what it
        // would have done.
        let others = swept.processes.iter_mut().enumerate();
        others
            .filter(|(index, _)| *index != victim || replica.is_some())
            .for_each(|(_, process)| anything(&mut process.steps));
    }
    swept
}

/// Allows every outcome where the steps state one.
fn anything(steps: &mut [Step]) {
    for step in steps {
        match &mut step.action {
            Action::Put(put) => any(&mut put.options),
            Action::Get(get) => {
                any(&mut get.options);
                // Where a consumer is killed, another one gets its items.
                if get.word.value == Kind::Queue {
                    get.limit = without_items(get.limit.clone());
                    get.size = None;
                }
                anything(&mut get.each);
            }
            Action::Poll(poll) => any(&mut poll.options),
            Action::Hint(_, call) => any(&mut call.options),
            Action::Join(join) => any(&mut join.options),
            Action::Listen(listen) => any(&mut listen.options),
            Action::Repeat(repeat) => anything(&mut repeat.steps),
            Action::Threads(threads) => threads.iter_mut().for_each(|steps| anything(steps)),
            _ => {}
        }
    }
}

fn without_items(limit: Limit) -> Limit {
    match limit {
        Limit::Item(_) => Limit::One,
        Limit::Items(items) => count(items.len()),
        limit => limit,
    }
}

/// Makes calls that must succeed wait without a limit.
fn untimed(steps: &mut [Step]) {
    let is_long = |options: &OperationOptions| {
        let wait = options.wait.as_ref().map(|wait| &wait.value);
        wait == Some(&Term::Literal(LONG))
    };
    for step in steps {
        match &mut step.action {
            Action::Get(get) if is_long(&get.options) => get.options.wait = None,
            Action::Poll(poll) if is_long(&poll.options) => poll.options.wait = None,
            _ => {}
        }
    }
}

fn any(options: &mut OperationOptions) {
    if !options.expect.is_empty() {
        options.expect = vec![at(Term::Literal(ExpectedOutcome::Any))];
    }
}
