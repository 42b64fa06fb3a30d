//! Scans one file by itself.
//!
//! Reads tokens instead of syntax, so that code inside macros counts too. Code that is compiled only
//! for tests is ignored.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::{ItemUse, Meta, Token, UseTree, punctuated::Punctuated};

/// The result for one file.
#[derive(Default)]
pub(crate) struct Scan {
    /// Paths of two and more segments, as written.
    pub(crate) mentions: Vec<Mention>,
    /// The names that `use` introduces.
    pub(crate) bindings: Vec<Binding>,
    /// The modules declared here, with their full paths.
    pub(crate) modules: Vec<Vec<String>>,
    /// Those of them that are compiled only for tests.
    pub(crate) test_modules: Vec<Vec<String>>,
    /// The places with `unsafe`.
    pub(crate) unsafe_at: Vec<usize>,
    /// The macros that it calls, with their places.
    pub(crate) macros: Vec<(String, usize)>,
    /// The line where the tests at its end begin.
    pub(crate) tests_at: Option<usize>,
}

/// A path as written.
#[derive(Clone)]
pub(crate) struct Mention {
    /// The module that contains it.
    pub(crate) module: Vec<String>,
    pub(crate) segments: Vec<String>,
    /// Whether it begins with `::`.
    pub(crate) global: bool,
    pub(crate) line: usize,
    /// Whether a `pub use` re-exports it.
    pub(crate) is_reexport: bool,
}

/// A name that stands for a path in its module.
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) mention: Mention,
}

impl Scan {
    /// Scans the text of the file at `module`.
    pub(crate) fn of(module: &[String], text: &str) -> syn::Result<Scan> {
        let mut scan = Scan::default();
        scan.walk(text.parse::<TokenStream>()?, module, true);
        Ok(scan)
    }

    fn walk(&mut self, tokens: TokenStream, module: &[String], outermost: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let rest = &tokens[at..];
            at += match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    self.attribute(rest, module, outermost)
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), module, false);
                    1
                }
                TokenTree::Ident(word) if word == "use" && !is_punct(rest.get(1), '<') => {
                    self.import(rest, module, is_public(&tokens[..at]))
                }
                TokenTree::Ident(word) if word == "mod" => self.module(rest, module),
                TokenTree::Ident(word) if word == "unsafe" => {
                    self.unsafe_at.push(word.span().start().line);
                    1
                }
                TokenTree::Ident(_) => self.path(rest, module, is_global(&tokens[..at])),
                _ => 1,
            };
        }
    }

    /// Returns the number of tokens to skip: past the item after this attribute if the item is only
    /// for tests, otherwise into the brackets of the attribute.
    fn attribute(&mut self, tokens: &[TokenTree], module: &[String], outermost: bool) -> usize {
        let inner = usize::from(is_punct(tokens.get(1), '!'));
        let Some(TokenTree::Group(body)) = tokens.get(1 + inner) else {
            return 1;
        };
        if body.delimiter() != Delimiter::Bracket || !is_for_tests(body) {
            return 1 + inner;
        }
        let length = 2 + inner;
        if inner == 1 {
            self.test_modules.push(module.to_vec());
            return tokens.len();
        }
        let item = item_length(&tokens[length..]);
        if let Some(place) = tokens[length..length + item]
            .iter()
            .position(|token| is_word(token, "mod"))
        {
            let rest = &tokens[length + place + 1..];
            match (&rest[0], &rest[1]) {
                (TokenTree::Ident(name), TokenTree::Punct(_)) => {
                    self.test_modules.push(below(module, &name.to_string()));
                }
                _ if outermost => {
                    let line = tokens[0].span().start().line;
                    self.tests_at.get_or_insert(line);
                }
                _ => {}
            }
        }
        length + item
    }

    /// Returns the number of tokens of the import. Returns one for a template of an import in a macro,
    /// whose paths are then read like any others.
    fn import(&mut self, tokens: &[TokenTree], module: &[String], is_reexport: bool) -> usize {
        let end = tokens
            .iter()
            .position(|token| is_punct(Some(token), ';'))
            .map_or(tokens.len(), |at| at + 1);
        let Ok(item) = syn::parse2::<ItemUse>(tokens[..end].iter().cloned().collect()) else {
            return 1;
        };
        let start = Mention {
            module: module.to_vec(),
            segments: Vec::new(),
            global: item.leading_colon.is_some(),
            line: 0,
            is_reexport,
        };
        self.leaves(&item.tree, start);
        end
    }

    fn leaves(&mut self, tree: &UseTree, before: Mention) {
        let with = |ident: &syn::Ident| {
            let mut mention = before.clone();
            mention.segments.push(ident.to_string());
            mention.line = ident.span().start().line;
            mention
        };
        let (name, mention) = match tree {
            UseTree::Path(path) => return self.leaves(&path.tree, with(&path.ident)),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.leaves(tree, before.clone());
                }
                return;
            }
            UseTree::Glob(_) => {
                let mut mention = before;
                mention.segments.push("*".to_owned());
                self.mentions.push(mention);
                return;
            }
            UseTree::Name(leaf) if leaf.ident == "self" => {
                (before.segments.last().cloned(), before)
            }
            UseTree::Rename(leaf) if leaf.ident == "self" => {
                (Some(leaf.rename.to_string()), before)
            }
            UseTree::Name(leaf) => (Some(leaf.ident.to_string()), with(&leaf.ident)),
            UseTree::Rename(leaf) => (Some(leaf.rename.to_string()), with(&leaf.ident)),
        };
        self.mentions.push(mention.clone());
        if let Some(name) = name {
            self.bindings.push(Binding { name, mention });
        }
    }

    fn module(&mut self, tokens: &[TokenTree], module: &[String]) -> usize {
        let Some(TokenTree::Ident(name)) = tokens.get(1) else {
            return 1;
        };
        let inside = below(module, &name.to_string());
        self.modules.push(inside.clone());
        let Some(TokenTree::Group(body)) = tokens.get(2) else {
            return 2;
        };
        self.walk(body.stream(), &inside, false);
        3
    }

    /// Returns the number of tokens of the path that begins here, if there is one.
    fn path(&mut self, tokens: &[TokenTree], module: &[String], global: bool) -> usize {
        let mut segments = Vec::new();
        let mut at = 0;
        while let Some(TokenTree::Ident(segment)) = tokens.get(at) {
            segments.push(segment.to_string());
            at += 1;
            if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')) {
                break;
            }
            at += 2;
        }
        let line = tokens[0].span().start().line;
        if is_punct(tokens.get(at), '!') && !is_punct(tokens.get(at + 1), '=') {
            self.macros
                .extend(segments.last().map(|name| (name.clone(), line)));
        }
        if segments.len() > 1 {
            self.mentions.push(Mention {
                module: module.to_vec(),
                segments,
                global,
                line,
                is_reexport: false,
            });
        }
        at
    }
}

/// `module::name`.
pub(crate) fn below(module: &[String], name: &str) -> Vec<String> {
    [module, &[name.to_owned()]].concat()
}

/// Returns the number of tokens of an item, up to its body or semicolon.
fn item_length(tokens: &[TokenTree]) -> usize {
    tokens
        .iter()
        .position(|token| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            token => is_punct(Some(token), ';'),
        })
        .map_or(tokens.len(), |at| at + 1)
}

/// Returns whether the attribute in these brackets is a `cfg` that holds only in tests.
fn is_for_tests(attribute: &Group) -> bool {
    let Ok(Meta::List(cfg)) = syn::parse2::<Meta>(attribute.stream()) else {
        return false;
    };
    cfg.path.is_ident("cfg")
        && cfg
            .parse_args()
            .is_ok_and(|predicate| needs_test(&predicate))
}

fn needs_test(predicate: &Meta) -> bool {
    let Meta::List(list) = predicate else {
        return predicate.path().is_ident("test");
    };
    let Ok(inner) = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) else {
        return false;
    };
    if list.path.is_ident("all") {
        inner.iter().any(needs_test)
    } else {
        list.path.is_ident("any") && inner.iter().all(needs_test)
    }
}

/// Returns whether the token after these begins with `::`, unless it is inside a path like `<T>::x`.
fn is_global(before: &[TokenTree]) -> bool {
    let [before @ .., first, second] = before else {
        return false;
    };
    let is_path = is_punct(Some(first), ':') && is_punct(Some(second), ':');
    is_path && !is_punct(before.last(), '>')
}

/// Returns whether these tokens end in `pub` or `pub(…)`.
fn is_public(before: &[TokenTree]) -> bool {
    match before {
        [.., token] if is_word(token, "pub") => true,
        [.., token, TokenTree::Group(group)] => {
            group.delimiter() == Delimiter::Parenthesis && is_word(token, "pub")
        }
        _ => false,
    }
}

fn is_punct(token: Option<&TokenTree>, char: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == char)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}
