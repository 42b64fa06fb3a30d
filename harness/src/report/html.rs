//! The page: one HTML file with everything that some event logs say, which needs nothing else.
//!
//! The file has the data as JSON in script elements, a style sheet, and a script that draws the views.
//! Every view has an address of its own after the `#`, so links, back and forward work. The script
//! inserts texts only as text, never as markup.

use std::collections::BTreeMap;

use maud::{DOCTYPE, PreEscaped, html};

use crate::clause::{Catalogue, Clause, ClauseId};
use crate::event::{EventLog, Texts};

mod data;
mod embed;
mod lines;
mod trial;

use data::PageData;
use embed::script_json;
use trial::TrialData;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Returns the page of these logs, each of which has columns of its own. `catalogue` has the clauses
/// that the logs don't quote.
///
/// # Errors
/// Never happens, because the data are texts, numbers and lists.
pub(crate) fn page(logs: &[EventLog], catalogue: &Catalogue) -> serde_json::Result<String> {
    let mut texts = Texts::default();
    logs.iter().for_each(|log| texts.join(log.texts.clone()));
    let clauses = catalogue.iter().chain(&texts.clauses);
    let clauses: BTreeMap<&ClauseId, &Clause> =
        clauses.map(|clause| (&clause.id, clause)).collect();
    let catalogue = Catalogue::of(clauses.into_values().cloned());
    let data = script_json(&PageData::of(logs, &texts, &catalogue))?;
    let trials = logs.iter().flat_map(|log| {
        let texts = &texts;
        log.reports
            .iter()
            .map(move |report| TrialData::of(log, report, texts))
    });
    let trials: Vec<String> = trials
        .map(|trial| script_json(&trial))
        .collect::<serde_json::Result<_>>()?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // Nothing is loaded, and no text can become a script.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
                link rel="icon" href="data:,";
                title { "ipc-conformance" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                header.top {
                    a.brand href="#/matrix" { "ipc-conformance" }
                    nav aria-label="Views" {
                        a href="#/matrix" { "Matrix" }
                        a href="#/promises" { "Promises" }
                        a href="#/libraries" { "Libraries" }
                        a href="#/compare" { "Compare" }
                        a href="#/runs" { "Runs" }
                    }
                }
                main id="main" tabindex="-1" {
                    noscript { "This page draws its views by JavaScript, from the data in this file." }
                }
                script type="application/json" id="data" { (PreEscaped(data)) }
                @for (number, trial) in trials.iter().enumerate() {
                    script type="application/json" id={ "trial-" (number) } { (PreEscaped(trial)) }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    Ok(page.into_string())
}

#[cfg(test)]
mod tests;
