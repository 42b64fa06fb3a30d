//! Histories in a short form: `p1 put 3 10-14; c1 get 16-18 empty`.
//!
//! Each operation is a peer, an operation, an item if there is one, a start and an end, and an outcome
//! if it isn't `ok`. An operation without an end never returned. `error!` had no effect; `error?` may
//! have had one. A channel other than `q` follows `on`.

/// Returns the file, one line for each operation.
pub(crate) fn file(short: &str) -> String {
    let operations = short.split(';').map(str::trim);
    operations
        .filter(|operation| !operation.is_empty())
        .map(|operation| line(operation) + "\n")
        .collect()
}

fn line(operation: &str) -> String {
    let (operation, channel) = operation.split_once(" on ").unwrap_or((operation, "q"));
    let words: Vec<&str> = operation.split_whitespace().collect();
    let is_stamps = |word: &&str| word.contains('-');
    let at = words
        .iter()
        .position(is_stamps)
        .expect("an operation has stamps");
    let (start, end) = words[at].split_once('-').expect("stamps contain a dash");
    let (peer, op) = (words[0], words[1]);
    let mut line =
        format!(r#"{{"peer":"{peer}","channel":"{channel}","op":"{op}","start":{start}"#);
    if at == 3 {
        line += &format!(r#","item":{}"#, words[2]);
    }
    if !end.is_empty() {
        let outcome = words.get(at + 1).unwrap_or(&"ok");
        let word = outcome.trim_end_matches(['!', '?']);
        line += &format!(r#","end":{end},"outcome":"{word}""#);
        if word == "error" {
            line += &format!(r#","definite":{}"#, outcome.ends_with('!'));
        }
    }
    line + "}"
}

#[test]
fn a_short_form_expands_to_a_file() {
    assert_eq!(
        file("p put 3 1-2; c get 3-; c get 4-5 error? on r;"),
        concat!(
            r#"{"peer":"p","channel":"q","op":"put","start":1,"item":3,"end":2,"outcome":"ok"}"#,
            "\n",
            r#"{"peer":"c","channel":"q","op":"get","start":3}"#,
            "\n",
            r#"{"peer":"c","channel":"r","op":"get","start":4,"end":5,"outcome":"error","definite":false}"#,
            "\n",
        )
    );
}
