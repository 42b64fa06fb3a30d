use super::*;
use crate::backend::{Capabilities, Wait};
use crate::history::LibraryText;
use crate::history::naming::Naming;
use crate::judge::{Finding, FindingState};
use crate::plan::{Action, End, Item, Limit, Source, Value};
use crate::test_support::scene::{PermutationBuilder, get, ints, put};
use rstest::rstest;

fn id(process: usize, index: usize) -> OperationId {
    OperationId { process, index }
}

fn broken(operations: Vec<OperationId>, process: Option<usize>) -> Finding {
    Finding {
        clause: "pipe.order.single-writer".into(),
        invariant: "order".to_owned(),
        state: FindingState::Broken(Witness {
            operations,
            process,
            expected: "as it should be".to_owned(),
            actual: "as it is".to_owned(),
        }),
    }
}

fn page_of(scene: &PermutationBuilder, finding: &Finding) -> FailurePage {
    let capabilities = Capabilities::new();
    let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
    let broken = breaks::broken(&evidence, std::slice::from_ref(finding));
    Explainer::new(&evidence, Naming::of(&evidence.permutation.plan)).page(&broken[0])
}

/// The events as a reader sees them: process, operation, outcome, the line of its put, and whether
/// it is wrong.
fn events(page: &FailurePage) -> String {
    let line = |event: &ShownEvent| {
        let outcome = event.outcome.as_deref().unwrap_or("(pending)");
        let wrong = if event.wrong { " WRONG" } else { "" };
        let from = event.from.map(|from| format!(" from line {}", from + 1));
        let from = from.unwrap_or_default();
        let (process, text) = (&event.process, &event.text);
        format!("{process}: {text} -> {outcome}{from}{wrong}\n")
    };
    page.events.iter().map(line).collect()
}

/// A producer that sends 0 to 4, and a consumer that receives these.
fn one_way(received: &[i64], last: Option<Outcome>) -> (PermutationBuilder, End) {
    let mut scene = PermutationBuilder::new();
    let (tx, rx) = scene.pipe("p");
    let producer = scene.process("producer");
    let consumer = scene.process("consumer");
    scene.puts(producer, tx, ints(0..5));
    scene.gets(consumer, rx, ints(received.iter().copied()), last);
    (scene, rx)
}

#[test]
fn swapped_messages_are_shown_with_their_sends() {
    let (scene, _) = one_way(&[0, 2, 1, 3, 4], None);
    let page = page_of(&scene, &broken(vec![id(1, 1), id(1, 2)], None));
    insta::assert_snapshot!(events(&page), @r"
    producer: send p.tx 1 -> ok
    producer: send p.tx 2 -> ok
    consumer: recv p.rx -> 0
    consumer: recv p.rx -> 2 from line 2
    consumer: recv p.rx -> 1 from line 1 WRONG
    ");
}

#[test]
fn a_doubled_message_has_two_arrows_from_one_send() {
    let (scene, _) = one_way(&[0, 1, 1], None);
    let page = page_of(&scene, &broken(vec![id(1, 1), id(1, 2)], None));
    insta::assert_snapshot!(events(&page), @r"
    producer: send p.tx 0 -> ok
    producer: send p.tx 1 -> ok
    consumer: recv p.rx -> 0 from line 1
    consumer: recv p.rx -> 1 from line 2
    consumer: recv p.rx -> 1 from line 2 WRONG
    ");
}

#[test]
fn a_lost_message_is_shown_with_the_next_one() {
    let (scene, _) = one_way(&[0, 1, 3, 4], Some(Outcome::End));
    let page = page_of(&scene, &broken(vec![id(0, 2)], None));
    insta::assert_snapshot!(events(&page), @r"
    producer: send p.tx 1 -> ok
    producer: send p.tx 2 -> ok WRONG
    producer: send p.tx 3 -> ok
    consumer: recv p.rx -> end
    ");
}

#[test]
fn the_span_is_that_of_the_step_that_shows_the_break() {
    let (scene, _) = one_way(&[0, 2, 1], None);
    let page = page_of(&scene, &broken(vec![id(0, 1), id(1, 1)], None));
    let step = scene.history.operation(id(1, 1)).step;
    let span = &scene.permutation.expected(step).span;
    assert_eq!(page.span, Some((span.start, span.end)));
}

#[test]
fn a_page_is_the_same_however_processes_overlapped() {
    let (mut scene, _) = one_way(&[0, 2, 1, 3, 4], None);
    let finding = broken(vec![id(1, 1), id(1, 2)], None);
    let one = events(&page_of(&scene, &finding));
    for operation in &mut scene.history.processes[1].operations {
        operation.start = 1;
        operation.returned = Some(1_000_000);
    }
    assert_eq!(events(&page_of(&scene, &finding)), one);
}

#[test]
fn a_long_witness_loses_its_middle() {
    let (scene, _) = one_way(&[0, 1, 2, 3, 4], None);
    let all = (0..2).flat_map(|process| (0..5).map(move |index| id(process, index)));
    let page = page_of(&scene, &broken(all.collect(), None));
    assert_eq!(page.events.len(), 8);
}

#[test]
fn a_wrong_exit_is_shown_by_the_last_operations_of_its_process() {
    let (mut scene, _) = one_way(&[0, 1, 2, 3, 4], Some(Outcome::End));
    let step = scene.step(1, Action::Exit { code: 3 });
    let ok = Some(Outcome::Ok);
    scene.record(1, step, OperationKind::Exit, (None, None), ok);
    let page = page_of(&scene, &broken(Vec::new(), Some(1)));
    insta::assert_snapshot!(events(&page), @r"
    consumer: recv p.rx -> 2
    consumer: recv p.rx -> 3
    consumer: recv p.rx -> 4
    consumer: recv p.rx -> end
    consumer: exit -> ok
    ");
    assert_eq!(page.span, None);
}

#[test]
fn an_operation_shows_its_time_limit() {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let only = scene.process("only");
    let source = Source::Items(vec![Value::Literal("too many".into())]);
    let never = Action::Put {
        end: q,
        source,
        wait: Wait::Never,
    };
    let step = scene.step(only, never);
    let what = (Some(q), Some(Item::from("too many")));
    scene.record(only, step, OperationKind::Put, what, Some(Outcome::Full));
    let timed = Action::Get {
        end: q,
        limit: Limit::Count(1),
        each: Vec::new(),
        into: None,
        buffer: None,
        wait: Wait::For(std::time::Duration::from_millis(200)),
    };
    let step = scene.step(only, timed);
    let timeout = Some(Outcome::Timeout);
    scene.record(only, step, OperationKind::Get, (Some(q), None), timeout);
    let page = page_of(&scene, &broken(vec![id(0, 0), id(0, 1)], None));
    insta::assert_snapshot!(events(&page), @r#"
    only: put q "too many" without waiting -> full
    only: get q for at most 200ms -> timeout WRONG
    "#);
}

#[test]
fn a_page_quotes_the_last_lines_of_standard_error() {
    let (mut scene, _) = one_way(&[1, 0], None);
    let lines: String = (0..9).map(|n| format!("line {n}\n")).collect();
    scene.history.processes[1].stderr = lines.into_bytes();
    let page = page_of(&scene, &broken(vec![id(1, 1)], None));
    let expected = "line 4\nline 5\nline 6\nline 7\nline 8".to_owned();
    assert_eq!(page.stderr, [("consumer".to_owned(), expected)]);
}

#[test]
fn a_put_inside_a_get_is_explained() {
    let mut scene = PermutationBuilder::new();
    let (tx, rx) = scene.pipe("p");
    let q = scene.queue("q");
    let relay = scene.process("relay");
    let source = Source::Items(vec![Value::Reference("item".into())]);
    let inner = scene.inner(put(q, source));
    let sent = inner.id;
    let step = scene.step(relay, get(rx, vec![inner]));
    scene.got(relay, step, rx, Item::from("a"));
    let what = (Some(q), Some(Item::from("a")));
    scene.record(relay, sent, OperationKind::Put, what, Some(Outcome::Ok));
    let _ = tx;
    let page = page_of(&scene, &broken(vec![id(0, 1)], None));
    insta::assert_snapshot!(events(&page), @r#"relay: put q "a" -> ok WRONG"#);
}

#[rstest]
#[case::a_refusal("no timed form", "the library said \"no timed form\": as it is")]
#[case::several_lines("no\n  form\n", "the library said \"no   form\": as it is")]
#[case::no_words("", "as it is")]
fn a_page_quotes_the_library_before_it_concludes(#[case] said: &str, #[case] actual: &str) {
    let (mut scene, _) = one_way(&[0], Some(Outcome::Refused));
    scene.history.processes[1].said = vec![LibraryText {
        operation: 1,
        text: said.to_owned(),
    }];
    let page = page_of(&scene, &broken(vec![id(1, 1)], None));
    assert_eq!(page.actual, actual);
    let page = page_of(&scene, &broken(vec![id(1, 0)], None));
    assert_eq!(page.actual, "as it is");
}
