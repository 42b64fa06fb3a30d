//! Answers to several threads over one line: whoever waits reads, and puts aside what is another's.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A line of type `L` that brings answers of type `A`, each with the number of who waits for it.
#[derive(Debug)]
pub(crate) struct Answers<L, A> {
    state: Mutex<State<L, A>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<L, A> {
    /// None while a thread reads from it.
    line: Option<L>,
    aside: BTreeMap<u64, A>,
}

impl<L, A> Answers<L, A> {
    /// Answers that this line will bring.
    pub(crate) fn new(line: L) -> Answers<L, A> {
        let aside = BTreeMap::new();
        Answers {
            state: Mutex::new(State {
                line: Some(line),
                aside,
            }),
            changed: Condvar::new(),
        }
    }

    /// Waits for the answer to this number. `read` waits for the next on the line, whosever it is.
    ///
    /// # Errors
    /// As `read` does, for each who waits by itself.
    pub(crate) fn wait<E>(
        &self,
        number: u64,
        mut read: impl FnMut(&mut L) -> Result<(u64, A), E>,
    ) -> Result<A, E> {
        let mut state = self.lock();
        loop {
            if let Some(answer) = state.aside.remove(&number) {
                return Ok(answer);
            }
            let Some(mut line) = state.line.take() else {
                let changed = self.changed.wait(state);
                state = changed.unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            drop(state);
            let read = read(&mut line);
            state = self.lock();
            state.line = Some(line);
            // Another must read now, or has been answered.
            self.changed.notify_all();
            match read? {
                (whose, answer) if whose == number => return Ok(answer),
                (whose, answer) => drop(state.aside.insert(whose, answer)),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<L, A>> {
        // Nothing here panics, so that a poisoned state is a whole one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, Receiver, RecvError};
    use std::thread;

    type Line = Receiver<(u64, char)>;

    fn wait(answers: &Answers<Line, char>, number: u64) -> Result<char, RecvError> {
        answers.wait(number, |line| line.recv())
    }

    #[test]
    fn each_gets_its_own_in_whatever_order_they_come() {
        let (sender, line) = mpsc::channel();
        let answers = Answers::new(line);
        thread::scope(|scope| {
            let waiting = [(1, 'a'), (2, 'b'), (3, 'c')].map(|(number, expected)| {
                let answers = &answers;
                (scope.spawn(move || wait(answers, number)), expected)
            });
            for answer in [(3, 'c'), (1, 'a'), (2, 'b')] {
                sender.send(answer).unwrap();
            }
            for (thread, expected) in waiting {
                assert_eq!(thread.join().unwrap(), Ok(expected));
            }
        });
    }

    #[test]
    fn what_came_for_another_waits_for_it() {
        let (sender, line) = mpsc::channel();
        let answers = Answers::new(line);
        sender.send((2, 'b')).unwrap();
        sender.send((1, 'a')).unwrap();
        assert_eq!(wait(&answers, 1), Ok('a'));
        assert_eq!(wait(&answers, 2), Ok('b'));
    }

    #[test]
    fn a_line_that_is_over_tells_everyone() {
        let (sender, line) = mpsc::channel();
        let answers = Answers::new(line);
        drop(sender);
        thread::scope(|scope| {
            let waiting = [1, 2].map(|number| {
                let answers = &answers;
                scope.spawn(move || wait(answers, number))
            });
            for thread in waiting {
                assert_eq!(thread.join().unwrap(), Err(RecvError));
            }
        });
    }
}
