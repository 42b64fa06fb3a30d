//! What other crates can name: every public item that can be reached from the root, as text.
//!
//! A line is a module, a type, a trait, a function, a method or a constant. Public fields, variants
//! and implemented traits stand in their type's line. Hidden modules are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Field, Fields, ImplItem, Item, ItemImpl, Meta, Token, TraitItem, UseTree, Visibility,
};

/// A module's path below the root.
type ModulePath = Vec<String>;

/// The modules of a crate with their items, those that only tests see left out.
pub(crate) struct Api {
    modules: BTreeMap<ModulePath, Vec<Item>>,
}

impl Api {
    /// Reads the crate whose root is `lib.rs` in this folder.
    pub(crate) fn read(folder: &Path) -> Api {
        let text = fs::read_to_string(folder.join("lib.rs")).expect("the crate has a root");
        let root = syn::parse_file(&text).expect("the root is Rust source");
        let mut api = Api {
            modules: BTreeMap::new(),
        };
        api.add(folder, Vec::new(), root.items);
        api
    }

    fn add(&mut self, folder: &Path, path: ModulePath, items: Vec<Item>) {
        for item in &items {
            let Item::Mod(module) = item else { continue };
            if is_for_tests(&module.attrs) {
                continue;
            }
            let inside = [path.as_slice(), &[module.ident.to_string()]].concat();
            let content = match &module.content {
                Some((_, items)) => items.clone(),
                None => {
                    let file = folder.join(inside.join("/")).with_extension("rs");
                    let text = fs::read_to_string(&file)
                        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                    let file = syn::parse_file(&text).expect("a file of the crate is Rust source");
                    file.items
                }
            };
            self.add(folder, inside, content);
        }
        self.modules.insert(path, items);
    }

    /// All that can be named from outside, a line for each, by module.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.module(&[], &[], &mut lines, &mut BTreeSet::new());
        lines
    }

    /// Adds the public items of a module that others see as `shown`.
    fn module(
        &self,
        module: &[String],
        shown: &[String],
        lines: &mut Vec<String>,
        seen: &mut BTreeSet<ModulePath>,
    ) {
        for item in &self.modules[module] {
            let Some((attributes, visibility)) = head(item) else {
                continue;
            };
            if is_hidden(attributes) || is_for_tests(attributes) || !is_public(visibility) {
                continue;
            }
            match item {
                Item::Use(item) => {
                    for (source, name) in leaves(&item.tree, Vec::new()) {
                        self.reexport(module, &source, &name, shown, lines, seen);
                    }
                }
                item => self.item(module, item, shown, lines, seen),
            }
        }
    }

    fn reexport(
        &self,
        module: &[String],
        source: &[String],
        name: &str,
        shown: &[String],
        lines: &mut Vec<String>,
        seen: &mut BTreeSet<ModulePath>,
    ) {
        let absolute = match source.first().map(String::as_str) {
            Some("crate") => source[1..].to_vec(),
            Some("self") => [module, &source[1..]].concat(),
            _ => [module, source].concat(),
        };
        let (home, original) = absolute.split_at(absolute.len() - 1);
        let Some(items) = self.modules.get(home) else {
            lines.push(format!("{} = {}", path(shown, name), source.join("::")));
            return;
        };
        let found = items.iter().find(|item| names(item, &original[0]));
        match found {
            Some(item) => self.item(home, item, shown, lines, seen),
            // It is re-exported there, too.
            None => {
                for item in items {
                    let Item::Use(item) = item else { continue };
                    for (source, other) in leaves(&item.tree, Vec::new()) {
                        if other == original[0] {
                            self.reexport(home, &source, name, shown, lines, seen);
                        }
                    }
                }
            }
        }
    }

    fn item(
        &self,
        module: &[String],
        item: &Item,
        shown: &[String],
        lines: &mut Vec<String>,
        seen: &mut BTreeSet<ModulePath>,
    ) {
        match item {
            Item::Mod(item) => {
                let name = item.ident.to_string();
                let inside = [module, std::slice::from_ref(&name)].concat();
                if seen.insert(inside.clone()) {
                    lines.push(format!("mod {}", path(shown, &name)));
                    self.module(&inside, &[shown, &[name]].concat(), lines, seen);
                }
            }
            Item::Struct(item) => {
                let name = item.ident.to_string();
                let line = format!("struct {}{}", path(shown, &name), fields(&item.fields));
                self.type_(module, &name, line, &item.attrs, lines);
            }
            Item::Enum(item) => {
                let name = item.ident.to_string();
                let variants: Vec<String> = item
                    .variants
                    .iter()
                    .map(|variant| format!("{}{}", variant.ident, every_field(&variant.fields)))
                    .collect();
                let line = format!("enum {} {{ {} }}", path(shown, &name), variants.join(", "));
                self.type_(module, &name, line, &item.attrs, lines);
            }
            Item::Trait(item) => {
                let name = item.ident.to_string();
                let bounds = text(item.supertraits.to_token_stream());
                lines.push(format!("trait {}: {bounds}", path(shown, &name)));
                for method in &item.items {
                    if let TraitItem::Fn(method) = method {
                        let provided = match method.default {
                            Some(_) => " (provided)",
                            None => "",
                        };
                        let signature = text(method.sig.to_token_stream());
                        lines.push(format!("  {signature}{provided}"));
                    }
                }
            }
            Item::Type(item) => {
                let what = text(item.ty.to_token_stream());
                let line = format!("type {} = {what}", path(shown, &item.ident.to_string()));
                // One for each system.
                if lines.last() != Some(&line) {
                    lines.push(line);
                }
            }
            Item::Const(item) => {
                let what = text(item.ty.to_token_stream());
                lines.push(format!(
                    "const {}: {what}",
                    path(shown, &item.ident.to_string())
                ));
            }
            Item::Fn(item) => {
                let signature = text(item.sig.to_token_stream());
                lines.push(format!(
                    "{}: {signature}",
                    path(shown, &item.sig.ident.to_string())
                ));
            }
            _ => {}
        }
    }

    /// Adds a type, the traits that it implements, and its public methods.
    fn type_(
        &self,
        module: &[String],
        name: &str,
        line: String,
        attributes: &[Attribute],
        lines: &mut Vec<String>,
    ) {
        let impls = self.impls(module, name);
        let mut traits: BTreeSet<String> = derived(attributes);
        traits.extend(impls.iter().filter_map(|block| {
            let (path, _) = block.trait_.as_ref()?;
            Some(text(path.to_token_stream()))
        }));
        let traits: Vec<String> = traits.into_iter().collect();
        lines.push(format!("{line}: {}", traits.join(", ")));
        for block in impls.iter().filter(|block| block.trait_.is_none()) {
            for item in &block.items {
                match item {
                    ImplItem::Fn(method) if is_public(&method.vis) => {
                        lines.push(format!("  {}", text(method.sig.to_token_stream())));
                    }
                    ImplItem::Const(item) if is_public(&item.vis) => {
                        let what = text(item.ty.to_token_stream());
                        lines.push(format!("  const {}: {what}", item.ident));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The blocks that implement something for this type, in its own module and below.
    fn impls(&self, module: &[String], name: &str) -> Vec<&ItemImpl> {
        let modules = self
            .modules
            .iter()
            .filter(|(path, _)| path.starts_with(module));
        let items = modules.flat_map(|(_, items)| items);
        items
            .filter_map(|item| match item {
                Item::Impl(block) if !is_for_tests(&block.attrs) => Some(block),
                _ => None,
            })
            .filter(|block| match &*block.self_ty {
                syn::Type::Path(path) => path
                    .path
                    .segments
                    .last()
                    .is_some_and(|one| one.ident == name),
                _ => false,
            })
            .collect()
    }
}

fn path(shown: &[String], name: &str) -> String {
    let mut path = String::new();
    for module in shown {
        write!(path, "{module}::").expect("a string takes whatever there is to write");
    }
    path + name
}

fn head(item: &Item) -> Option<(&[Attribute], &Visibility)> {
    Some(match item {
        Item::Const(item) => (&item.attrs, &item.vis),
        Item::Enum(item) => (&item.attrs, &item.vis),
        Item::Fn(item) => (&item.attrs, &item.vis),
        Item::Mod(item) => (&item.attrs, &item.vis),
        Item::Static(item) => (&item.attrs, &item.vis),
        Item::Struct(item) => (&item.attrs, &item.vis),
        Item::Trait(item) => (&item.attrs, &item.vis),
        Item::Type(item) => (&item.attrs, &item.vis),
        Item::Use(item) => (&item.attrs, &item.vis),
        _ => return None,
    })
}

fn names(item: &Item, name: &str) -> bool {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Mod(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return false,
    };
    ident == name
}

/// Each name that an import binds, and the path that it stands for.
fn leaves(tree: &UseTree, before: ModulePath) -> Vec<(ModulePath, String)> {
    let with = |name: &syn::Ident| [before.as_slice(), &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, with(&path.ident)),
        UseTree::Group(group) => {
            let all = group.items.iter();
            all.flat_map(|tree| leaves(tree, before.clone())).collect()
        }
        UseTree::Name(leaf) => vec![(with(&leaf.ident), leaf.ident.to_string())],
        UseTree::Rename(leaf) => vec![(with(&leaf.ident), leaf.rename.to_string())],
        UseTree::Glob(_) => panic!("a re-export of everything hides what is public"),
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    let mut docs = attributes.iter().filter(|one| one.path().is_ident("doc"));
    docs.any(|one| matches!(&one.meta, Meta::List(list) if list.tokens.to_string() == "hidden"))
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let mut cfgs = attributes.iter().filter(|one| one.path().is_ident("cfg"));
    cfgs.any(|one| matches!(&one.meta, Meta::List(list) if list.tokens.to_string() == "test"))
}

fn derived(attributes: &[Attribute]) -> BTreeSet<String> {
    let derives = attributes
        .iter()
        .filter(|one| one.path().is_ident("derive"));
    let paths = derives.flat_map(|one| {
        let parse = Punctuated::<syn::Path, Token![,]>::parse_terminated;
        one.parse_args_with(parse).expect("a derive lists paths")
    });
    paths.map(|path| text(path.to_token_stream())).collect()
}

/// The public fields of a struct.
fn fields(fields: &Fields) -> String {
    let public = fields.iter().filter(|field| is_public(&field.vis));
    match listed(public) {
        none if none.is_empty() => none,
        some => format!(" {{ {some} }}"),
    }
}

/// The fields of a variant, which are all public.
fn every_field(fields: &Fields) -> String {
    match fields {
        Fields::Unit => String::new(),
        _ => format!("({})", listed(fields.iter())),
    }
}

fn listed<'a>(fields: impl Iterator<Item = &'a Field>) -> String {
    let listed = fields.map(|field| match &field.ident {
        Some(name) => format!("{name}: {}", text(field.ty.to_token_stream())),
        None => text(field.ty.to_token_stream()),
    });
    listed.collect::<Vec<_>>().join(", ")
}

/// Tokens as people write them.
fn text(tokens: TokenStream) -> String {
    let mut text = tokens.to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" < ", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" :", ":"),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        ("' ", "'"),
    ] {
        text = text.replace(spaced, tight);
    }
    text.replace("->", " ->")
        .replace("  ->", " ->")
        .replace(",)", ")")
}
