//! End markers: items at which a get stops because its case says `until`.

use std::collections::BTreeSet;

use crate::judge::invariant::support::evidence::Evidence;
use crate::plan::{Action, Content, End, Limit, Value, content_of};

/// Returns the contents at which gets from this end stop.
pub(crate) fn end_markers(evidence: &Evidence<'_>, from: End) -> BTreeSet<Content> {
    let plan = &evidence.permutation.plan;
    let codec = plan.channels[from.channel].codec;
    let mut markers = BTreeSet::new();
    for (_, step) in plan.steps() {
        if let Action::Get {
            end,
            limit: Limit::Until(values),
            ..
        } = &step.action
            && *end == from
        {
            markers.extend(values.iter().filter_map(|value| match value {
                Value::Literal(item) => content_of(item, codec).ok(),
                _ => None,
            }));
        }
    }
    markers
}
