//! Versions of libraries, and the requirements that a divergence states for them.

use semver::{Prerelease, Version, VersionReq};

/// Returns whether a library of this version meets a requirement; `None` if the version isn't known
/// or has no numbers.
///
/// A pre-release counts as the release that it precedes, unless the requirement names a pre-release.
pub(crate) fn meets(requirement: &VersionReq, version: Option<&str>) -> Option<bool> {
    let version = parse(version?)?;
    let names_one = requirement
        .comparators
        .iter()
        .any(|one| !one.pre.is_empty());
    let release = Version {
        pre: Prerelease::EMPTY,
        ..version.clone()
    };
    Some(requirement.matches(if names_one { &version } else { &release }))
}

/// Parses a version as libraries write it: semantic versions, shorter ones such as `2.4`, and those of
/// Python such as `3.13.0rc1`. Ignores what names a build, as in `6.8.0-45-generic` or `3.14.0+`.
fn parse(text: &str) -> Option<Version> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    if let Ok(version) = Version::parse(text) {
        return Some(version);
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (numbers, rest) = text.split_at(end);
    let mut numbers = numbers.split('.').map_while(|number| number.parse().ok());
    let mut version = Version::new(numbers.next()?, 0, 0);
    version.minor = numbers.next().unwrap_or(0);
    version.patch = numbers.next().unwrap_or(0);
    version.pre = pre_release(rest).unwrap_or(Prerelease::EMPTY);
    Some(version)
}

/// Returns the pre-release that follows the numbers, as in `rc1`, `a2` or `.dev3`.
fn pre_release(text: &str) -> Option<Prerelease> {
    let text = text.trim_start_matches(['.', '-', '_']);
    let word_end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let word = match word.to_ascii_lowercase().as_str() {
        "a" | "alpha" => "alpha",
        "b" | "beta" => "beta",
        "c" | "rc" | "pre" | "preview" => "rc",
        "dev" => "dev",
        _ => return None,
    };
    let number: String = rest
        .trim_start_matches(['.', '-', '_'])
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    let number = number.parse().unwrap_or(0_u64);
    Prerelease::new(&format!("{word}.{number}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::semantic("2.4.7", "2.4.7")]
    #[case::with_a_v("v1.0.0-rc.1", "1.0.0-rc.1")]
    #[case::two_numbers("2.4", "2.4.0")]
    #[case::one_number("2", "2.0.0")]
    #[case::four_numbers("1.2.3.4", "1.2.3")]
    #[case::a_candidate_of_python("3.13.0rc1", "3.13.0-rc.1")]
    #[case::an_alpha_of_python("3.14.0a7+", "3.14.0-alpha.7")]
    #[case::a_beta_of_python("3.14.0b2", "3.14.0-beta.2")]
    #[case::a_build_of_python("3.12.3+", "3.12.3")]
    #[case::of_a_development("1.0.dev3", "1.0.0-dev.3")]
    #[case::of_a_kernel("6.8-arch1-1", "6.8.0")]
    fn a_version_is_read_as_libraries_write_it(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(parse(text), Some(Version::parse(expected).unwrap()));
    }

    #[rstest]
    #[case::any_patch("2.4.*", "2.4.7", Some(true))]
    #[case::any_patch_of_another("2.4.*", "2.5.0", Some(false))]
    #[case::a_range(">=3.8, <3.13", "3.12.3", Some(true))]
    #[case::after_a_range(">=3.8, <3.13", "3.13.0", Some(false))]
    #[case::exactly("=2.4.7", "2.4.8", Some(false))]
    #[case::compatible("2.4.7", "2.9.0", Some(true))]
    #[case::a_candidate_counts_as_its_release(">=3.13", "3.13.0rc1", Some(true))]
    #[case::a_candidate_is_not_before_its_release("<3.13", "3.13.0rc1", Some(false))]
    #[case::this_candidate("=3.13.0-rc.1", "3.13.0rc1", Some(true))]
    #[case::an_earlier_candidate(">=3.13.0-rc.2", "3.13.0rc1", Some(false))]
    #[case::no_number("*", "trunk", None)]
    fn a_version_meets_a_requirement(
        #[case] requirement: &str,
        #[case] version: &str,
        #[case] expected: Option<bool>,
    ) {
        let requirement = VersionReq::parse(requirement).unwrap();
        assert_eq!(meets(&requirement, Some(version)), expected);
    }

    #[test]
    fn an_unknown_version_neither_meets_a_requirement_nor_fails_it() {
        assert_eq!(meets(&VersionReq::STAR, None), None);
    }

    proptest! {
        #[test]
        fn a_release_meets_exactly_the_requirements_that_semver_says(
            numbers in (0..4_u64, 0..4_u64, 0..4_u64),
            wanted in (0..4_u64, 0..4_u64),
            comparison in prop::sample::select(vec!["", "=", "<", "<=", ">", ">=", "~", "^"]),
        ) {
            let version = Version::new(numbers.0, numbers.1, numbers.2);
            let requirement = VersionReq::parse(&format!("{comparison}{}.{}", wanted.0, wanted.1)).unwrap();
            let text = version.to_string();
            prop_assert_eq!(meets(&requirement, Some(&text)), Some(requirement.matches(&version)));
        }
    }
}
