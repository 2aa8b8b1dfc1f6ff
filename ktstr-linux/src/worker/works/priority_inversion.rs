//! Three tiers under `SCHED_FIFO`: the low ones hold a lock that the high ones want, and those between keep
//! the low ones from a CPU. All rest now and then, so that others get a CPU too.

use super::Needs;
use crate::worker::context::{Context, Team};
use crate::worker::progress::Progress;
use ktstr_core::{FutexLockMode, SchedPolicy, WorkType};

/// The priorities of the tiers, from high to low.
const PRIORITIES: [u8; 3] = [30, 20, 10];

/// How long each rests after a cycle, in nanoseconds.
const REST: u64 = 200_000;

pub(super) const NEEDS: Needs = Needs { policy, ..Needs::NOTHING };

/// The tiers, by how many are in each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tier {
    High,
    Medium,
    Low,
}

impl Tier {
    const fn of(member: usize, high: u32, medium: u32) -> Self {
        let (high, medium) = (high as usize, medium as usize);
        if member < high {
            Self::High
        } else if member < high + medium {
            Self::Medium
        } else {
            Self::Low
        }
    }
}

fn policy(work: &WorkType, member: usize) -> Option<SchedPolicy> {
    let WorkType::PriorityInversion { high_count, medium_count, .. } = *work else { return None };
    Some(SchedPolicy::Fifo(PRIORITIES[Tier::of(member, high_count, medium_count) as usize]))
}

#[allow(clippy::too_many_arguments, reason = "one each")]
pub(super) fn run(
    high_count: u32,
    medium_count: u32,
    _low_count: u32,
    hold_iters: u32,
    work_iters: u32,
    pi_mode: FutexLockMode,
    context: &mut Context<'_>,
) {
    let (progress, team) = (&mut context.progress, &context.team);
    let tier = Tier::of(team.index(), high_count, medium_count);
    while !progress.stopped() {
        progress.spin(u64::from(work_iters));
        if tier != Tier::Medium && !hold(pi_mode, hold_iters, tier, progress, team) {
            return;
        }
        progress.worked(1);
        progress.iterated();
        progress.sleep(REST);
    }
}

/// Has the lock for a moment, a low one as long as it spins; false when it is time to stop.
fn hold(mode: FutexLockMode, iters: u32, tier: Tier, progress: &mut Progress<'_>, team: &Team<'_>) -> bool {
    let taken = match mode {
        FutexLockMode::Plain => team.lock(progress),
        FutexLockMode::Pi => team.lock_pi(progress),
    };
    if taken {
        if tier == Tier::Low {
            progress.spin(u64::from(iters));
        }
        match mode {
            FutexLockMode::Plain => team.unlock(),
            FutexLockMode::Pi => team.unlock_pi(),
        }
    }
    taken
}
