//! Where in a scenario something is: what errors, events and checks point at.

use crate::base::text::Text;
use serde::{Deserialize, Serialize};

/// A place in a scenario. Displays as the path to it in a scenario file: `steps[1].ops[2]`, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Site {
    /// The scenario itself: its name, duration, topology, checks.
    Scenario,
    /// The Backdrop.
    Backdrop(Part),
    /// A step.
    Step {
        /// Which, from 0.
        step: u32,
        /// What of it.
        part: Part,
    },
    /// The teardown of the Backdrop.
    Teardown,
}

/// What of a Backdrop or a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Part {
    /// All of it: the barrier after a setup, for instance.
    Whole,
    /// A cgroup definition, from 0.
    Cgroup(u32),
    /// An operation, from 0.
    Op(u32),
    /// A payload, from 0.
    Payload(u32),
    /// The scheduler of the Backdrop.
    Scheduler,
    /// The hold.
    Hold,
    /// The end of a step, when what it created goes.
    End,
}

impl Site {
    /// The step whose phase an action for this place belongs to; `None` outside of steps, and for what takes
    /// a step down.
    pub const fn phase(&self) -> Option<u32> {
        match *self {
            Self::Step { part: Part::End, .. } | Self::Scenario | Self::Backdrop(_) | Self::Teardown => None,
            Self::Step {
                step,
                part:
                    Part::Whole | Part::Cgroup(_) | Part::Op(_) | Part::Payload(_) | Part::Scheduler | Part::Hold,
            } => Some(step),
        }
    }

    /// As it displays.
    pub const fn to_text(&self) -> Text<64> {
        let mut text = Text::new();
        let part = match self {
            Self::Scenario => {
                text.push_str("scenario");
                return text;
            }
            Self::Teardown => {
                text.push_str("teardown");
                return text;
            }
            Self::Backdrop(part) => {
                text.push_str("backdrop");
                part
            }
            Self::Step { step, part } => {
                text.push_str("steps[");
                text.push_u64(*step as u64);
                text.push_str("]");
                part
            }
        };
        let (list, index) = match part {
            Part::Whole => return text,
            Part::Hold => (".hold", None),
            Part::End => (".end", None),
            Part::Scheduler => (".scheduler", None),
            Part::Cgroup(index) => (".cgroups[", Some(*index)),
            Part::Op(index) => (".ops[", Some(*index)),
            Part::Payload(index) => (".payloads[", Some(*index)),
        };
        text.push_str(list);
        if let Some(index) = index {
            text.push_u64(index as u64);
            text.push_str("]");
        }
        text
    }
}

impl core::fmt::Display for Site {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.to_text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::string::ToString;

    #[test]
    fn sites_read_as_paths() {
        for (site, text) in [
            (Site::Scenario, "scenario"),
            (Site::Backdrop(Part::Cgroup(0)), "backdrop.cgroups[0]"),
            (Site::Step { step: 12, part: Part::Op(3) }, "steps[12].ops[3]"),
            (Site::Step { step: 0, part: Part::Hold }, "steps[0].hold"),
            (Site::Teardown, "teardown"),
        ] {
            assert_eq!(site.to_string(), text);
        }
    }
}
