//! Checks that each label is given once, and that awaited labels and processes exist.

use std::collections::BTreeMap;

use crate::case::diagnostic::{Diagnostic, Diagnostics};
use crate::case::model::{Action, Case, Event, every_step};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let mut seen = BTreeMap::new();
    for label in symbols.labels() {
        if let Some(first) = seen.insert(label.as_str(), label.span) {
            let message = format!("the label `{}` is given twice", label.value);
            errors.push(Diagnostic::new(label.span, message).context(first, "already given here"));
        }
    }
    for process in &case.processes {
        every_step(&process.steps, &mut |step| {
            let Action::Await(event) = &step.action else {
                return;
            };
            let wrong = match event {
                Event::Started(label) | Event::Blocked(label) | Event::Done(label) => {
                    symbols.label(label).err()
                }
                Event::Exited(target) => match symbols.process(target) {
                    Ok((_, exited)) if exited.name == process.name => {
                        let message = format!("`{}` awaits its own exit", target.value);
                        Some(Diagnostic::new(target.span, message))
                    }
                    Ok(_) => None,
                    Err(error) => Some(error),
                },
            };
            wrong.into_iter().for_each(|error| errors.push(error));
        });
    }
}
