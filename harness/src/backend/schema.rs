//! Marks the types whose values are in messages of the adapter protocol.

use macro_rules_attribute::attribute_alias;

attribute_alias! {
    // Only a test makes schemas from types, and compares them with the published files.
    #[apply(with_schema)] = #[cfg_attr(test, derive(schemars::JsonSchema))];
}
