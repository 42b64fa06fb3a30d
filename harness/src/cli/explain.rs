//! `explain`: what a clause, a case, a backend or a verdict is, and what the others have to do with it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use clap::Args;

use super::descriptions::{self, INDENT, NAME};
use super::problem::Problem;
use super::subjects;
use super::terminal::print_mistakes;
use crate::backend::Key;
use crate::clause::Clause;
use crate::corpus::{
    self, CaseFile, CaseFolder, Divergences, TrialFilter, similar_names, tested_clauses,
};
use crate::event::{ExitCode, about, meaning};
use crate::judge::Verdict;
use crate::judge::divergence::{Divergence, WildcardPattern};
use crate::judge::invariant;
use crate::os::platform;
use crate::printable::line;
use crate::registry::Registry;
use crate::report::counted;
use crate::runner::Subject;

/// The arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The id of a clause, the name of a case, trial or backend, or the word of a verdict.
    name: String,
}

pub(super) fn explain(
    registry: &Registry,
    root: Option<&Path>,
    arguments: &ExplainArguments,
    out: &mut dyn Write,
) -> Result<ExitCode, Problem> {
    let name = arguments.name.as_str();
    if let Some(one) = Verdict::ALL.into_iter().find(|one| one.word() == name) {
        verdict(one, out)?;
        return Ok(ExitCode::AsExpected);
    }
    let folder = CaseFolder::open(root)?;
    let (cases, rejected) = folder.cases();
    let divergences = folder.divergences(&cases, registry, &[]);
    let known = Known {
        registry,
        folder,
        cases,
        divergences,
    };
    let place = name.strip_prefix("cases/").unwrap_or(name);
    let place = place.strip_suffix(".toml").unwrap_or(place);
    let case = place.split(['[', '@']).next().unwrap_or(place);
    let clause = known
        .folder
        .catalogue
        .iter()
        .find(|one| one.id.as_str() == name);
    if let Some(clause) = clause {
        known.clause(clause, out)?;
    } else if let Some(case) = known.cases.iter().find(|one| one.name == case) {
        known.case(case, out)?;
    } else {
        let subjects = known.subjects()?;
        if !known.backends(name, &subjects, out)? {
            print_mistakes(&rejected);
            return Err(known.unknown(name, &subjects));
        }
    }
    Ok(ExitCode::AsExpected)
}

fn verdict(verdict: Verdict, out: &mut dyn Write) -> Result<(), Problem> {
    let meaning = meaning(verdict, false);
    writeln!(out, "{NAME}{}{NAME:#}", verdict.word())?;
    writeln!(out, "{INDENT}{}", about(verdict))?;
    writeln!(out, "{INDENT}in the matrix: {}", meaning.state.words())?;
    let code = meaning.code.number();
    writeln!(out, "{INDENT}exit code, if no other applies: {code}")?;
    Ok(())
}

/// What the case folder and the program know.
struct Known<'a> {
    registry: &'a Registry,
    folder: CaseFolder,
    cases: Vec<CaseFile>,
    divergences: Divergences,
}

impl Known<'_> {
    /// Returns all backends. Starts the adapters, so only what is about backends asks for them.
    fn subjects(&self) -> Result<Vec<Subject>, Problem> {
        subjects::known(self.registry, Some(self.folder.root_folder.root()))
    }

    fn unknown(&self, name: &str, subjects: &[Subject]) -> Problem {
        let clauses = self.folder.catalogue.iter().map(|one| one.id.to_string());
        let cases = self.cases.iter().map(|one| one.name.clone());
        let backends = subjects.iter().map(|one| one.key().to_string());
        let verdicts = Verdict::ALL.iter().map(|one| one.word().to_owned());
        let all: Vec<String> = clauses
            .chain(cases)
            .chain(backends)
            .chain(verdicts)
            .collect();
        let help = match similar_names(name, &all).as_slice() {
            [] => "`list clauses`, `list cases` and `list backends` show what there is".to_owned(),
            similar => format!("did you mean `{}`?", similar.join("` or `")),
        };
        let name = line(name);
        let what = format!("no clause, case, backend or verdict is called `{name}`; {help}");
        Problem::new(ExitCode::Usage, what)
    }

    fn clause(&self, clause: &Clause, out: &mut dyn Write) -> Result<(), Problem> {
        descriptions::clause(clause, out)?;
        writeln!(out, "{INDENT}source: {}", line(&clause.source))?;
        descriptions::reports(clause, out)?;
        let judges = invariant::ALL.iter();
        let judges = judges.filter(|one| one.clauses.contains(&clause.id.as_str()));
        for invariant in judges {
            let (name, about) = (invariant.name, invariant.about);
            writeln!(out, "{INDENT}judged by `{name}`: {about}")?;
        }
        if let Some(why) = &clause.untried {
            writeln!(out, "{INDENT}not tested: {}", line(why))?;
        }
        let tested = tested_clauses(&self.cases);
        let names = tested.get(&clause.id).map_or(&[][..], Vec::as_slice);
        if !names.is_empty() {
            writeln!(out, "\nTested by {}:", counted(names.len(), "case"))?;
        }
        let tests = self
            .cases
            .iter()
            .filter(|case| names.contains(&case.name.as_str()));
        for case in tests {
            title(case, out)?;
        }
        self.recorded(|one| one.clause.value == clause.id, out)
    }

    fn case(&self, case: &CaseFile, out: &mut dyn Write) -> Result<(), Problem> {
        title(case, out)?;
        for text in case
            .case
            .why
            .iter()
            .flat_map(|why| why.value.trim().lines())
        {
            writeln!(out, "{INDENT}{INDENT}{}", line(text))?;
        }
        writeln!(out, "{INDENT}in {}", line(&case.path.display().to_string()))?;
        writeln!(
            out,
            "\nTests {}:",
            counted(case.case.clauses.len(), "clause")
        )?;
        for id in &case.case.clauses {
            if let Some(clause) = self.folder.catalogue.get(&id.value) {
                descriptions::clause(clause, out)?;
            }
        }
        self.runs(case, out)?;
        // What concerns every case says nothing about this one.
        let concerns =
            |pattern: &WildcardPattern| pattern.to_string() != "*" && pattern.matches(&case.name);
        self.recorded(|one| concerns(&one.case.value), out)
    }

    /// Lists the backends that can run the case, and what the others lack.
    fn runs(&self, case: &CaseFile, out: &mut dyn Write) -> Result<(), Problem> {
        let filter = TrialFilter {
            patterns: vec![case.name.clone()],
            exact: true,
        };
        let system = platform::current().system;
        let trials = corpus::trials(
            std::slice::from_ref(case),
            &self.subjects()?,
            &BTreeMap::new(),
            system,
            &filter,
        );
        let mut runs: BTreeMap<Key, Result<usize, &str>> = BTreeMap::new();
        for trial in &trials {
            let so_far = runs.entry(trial.name.backend.clone()).or_insert(Err(""));
            match (&trial.runnable, &so_far) {
                (Ok(()), Ok(count)) => *so_far = Ok(count + 1),
                (Ok(()), Err(_)) => *so_far = Ok(1),
                (Err(lack), Err(_)) => *so_far = Err(&lack.why),
                (Err(_), Ok(_)) => {}
            }
        }
        writeln!(out, "\nRuns on this system:")?;
        let all = case.permutations.len();
        for (key, result) in runs {
            match result {
                Ok(count) if count == all => writeln!(out, "{INDENT}{key}")?,
                Ok(count) => writeln!(out, "{INDENT}{key} ({count} of {all} permutations)")?,
                Err(why) => writeln!(out, "{INDENT}not {key}: {}", line(why))?,
            }
        }
        let program = "ipc-conformance";
        writeln!(out, "\nRun it: {program} run --exact {}", case.name)?;
        Ok(())
    }

    /// Describes the backends with this key or name. Returns whether there are any.
    fn backends(
        &self,
        name: &str,
        subjects: &[Subject],
        out: &mut dyn Write,
    ) -> Result<bool, Problem> {
        let system = platform::current().system;
        let found = subjects.iter().filter(|one| {
            let key = one.key();
            key.to_string() == name || key.name == name
        });
        let found: Vec<&Subject> = found.collect();
        for subject in &found {
            descriptions::backend(subject, system, out)?;
        }
        let keys: BTreeSet<Key> = found.iter().map(|one| one.key()).collect();
        self.recorded(|one| keys.contains(&one.backend), out)?;
        Ok(!found.is_empty())
    }

    /// Describes the recorded divergences for which this holds.
    fn recorded(
        &self,
        concerns: impl Fn(&Divergence) -> bool,
        out: &mut dyn Write,
    ) -> Result<(), Problem> {
        let found: Vec<&Divergence> = self
            .divergences
            .iter()
            .filter(|one| concerns(one))
            .collect();
        if !found.is_empty() {
            writeln!(out, "\nRecorded divergences:")?;
        }
        for of_entry in found.chunk_by(|one, next| one.place == next.place) {
            descriptions::entry(of_entry, out)?;
        }
        Ok(())
    }
}

fn title(case: &CaseFile, out: &mut dyn Write) -> Result<(), Problem> {
    writeln!(out, "{NAME}{}{NAME:#}", case.name)?;
    writeln!(out, "{INDENT}{}", line(&case.case.title.value))?;
    Ok(())
}
