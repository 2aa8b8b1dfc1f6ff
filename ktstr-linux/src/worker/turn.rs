//! Which of the workers that have not stopped in time are killed. The rule only; `stop` looks and kills.

use crate::procfs::Stat;
use std::time::Duration;

/// How long workers have to stop when asked, if the kernel lets them run; and how much CPU time one that it
/// does not let run in that time has from then on.
pub(crate) const STOP_TIME: Duration = Duration::from_secs(2);

/// A worker that has not stopped within [`STOP_TIME`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Late {
    /// The process as it is now; `None` where it does not show.
    pub(crate) stat: Option<Stat>,
    /// Whether it sleeps until a child has ended that needs a turn itself.
    pub(crate) for_child: bool,
    /// CPU time that it had used when `STOP_TIME` was over, in nanoseconds.
    pub(crate) cpu_before: u64,
}

/// What is to become of a late worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lot {
    /// It would run if the kernel let it.
    Wait,
    /// It does not run by itself, but perhaps once another has had its turn.
    WaitForOthers,
    Kill,
}

/// Which of the late workers of a group to kill now.
///
/// That a worker does not stop is its own fault only if it had the chance to: two hundred that spin on four
/// CPUs leave one of them without a turn for seconds, and a quota or `memory.high` holds one up as long. Such
/// a worker, runnable or held up in the kernel, is waited for until it has used `STOP_TIME` of CPU time. One
/// that sleeps waits for nothing that would come, except for its partner, which closes the pipe between them
/// when it stops: it is waited for as long as another of its group is; and except for a child of its own,
/// which gets no CPU where the worker would get none. One that is stopped by a signal, or does not show, gets
/// no such time. That all of this has an end, [`TURN_TIME`](crate::clock::TURN_TIME), is for the caller to
/// see to.
pub(crate) fn to_kill(late: &[Late]) -> Vec<bool> {
    let lots: Vec<Lot> = late.iter().map(Late::lot).collect();
    let others_wait = lots.contains(&Lot::Wait);
    let doomed = |lot: &Lot| *lot == Lot::Kill || *lot == Lot::WaitForOthers && !others_wait;
    lots.iter().map(doomed).collect()
}

impl Late {
    fn lot(&self) -> Lot {
        let Some(stat) = self.stat else { return Lot::Kill };
        let used = Duration::from_nanos(stat.cpu_ns.saturating_sub(self.cpu_before));
        match stat.state {
            'Z' | 'X' => Lot::Wait,
            'R' | 'D' if used <= STOP_TIME => Lot::Wait,
            'S' if self.for_child => Lot::Wait,
            'S' => Lot::WaitForOthers,
            _ => Lot::Kill,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Its state, `c` for one that sleeps until its child has ended, and how many milliseconds of CPU time it
    /// has used since it was late; `None` shows nothing.
    type Worker = Option<(char, u64)>;

    fn late(worker: Worker) -> Late {
        let for_child = matches!(worker, Some(('c', _)));
        let stat = |(state, ms): (char, u64)| Stat {
            state: if for_child { 'S' } else { state },
            parent: 1,
            kernel: false,
            cpu_ns: (500 + ms) * 1_000_000,
        };
        Late { stat: worker.map(stat), for_child, cpu_before: 500_000_000 }
    }

    #[test]
    fn only_who_had_a_turn_or_wants_none_is_killed() {
        let table: [(&[Worker], &[bool]); 15] = [
            (&[], &[]),
            (&[Some(('R', 0))], &[false]),
            (&[Some(('R', 2000))], &[false]),
            (&[Some(('R', 2010))], &[true]),
            (&[Some(('D', 0))], &[false]),
            (&[Some(('D', 2010))], &[true]),
            (&[Some(('Z', 2010))], &[false]),
            (&[Some(('S', 0))], &[true]),
            (&[Some(('c', 0))], &[false]),
            (&[Some(('S', 0)), Some(('c', 2010))], &[false, false]),
            (&[Some(('T', 0))], &[true]),
            (&[None], &[true]),
            (&[Some(('S', 0)), Some(('R', 0))], &[false, false]),
            (&[Some(('S', 0)), Some(('R', 2010))], &[true, true]),
            (&[Some(('T', 0)), Some(('R', 0)), Some(('R', 3000)), None], &[true, false, true, true]),
        ];
        for (workers, killed) in table {
            let late: Vec<Late> = workers.iter().copied().map(late).collect();
            assert_eq!(to_kill(&late), killed, "{workers:?}");
        }
    }
}
