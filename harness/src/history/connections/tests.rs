use super::*;
use crate::history::ProcessHistory;
use crate::history::pairing::Traffic;
use crate::item::Item;
use crate::testing::scene::Scene;
use rstest::rstest;
