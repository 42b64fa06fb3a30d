use super::*;
use crate::plan::{Injection, InjectionPoint, Moment};

/// A producer that is killed at its second put, and a consumer of its items.
fn killed(moment: Moment, got: &[i64]) -> PermutationBuilder {
    let mut scene = PermutationBuilder::new();
    let q = scene.queue("q");
    let producer = scene.process("producer");
    let consumer = scene.process("consumer");
    scene.puts(producer, q, ints(0..1));
    scene.step(
        producer,
        put(q, Source::Items(vec![Value::Literal(1.into())])),
    );
    let step = scene.gets(consumer, q, ints(got.iter().copied()), None);
    scene.step(consumer, Action::Print { text: Vec::new() });
    scene.permutation.expected[step as usize].outcomes = Outcome::ALL.to_vec();
    scene.permutation.plan.fault = Some(InjectionPoint {
        process: producer,
        operation: 1,
        moment,
        fault: Injection::Kill,
    });
    scene.permutation.exits[producer] = match moment {
        Moment::Inside => ExpectedExit::Any,
        _ => ExpectedExit::Killed,
    };
    scene.history.processes[producer].exit = Some(Exit::Killed);
    scene
}

#[test]
fn the_victims_steps_are_certain_and_a_prefix_of_its_items_arrives() {
    let all = text(&killed(Moment::Before, &[0]));
    assert_eq!(all, text(&killed(Moment::Before, &[])));
    insta::assert_snapshot!(all, @r"
    producer
      put  q  0
      killed
    consumer
      get  q  a prefix
      | …
    ");
}

#[test]
fn an_operation_that_a_kill_interrupts_may_also_complete() {
    let stuck = killed(Moment::Inside, &[0]);
    let mut went_on = killed(Moment::Inside, &[0, 1]);
    let q = went_on.permutation.plan.processes[0].ends[0].end;
    let what = (Some(q), Some(1.into()));
    went_on.record(0, 1, OperationKind::Put, what, Some(Outcome::Ok));
    went_on.history.processes[0].exit = Some(Exit::Code(0));
    assert_eq!(text(&stuck), text(&went_on));
    insta::assert_snapshot!(text(&stuck), @r"
    producer
      put  q  0
      put  q  …
    consumer
      get  q  a prefix
      | …
    ");
}

#[test]
fn outcomes_that_the_case_gives_are_shown() {
    let mut scene = killed(Moment::After, &[0]);
    let expected = &mut scene.permutation.expected[2];
    expected.outcomes = vec![Outcome::End];
    expected.explicit = true;
    let q = scene.permutation.plan.processes[1].ends[0].end;
    scene.record(
        1,
        2,
        OperationKind::Get,
        (Some(q), None),
        Some(Outcome::End),
    );
    insta::assert_snapshot!(text(&scene), @r"
    producer
      put  q  0
      killed
    consumer
      get  q  a prefix -> end
      | …
    ");
}

#[test]
fn a_pause_leaves_every_step_certain() {
    let mut scene = killed(Moment::Before, &[0]);
    scene
        .permutation
        .plan
        .fault
        .as_mut()
        .expect("it is there")
        .fault = Injection::Pause;
    scene.permutation.exits[0] = ExpectedExit::Code(0);
    scene.history.processes[0].exit = Some(Exit::Code(0));
    insta::assert_snapshot!(text(&scene), @r"
    producer
      put  q  0
    consumer
      get  q  0
    ");
}
