//! A scenario that was read from a file, and where its parts stand there.

use crate::diagnose::places::Places;
use crate::load::source::Place;
use ktstr_core::{Invalid, Scenario, Site};

/// What [`load`](crate::load()) gives.
#[derive(Debug)]
pub struct Loaded<'a> {
    /// The scenario, not yet validated.
    pub scenario: &'a Scenario<'a>,
    pub(crate) places: Places,
    /// The payloads that nothing starts, by their names, in order.
    pub(crate) not_started: Vec<&'a str>,
    /// Whether it has a definition that stands for each CPU, cache or node of the machine.
    pub(crate) repeats: bool,
}

impl Loaded<'_> {
    /// Where a site is in the file: the op, cgroup, payload or hold itself, else the step or Backdrop it
    /// is in, else the start of the file.
    pub fn place(&self, site: Site) -> Place {
        self.places.site(site)
    }

    /// Where the key is that an error of meaning is about; its site where it is about no key, or about
    /// one that is missing.
    pub fn place_of(&self, invalid: &Invalid<'_>) -> Place {
        self.places.of(invalid, self.scenario)
    }
}
