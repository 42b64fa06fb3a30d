//! Messages in both directions match the published schemas.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use ipc_conformance::internals::protocol::{FromAdapter, ToAdapter, VERSION};
use ipc_conformance::internals::{CaseFolder, Permutation};
use serde_json::{Value, json};

super::tests![
    plans_of_all_cases_match_the_schema,
    messages_of_an_honest_adapter_match_the_schema,
    misspelt_messages_do_not_match_the_schema,
];

const TO_ADAPTER: &str = include_str!("../../adapters/schemas/to-adapter.json");
const FROM_ADAPTER: &str = include_str!("../../adapters/schemas/from-adapter.json");

/// Returns the plans of all permutations of these cases, each as a `run` message.
fn runs(wanted: impl Fn(&Permutation) -> bool) -> Vec<ToAdapter> {
    let root = env!("CARGO_MANIFEST_DIR").as_ref();
    let folder = CaseFolder::open(Some(root)).expect("this crate's own cases");
    let (cases, _) = folder.cases();
    let plans = cases.into_iter().flat_map(|case| case.permutations);
    let runs = (1..)
        .zip(plans.filter(|permutation| wanted(permutation)))
        .map(|(run, permutation)| ToAdapter::Run {
            run,
            backend: ipc_conformance::backend::Key::new(permutation.kind(), "any/backend"),
            plan: permutation.plan,
        });
    runs.collect()
}

fn plans_of_all_cases_match_the_schema() {
    let schema = schema(TO_ADAPTER);
    let runs = runs(|_| true);
    assert!(runs.len() > 10, "there are cases");
    for run in runs {
        let message: Value = serde_json::from_slice(&run.line()).expect("the line is JSON");
        assert_eq!(wrong(&schema, &schema, &message), None, "{message}");
    }
}

fn messages_of_an_honest_adapter_match_the_schema() {
    let this = std::env::current_exe().expect("the system knows this program's path");
    let mut adapter = Command::new(this)
        .args(["adapter", "honest"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let mut to = adapter.stdin.take().expect("the stream is a pipe");
    let mut lines = BufReader::new(adapter.stdout.take().expect("the stream is a pipe")).lines();
    let version = VERSION.to_owned();
    // A case that ends by itself, because no harness kills waiting processes here.
    let run = runs(|permutation| &*permutation.case == "seed/queue").pop();
    let schema = schema(FROM_ADAPTER);
    let mut names = Vec::new();
    for message in [
        ToAdapter::Start { version },
        run.expect("there is a seed program"),
    ] {
        to.write_all(&message.line()).expect("the adapter reads");
        loop {
            let line = lines
                .next()
                .expect("the adapter replies")
                .expect("the pipe carries text");
            let said: Value = serde_json::from_str(&line).expect("the line is JSON");
            assert_eq!(wrong(&schema, &schema, &said), None, "{line}");
            let said = FromAdapter::parse(line.as_bytes()).expect("the line is a message");
            names.push(said.name());
            if matches!(said, FromAdapter::Ready { .. } | FromAdapter::Done { .. }) {
                break;
            }
        }
    }
    // The adapter exits when its input ends.
    drop(to);
    assert!(adapter.wait().expect("a child can be waited for").success());
    assert_eq!(names.first(), Some(&"ready"));
    assert!(
        names.contains(&"returned") || names.contains(&"unsupported"),
        "{names:?}"
    );
}

fn misspelt_messages_do_not_match_the_schema() {
    let schema = schema(FROM_ADAPTER);
    let done = |message: Value| wrong(&schema, &schema, &message);
    assert_eq!(done(json!({ "done": { "run": 1 } })), None);
    for message in [
        json!({ "doen": { "run": 1 } }),
        json!({ "done": { "run": "1" } }),
        json!({ "done": { "run": 1, "process": 0 } }),
        json!({ "done": {} }),
        json!({ "exited": { "run": 1, "process": 0, "exit": "killed" } }),
    ] {
        assert_ne!(done(message.clone()), None, "{message}");
    }
}

fn schema(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

/// Returns the first difference between a value and a schema. Supports the few keywords that the
/// published schemas use, and reports any other as a difference.
fn wrong(root: &Value, schema: &Value, value: &Value) -> Option<String> {
    let Some(keywords) = schema.as_object() else {
        return (schema == &json!(false)).then(|| format!("nothing may stand for {value}"));
    };
    keywords
        .iter()
        .find_map(|(keyword, rule)| match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" | "default" => None,
            "$ref" => {
                let pointer = rule.as_str()?.strip_prefix('#')?;
                wrong(
                    root,
                    root.pointer(pointer).expect("the reference has a target"),
                    value,
                )
            }
            "oneOf" | "anyOf" => {
                let ways = rule
                    .as_array()
                    .expect("the alternatives are an array")
                    .iter();
                let wrongs: Vec<Option<String>> = ways.map(|way| wrong(root, way, value)).collect();
                let right = wrongs.iter().filter(|wrong| wrong.is_none()).count();
                let fits = if keyword == "oneOf" {
                    right == 1
                } else {
                    right > 0
                };
                (!fits).then(|| format!("{right} ways fit {value}: {wrongs:?}"))
            }
            "type" => {
                let types = rule
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![rule.clone()]);
                let is = |one: &Value| match one.as_str().unwrap_or_default() {
                    "null" => value.is_null(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "string" => value.is_string(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("unknown type {other}"),
                };
                (!types.iter().any(is)).then(|| format!("{value} is no {rule}"))
            }
            "const" => (rule != value).then(|| format!("{value} isn't {rule}")),
            "enum" => {
                let values = rule.as_array().expect("the values are an array");
                (!values.contains(value)).then(|| format!("{value} is none of {rule}"))
            }
            "minimum" => {
                let is_less = value.as_f64() < rule.as_f64() && value.is_number();
                is_less.then(|| format!("{value} is less than {rule}"))
            }
            "maximum" => {
                let is_more = value.as_f64() > rule.as_f64() && value.is_number();
                is_more.then(|| format!("{value} is more than {rule}"))
            }
            "items" => value
                .as_array()?
                .iter()
                .find_map(|item| wrong(root, rule, item)),
            "required" => {
                let object = value.as_object()?;
                let missing =
                    |name: &&Value| !object.contains_key(name.as_str().unwrap_or_default());
                let missing = rule.as_array()?.iter().find(missing);
                missing.map(|name| format!("{name} is missing in {value}"))
            }
            "properties" => {
                let object = value.as_object()?;
                let of = |(name, rule): (&String, &Value)| wrong(root, rule, object.get(name)?);
                rule.as_object()?.iter().find_map(of)
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let is_known = |name: &String| known.is_some_and(|known| known.contains_key(name));
                let more = value
                    .as_object()?
                    .iter()
                    .filter(|(name, _)| !is_known(name));
                more.into_iter().find_map(|(name, value)| {
                    wrong(root, rule, value).map(|why| format!("{name}: {why}"))
                })
            }
            other => panic!("the keyword {other} isn't supported"),
        })
}
