use super::*;
use crate::backend::{Capabilities, End, Wait};
use crate::history::{Exit, OperationKind};
use crate::plan::{Action, Item, Limit, Source, Value};
use crate::test_support::scene::{Scene, get, ints, put};

fn id(process: usize, index: usize) -> OperationId {
    OperationId { process, index }
}

fn broken(operations: Vec<OperationId>, process: Option<usize>) -> Finding {
    Finding {
        clause: "pipe.order.single-writer".into(),
        invariant: "order".to_owned(),
        state: State::Broken(Witness {
            operations,
            process,
            expected: "as it should be".to_owned(),
            actual: "as it is".to_owned(),
        }),
    }
}

fn explained(scene: &Scene, finding: &Finding) -> FailurePage {
    let capabilities = Capabilities::new();
    let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
    Explainer::new(&evidence).page(finding).unwrap()
}

/// What a reader sees of the events: process, text, outcome, whether wrong, and from which line.
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
fn one_way(received: &[i64], last: Option<Outcome>) -> (Scene, End) {
    let mut scene = Scene::new();
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
    let page = explained(&scene, &broken(vec![id(1, 1), id(1, 2)], None));
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
    let page = explained(&scene, &broken(vec![id(1, 1), id(1, 2)], None));
    insta::assert_snapshot!(events(&page), @r"
    producer: send p.tx 0 -> ok
    producer: send p.tx 1 -> ok
    consumer: recv p.rx -> 0 from line 1
    consumer: recv p.rx -> 1 from line 2
    consumer: recv p.rx -> 1 from line 2 WRONG
    ");
}

#[test]
fn a_lost_message_is_shown_with_what_came_instead() {
    let (scene, _) = one_way(&[0, 1, 3, 4], Some(Outcome::End));
    let page = explained(&scene, &broken(vec![id(0, 2)], None));
    insta::assert_snapshot!(events(&page), @r"
    producer: send p.tx 1 -> ok
    producer: send p.tx 2 -> ok WRONG
    producer: send p.tx 3 -> ok
    consumer: recv p.rx -> end
    ");
}

#[test]
fn the_place_is_that_of_the_step_where_the_break_shows() {
    let (scene, _) = one_way(&[0, 2, 1], None);
    let page = explained(&scene, &broken(vec![id(0, 1), id(1, 1)], None));
    let step = scene.history.operation(id(1, 1)).step;
    let span = &scene.permutation.expected(step).span;
    assert_eq!(page.span, Some((span.start, span.end)));
}

#[test]
fn a_page_looks_the_same_however_the_processes_overlapped() {
    let (mut scene, _) = one_way(&[0, 2, 1, 3, 4], None);
    let finding = broken(vec![id(1, 1), id(1, 2)], None);
    let one = events(&explained(&scene, &finding));
    for operation in &mut scene.history.processes[1].operations {
        operation.start = 1;
        operation.returned = Some(1_000_000);
    }
    assert_eq!(events(&explained(&scene, &finding)), one);
}

#[test]
fn a_long_witness_is_cut_in_its_middle() {
    let (scene, _) = one_way(&[0, 1, 2, 3, 4], None);
    let all = (0..2).flat_map(|process| (0..5).map(move |index| id(process, index)));
    let page = explained(&scene, &broken(all.collect(), None));
    assert_eq!(page.events.len(), 8);
}

#[test]
fn a_wrong_exit_is_shown_by_the_last_that_the_process_did() {
    let (mut scene, _) = one_way(&[0, 1, 2, 3, 4], Some(Outcome::End));
    let step = scene.step(1, Action::Exit { code: 3 });
    let ok = Some(Outcome::Ok);
    scene.record(1, step, OperationKind::Exit, (None, None), ok);
    let page = explained(&scene, &broken(Vec::new(), Some(1)));
    insta::assert_snapshot!(events(&page), @r"
    consumer: recv p.rx -> 2
    consumer: recv p.rx -> 3
    consumer: recv p.rx -> 4
    consumer: recv p.rx -> end
    consumer: exit -> ok
    ");
    assert_eq!(page.span, None);
}

/// How a break looks, in the words of divergences.
fn how(scene: &Scene, finding: &Finding) -> Vec<String> {
    let capabilities = Capabilities::new();
    let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
    let breaks = Explainer::new(&evidence).how(finding);
    breaks.iter().map(|broke| broke.to_string()).collect()
}

#[test]
fn a_break_looks_like_the_operation_that_shows_it() {
    let (mut scene, _) = one_way(&[0, 1], Some(Outcome::Error));
    scene.history.processes[1].operations[2].raw = Some(RawError {
        kind: Some("ConnectionReset".into()),
        code: Some(104),
    });
    let finding = broken(vec![id(0, 4), id(1, 2)], None);
    assert_eq!(
        how(&scene, &finding),
        ["recv p.rx -> error ConnectionReset (104)"]
    );
}

#[test]
fn a_hang_looks_like_all_who_wait_for_a_channel() {
    let (mut scene, rx) = one_way(&[0, 1], None);
    let step = scene.history.operation(id(1, 0)).step;
    scene.record(1, step, OperationKind::Get, (Some(rx), None), None);
    let sender = &mut scene.history.processes[0].operations[4];
    (sender.returned, sender.outcome) = (None, None);
    let finding = broken(vec![id(0, 4), id(1, 2)], None);
    assert_eq!(
        how(&scene, &finding),
        ["send p.tx -> pending", "recv p.rx -> pending"]
    );
}

#[test]
fn a_break_that_is_no_operations_looks_like_an_exit() {
    let (mut scene, _) = one_way(&[0, 1], None);
    scene.history.processes[1].exit = Some(Exit::Signal(11));
    assert_eq!(
        how(&scene, &broken(Vec::new(), Some(1))),
        ["exit consumer -> error signal (11)"]
    );
    assert_eq!(how(&scene, &broken(Vec::new(), None)), ["run -> ok"]);
}

#[test]
fn an_operation_says_how_long_it_would_wait() {
    let mut scene = Scene::new();
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
        wait: Wait::For(std::time::Duration::from_millis(200)),
    };
    let step = scene.step(only, timed);
    let timeout = Some(Outcome::Timeout);
    scene.record(only, step, OperationKind::Get, (Some(q), None), timeout);
    let page = explained(&scene, &broken(vec![id(0, 0), id(0, 1)], None));
    insta::assert_snapshot!(events(&page), @r#"
    only: put q "too many" without waiting -> full
    only: get q for at most 200ms -> timeout WRONG
    "#);
}

#[test]
fn only_the_last_lines_of_standard_error_are_quoted() {
    let (mut scene, _) = one_way(&[1, 0], None);
    let lines: String = (0..9).map(|n| format!("line {n}\n")).collect();
    scene.history.processes[1].stderr = lines.into_bytes();
    let page = explained(&scene, &broken(vec![id(1, 1)], None));
    let expected = "line 4\nline 5\nline 6\nline 7\nline 8".to_owned();
    assert_eq!(page.stderr, [("consumer".to_owned(), expected)]);
}

#[test]
fn what_is_upheld_has_no_page() {
    let (scene, _) = one_way(&[], None);
    let capabilities = Capabilities::new();
    let evidence = Evidence::new(&scene.permutation, &scene.history, &capabilities);
    let mut finding = broken(Vec::new(), None);
    finding.state = State::Upheld { evidence: 1 };
    assert_eq!(Explainer::new(&evidence).page(&finding), None);
}

#[test]
fn a_put_inside_a_get_is_explained_too() {
    let mut scene = Scene::new();
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
    let page = explained(&scene, &broken(vec![id(0, 1)], None));
    insta::assert_snapshot!(events(&page), @r#"relay: put q "a" -> ok WRONG"#);
}
