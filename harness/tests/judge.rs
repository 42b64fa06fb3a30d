//! Histories that others recorded: known answers, the command that gives them, and nonsense.

mod answers;
mod command;
mod fuzz;
mod short;
