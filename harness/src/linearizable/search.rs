//! The exact search for an order of all operations, for what nothing simpler decides.
//!
//! After Wing and Gong, and Lowe: time goes by, and an operation takes effect only when it must, as
//! it returns; what takes effect just before it is tried, one choice after the other. What was seen to
//! lead nowhere isn't tried again. Two things keep choices few. What can only help is done at once: a
//! get takes its item when that is at the head, and who is told "empty" is told so as soon as it is.
//! And an item isn't put before one that surely is got earlier.

use super::completion::Completion;
use super::{Claims, History};

mod actions;
mod places;
mod state;

use actions::{Actions, Event};
use state::State;

/// What a search comes to.
pub(super) enum Outcome {
    /// There is an order.
    Possible,
    /// There is none: none gets beyond this operation.
    Impossible(u32),
    /// Too many steps.
    GivenUp,
}

/// Searches for an order of all operations.
pub(super) fn search(
    history: &History,
    completion: &Completion,
    claims: &Claims,
    steps: u64,
) -> Outcome {
    let actions = Actions::of(history, completion, claims);
    let mut search = Search {
        state: State::new(&actions),
        actions: &actions,
        choices: Vec::new(),
        candidates: Vec::new(),
        steps,
        deepest: (0, 0),
    };
    search.run()
}

/// An action that must take effect now, and what can be done about it.
struct Choice {
    event: usize,
    trail: usize,
    /// What is still to be tried: the candidates from here to the next choice's.
    first: usize,
}

struct Search<'a> {
    actions: &'a Actions,
    state: State<'a>,
    choices: Vec<Choice>,
    candidates: Vec<state::Move>,
    steps: u64,
    /// The last event that was reached, and its action.
    deepest: (usize, u32),
}

impl Search<'_> {
    fn run(&mut self) -> Outcome {
        let mut event = 0;
        loop {
            match self.advance(event) {
                None => return Outcome::Possible,
                Some((blocked, action)) => self.choose(blocked, action),
            }
            match self.step() {
                Step::Try(again) => event = again,
                Step::NoneLeft => {
                    let (_, action) = self.deepest;
                    return Outcome::Impossible(self.actions.all[action as usize].operation);
                }
                Step::GivenUp => return Outcome::GivenUp,
            }
        }
    }

    /// Lets time go by until an action must take effect that hasn't; none if all have.
    fn advance(&mut self, from: usize) -> Option<(usize, u32)> {
        for (at, event) in self.actions.events.iter().enumerate().skip(from) {
            match *event {
                Event::Start(action) => self.state.open(action),
                Event::End(action) if self.state.is_done(action) => {}
                Event::End(action) => return Some((at, action)),
            }
        }
        None
    }

    /// Notes what can be done so that this action takes effect.
    fn choose(&mut self, event: usize, action: u32) {
        if self.deepest.0 <= event {
            self.deepest = (event, action);
        }
        let first = self.candidates.len();
        if self.state.is_new(event) {
            self.state.moves(action, &mut self.candidates);
        }
        self.choices.push(Choice {
            event,
            trail: self.state.trail(),
            first,
        });
    }

    /// Does the next thing that can be tried, and says from which event on time goes by again.
    fn step(&mut self) -> Step {
        while let Some(choice) = self.choices.last() {
            let (event, trail, first) = (choice.event, choice.trail, choice.first);
            self.state.undo(trail);
            if self.candidates.len() == first {
                self.choices.pop();
                continue;
            }
            if self.steps == 0 {
                return Step::GivenUp;
            }
            self.steps -= 1;
            let next = self.candidates.pop().expect("there are candidates");
            self.state.make(next);
            return Step::Try(event);
        }
        Step::NoneLeft
    }
}

enum Step {
    Try(usize),
    NoneLeft,
    GivenUp,
}
