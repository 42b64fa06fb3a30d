use super::*;
use crate::judge::divergence::Divergence;
use rstest::rstest;

const PATH: &str = "golden/divergences/some-library.toml";

const WHOLE: &str = r#"
[[divergence]]
backends = ["pipe:some/library"]
cases = ["pipe/*"]
clauses = ["pipe.eof.sticky"]
kind = "broken"
signature = { step = "recv p.rx", outcome = "error", raw = "ConnectionReset (104)" }
shows = "always"
reason = "it forgets"
quote = "it says so"
source = "https://example.org"
link = "https://example.org"
"#;

/// Returns the text of an entry in which these lines replace the lines of the same keys.
pub(in crate::judge::divergence) fn text(lines: &str) -> String {
    let key = |line: &str| line.split_once(" =").map(|(key, _)| key.to_owned());
    let new: Vec<_> = lines.lines().filter_map(key).collect();
    let kept = WHOLE
        .lines()
        .filter(|line| key(line).is_none_or(|key| !new.contains(&key)));
    kept.chain(lines.lines()).collect::<Vec<_>>().join("\n") + "\n"
}

/// The entry of a file in which these lines replace others.
pub(in crate::judge::divergence) fn entry(lines: &str) -> Entry {
    let text = text(lines);
    let file = DivergenceFile::parse(PATH, &text)
        .unwrap_or_else(|e| panic!("{}", e.render("", &text, false)));
    file.entries.into_iter().next().unwrap()
}

/// The only divergence of that entry.
pub(in crate::judge::divergence) fn only(lines: &str) -> Divergence {
    let backend = Key::new(Kind::Pipe, "some/library");
    entry(lines).of(&backend).remove(0)
}

fn mistakes(text: &str) -> String {
    let mistakes = DivergenceFile::parse(PATH, text).unwrap_err();
    mistakes.render(PATH, text, false)
}

#[test]
fn a_file_has_entries_of_several_backends() {
    let text = format!("{WHOLE}{}", WHOLE.replace("pipe:some/library", "queue:*"));
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    let lines: Vec<usize> = file.entries.iter().map(|one| one.place.line).collect();
    assert_eq!(lines, [2, 14]);
    let backends = file.entries.iter().map(|one| one.backends[0].as_str());
    assert_eq!(
        backends.collect::<Vec<_>>(),
        ["pipe:some/library", "queue:*"]
    );
    let first = &file.entries[0];
    assert_eq!(first.shows, Shows::Always);
    assert_eq!(first.review.kind, DivergenceKind::Broken);
    assert_eq!(first.review.quote.texts, ["it says so"]);
    assert_eq!(
        first.signatures[0].signature.to_string(),
        "recv p.rx -> error ConnectionReset (104)"
    );
}

#[test]
fn a_clause_can_break_in_several_ways() {
    let signature = "{ step = \"recv p.rx\", outcome = \"end\" }";
    let one = only(&format!("signature = [{signature}, {signature}]"));
    assert_eq!(one.signatures.len(), 2);
}

#[test]
fn a_quote_can_have_several_parts() {
    let entry = entry("quote = [\"it says\", \"so\"]");
    assert_eq!(entry.review.quote.texts, ["it says", "so"]);
}

#[test]
fn a_file_can_say_what_brings_its_backends() {
    let text = format!("brought-by = \"an adapter\"\n{WHOLE}");
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    assert_eq!(file.brought_by.as_deref(), Some("an adapter"));
}

#[test]
fn all_mistakes_are_reported_at_once_each_with_its_line() {
    insta::assert_snapshot!(mistakes(
        r#"[[divergence]]
backends = ["some/library"]
clause = ["pipe.eof.sticky"]
cases = []
kind = "none"
when = { os = "beos" }
signature = { step = "recv p.rx", outcome = "eror" }
shows = "often"
reason = ""
quote = ["", "and so on"]
source = "somewhere"
link = "https://example.org"
"#
    ));
}

#[rstest]
#[case::no_toml("backends = ", "backends = ")]
#[case::entries_of_another_type("divergence = 1", "`[[divergence]]`")]
#[case::an_unknown_key("backend = \"pipe:some/library\"", "backend")]
#[case::a_version_of_another_form(
    "[[divergence]]\nwhen = { version = \"2.4.x.y\" }",
    "`2.4.x.y` is no requirement for a version"
)]
fn a_file_with_another_content_is_an_error(#[case] text: &str, #[case] expected: &str) {
    let mistakes = mistakes(text);
    assert!(mistakes.contains(expected), "{mistakes}");
}

#[rstest]
#[case::of_python("source = \"python:multiprocessing/queues.py\"")]
#[case::of_a_tracker("link = \"https://github.com/python/cpython/issues/123736\"")]
fn source_code_documents_nothing(#[case] line: &str) {
    let text = text(&format!("kind = \"documented\"\n{line}"));
    let mistakes = mistakes(&text);
    assert!(mistakes.contains("document nothing"), "{mistakes}");
    let broken = text.replace("documented", "broken");
    assert!(DivergenceFile::parse(PATH, &broken).is_ok());
}

#[rstest]
#[case::the_kind("kind", "`documented` if")]
#[case::the_reason("reason", "why it breaks")]
#[case::the_quote("quote", "quote what")]
#[case::its_source("source", "where the quote is")]
#[case::the_link("link", "the address")]
fn nothing_of_the_review_can_be_empty(#[case] key: &str, #[case] help: &str) {
    let mistakes = mistakes(&text(&format!("{key} = \"\"")));
    assert!(
        mistakes.contains(&format!("the {key} is empty")),
        "{mistakes}"
    );
    assert!(mistakes.contains(help), "{mistakes}");
}
