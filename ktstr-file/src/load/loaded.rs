//! A scenario that was read from a file, and where its parts stand there.

use crate::load::source::Place;
use ktstr_core::{Part, Scenario, Site};
use std::collections::BTreeMap;

/// What [`load`](crate::load) gives.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// The scenario, not yet validated.
    pub scenario: &'a Scenario<'a>,
    pub(crate) places: BTreeMap<Site, Place>,
}

impl Loaded<'_> {
    /// Where a site stands in the file: the op, cgroup, payload or hold itself, else the step or Backdrop it is in,
    /// else the start of the file.
    pub fn place(&self, site: Site) -> Place {
        let around = match site {
            Site::Backdrop(_) => Site::Backdrop(Part::Whole),
            Site::Step { step, .. } => Site::Step { step, part: Part::Whole },
            Site::Scenario | Site::Teardown => Site::Scenario,
        };
        let place = self.places.get(&site).or_else(|| self.places.get(&around));
        place.copied().unwrap_or(Place { line: 1, column: 1 })
    }
}
