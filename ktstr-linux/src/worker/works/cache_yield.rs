//! One pass over a buffer, then `sched_yield`.

use super::{Needs, cache_pressure};
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(kib: u32, stride: u32, context: &mut Context<'_>) {
    cache_pressure::passes(kib, stride, context, |_, _| {
        rustix::thread::sched_yield();
        true
    });
}
