//! One step of a scenario: operations, cgroup definitions, and how long the result is held.

use crate::model::cgroup_def::CgroupDef;
use crate::model::op::Op;
use crate::model::payload::Payload;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How long a step is held. Holds are never cut: the scenario's duration is shared out before the run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum HoldSpec {
    /// This fraction of the scenario's duration, above 0.
    Frac(f64),
    /// This long; zero goes on at once.
    Fixed(Duration),
    /// Repeats the step's operations every `interval` for what the steps before have left of the duration.
    Loop {
        /// From the end of one round to the start of the next, above zero.
        interval: Duration,
    },
}

impl HoldSpec {
    /// The whole duration.
    pub const FULL: Self = Self::Frac(1.0);

    /// This fraction of the duration.
    pub const fn frac(fraction: f64) -> Self {
        Self::Frac(fraction)
    }

    /// This long.
    pub const fn fixed(duration: Duration) -> Self {
        Self::Fixed(duration)
    }

    /// Repeats the step's operations every `interval`.
    pub const fn loop_at(interval: Duration) -> Self {
        Self::Loop { interval }
    }

    /// How long it lasts in a scenario of `duration` of which `spent` has gone to earlier holds. A fraction
    /// that is no number, or negative, lasts no time; what is too long for a [`Duration`] lasts the whole
    /// duration.
    pub const fn length(&self, duration: Duration, spent: Duration) -> Duration {
        match *self {
            Self::Fixed(length) => length,
            Self::Loop { .. } => duration.saturating_sub(spent),
            Self::Frac(fraction) => {
                let nanos = duration.as_nanos() as f64 * fraction;
                if nanos >= u64::MAX as f64 { duration } else { Duration::from_nanos(nanos as u64) }
            }
        }
    }
}

impl Default for HoldSpec {
    fn default() -> Self {
        Self::FULL
    }
}

/// One step. Operations run first, then definitions are set up, then the payload starts, then the step is
/// held; a looping step sets its definitions and payload up once and then repeats its operations. What a step
/// creates goes when the step ends.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Step<'a> {
    /// What reports and comparisons call it, and the phase of the run that it is: 1 to 64 bytes, unlike the
    /// names of the other steps.
    pub name: Option<&'a str>,
    /// Cgroups with their workers.
    pub setup: &'a [CgroupDef<'a>],
    /// Operations.
    pub ops: &'a [Op<'a>],
    /// A payload that runs for the length of the step.
    pub payload: Option<&'a Payload<'a>>,
    /// How long it is held.
    pub hold: HoldSpec,
}

impl<'a> Step<'a> {
    /// Operations, then a hold.
    pub const fn new(ops: &'a [Op<'a>], hold: HoldSpec) -> Self {
        Self { name: None, setup: &[], ops, payload: None, hold }
    }

    /// Only a hold.
    pub const fn hold(hold: HoldSpec) -> Self {
        Self::new(&[], hold)
    }

    /// One operation, then a hold.
    pub const fn with_op(op: &'a Op<'a>, hold: HoldSpec) -> Self {
        Self::new(core::slice::from_ref(op), hold)
    }

    /// Cgroups with their workers, and a hold.
    pub const fn with_defs(setup: &'a [CgroupDef<'a>], hold: HoldSpec) -> Self {
        Self { name: None, setup, ops: &[], payload: None, hold }
    }

    /// A payload that runs for the length of the hold.
    pub const fn with_payload(payload: &'a Payload<'a>, hold: HoldSpec) -> Self {
        Self { name: None, setup: &[], ops: &[], payload: Some(payload), hold }
    }

    /// The same step under this name.
    #[must_use]
    pub const fn named(mut self, name: &'a str) -> Self {
        self.name = Some(name);
        self
    }

    /// The same step with these operations instead.
    #[must_use]
    pub const fn set_ops(mut self, ops: &'a [Op<'a>]) -> Self {
        self.ops = ops;
        self
    }

    /// The same step with this hold instead.
    #[must_use]
    pub const fn set_hold(mut self, hold: HoldSpec) -> Self {
        self.hold = hold;
        self
    }

    /// Whether it repeats its operations.
    pub const fn is_loop(&self) -> bool {
        matches!(self.hold, HoldSpec::Loop { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_share_the_duration_out() {
        let ten = Duration::from_secs(10);
        let four = Duration::from_secs(4);
        for (hold, length) in [
            (HoldSpec::FULL, ten),
            (HoldSpec::frac(0.25), Duration::from_millis(2500)),
            (HoldSpec::frac(f64::NAN), Duration::ZERO),
            (HoldSpec::frac(-1.0), Duration::ZERO),
            (HoldSpec::frac(1e300), ten),
            (HoldSpec::fixed(four), four),
            (HoldSpec::loop_at(four), Duration::from_secs(6)),
        ] {
            assert_eq!(hold.length(ten, four), length, "{hold:?}");
        }
    }
}
