//! The exact search for an order of all operations, where no simpler method decides.
//!
//! The algorithm is the one of Wing and Gong, with Lowe's memory of states. It follows the stamps in
//! order. An operation takes effect only when it must: when it returns. The search then tries each
//! other operation that may take effect just before it, and doesn't visit a state twice. Two rules
//! keep the choices few. Effects that can only help happen at once: a get takes its item as soon as
//! the item is at the head, and a call that reports "empty" takes effect as soon as the queue is
//! empty. And no item is put before another that is certainly got earlier.

use super::claims::Claims;
use super::completion::Completion;
use super::history::History;

mod input;
mod places;
mod state;

use input::{SearchInput, WindowEdge};
use state::{Effect, SearchState};

/// The result of a search.
pub(super) enum SearchResult {
    /// There is an order.
    Possible,
    /// There is no order: each attempt fails at this operation or before.
    Impossible(u32),
    /// The search needs more steps than it may take.
    GivenUp,
}

/// Searches for an order of all operations.
pub(super) fn search(
    history: &History,
    completion: &Completion,
    claims: &Claims,
    steps: u64,
) -> SearchResult {
    let input = SearchInput::of(history, completion, claims);
    let mut search = Search {
        state: SearchState::new(&input),
        input: &input,
        branches: Vec::new(),
        candidates: Vec::new(),
        steps,
        deepest: (0, 0),
    };
    search.run()
}

/// A point of the search at which an operation must take effect, and the ways to go on from there.
struct Branch {
    edge: usize,
    trail: usize,
    /// The candidates still to be tried start here, and reach to those of the next branch.
    first: usize,
}

struct Search<'a> {
    input: &'a SearchInput,
    state: SearchState<'a>,
    branches: Vec<Branch>,
    candidates: Vec<Effect>,
    steps: u64,
    /// The last edge that was reached, and its linearization point.
    deepest: (usize, u32),
}

impl Search<'_> {
    fn run(&mut self) -> SearchResult {
        let mut edge = 0;
        loop {
            match self.advance(edge) {
                None => return SearchResult::Possible,
                Some((blocked, point)) => self.branch(blocked, point),
            }
            match self.try_next() {
                Resume::At(again) => edge = again,
                Resume::Exhausted => {
                    let (_, point) = self.deepest;
                    return SearchResult::Impossible(self.input.points[point as usize].operation);
                }
                Resume::GivenUp => return SearchResult::GivenUp,
            }
        }
    }

    /// Advances to the next edge at which an operation must take effect that hasn't; returns `None` if
    /// all have.
    fn advance(&mut self, from: usize) -> Option<(usize, u32)> {
        for (at, edge) in self.input.edges.iter().enumerate().skip(from) {
            match *edge {
                WindowEdge::Start(point) => self.state.open(point),
                WindowEdge::End(point) if self.state.is_done(point) => {}
                WindowEdge::End(point) => return Some((at, point)),
            }
        }
        None
    }

    /// Collects the effects that can lead to this one.
    fn branch(&mut self, edge: usize, point: u32) {
        if self.deepest.0 <= edge {
            self.deepest = (edge, point);
        }
        let first = self.candidates.len();
        if self.state.is_new(edge) {
            self.state.candidates(point, &mut self.candidates);
        }
        self.branches.push(Branch {
            edge,
            trail: self.state.trail(),
            first,
        });
    }

    /// Applies the next candidate, after undoing the one before it.
    fn try_next(&mut self) -> Resume {
        while let Some(branch) = self.branches.last() {
            let (edge, trail, first) = (branch.edge, branch.trail, branch.first);
            self.state.undo(trail);
            if self.candidates.len() == first {
                self.branches.pop();
                continue;
            }
            if self.steps == 0 {
                return Resume::GivenUp;
            }
            self.steps -= 1;
            let next = self.candidates.pop().expect("there are candidates");
            self.state.apply(next);
            return Resume::At(edge);
        }
        Resume::Exhausted
    }
}

/// Where the search goes on.
enum Resume {
    /// From this edge on.
    At(usize),
    /// Nowhere: all candidates were tried.
    Exhausted,
    /// Nowhere: there are no steps left.
    GivenUp,
}
