//! Draws values for the runs of a property, and simpler ones in place of those that break it, if the
//! feature `proptest` is on.

#[cfg(any(test, not(feature = "proptest")))]
mod as_drawn;
#[cfg(any(test, feature = "proptest"))]
mod simplified;

#[cfg(not(feature = "proptest"))]
pub(crate) use as_drawn::{Drawn, Draws, SIMPLIFIES};
#[cfg(feature = "proptest")]
pub(crate) use simplified::{Drawn, Draws, SIMPLIFIES};

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rstest::rstest;

    use super::{as_drawn, simplified};
    use crate::case::{self, Property, expand};
    use crate::plan::Item;

    /// Returns the first values of a series.
    type Series = fn(&str, u64) -> Vec<Vec<Item>>;

    pub(super) fn property() -> Arc<Property> {
        let text = r#"
title = "numbers"
clauses = ["pipe.order.single-writer"]
[property]
runs = 1
[property.draw]
count = { from = 3, to = 400 }
size = { one-of = [8, 4096, 65537] }
[channels.p]
kind = "pipe"
[processes.w]
steps = [{ send = { on = "p.tx", count = "$count", size = "$size" } }]
[processes.r]
steps = [{ recv = { on = "p.rx", count = "$count" } }]
"#;
        let case = Arc::new(case::parse(text).unwrap());
        let expanded = expand::expand("pipe/numbers", &case).unwrap();
        Arc::clone(&expanded.properties[0])
    }
    fn simplified_series(name: &str, seed: u64) -> Vec<Vec<Item>> {
        let mut draws = simplified::Draws::new(&property(), name, seed);
        (0..20).map(|_| draws.draw().values()).collect()
    }

    fn series_as_drawn(name: &str, seed: u64) -> Vec<Vec<Item>> {
        let property = property();
        let mut draws = as_drawn::Draws::new(&property, name, seed);
        (0..20).map(|_| draws.draw().values()).collect()
    }

    #[rstest]
    #[case::simplified(simplified_series)]
    #[case::as_drawn(series_as_drawn)]
    fn the_same_seed_and_name_draw_the_same_values(#[case] series: Series) {
        assert_eq!(series("a", 1), series("a", 1));
        assert_ne!(series("a", 1), series("a", 2));
        assert_ne!(series("a", 1), series("b", 1));
    }

    #[rstest]
    #[case::simplified(simplified_series)]
    #[case::as_drawn(series_as_drawn)]
    fn all_drawn_values_are_in_range(#[case] series: Series) {
        for values in series("a", 0) {
            let [Item::Int(count), Item::Int(size)] = values[..] else {
                panic!("{values:?}");
            };
            assert!((3..=400).contains(&count), "{count}");
            assert!([8, 4096, 65537].contains(&size), "{size}");
        }
    }
}
