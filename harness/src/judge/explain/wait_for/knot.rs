//! Who can still go on where many wait for one another.
//!
//! Pure graphs: nodes are numbers. A node goes on if anything does that could let it, or only if all
//! do that it waits for; those that can't ever go on wait in circles, or for what is no more.

use std::collections::VecDeque;

/// What lets a node go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing is in its way, or nobody knows what is.
    Nothing,
    /// Any of these that goes on; with none there is no hope.
    Any(Vec<usize>),
    /// All of these.
    All(Vec<usize>),
    /// It never goes on.
    Never,
}

impl Needs {
    fn others(&self) -> &[usize] {
        match self {
            Needs::Any(others) | Needs::All(others) => others,
            Needs::Nothing | Needs::Never => &[],
        }
    }
}

/// Which nodes never go on, whatever those do that may.
pub(super) fn hopeless(nodes: &[Needs]) -> Vec<bool> {
    let mut goes_on = vec![false; nodes.len()];
    loop {
        let before = goes_on.clone();
        for (node, needs) in nodes.iter().enumerate() {
            goes_on[node] |= match needs {
                Needs::Nothing => true,
                Needs::Any(others) => others.iter().any(|other| goes_on[*other]),
                Needs::All(others) => others.iter().all(|other| goes_on[*other]),
                Needs::Never => false,
            };
        }
        if before == goes_on {
            return goes_on.into_iter().map(|goes| !goes).collect();
        }
    }
}

/// Circles of nodes that never go on, each from its smallest node, and no node in two of them.
pub(super) fn circles(nodes: &[Needs], hopeless: &[bool]) -> Vec<Vec<usize>> {
    let mut circles: Vec<Vec<usize>> = Vec::new();
    for start in (0..nodes.len()).filter(|node| hopeless[*node]) {
        if circles.iter().flatten().any(|node| *node == start) {
            continue;
        }
        let is_free =
            |node: &usize| hopeless[*node] && !circles.iter().flatten().any(|taken| taken == node);
        if let Some(circle) = shortest(nodes, start, is_free) {
            circles.push(circle);
        }
    }
    circles
}

/// The shortest way from a node back to itself.
fn shortest(nodes: &[Needs], start: usize, is_free: impl Fn(&usize) -> bool) -> Option<Vec<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        for next in nodes[node].others().iter().filter(|next| is_free(next)) {
            if *next == start {
                let mut way: Vec<usize> =
                    std::iter::successors(Some(node), |node| came_from[*node]).collect();
                way.reverse();
                return Some(way);
            }
            if came_from[*next].is_none() {
                came_from[*next] = Some(node);
                waiting.push_back(*next);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Needs::{All, Any, Never, Nothing};
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::of_two(vec![Any(vec![1]), Any(vec![0])], &[0, 1], vec![vec![0, 1]])]
    #[case::of_three(
        vec![All(vec![1]), All(vec![2]), All(vec![0])], &[0, 1, 2], vec![vec![0, 1, 2]]
    )]
    #[case::of_itself(vec![Any(vec![0])], &[0], vec![vec![0]])]
    #[case::two_circles(
        vec![Any(vec![1]), Any(vec![0]), Any(vec![3]), Any(vec![2])],
        &[0, 1, 2, 3],
        vec![vec![0, 1], vec![2, 3]]
    )]
    #[case::who_waits_for_a_circle_is_not_of_it(
        vec![Any(vec![1]), Any(vec![2]), Any(vec![1])], &[0, 1, 2], vec![vec![1, 2]]
    )]
    #[case::one_outside_lets_a_circle_go(
        vec![Any(vec![1]), Any(vec![0, 2]), Nothing], &[], vec![]
    )]
    #[case::all_are_needed(
        vec![All(vec![1, 2]), Any(vec![0]), Nothing], &[0, 1], vec![vec![0, 1]]
    )]
    #[case::a_dead_end(vec![Any(vec![1]), Never], &[0, 1], vec![])]
    #[case::nobody_at_all(vec![Any(vec![]), All(vec![])], &[0], vec![])]
    fn finds_circles(
        #[case] nodes: Vec<Needs>,
        #[case] never_go_on: &[usize],
        #[case] expected: Vec<Vec<usize>>,
    ) {
        let hopeless = hopeless(&nodes);
        let found: Vec<usize> = (0..nodes.len()).filter(|node| hopeless[*node]).collect();
        assert_eq!(found, never_go_on);
        assert_eq!(circles(&nodes, &hopeless), expected);
    }
}
