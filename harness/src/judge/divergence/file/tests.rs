use super::*;
use rstest::rstest;

const PATH: &str = "golden/divergences/pipe-some-library.toml";

const WHOLE: &str = r#"backend = "pipe:some/library"

[[divergence]]
clause = "pipe.eof.sticky"
case = "pipe/*"
signature = { step = "recv p.rx", outcome = "error", raw = "ConnectionReset (104)" }
shows = "always"
reason = "it says so"
link = "https://example.org"
"#;

/// The only divergence of a file with this line added.
pub(in crate::judge::divergence) fn only(line: &str) -> Divergence {
    let text = format!("{WHOLE}{line}\n");
    let file = DivergenceFile::parse(PATH, &text)
        .unwrap_or_else(|e| panic!("{}", e.render("", &text, false)));
    file.divergences.into_iter().next().unwrap()
}

fn mistakes(text: &str) -> String {
    let mistakes = DivergenceFile::parse(PATH, text).unwrap_err();
    mistakes.render(PATH, text, false)
}

#[test]
fn a_file_has_the_divergences_of_one_backend() {
    let text = format!("{WHOLE}\n{}", WHOLE.split_once('\n').unwrap().1);
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    assert_eq!(file.backend.to_string(), "pipe:some/library");
    let lines: Vec<usize> = file.divergences.iter().map(|d| d.place.line).collect();
    assert_eq!(lines, [3, 12]);
    let first = &file.divergences[0];
    assert_eq!(first.shows, Shows::Always);
    assert_eq!(
        first.signatures[0].to_string(),
        "recv p.rx -> error ConnectionReset (104)"
    );
}

#[test]
fn a_clause_can_break_in_several_ways() {
    let signature = "{ step = \"recv p.rx\", outcome = \"end\" }";
    let text = WHOLE.replace(
        "signature = { step",
        &format!("signature = [{signature}, {signature}]\n# {{ step"),
    );
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    assert_eq!(file.divergences[0].signatures.len(), 2);
}

#[test]
fn a_file_can_say_what_brings_its_backend() {
    let text = format!("brought-by = \"an adapter\"\n{WHOLE}");
    let file = DivergenceFile::parse(PATH, &text).unwrap();
    assert_eq!(file.brought_by.as_deref(), Some("an adapter"));
}

#[test]
fn all_mistakes_are_reported_at_once_each_with_its_line() {
    insta::assert_snapshot!(mistakes(
        r#"backend = "pipe:other/library"

[[divergence]]
claus = "pipe.eof.sticky"
case = "pipe/*"
when = { os = "beos" }
signature = { step = "recv p.rx", outcome = "eror" }
shows = "often"
reason = ""
"#
    ));
}

#[rstest]
#[case::no_toml("backend = ", "backend = ")]
#[case::no_backend("backend = \"std/pipe\"", "`std/pipe` is not a backend")]
#[case::the_file_of_another_backend(
    "backend = \"queue:some/library\"",
    "move them to `queue-some-library.toml`"
)]
#[case::entries_of_another_type(
    "backend = \"pipe:some/library\"\ndivergence = 1",
    "`[[divergence]]`"
)]
fn a_file_with_another_content_is_an_error(#[case] text: &str, #[case] expected: &str) {
    let mistakes = mistakes(text);
    assert!(mistakes.contains(expected), "{mistakes}");
}
