use proptest::prelude::*;
use rstest::rstest;

use super::reading::LONGEST_LINE;
use super::*;
use crate::linearizable::generate::{Hazard, Recipe, generate};
use crate::linearizable::spoil::{Spoiling, spoil};
use crate::linearizable::{Claims, Empty, Kind, NEVER, Operation, Order, Outcome, Verdict};

const PUT: &str =
    r#"{"peer":"p1","channel":"q","op":"put","item":3,"start":10,"end":14,"outcome":"ok"}"#;

fn read(text: impl AsRef<[u8]>) -> Result<RecordedFile, Vec<Mistake>> {
    let mut reading = Reading::new();
    reading.feed(text.as_ref());
    reading.finish()
}

fn right(text: impl AsRef<[u8]>) -> RecordedFile {
    read(text).unwrap_or_else(|mistakes| panic!("{}", page(&mistakes)))
}

fn wrong(text: impl AsRef<[u8]>) -> Vec<Mistake> {
    read(text).expect_err("this is wrong")
}

fn page(mistakes: &[Mistake]) -> String {
    let pages = mistakes
        .iter()
        .map(|mistake| mistake.render("h.jsonl", false));
    pages.collect::<Vec<_>>().join("\n\n")
}

/// An operation on `q` by `p`, from 10 to 14 unless the fields have other stamps.
fn line(fields: &str) -> String {
    let stamps = if fields.contains("start") {
        ""
    } else {
        r#","start":10,"end":14"#
    };
    format!(r#"{{"peer":"p","channel":"q"{stamps},{fields}}}"#)
}

#[test]
fn a_line_is_an_operation() {
    let recorded = right(PUT);
    let channel = &recorded.channels[0];
    assert_eq!(channel.name, r#""q""#);
    assert_eq!(channel.history.items, 1);
    assert_eq!(
        channel.history.operations,
        [Operation {
            start: 10,
            end: 14,
            item: 0,
            peer: 0,
            kind: Kind::Put,
            outcome: Outcome::Ok,
        }]
    );
    assert_eq!((channel.line(0), channel.item(0)), (1, "3"));
    assert_eq!(recorded.peer(0), r#""p1""#);
}

#[rstest]
#[case::nothing("", 0)]
#[case::a_line_without_its_end(PUT, 1)]
#[case::a_line_with_its_end(&format!("{PUT}\n"), 1)]
#[case::blank_lines(&format!("\n \t\n{PUT}\n\n"), 1)]
#[case::windows_line_ends(&format!("{PUT}\r\n\r\n"), 1)]
#[case::a_byte_order_mark(&format!("\u{feff}{PUT}"), 1)]
#[case::only_a_byte_order_mark("\u{feff}", 0)]
#[case::blanks_within(&format!(" {} ", PUT.replace(',', " , ")), 1)]
fn each_line_that_is_not_blank_is_an_operation(#[case] text: &str, #[case] operations: usize) {
    assert_eq!(right(text).operations(), operations);
}

#[rstest]
#[case::put(r#""op":"put","item":1,"outcome":"ok""#, Kind::Put, Outcome::Ok)]
#[case::full(r#""op":"put","item":1,"outcome":"full""#, Kind::Put, Outcome::Full)]
#[case::put_that_timed_out(
    r#""op":"put","item":1,"outcome":"timeout""#,
    Kind::Put,
    Outcome::Timeout
)]
#[case::get(r#""op":"get","item":1,"outcome":"ok""#, Kind::Get, Outcome::Ok)]
#[case::empty(r#""op":"get","outcome":"empty""#, Kind::Get, Outcome::Empty)]
#[case::null_item(
    r#""op":"get","item":null,"outcome":"empty""#,
    Kind::Get,
    Outcome::Empty
)]
#[case::get_that_timed_out(r#""op":"get","outcome":"timeout""#, Kind::Get, Outcome::Timeout)]
#[case::end(r#""op":"get","outcome":"end""#, Kind::Get, Outcome::End)]
#[case::close(r#""op":"close","outcome":"ok""#, Kind::Close, Outcome::Ok)]
#[case::failed(
    r#""op":"close","outcome":"error","definite":true"#,
    Kind::Close,
    Outcome::Error { definite: true }
)]
#[case::perhaps_failed(
    r#""op":"put","item":1,"outcome":"error","definite":false"#,
    Kind::Put,
    Outcome::Error { definite: false }
)]
#[case::pending(r#""op":"get","start":3"#, Kind::Get, Outcome::Pending)]
#[case::pending_by_null(
    r#""op":"put","item":1,"start":3,"end":null,"outcome":null,"definite":null"#,
    Kind::Put,
    Outcome::Pending
)]
fn the_fields_give_the_kind_and_outcome(
    #[case] fields: &str,
    #[case] kind: Kind,
    #[case] outcome: Outcome,
) {
    let recorded = right(line(fields));
    let operation = recorded.channels[0].history.operations[0];
    assert_eq!((operation.kind, operation.outcome), (kind, outcome));
    assert_eq!(operation.end == NEVER, outcome == Outcome::Pending);
}

#[rstest]
#[case::numbers("3", "3", true)]
#[case::another_number("3", "4", false)]
#[case::a_number_and_a_string("3", r#""3""#, false)]
#[case::a_number_written_differently("1", "1.0", false)]
#[case::numbers_beyond_128_bits(
    "340282366920938463463374607431768211455",
    "340282366920938463463374607431768211454",
    false
)]
#[case::negative_numbers("-1", "-1", true)]
#[case::truth("true", "true", true)]
#[case::string_with_escapes(r#""a\u0062c""#, r#""abc""#, true)]
#[case::string_with_needed_escapes(r#""\"\\\n""#, r#""\u0022\u005c\u000a""#, true)]
#[case::the_empty_string(r#""""#, r#""""#, true)]
#[case::an_item_that_looks_like_null(r#""null""#, r#""null""#, true)]
fn items_with_different_names_are_different(
    #[case] put: &str,
    #[case] got: &str,
    #[case] same: bool,
) {
    let put = line(&format!(r#""op":"put","item":{put},"outcome":"ok""#));
    let get = line(&format!(r#""op":"get","item":{got},"outcome":"ok""#));
    let recorded = right(format!("{put}\n{get}"));
    let operations = &recorded.channels[0].history.operations;
    assert_eq!(operations[0].item == operations[1].item, same);
}

#[test]
fn each_channel_has_its_own_items() {
    let on_r = PUT.replace(r#""channel":"q""#, r#""channel":7"#);
    let recorded = right(format!("{PUT}\n{on_r}\n"));
    let names: Vec<&str> = recorded.channels.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, [r#""q""#, "7"]);
    assert_eq!(recorded.channels[1].line(0), 2);
}

/// A producer whose put found the queue full tries the same item again.
#[rstest]
#[case::refused_before(&["full", "ok"], &[1, 0])]
#[case::refused_on_a_later_line(&["ok", "full"], &[0, 1])]
#[case::refused_again_and_again(&["full", "timeout", "full"], &[0, 1, 2])]
#[case::refused_again_and_again_and_put(&["full", "timeout", "ok"], &[1, 2, 0])]
fn a_put_that_failed_may_be_tried_again(#[case] outcomes: &[&str], #[case] items: &[u32]) {
    let puts = outcomes
        .iter()
        .map(|outcome| line(&format!(r#""op":"put","item":"a","outcome":"{outcome}""#)) + "\n");
    let recorded = right(puts.collect::<String>());
    let channel = &recorded.channels[0];
    let operations = &channel.history.operations;
    let found: Vec<u32> = operations.iter().map(|operation| operation.item).collect();
    assert_eq!(found, items);
    assert_eq!(channel.history.items as usize, items.len());
    assert!(found.iter().all(|item| channel.item(*item) == r#""a""#));
}

#[rstest]
#[case::not_json("hello", "hello", "expected value")]
#[case::no_object("[1]", "[1]", "an operation, which is a JSON object")]
#[case::cut(&PUT[..PUT.len() - 3], "", "ends before its JSON object does")]
#[case::text_after_the_object(&format!("{PUT} x"), "x", "trailing characters")]
#[case::unknown_field(&PUT.replace("item", "itm"), "itm", "unknown field `itm`")]
#[case::field_twice(&PUT.replace("item", "start"), r#"10,"end""#, "field `start` appears twice")]
#[case::no_peer(&PUT.replace(r#""peer":"p1","#, ""), "{", "`peer` is missing")]
#[case::null_channel(&PUT.replace(r#""q""#, "null"), "null", "`channel` is missing")]
#[case::no_op(&PUT.replace(r#""op":"put","#, ""), "{", "`op` is missing")]
#[case::no_start(&PUT.replace(r#""start":10,"#, ""), "{", "`start` is missing")]
#[case::peer_of_another_type(&PUT.replace(r#""p1""#, "[]"), "[]", "`peer` is a string or a number")]
#[case::channel_of_another_type(&PUT.replace(r#""q""#, "true"), "true", "`channel` is a string or a number")]
#[case::item_of_another_type(&PUT.replace('3', "{}"), "{}", "a number, a string, true or false")]
#[case::broken_string(&PUT.replace('3', r#""\ud800""#), r#""\ud800""#, "a number, a string, true or false")]
#[case::unknown_op(&PUT.replace("put", "push"), r#""push""#, "unknown `op`")]
#[case::unknown_outcome(&PUT.replace("ok", "okay"), r#""okay""#, "unknown `outcome`")]
#[case::start_below_zero(&PUT.replace("10", "-1"), "-1", "`start` is an integer from 0")]
#[case::start_with_a_fraction(&PUT.replace("10", "1.5"), "1.5", "`start` is an integer from 0")]
#[case::start_as_string(&PUT.replace("10", r#""10""#), r#""10""#, "`start` is an integer from 0")]
#[case::end_too_great(&PUT.replace("14", "18446744073709551616"), "18446744073709551616", "`end` is an integer from 0")]
#[case::end_that_is_never(&PUT.replace("14", "18446744073709551615"), "18446744073709551615", "a stamp is less than 2^64 - 1")]
#[case::end_before_start(&PUT.replace("14", "9"), "9", "the operation ends before it starts")]
#[case::outcome_without_end(&PUT.replace("14", "null"), r#""ok""#, "an `outcome` and no `end`")]
#[case::end_without_outcome(&PUT.replace(r#""ok""#, "null"), "14", "an `end` and no `outcome`")]
#[case::empty_put(&PUT.replace("ok", "empty"), r#""empty""#, "a put can't have the outcome `empty`")]
#[case::full_get(&PUT.replace("put", "get").replace("ok", "full"), r#""full""#, "a get can't have the outcome `full`")]
#[case::close_of_a_queue_that_ended(&PUT.replace("put", "close").replace("ok", "end"), r#""end""#, "a close can't have the outcome `end`")]
#[case::error_of_unknown_effect(&PUT.replace("ok", "error"), r#""error""#, "an error needs the field `definite`")]
#[case::definite_success(&PUT.replace('}', r#","definite":true}"#), "true", "only the outcome `error`")]
#[case::definite_of_another_type(&PUT.replace('}', r#","definite":1}"#), "1}", "`definite` is true or false")]
#[case::put_of_nothing(&PUT.replace('3', "null"), "null", "a put needs the `item`")]
#[case::get_of_nothing(&PUT.replace("put", "get").replace('3', "null"), "null", "a get that is ok needs the `item`")]
#[case::empty_get_of_an_item(&PUT.replace("put", "get").replace("ok", "empty"), "3", "only a get that is ok has an `item`")]
#[case::pending_get_of_an_item(
    r#"{"peer":"p","channel":"q","op":"get","start":1,"item":3}"#,
    "3",
    "never returned has no `item`"
)]
#[case::close_of_an_item(&PUT.replace("put", "close"), "3", "a close has no `item`")]
fn a_mistake_names_its_line_and_column(
    #[case] text: &str,
    #[case] at: &str,
    #[case] message: &str,
) {
    let mistakes = wrong(format!("\n{text}\n"));
    let [mistake] = &mistakes[..] else {
        panic!("{}", page(&mistakes));
    };
    assert!(mistake.message.contains(message), "{}", mistake.message);
    let rest = text.get(mistake.column - 1..).unwrap_or_default();
    assert!(rest.starts_with(at), "{}", page(&mistakes));
    assert_eq!(mistake.line, 2);
}

#[test]
fn two_puts_of_one_item_on_a_channel_are_a_mistake() {
    let late = PUT.replace("p1", "p2");
    let mistakes = wrong(format!("{PUT}\n\n{late}\n{PUT}\n"));
    let lines: Vec<u64> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [3, 4]);
    assert_eq!(mistakes[0].message, "item 3 was put before, on line 1");
}

#[test]
fn invalid_utf_8_is_a_mistake_with_its_place() {
    let mut bytes = PUT.as_bytes().to_vec();
    bytes[10] = 0xff;
    let mistakes = wrong(&bytes);
    assert_eq!(mistakes[0].message, "the line isn't UTF-8");
    assert_eq!(mistakes[0].column, 11);
}

#[test]
fn a_line_that_is_too_long_is_a_mistake() {
    let long = PUT.replace('3', &format!(r#""{}""#, "x".repeat(LONGEST_LINE)));
    let mistakes = wrong(format!("{long}\n{PUT}\nx"));
    let lines: Vec<u64> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert_eq!(lines, [1, 3]);
    assert!(page(&mistakes).len() < 2_000, "{}", page(&mistakes));
}

#[test]
fn the_longest_line_is_read() {
    let room = LONGEST_LINE - PUT.len();
    let long = PUT.replace('3', &"3".repeat(room + 1));
    assert_eq!(long.len(), LONGEST_LINE);
    assert_eq!(right(format!("{long}\n{PUT}")).operations(), 2);
}

#[test]
fn of_many_mistakes_the_first_are_reported() {
    let mut reading = Reading::new();
    reading.feed("x\n".repeat(1_000).as_bytes());
    assert!(reading.is_done());
    assert_eq!(reading.finish().unwrap_err().len(), MOST_MISTAKES);
}

#[test]
fn deep_nesting_is_a_mistake() {
    let deep = "[".repeat(LONGEST_LINE / 2);
    assert_eq!(wrong(&deep).len(), 1);
    let deep = PUT.replace('3', &format!("{deep}{}", "]".repeat(deep.len())));
    assert_eq!(wrong(&deep[..LONGEST_LINE]).len(), 1);
}

#[test]
fn mistakes_are_shown_with_their_lines() {
    let long = PUT.replace('3', &format!(r#""{}","start":-1"#, "x".repeat(2_000)));
    let text = [
        PUT,
        &PUT.replace("item", "itm"),
        &PUT.replace("14", "9"),
        &PUT.replace("ok", "emtpy"),
        &PUT.replace("ok", "error"),
        PUT,
        &PUT[..40],
        &long,
        &PUT.replace("p1", "\u{1b}[31m Zoë 🦀").replace("10", "ten"),
        "not an operation",
    ];
    insta::assert_snapshot!(page(&wrong(text.join("\n"))));
}

const FIFO: Claims = Claims {
    order: Order::Fifo,
    capacity: None,
    empty: Some(Empty::Strict),
};

/// A history of a correct queue, or an impossible one, by the starts of its operations.
fn generated(wrong: Option<Spoiling>, seed: u64) -> String {
    let mut history = generate(&Recipe {
        operations: 300,
        peers: 6,
        overlap: 1.0,
        capacity: None,
        faults: vec![Hazard::Tries, Hazard::Timeouts],
        seed,
    });
    if let Some(wrong) = wrong {
        assert!(spoil(&mut history, wrong, seed));
    }
    history.operations.sort_by_key(|operation| operation.start);
    let mut text = String::new();
    for (number, operation) in history.operations.iter().enumerate() {
        write_line(operation, ["q", "r"][number / 200], &mut text);
    }
    text
}

#[rstest]
#[case::right(None)]
#[case::order(Some(Spoiling::Order))]
#[case::repeat(Some(Spoiling::Repeat))]
#[case::fresh(Some(Spoiling::Fresh))]
#[case::empty(Some(Spoiling::Empty))]
fn operations_judged_one_by_one_get_the_verdict_of_the_whole(#[case] wrong: Option<Spoiling>) {
    for seed in 0..10 {
        let text = generated(wrong, seed);
        let kept = right(&text).judge(&FIFO);
        for most in [0, 1, 150, 250] {
            let mut reading = Reading::keeping(most, FIFO);
            reading.feed(text.as_bytes());
            let recorded = reading.finish().unwrap();
            let all = recorded.channels.iter().map(|c| c.history.operations.len());
            assert!(all.sum::<usize>() < 100, "only witnesses are kept");
            let judged = recorded.judge(&FIFO);
            assert_eq!(judged.operations, kept.operations);
            assert_eq!(judged.verdict, kept.verdict);
            for violation in &judged.violations {
                for shown in &violation.operations {
                    let line = text.lines().nth(shown.line as usize - 1).unwrap();
                    assert!(
                        line.contains(&format!("\"start\":{},", shown.start)),
                        "{line}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_operation_out_of_order_is_a_mistake_only_above_the_limit() {
    let early = PUT.replace('3', "4").replace("10", "9");
    let text = format!("{PUT}\n{early}\n");
    let verdict = |most| {
        let mut reading = Reading::keeping(most, FIFO);
        reading.feed(text.as_bytes());
        assert_eq!(reading.needs_all_operations(), most == 0);
        reading
            .finish()
            .map(|recorded| recorded.judge(&FIFO).verdict)
    };
    assert_eq!(verdict(1), Ok(Verdict::Pass));
    let mistakes = verdict(0).unwrap_err();
    insta::assert_snapshot!(page(&mistakes), @r#"
    error: h.jsonl:2:56: so many operations must be judged one by one, and this one starts before an earlier one
      |
    2 | {"peer":"p1","channel":"q","op":"put","item":4,"start":9,"end":14,"outcome":"ok"}
      |                                                        ^
      |
      = help: pass the history as a file, or sort its lines by `start`
    "#);
}

fn operation() -> impl Strategy<Value = Operation> {
    let outcome = prop_oneof![
        Just((Kind::Put, Outcome::Ok)),
        Just((Kind::Put, Outcome::Full)),
        Just((Kind::Put, Outcome::Pending)),
        Just((Kind::Put, Outcome::Error { definite: false })),
        Just((Kind::Get, Outcome::Ok)),
        Just((Kind::Get, Outcome::Empty)),
        Just((Kind::Get, Outcome::Timeout)),
        Just((Kind::Get, Outcome::End)),
        Just((Kind::Get, Outcome::Error { definite: true })),
        Just((Kind::Get, Outcome::Pending)),
        Just((Kind::Close, Outcome::Ok)),
    ];
    let stamps = (0..NEVER, 0..NEVER);
    (outcome, stamps, 0_u32..4).prop_map(|((kind, outcome), (one, other), peer)| Operation {
        start: one.min(other),
        end: match outcome {
            Outcome::Pending => NEVER,
            _ => one.max(other),
        },
        item: Operation::NO_ITEM,
        peer,
        kind,
        outcome,
    })
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(operation(), 0..40).prop_map(|mut operations| {
        for (item, operation) in (0..).zip(&mut operations) {
            let has_item = operation.kind == Kind::Put
                || (operation.kind == Kind::Get && operation.outcome == Outcome::Ok);
            if has_item {
                operation.item = item;
            }
        }
        operations
    })
}

proptest! {
    #[test]
    fn written_operations_read_back(operations in operations()) {
        let mut text = String::new();
        for operation in &operations {
            write_line(operation, "a \"queue\"", &mut text);
        }
        let recorded = right(&text);
        prop_assert_eq!(recorded.operations(), operations.len());
        let Some(channel) = recorded.channels.first() else {
            return Ok(());
        };
        for (read, written) in channel.history.operations.iter().zip(&operations) {
            let item = match written.item {
                Operation::NO_ITEM => Operation::NO_ITEM,
                item => {
                    prop_assert_eq!(channel.item(read.item), item.to_string());
                    read.item
                }
            };
            let peer = recorded.peer(read.peer);
            prop_assert_eq!(peer, format!("\"p{}\"", written.peer));
            prop_assert_eq!(*read, Operation { item, peer: read.peer, ..*written });
        }
    }

    #[test]
    fn the_pieces_in_which_a_file_is_read_do_not_matter(
        operations in operations(),
        broken in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let mut text = String::new();
        for operation in &operations {
            write_line(operation, "q", &mut text);
        }
        if broken {
            text.push_str("x\ny");
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let mut reading = Reading::new();
        for cut in cuts.windows(2) {
            reading.feed(&text.as_bytes()[cut[0]..cut[1]]);
        }
        match (reading.finish(), read(&text)) {
            (Ok(pieces), Ok(whole)) => {
                let history = |of: &RecordedFile| of.channels.first().map(|c| c.history.clone());
                prop_assert_eq!(history(&pieces), history(&whole));
            }
            (pieces, whole) => prop_assert_eq!(pieces.unwrap_err(), whole.unwrap_err()),
        }
    }
}
