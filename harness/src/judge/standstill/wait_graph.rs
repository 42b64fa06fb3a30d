//! Which operations can still return if many wait for one another, as a graph of numbered nodes.
//!
//! A node goes on if any, or if all, of the nodes that it depends on go on. The others wait in
//! circles, or for a node that never goes on.

use std::collections::VecDeque;

/// What a node depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dependency {
    /// Nothing known: it may go on.
    Nothing,
    /// Any of these nodes. An empty list means that it never goes on.
    Any(Vec<usize>),
    /// All of these nodes.
    All(Vec<usize>),
    /// It never goes on.
    Never,
}

impl Dependency {
    fn others(&self) -> &[usize] {
        match self {
            Dependency::Any(others) | Dependency::All(others) => others,
            Dependency::Nothing | Dependency::Never => &[],
        }
    }
}

/// Returns which nodes never go on.
pub(crate) fn stuck(nodes: &[Dependency]) -> Vec<bool> {
    let mut goes_on = vec![false; nodes.len()];
    loop {
        let before = goes_on.clone();
        for (node, dependency) in nodes.iter().enumerate() {
            goes_on[node] |= match dependency {
                Dependency::Nothing => true,
                Dependency::Any(others) => others.iter().any(|other| goes_on[*other]),
                Dependency::All(others) => others.iter().all(|other| goes_on[*other]),
                Dependency::Never => false,
            };
        }
        if before == goes_on {
            return goes_on.into_iter().map(|goes| !goes).collect();
        }
    }
}

/// Returns circles of stuck nodes, each from its smallest node, and no node in two of them.
pub(crate) fn circles(nodes: &[Dependency], stuck: &[bool]) -> Vec<Vec<usize>> {
    let mut circles: Vec<Vec<usize>> = Vec::new();
    for start in (0..nodes.len()).filter(|node| stuck[*node]) {
        if circles.iter().flatten().any(|node| *node == start) {
            continue;
        }
        let is_free =
            |node: &usize| stuck[*node] && !circles.iter().flatten().any(|taken| taken == node);
        if let Some(circle) = shortest(nodes, start, is_free) {
            circles.push(circle);
        }
    }
    circles
}

/// The shortest path from a node back to itself.
fn shortest(
    nodes: &[Dependency],
    start: usize,
    is_free: impl Fn(&usize) -> bool,
) -> Option<Vec<usize>> {
    let mut came_from: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        for next in nodes[node].others().iter().filter(|next| is_free(next)) {
            if *next == start {
                let mut path: Vec<usize> =
                    std::iter::successors(Some(node), |node| came_from[*node]).collect();
                path.reverse();
                return Some(path);
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
    use super::Dependency::{All, Any, Never, Nothing};
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
    #[case::a_node_that_waits_for_a_circle_is_not_in_it(
        vec![Any(vec![1]), Any(vec![2]), Any(vec![1])], &[0, 1, 2], vec![vec![1, 2]]
    )]
    #[case::a_node_outside_frees_a_circle(
        vec![Any(vec![1]), Any(vec![0, 2]), Nothing], &[], vec![]
    )]
    #[case::all_are_needed(
        vec![All(vec![1, 2]), Any(vec![0]), Nothing], &[0, 1], vec![vec![0, 1]]
    )]
    #[case::a_dead_end(vec![Any(vec![1]), Never], &[0, 1], vec![])]
    #[case::without_nodes(vec![Any(vec![]), All(vec![])], &[0], vec![])]
    fn finds_circles(
        #[case] nodes: Vec<Dependency>,
        #[case] expected_stuck: &[usize],
        #[case] expected: Vec<Vec<usize>>,
    ) {
        let stuck = stuck(&nodes);
        let found: Vec<usize> = (0..nodes.len()).filter(|node| stuck[*node]).collect();
        assert_eq!(found, expected_stuck);
        assert_eq!(circles(&nodes, &stuck), expected);
    }
}
