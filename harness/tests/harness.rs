//! Tests of the built program, the library, the sources and the documents.
//!
//! They are one program because linking a program takes a second or more.

mod architecture;
mod book;
mod bounds;
mod command_line;
mod dependencies;
mod divergences;
mod foreign_text;
mod init;
mod installed;
mod judge;
mod kills;
mod linearizable;
mod logs;
mod mutants;
mod mutated_files;
mod out_of_tree;
mod precision;
mod property;
mod report_page;
mod reports;
mod self_test;
mod verdicts;
mod waits;
