//! A page of Markdown: its fenced blocks, its links, and the comments that say how each block is
//! checked.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the root of the repository. Paths of pages are relative to it.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder of the book's pages.
pub(crate) const BOOK: &str = "harness/book/src";

/// One page.
pub(crate) struct Page {
    /// Its path below the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// One fenced block of a page.
pub(crate) struct Block<'a> {
    /// The number of its opening line, from 1.
    pub(crate) line: usize,
    pub(crate) language: &'a str,
    /// The rest of the opening line: `exit=1`, `file=mine.jsonl`.
    options: &'a str,
    /// The text of the comment directly above it, if there is one.
    pub(crate) comment: Option<&'a str>,
    /// Its lines, each with its line break.
    pub(crate) text: &'a str,
}

impl<'a> Block<'a> {
    /// Returns the value of `name=value` in the opening line.
    pub(crate) fn option(&self, name: &str) -> Option<&'a str> {
        let words = self.options.split_whitespace();
        words
            .filter_map(|word| word.split_once('='))
            .find_map(|(key, value)| (key == name).then_some(value))
    }

    /// Returns the text after `start` in the comment above the block.
    pub(crate) fn says(&self, start: &str) -> Option<&'a str> {
        self.comment?.strip_prefix(start)
    }

    /// The path of the file that mdBook puts in place of the block's only line.
    pub(crate) fn included(&self) -> Option<&'a str> {
        let path = self.text.strip_prefix("{{#include ")?;
        path.strip_suffix("}}\n")
    }
}

impl Page {
    pub(crate) fn read(path: &str) -> Page {
        let text = fs::read_to_string(root().join(path))
            .unwrap_or_else(|error| panic!("{path} can't be read: {error}"));
        Page {
            path: path.to_owned(),
            text,
        }
    }

    /// Returns its blocks, in order.
    pub(crate) fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<(Block<'_>, usize)> = None;
        let (mut at, mut above) = (0, "");
        for (number, line) in self.text.split_inclusive('\n').enumerate() {
            let fence = line.trim_end().strip_prefix("```");
            match (open.take(), fence) {
                (Some((mut block, begin)), Some("")) => {
                    block.text = &self.text[begin..at];
                    blocks.push(block);
                }
                (None, Some(info)) => {
                    let (language, options) = info.split_once(' ').unwrap_or((info, ""));
                    let comment = above.trim_end().strip_prefix("<!-- ");
                    let block = Block {
                        line: number + 1,
                        language,
                        options,
                        comment: comment.and_then(|text| text.strip_suffix(" -->")),
                        text: "",
                    };
                    open = Some((block, at + line.len()));
                }
                (inside, _) => open = inside,
            }
            at += line.len();
            above = line;
        }
        assert!(open.is_none(), "{}: a block has no end", self.path);
        blocks
    }

    /// Returns its lines outside of blocks, with their numbers from 1.
    pub(crate) fn prose(&self) -> Vec<(usize, &str)> {
        let mut is_inside = false;
        let mut lines = Vec::new();
        for (number, line) in self.text.lines().enumerate() {
            if line.starts_with("```") {
                is_inside = !is_inside;
            } else if !is_inside {
                lines.push((number + 1, line));
            }
        }
        lines
    }

    /// Returns the targets of its links, with their lines.
    pub(crate) fn links(&self) -> Vec<(usize, &str)> {
        let lines = self.prose().into_iter();
        lines
            .flat_map(|(number, line)| {
                let targets = line.split("](").skip(1);
                targets.filter_map(move |rest| Some((number, rest.split_once(')')?.0)))
            })
            .collect()
    }

    /// Returns its inline code, with the lines.
    pub(crate) fn spans(&self) -> Vec<(usize, &str)> {
        let lines = self.prose().into_iter();
        lines
            .flat_map(|(number, line)| {
                let odd = line.split('`').skip(1).step_by(2);
                odd.map(move |span| (number, span))
            })
            .collect()
    }

    /// Returns whether it has a heading with this name, written as in a link.
    pub(crate) fn has_heading(&self, name: &str) -> bool {
        let lines = self.prose();
        lines
            .iter()
            .filter(|(_, line)| line.starts_with('#'))
            .any(|(_, line)| anchor(line.trim_start_matches('#')) == name)
    }

    /// Returns the file that a relative link on this page points to.
    pub(crate) fn resolve(&self, link: &str) -> PathBuf {
        let folder = Path::new(&self.path).parent().unwrap_or(Path::new(""));
        root().join(folder).join(link)
    }
}

/// Returns a heading as links name it.
fn anchor(heading: &str) -> String {
    let words = heading.trim().to_lowercase();
    let kept = words.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        letter if letter.is_alphanumeric() || "-_".contains(letter) => Some(letter),
        _ => None,
    });
    kept.collect()
}

#[test]
fn blocks_links_and_code_of_a_page_are_found() {
    let text = "# A page\n\nSee [it](b.md#c-d) and `--e`.\n<!-- f -->\n```g h=i\n`j` [k](l)\n```\n";
    let page = Page {
        path: "README.md".to_owned(),
        text: text.to_owned(),
    };
    assert!(page.has_heading("a-page"));
    assert_eq!(page.links(), [(3, "b.md#c-d")]);
    assert_eq!(page.spans(), [(3, "--e")]);
    let blocks = page.blocks();
    let [block] = &blocks[..] else {
        panic!("one block");
    };
    assert_eq!((block.line, block.language), (5, "g"));
    assert_eq!((block.option("h"), block.comment), (Some("i"), Some("f")));
    assert_eq!(block.text, "`j` [k](l)\n");
}

/// Returns the pages of the book without `SUMMARY.md`, in no particular order.
pub(crate) fn book() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec![BOOK.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(root().join(&folder)).expect("the book has this folder");
        for entry in entries {
            let entry = entry.expect("the entries can be read");
            let name = entry.file_name();
            let path = format!("{folder}/{}", name.to_str().expect("the names are UTF-8"));
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") && name != "SUMMARY.md" {
                pages.push(path);
            }
        }
    }
    pages
}
