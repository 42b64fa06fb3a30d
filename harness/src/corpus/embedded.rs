//! The corpus of this package as it was built, for programs that run where its sources aren't.

// `FILES`: the paths of all cases, goldens and divergences with `/` between their parts, and their texts,
// sorted by path.
include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// Returns the text of the file with this path, such as `cases/clauses.toml`.
pub(super) fn text(path: &str) -> Option<&'static str> {
    let place = FILES.binary_search_by_key(&path, |(path, _)| path).ok()?;
    Some(FILES[place].1)
}

/// Returns the files below this folder, sorted by path.
pub(super) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_below = move |path: &str| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    FILES
        .iter()
        .copied()
        .filter(move |(path, _)| is_below(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_path() {
        assert!(text("cases/clauses.toml").unwrap().contains("[[clause]]"));
        assert!(text("golden/seed/queue.snap").is_some());
        assert_eq!(text("cases"), None);
        assert_eq!(text("cases/no-such.toml"), None);
    }

    #[test]
    fn a_folder_contains_only_files_below_it() {
        let mut cases = below("cases").map(|(path, _)| path);
        assert!(cases.all(|path| path.starts_with("cases/")));
        assert!(below("golden/divergences").count() > 0);
        assert_eq!(below("case").count(), 0);
    }
}
