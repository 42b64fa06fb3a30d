//! JSON inside a script element of an HTML page.

use serde::Serialize;

/// Returns the JSON of the value for a script element. No text in it can end the element or begin a
/// comment, because characters with a meaning in HTML are escaped as JSON allows in every string.
///
/// # Errors
/// If the value can't be JSON.
pub(super) fn script_json(value: &impl Serialize) -> serde_json::Result<String> {
    let json = serde_json::to_string(value)?;
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // These are in strings only. The last two end a line of JavaScript, but not of JSON.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                escaped.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => escaped.push(other),
        }
    }
    Ok(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::end("</script>", r#""\u003c/script\u003e""#)]
    #[case::comment("<!--", r#""\u003c!--""#)]
    #[case::separator("a\u{2028}b", r#""a\u2028b""#)]
    fn markup_is_escaped(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(script_json(&text).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_and_has_no_markup(
            text in "(?s)(.|</script>|<!--|\\]\\]>|\u{2028}|\u{2029}|&amp;){0,60}",
        ) {
            let json = script_json(&text).unwrap();
            prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
            let harmful = ['<', '>', '&', '\u{2028}', '\u{2029}'];
            prop_assert!(!json.contains(harmful));
        }
    }
}
