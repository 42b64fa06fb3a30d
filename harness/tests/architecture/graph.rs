//! Which top-level module names which, and whether that goes in circles.

use std::collections::BTreeMap;

use crate::source::Tree;

/// For each module the modules that it names, each with the first place where.
pub(crate) struct Graph<'a> {
    edges: BTreeMap<&'a str, BTreeMap<&'a str, String>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn of(tree: &'a Tree) -> Graph<'a> {
        let tops = tree.top_modules();
        let mut edges: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for file in &tree.files {
            let Some(from) = file.top.as_deref() else {
                continue;
            };
            for name in &file.names {
                let [root, to, ..] = name.path.as_slice() else {
                    continue;
                };
                if root == "crate" && to != from && tops.contains(to.as_str()) {
                    let place = format!("harness/src/{}:{}", file.path, name.line);
                    edges.entry(from).or_default().entry(to).or_insert(place);
                }
            }
        }
        Graph { edges }
    }

    /// A circle, as the modules on it; none if there is none.
    pub(crate) fn circle(&self) -> Option<Vec<&'a str>> {
        let mut done = Vec::new();
        self.edges
            .keys()
            .find_map(|start| self.circle_from(start, &mut Vec::new(), &mut done))
    }

    fn circle_from(
        &self,
        module: &'a str,
        path: &mut Vec<&'a str>,
        done: &mut Vec<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(at) = path.iter().position(|before| *before == module) {
            return Some(path[at..].to_vec());
        }
        if done.contains(&module) {
            return None;
        }
        path.push(module);
        let circle = self
            .edges
            .get(module)
            .into_iter()
            .flat_map(BTreeMap::keys)
            .find_map(|next| self.circle_from(next, path, done));
        path.pop();
        done.push(module);
        circle
    }

    /// A circle for people: the path, then where each module names the next.
    pub(crate) fn describe(&self, circle: &[&str]) -> String {
        let around = circle.iter().zip(circle.iter().cycle().skip(1));
        let places: Vec<String> = around
            .map(|(from, to)| format!("  {}: `{from}` names `{to}`", self.edges[from][to]))
            .collect();
        format!(
            "{} -> {}\n{}\nmove what both need below them, or turn one of these around",
            circle.join(" -> "),
            circle[0],
            places.join("\n")
        )
    }
}
