//! The order in which the places of a scenario have their turn, by the scenario's text alone.

use ktstr_core::{HoldSpec, Part, Scenario, Site, Step};
use std::time::Duration;

/// Whether the plan has such places.
pub(super) fn is_planned(site: Site) -> bool {
    match site {
        Site::Backdrop(part) | Site::Step { part, .. } => !matches!(part, Part::Whole | Part::End),
        Site::Scenario | Site::Teardown => false,
    }
}

/// The places of a scenario in the order in which they have their turn.
#[derive(Debug, Clone)]
pub(super) struct Plan<'a> {
    scenario: &'a Scenario<'a>,
    /// Backdrop, then the steps.
    slot: usize,
    /// Which of the slot's lists, and which place in it.
    list: usize,
    index: usize,
    /// What holds have taken so far, by their own words.
    spent: Duration,
}

impl<'a> Plan<'a> {
    pub(super) fn new(scenario: &'a Scenario<'a>) -> Self {
        Self { scenario, slot: 0, list: 0, index: 0, spent: Duration::ZERO }
    }

    /// The next place.
    pub(super) fn next(&mut self) -> Option<Site> {
        loop {
            let index = self.index as u32;
            let Some(step) = self.slot.checked_sub(1) else {
                let backdrop = &self.scenario.backdrop;
                let lists = [
                    (Part::Scheduler, usize::from(backdrop.scheduler.is_some())),
                    (Part::Cgroup(index), backdrop.cgroups.len()),
                    (Part::Op(index), backdrop.ops.len()),
                    (Part::Payload(index), backdrop.payloads.len()),
                ];
                match self.take(&lists) {
                    Some(part) => return Some(Site::Backdrop(part)),
                    None => continue,
                }
            };
            let found = self.scenario.steps.get(step)?;
            let holds = usize::from(found.hold != HoldSpec::Fixed(Duration::ZERO));
            let setup = (Part::Cgroup(index), found.setup.len());
            let ops = (Part::Op(index), found.ops.len());
            let payload = (Part::Payload(index), usize::from(found.payload.is_some()));
            let hold = (Part::Hold, holds);
            let part = if found.is_loop() {
                self.take(&[setup, payload, ops, hold])
            } else {
                self.take(&[ops, setup, payload, hold])
            };
            let Some(part) = part else { continue };
            if part == Part::Hold {
                self.hold(found);
            }
            return Some(Site::Step { step: step as u32, part });
        }
    }

    /// The next place of the slot; `None` where the next list or slot begins.
    fn take(&mut self, lists: &[(Part, usize)]) -> Option<Part> {
        match lists.get(self.list) {
            Some(&(part, length)) if self.index < length => {
                self.index += 1;
                Some(part)
            }
            Some(_) => {
                (self.list, self.index) = (self.list + 1, 0);
                None
            }
            None => {
                (self.slot, self.list, self.index) = (self.slot + 1, 0, 0);
                None
            }
        }
    }

    /// Time passes; a loop with time left goes back to its operations.
    fn hold(&mut self, step: &Step<'_>) {
        let duration = self.scenario.duration;
        match step.hold {
            HoldSpec::Loop { interval } => {
                self.spent += interval.min(duration.saturating_sub(self.spent));
                if self.spent < duration && !interval.is_zero() {
                    (self.list, self.index) = (2, 0);
                }
            }
            hold => self.spent = self.spent.saturating_add(hold.length(duration, self.spent)),
        }
    }
}
