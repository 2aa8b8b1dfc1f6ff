//! What workers and programs ask of the scheduler: what one iteration costs is in the row of each work
//! type.

use super::shares::Class;
use ktstr_core::{Profile, SchedPolicy, WorkType};

/// What a program asks for that keeps a CPU busy.
pub(crate) const BUSY: Profile = WorkType::SpinWait.profile();

/// The weight of a task against others of its cgroup, of a real-time task its priority; and its class.
pub(crate) fn weight(policy: &SchedPolicy, nice: i32) -> (f64, Class) {
    match policy {
        SchedPolicy::Fifo(priority) => (f64::from(*priority), Class::Fifo),
        SchedPolicy::RoundRobin(priority) => (f64::from(*priority), Class::RoundRobin),
        SchedPolicy::Deadline { .. } => (1.0, Class::Deadline),
        SchedPolicy::Idle => (3.0, Class::Fair),
        SchedPolicy::Normal | SchedPolicy::Batch | SchedPolicy::Ext => {
            let mut weight = 1024.0;
            for _ in 0..nice.clamp(-20, 19).unsigned_abs() {
                weight = if nice > 0 { weight / 1.25 } else { weight * 1.25 };
            }
            (weight, Class::Fair)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nice_steps_are_a_quarter_each() {
        assert_eq!(weight(&SchedPolicy::Normal, 0), (1024.0, Class::Fair));
        assert_eq!(weight(&SchedPolicy::Normal, 1), (819.2, Class::Fair));
        assert_eq!(weight(&SchedPolicy::Batch, -1), (1280.0, Class::Fair));
        assert_eq!(weight(&SchedPolicy::Fifo(7), 19), (7.0, Class::Fifo));
    }
}
