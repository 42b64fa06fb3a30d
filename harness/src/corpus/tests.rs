use super::*;

mod bad;

fn any_clause(_: &str) -> ClauseStatus {
    ClauseStatus::Judged
}

fn package() -> Corpus {
    Corpus::find(Some(Path::new(env!("CARGO_MANIFEST_DIR")))).unwrap()
}

#[test]
fn every_case_of_this_package_is_as_it_should_be() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|faulty| panic!("\n{}", faulty.render(false)));
        assert!(!case.permutations.is_empty(), "{}", case.name);
    }
}

#[test]
fn every_case_of_this_package_survives_being_written_and_read() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|faulty| panic!("\n{}", faulty.render(false)));
        let text = case::write(&case.case);
        let again = case::parse(&text).unwrap_or_else(|errors| {
            panic!("{}", errors.render(&case.name, &text, false));
        });
        assert_eq!(again, *case.case, "{text}");
    }
}

#[test]
fn cases_come_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for case in ["b/one", "a-b/one", "a/two", "a/one"] {
        let file = folder.path().join("cases").join(format!("{case}.toml"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "").unwrap();
    }
    fs::write(folder.path().join(CATALOGUE), "").unwrap();
    let corpus = Corpus::find(Some(folder.path())).unwrap();
    let names: Vec<_> = corpus
        .files()
        .iter()
        .map(|file| name_in(corpus.root(), file))
        .collect();
    assert_eq!(names, ["a-b/one", "a/one", "a/two", "b/one"]);
}

#[test]
fn a_corpus_without_a_case_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("cases")).unwrap();
    let error = Corpus::find(Some(folder.path())).unwrap_err();
    assert!(error.to_string().starts_with("no case found"), "{error}");
}

#[test]
fn a_root_without_cases_is_an_error_that_names_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = Corpus::find(Some(folder.path())).unwrap_err().to_string();
    assert!(error.contains("cases"), "{error}");
}

#[test]
fn a_file_outside_the_root_is_read_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("My case.toml");
    fs::write(
        &file,
        "title = \"x\"\nclauses = [\"a\"]\n[processes.p]\nsteps = []\n",
    )
    .unwrap();
    let case = package().read(&file, &any_clause).unwrap();
    assert!(case.name.ends_with("/my-case"), "{}", case.name);
    assert_eq!(case.path, file);
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    fs::write(&file, b"title = \"\xff\"").unwrap();
    let faulty = package().read(&file, &any_clause).unwrap_err();
    assert!(
        faulty.render(false).contains("byte 9"),
        "{}",
        faulty.render(false)
    );
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let faulty = package()
        .read(Path::new("no/such.toml"), &any_clause)
        .unwrap_err();
    assert!(
        faulty.render(false).contains("can't read"),
        "{}",
        faulty.render(false)
    );
}

#[test]
fn a_golden_stands_where_its_case_does() {
    let corpus = package();
    let expected = corpus.root().join("golden").join("seed").join("queue.snap");
    assert_eq!(corpus.golden("seed/queue"), expected);
}

#[test]
fn the_example_in_the_guide_is_a_case() {
    let guide = fs::read_to_string(package().root().join("cases/README.md")).unwrap();
    let (_, behind) = guide.split_once("```toml\n").expect("an example");
    let (example, _) = behind.split_once("```").expect("its end");
    if let Err(errors) = examine("queue/empty-then-item", example, &any_clause) {
        panic!("{}", errors.render("cases/README.md", example, false));
    }
}

#[test]
fn every_case_of_this_package_says_why() {
    for case in package().load(&any_clause) {
        let case = case.unwrap_or_else(|faulty| panic!("\n{}", faulty.render(false)));
        assert!(case.case.why.is_some(), "{} says no `why`", case.name);
    }
}
