use super::*;
use crate::backend::RawError;
use crate::plan::Item;
use crate::test_support::histories::pipe;
use rstest::rstest;

fn one_break() -> Break {
    Break {
        step: "recv p.rx".to_owned(),
        label: Some("ending".to_owned()),
        outcome: Outcome::Error,
        raw: Some(RawError {
            kind: Some("ConnectionReset".into()),
            code: Some(104),
        }),
        operation: None,
    }
}

fn signature(step: &str, outcome: Outcome, raw: Option<&str>) -> Signature {
    Signature {
        step: step.to_owned(),
        outcome,
        raw: raw.map(str::to_owned),
    }
}

#[rstest]
#[case::by_its_label(
    signature("ending", Outcome::Error, Some("ConnectionReset (104)")),
    true
)]
#[case::by_its_words(
    signature("recv p.rx", Outcome::Error, Some("ConnectionReset (104)")),
    true
)]
#[case::by_the_errors_kind(signature("ending", Outcome::Error, Some("ConnectionReset")), true)]
#[case::by_a_pattern(
    signature("recv *", Outcome::Error, Some("ConnectionReset (104)")),
    true
)]
#[case::another_step(signature("recv p", Outcome::Error, Some("ConnectionReset")), false)]
#[case::another_outcome(signature("ending", Outcome::Gone, Some("ConnectionReset")), false)]
#[case::another_error(
    signature("ending", Outcome::Error, Some("ConnectionReset (54)")),
    false
)]
#[case::a_part_of_its_kind(signature("ending", Outcome::Error, Some("Connection")), false)]
#[case::an_error_that_was_not_recorded(signature("ending", Outcome::Error, None), false)]
fn a_signature_fits_a_break(#[case] signature: Signature, #[case] expected: bool) {
    assert_eq!(signature.fits(&one_break()), expected);
}

#[test]
fn the_signature_of_a_break_fits_it() {
    let signature = Signature::of(&one_break());
    assert!(signature.fits(&one_break()));
    assert_eq!(
        signature.to_string(),
        "ending -> error ConnectionReset (104)"
    );
}

#[rstest]
#[case::anywhere("", [true, true])]
#[case::the_system("os = \"windows\"", [true, true])]
#[case::an_emulation_of_it("os = \"windows\", emulation = \"wine\"", [false, true])]
fn an_emulation_can_be_named(#[case] when: &str, #[case] expected: [bool; 2]) {
    let divergence = file::tests::only(&format!("when = {{ {when} }}"));
    let mut permutation = pipe().process("r").permutation;
    permutation.case = "pipe/sizes".into();
    permutation.values = vec![("size".to_owned(), Item::Int(1))];
    let [genuine, wine] = [None, Some(Emulation::Wine)].map(|emulation| Platform {
        system: System::Windows,
        emulation,
    });
    let covers = [genuine, wine].map(|platform| divergence.covers(&permutation, platform, None));
    assert_eq!(covers, expected);
}

#[rstest]
#[case::anywhere("", true)]
#[case::the_system("os = \"linux\"", true)]
#[case::one_of_them("os = [\"macos\", \"linux\"]", true)]
#[case::another_system("os = \"windows\"", false)]
#[case::the_version("version = \"2.4.7\"", true)]
#[case::any_patch("version = \"2.4.*\"", true)]
#[case::another_version("version = \"2.3.*\"", false)]
#[case::a_part_of_the_version("version = \"4\"", false)]
#[case::a_range_of_versions("version = \">=2.0, <2.5\"", true)]
#[case::the_start_method("start = \"spawn\"", true)]
#[case::another_start_method("start = \"fork\"", false)]
#[case::all_of_it("os = \"linux\", version = \"2.*\", start = \"spawn\"", true)]
#[case::most_of_it("os = \"linux\", version = \"2.*\", start = \"fork\"", false)]
fn circumstances_must_all_hold(#[case] when: &str, #[case] expected: bool) {
    let divergence = file::tests::only(&format!("when = {{ {when} }}"));
    let mut permutation = pipe().process("r").permutation;
    permutation.case = "pipe/sizes".into();
    permutation.values = vec![("size".to_owned(), Item::Int(1))];
    assert_eq!(
        divergence.covers(
            &permutation,
            Platform::genuine(System::Linux),
            Some("2.4.7")
        ),
        expected
    );
}

#[rstest]
#[case::is_met("version = \"2.*\"", Some("2.4.7"), Shows::Always)]
#[case::is_unknown("version = \"2.*\"", None, Shows::Sometimes)]
#[case::does_not_matter("", None, Shows::Always)]
fn a_divergence_of_an_unknown_version_may_hold(
    #[case] when: &str,
    #[case] version: Option<&str>,
    #[case] expected: Shows,
) {
    let divergence = file::tests::only(&format!("when = {{ {when} }}"));
    assert_ne!(divergence.is_for(version), Some(false));
    assert_eq!(divergence.with_version(version).shows, expected);
}
