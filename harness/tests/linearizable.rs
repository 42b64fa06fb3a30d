//! On small histories, the judge of queues agrees with trying all orders.

mod brute;
mod large;
mod small;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use fastrand::Rng;
use ipc_conformance::internals::OnlineJudge;
use ipc_conformance::linearizable::{
    Claims, History, Kind, Order, Outcome, Pattern, Verdict, judge,
};

#[test]
fn the_judge_agrees_with_brute_force_on_100_000_small_histories() {
    let seen = agree(1, 100_000);
    let patterns = Pattern::ALL
        .into_iter()
        .filter(|pattern| !pattern.is_inconclusive());
    let patterns: Vec<&str> = patterns.map(Pattern::word).collect();
    for pattern in &patterns {
        assert!(seen[pattern][1] > 10, "{pattern}: {:?}", seen[pattern]);
    }
    for (kind, [accepted, rejected]) in seen {
        let both = accepted > 1_000 && rejected > 1_000;
        let is_kind = !patterns.contains(&kind);
        assert!(
            !is_kind || both,
            "{kind}: {accepted} accepted, {rejected} rejected"
        );
    }
}

/// `cargo test --release --test harness linearizable -- --ignored --nocapture` prints the counts of
/// each kind.
#[test]
#[ignore = "takes minutes"]
#[expect(clippy::print_stdout, reason = "a long test prints its counts")]
fn the_judge_agrees_with_brute_force_on_10_million_small_histories() {
    let seen = agree(2, 10_000_000);
    let mut table = String::new();
    for (kind, [accepted, rejected]) in seen {
        writeln!(
            table,
            "{kind:<24}{accepted:>12} accepted{rejected:>12} rejected"
        )
        .unwrap();
    }
    println!("{table}");
}

/// For each kind of history, the number of accepted and of rejected ones.
type Seen = BTreeMap<&'static str, [u64; 2]>;

fn agree(seed: u64, histories: u32) -> Seen {
    let mut rng = Rng::with_seed(seed);
    let mut seen = Seen::new();
    for _ in 0..histories {
        let claims = small::claims(&mut rng);
        let history = small::history(&mut rng, &claims);
        let possible = brute::could_be(&history, &claims);
        let judgement = judge(&history, &claims);
        let verdict = if possible {
            Verdict::Pass
        } else {
            Verdict::Fail
        };
        assert_eq!(
            judgement.verdict, verdict,
            "{claims:#?}\n{history:#?}\n{:#?}",
            judgement.violations
        );
        let patterns = judgement
            .violations
            .iter()
            .map(|violation| violation.pattern);
        let mut kinds = kinds(&history, &claims);
        if let Some(verdict_as_it_comes) = as_it_comes(&history, &claims) {
            assert_eq!(verdict_as_it_comes, verdict, "{claims:#?}\n{history:#?}");
            kinds.push("judged online");
        }
        kinds.extend(patterns.map(Pattern::word).collect::<BTreeSet<_>>());
        for kind in kinds {
            seen.entry(kind).or_default()[usize::from(!possible)] += 1;
        }
    }
    seen
}

/// Returns the verdict of the online judge; none if it can't judge such a history.
fn as_it_comes(history: &History, claims: &Claims) -> Option<Verdict> {
    let mut operations = history.operations.clone();
    operations.sort_by_key(|operation| operation.start);
    let mut watch = OnlineJudge::of(claims)?;
    for (number, operation) in (0..).zip(operations) {
        watch.see(number, operation).ok()?;
    }
    Some(watch.finish().judgement.verdict)
}

fn kinds(history: &History, claims: &Claims) -> Vec<&'static str> {
    let has = |kind: Kind, outcome: Outcome| {
        let mut operations = history.operations.iter();
        operations.any(|operation| operation.kind == kind && operation.outcome == outcome)
    };
    let indefinite = Outcome::Error { definite: false };
    let definite = Outcome::Error { definite: true };
    let mut stamps: Vec<u64> = history
        .operations
        .iter()
        .flat_map(|o| [o.start, o.end])
        .collect();
    stamps.sort_unstable();
    let kinds = [
        ("all", true),
        ("one queue", claims.order == Order::Fifo),
        ("per producer", claims.order == Order::PerProducer),
        ("unordered", claims.order == Order::Unordered),
        ("without capacity", claims.capacity.is_none()),
        ("capacity 1", claims.capacity == Some(1)),
        ("capacity 2", claims.capacity == Some(2)),
        ("capacity 3", claims.capacity == Some(3)),
        ("get returned empty", has(Kind::Get, Outcome::Empty)),
        ("get timed out", has(Kind::Get, Outcome::Timeout)),
        ("get returned the end", has(Kind::Get, Outcome::End)),
        ("killed consumer", has(Kind::Get, Outcome::Pending)),
        ("get failed, effect unknown", has(Kind::Get, indefinite)),
        ("get failed", has(Kind::Get, definite)),
        ("put returned full", has(Kind::Put, Outcome::Full)),
        ("put timed out", has(Kind::Put, Outcome::Timeout)),
        ("killed producer", has(Kind::Put, Outcome::Pending)),
        ("put failed, effect unknown", has(Kind::Put, indefinite)),
        ("put failed", has(Kind::Put, definite)),
        ("close", has(Kind::Close, Outcome::Ok)),
        (
            "equal stamps",
            stamps.windows(2).any(|pair| pair[0] == pair[1]),
        ),
    ];
    kinds
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(kind, _)| kind)
        .collect()
}
