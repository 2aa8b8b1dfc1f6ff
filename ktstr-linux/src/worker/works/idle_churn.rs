//! The same loop as `Bursty`, made for short times: if wanted with the least slack that timers can have.

use super::{Needs, bursty};
use crate::sys::sched;
use crate::worker::context::Context;
use std::time::Duration;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(burst: Duration, sleep: Duration, precise: bool, context: &mut Context<'_>) {
    if precise {
        sched::set_timer_slack_to_least();
    }
    bursty::run(burst, sleep, context);
}
