//! The page that `report --html` writes, as text. The tests of `browser` use it as people do.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the program with these arguments.
fn program(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ipc-conformance"))
        .args(["--root", env!("CARGO_MANIFEST_DIR")])
        .args(arguments)
        .output()
        .expect("the program was built for this test")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn utf8(path: &Path) -> &str {
    path.to_str()
        .expect("the path of a temporary folder is UTF-8")
}

/// Returns the JSON in the script element with this id.
#[track_caller]
fn json_in(page: &str, id: &str) -> Value {
    let start = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).expect("the page has the element");
    let (json, _) = rest.split_once("</script>").expect("the element ends");
    serde_json::from_str(json).expect("it is JSON")
}

/// Returns the page of these logs.
#[track_caller]
fn page_of(logs: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("page.html");
    let output = program(&[&["report", "--html", utf8(&path)], logs].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    std::fs::read_to_string(&path).expect("the page was written")
}

fn old_log(version: u32) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    format!("{root}/harness/tests/logs/version-{version}.jsonl")
}

/// Two runs of one machine can't be merged, so they are beside each other.
#[test]
fn logs_of_old_versions_are_runs_of_one_page() {
    let page = page_of(&[&old_log(1), &old_log(2)]);
    let data = json_in(&page, "data");
    let names: Vec<&str> = data["runs"]
        .as_array()
        .expect("it has runs")
        .iter()
        .filter_map(|run| run["name"].as_str())
        .collect();
    assert_eq!(names.len(), 2);
    assert!(names[0].ends_with("version-1.jsonl"), "{names:?}");
    assert_eq!(data["columns"].as_array().map(Vec::len), Some(4));
    assert_eq!(json_in(&page, "trial-0")["run"], Value::Null);
    let promise = &data["promises"][0];
    assert!(promise["clause"]["sentence"].is_string(), "{promise}");
}

#[test]
fn the_page_has_the_cells_of_the_merged_matrix() {
    let log = old_log(2);
    let merged = program(&["merge", "--format", "json", &log]);
    let merged: Value = serde_json::from_slice(&merged.stdout).expect("the output is JSON");
    let mut expected: Vec<String> = merged["cells"]
        .as_array()
        .expect("it has cells")
        .iter()
        .map(|cell| {
            format!(
                "{} {} {}",
                cell["backend"]["name"], cell["clause"], cell["verdict"]
            )
        })
        .collect();
    let data = json_in(&page_of(&[&log]), "data");
    let at = |list: &str, place: &Value| {
        let place = place.as_u64().expect("an index");
        data[list][place as usize].clone()
    };
    let cells = data["cells"].as_array().expect("it has cells").iter();
    let mut cells: Vec<String> = cells
        .map(|cell| {
            let (column, promise) = (at("columns", &cell[0]), at("promises", &cell[1]));
            format!("{} {} {}", column["name"], promise["id"], cell[3])
        })
        .collect();
    expected.sort();
    cells.sort();
    assert_eq!(cells, expected);
    assert!(!cells.is_empty());
}

#[test]
fn a_page_that_cannot_be_written_exits_with_2() {
    let output = program(&["report", &old_log(2), "--html", "missing/folder/page.html"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("can't write missing/folder/page.html"),
        "{said}"
    );
}
