use super::*;
use crate::backend::System;
use crate::judge::Verdict;
use crate::report::matrix::Matrix;
use crate::test_support::logs::{clause, log, report};
use proptest::prelude::*;
use serde_json::Value;

/// Returns the JSON in the script element with this id.
fn json_in(page: &str, id: &str) -> Value {
    let start = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).expect("the page has the element");
    let (json, _) = rest.split_once("</script>").expect("the element ends");
    serde_json::from_str(json).expect("it is JSON")
}

fn logs() -> Vec<EventLog> {
    let (order, sticky) = ("pipe.order.single-writer", "pipe.eof.sticky");
    let reports = vec![
        report("pipe/a", "lib-fork/pipe", &[clause(order, Verdict::Fail)]),
        report("pipe/a", "lib-spawn/pipe", &[clause(order, Verdict::Pass)]),
        report(
            "pipe/b[size=1]",
            "lib-spawn/pipe",
            &[
                clause(order, Verdict::Unknown),
                clause(sticky, Verdict::Diverges),
            ],
        ),
    ];
    vec![log("one.jsonl", System::Linux, reports)]
}

#[test]
fn the_cells_are_those_of_the_text_matrix() {
    let logs = logs();
    let page = page(&logs, &Catalogue::default()).unwrap();
    let data = json_in(&page, "data");
    let cells = data["cells"].as_array().unwrap().iter().map(|cell| {
        let column = &data["columns"][cell[0].as_u64().unwrap() as usize];
        let promise = &data["promises"][cell[1].as_u64().unwrap() as usize];
        [&column["name"], &promise["id"], &cell[3]].map(|text| text.as_str().unwrap().to_owned())
    });
    let catalogue = Catalogue::default();
    let matrix = Matrix::of_logs(&logs, &catalogue);
    let expected = matrix.records(&catalogue).map(|cell| {
        let (name, clause) = (cell.backend.name.clone(), cell.clause.to_string());
        [name, clause, cell.verdict.word().to_owned()]
    });
    assert_eq!(cells.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn columns_of_start_methods_have_one_family() {
    let page = page(&logs(), &Catalogue::default()).unwrap();
    let data = json_in(&page, "data");
    let families = data["columns"].as_array().unwrap().iter();
    let families: Vec<_> = families
        .map(|column| (&column["family"], &column["start"]))
        .collect();
    let family = Value::from("lib/pipe");
    assert_eq!(
        families,
        [
            (&family, &Value::from("fork")),
            (&family, &Value::from("spawn"))
        ]
    );
}

#[test]
fn style_and_script_end_where_their_elements_end() {
    for text in [STYLE, SCRIPT] {
        assert!(!text.contains("</") && !text.contains("<!--"));
    }
    let lines = SCRIPT.lines().count();
    assert!(lines < 600, "{lines} lines of JavaScript");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_breaks_out_of_its_element(
        text in "(?s)(.|</script>|<!--|<script>|\\]\\]>|\u{2028}|&lt;|\"|'){0,40}",
    ) {
        let mut logs = logs();
        logs[0].path = text.clone();
        logs[0].header.command = text.clone();
        logs[0].reports[0].why = Some(text.clone());
        logs[0].reports[0].name.permutation = text.clone();
        let page = page(&logs, &Catalogue::default()).unwrap();
        prop_assert_eq!(page.matches("<script").count(), 2 + 3);
        prop_assert_eq!(page.matches("</script").count(), 2 + 3);
        let data = json_in(&page, "data");
        prop_assert_eq!(&data["runs"][0]["command"], &text);
        prop_assert_eq!(&data["trials"][0]["permutation"], &text);
        prop_assert_eq!(&json_in(&page, "trial-0")["why"], &text);
    }
}
