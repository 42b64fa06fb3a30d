//! The dependencies between rooms and between files.

use std::collections::BTreeMap;

use super::rules::Breach;
use super::source::Tree;

/// The place of a name: a file and a line.
type Place<'a> = (&'a str, usize);

/// For each room or file, the rooms or files that it names, each with the first place.
pub(crate) struct Graph<'a> {
    edges: BTreeMap<&'a str, BTreeMap<&'a str, Place<'a>>>,
}

impl<'a> Graph<'a> {
    /// Returns the graph of the rooms, which are the modules directly below the root.
    pub(crate) fn of_rooms(tree: &'a Tree) -> Graph<'a> {
        let tops = tree.top_modules();
        let arrows = tree.files.iter().flat_map(|file| {
            let from = file.top.as_deref();
            let names = file.names.iter().filter_map(|name| match &name.path[..] {
                [root, to, ..] if root == "crate" => Some((tops.get(to.as_str())?, name.line)),
                _ => None,
            });
            let named: Vec<_> = names.collect();
            named
                .into_iter()
                .filter_map(move |(to, line)| Some((from?, *to, (file.path.as_str(), line))))
        });
        Graph::of(arrows)
    }

    /// Returns the graph of the files. A name that a module only re-exports counts as a use of the
    /// file that defines it.
    pub(crate) fn of_files(tree: &'a Tree) -> Graph<'a> {
        let arrows = tree.files.iter().flat_map(|file| {
            let names = file.names.iter().filter(|name| !name.is_reexport);
            names.filter_map(|name| {
                let to = name.file.as_deref()?;
                Some((file.path.as_str(), to, (file.path.as_str(), name.line)))
            })
        });
        Graph::of(arrows)
    }

    fn of(arrows: impl Iterator<Item = (&'a str, &'a str, Place<'a>)>) -> Graph<'a> {
        let mut edges: BTreeMap<&str, BTreeMap<&str, Place<'_>>> = BTreeMap::new();
        for (from, to, place) in arrows.filter(|(from, to, _)| from != to) {
            edges.entry(from).or_default().entry(to).or_insert(place);
        }
        Graph { edges }
    }

    /// Returns every dependency on a room that comes later in `order`.
    pub(crate) fn arrows_up(&self, order: &[&str]) -> Vec<Breach> {
        let position = |room: &str| order.iter().position(|one| *one == room);
        let arrows = self.edges.iter().flat_map(|(from, named)| {
            let arrow = move |(to, place): (&&'a str, &Place<'a>)| (*from, *to, *place);
            named.iter().map(arrow)
        });
        arrows
            .filter(|(from, to, _)| position(from) < position(to))
            .map(|(from, to, (file, line))| Breach {
                file: file.to_owned(),
                line,
                what: format!("`{from}` names `{to}`, which comes later in the flow"),
                advice: "move the shared code to the earlier room, or reverse the dependency",
            })
            .collect()
    }

    /// Returns a circle as the rooms or files on it; none if there is none.
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

    /// Returns a circle as text: the path, then the place of each dependency.
    pub(crate) fn describe(&self, circle: &[&str]) -> String {
        let around = circle.iter().zip(circle.iter().cycle().skip(1));
        let places: Vec<String> = around
            .map(|(from, to)| {
                let (file, line) = self.edges[from][to];
                format!("  harness/src/{file}:{line}: `{from}` names `{to}`")
            })
            .collect();
        format!(
            "{} -> {}\n{}\nmove the shared code below them, or reverse one of these",
            circle.join(" -> "),
            circle[0],
            places.join("\n")
        )
    }
}
