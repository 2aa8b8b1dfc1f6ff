//! Rows of work types that change how they are scheduled, or are so in more than one way.

macro_rules! scheduling_rows {
    ($($rows:tt)*) => { io_rows! { $($rows)*

    /// Ties itself to one CPU after the other, drawn from those that it may use, and spins on each: tasks
    /// that migrate all the time. A unit is one of spinning, or a change.
    AffinityChurn = affinity_churn(spin_iters: u32) {
        /// Units of spinning on each CPU.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: steady(10_000.0 + BURST_NS / 1024.0 * spin_iters as f64, 1.0 + spin_iters as f64);

    /// Changes the affinity of all other tasks of the cgroup in which it was started, between all CPUs that
    /// it may use itself and all but the first: changes that come from another task. In the runner's cgroup
    /// it leaves all alone. A unit is one of spinning, or a change.
    CrossAffinityChurn = cross_affinity_churn(spin_iters: u32) {
        /// Units of spinning between two rounds.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: steady(3_000.0 + BURST_NS / 1024.0 * spin_iters as f64, 2.0 + spin_iters as f64);

    /// Ties itself to the CPUs of one node after the other, of those that it may use, and spins on each for
    /// a time: a task that leaves its memory behind. A change is an iteration, a unit one of spinning.
    NumaMigrationChurn = numa_migration_churn(period_ms: u32) {
        /// Milliseconds on each node.
        period_ms: u32 = 100, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: bursts(Duration::from_millis(period_ms as u64), Duration::ZERO).without_wakeups();

    /// Gives itself one nice value after the other, from -20 to 19, with a burst of spinning on each:
    /// weights that change all the time. Without the right to lower it the value goes up to 19 and stays.
    NiceSweep = nice_sweep(),
    team: 1, wakes: false, profile: steady(BURST_NS + 700.0, 1024.0);

    /// Gives itself one scheduling policy after the other (batch, idle, FIFO 1, round robin 1, normal) and
    /// spins with each: tasks that change their class all the time. Policies to which it has no right are
    /// left out. A unit is one of spinning, or a change.
    PolicyChurn = policy_churn(spin_iters: u32) {
        /// Units of spinning with each policy.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: steady(2_000.0 + BURST_NS / 1024.0 * spin_iters as f64, 1.0 + spin_iters as f64);

    /// Some spin under `SCHED_FIFO` and never rest; the others are normal tasks and want the same CPUs, so
    /// give all the same affinity: how real-time tasks starve others. On the mock all are normal tasks. A
    /// unit is one of spinning.
    RtStarvation = rt_starvation(rt_workers: u32, cfs_workers: u32, rt_priority: u32, burst_iters: u32) {
        /// How many are real-time tasks.
        rt_workers: u32 = 1, from 1..=512;
        /// How many are normal tasks.
        cfs_workers: u32 = 1, from 1..=512;
        /// The priority of the real-time tasks.
        rt_priority: u32 = 50, from 1..=99;
        /// Units of spinning in an iteration.
        burst_iters: u32 = 1024, from 1..=u32::MAX;
    },
    team: rt_workers + cfs_workers, wakes: false,
    profile: privileged(steady(BURST_NS / 1024.0 * burst_iters as f64, burst_iters as f64));

    /// One wakes again and again under `SCHED_FIFO` and spins for a moment; the others spin as normal tasks,
    /// which it preempts. On the mock all are normal tasks. A unit is one of spinning.
    PreemptStorm = preempt_storm(cfs_workers: u32, rt_burst_iters: u32, rt_sleep_us: u32) {
        /// How many are normal tasks.
        cfs_workers: u32 = 2, from 1..=1023;
        /// Units of spinning after each wake-up.
        rt_burst_iters: u32 = 1024, from 1..=u32::MAX;
        /// Microseconds for which the real-time task sleeps.
        rt_sleep_us: u32 = 1000, from 1..=u32::MAX;
    },
    team: cfs_workers + 1, wakes: true,
    profile: {
        let spinning = cfs_workers as f64 / (cfs_workers as f64 + 1.0);
        privileged(Profile { wakeups: 0.001, ..waking(spinning, BURST_NS, 1024.0) })
    };

    /// Three tiers of real-time tasks: the low ones hold a lock that the high ones want, and those between
    /// keep the low ones from a CPU, so give all the same one: how long those of high priority wait for
    /// those of low. All rest for 200 us after each cycle. On the mock all are normal tasks. A unit is one
    /// of spinning, or a cycle.
    PriorityInversion = priority_inversion(
        high_count: u32, medium_count: u32, low_count: u32, hold_iters: u32, work_iters: u32,
        pi_mode: FutexLockMode,
    ) {
        /// How many have the highest priority and want the lock.
        high_count: u32 = 1, from 1..=256;
        /// How many have a priority between and want no lock.
        medium_count: u32 = 1, from 0..=256;
        /// How many have the lowest priority and hold the lock.
        low_count: u32 = 1, from 1..=256;
        /// Units of spinning of a low one with the lock.
        hold_iters: u32 = 4096, from 0..=u32::MAX;
        /// Units of spinning of each before that.
        work_iters: u32 = 1024, from 0..=u32::MAX;
        /// Whether whoever has the lock inherits the priority of those that wait for it.
        pi_mode: FutexLockMode = FutexLockMode::Plain;
    },
    team: high_count + medium_count + low_count, wakes: true,
    profile: {
        let all = (high_count + medium_count + low_count) as f64;
        let spun = work_iters as f64 + hold_iters as f64 * low_count as f64 / all;
        let busy = 8_000.0 + BURST_NS / 1024.0 * spun;
        privileged(waking(busy / (busy + 250_000.0), busy, 1.0 + spun))
    };

    /// Two tasks of different scheduling classes hand a turn to each other through futexes: where a task of
    /// one class wakes one of another. A unit is one of spinning, or a turn.
    AsymmetricWaker = asymmetric_waker(waker_class: SchedClass, wakee_class: SchedClass, burst_iters: u32) {
        /// The class of the first, which spins.
        waker_class: SchedClass = SchedClass::Normal;
        /// The class of the second.
        wakee_class: SchedClass = SchedClass::Normal;
        /// Units of spinning before each wake-up.
        burst_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 2, wakes: true,
    profile: {
        let spun = burst_iters as f64 / 2.0;
        let all = waking(0.5, 2_000.0 + BURST_NS / 1024.0 * spun, 1.0 + spun);
        match (waker_class, wakee_class) {
            (SchedClass::Fifo, _) | (_, SchedClass::Fifo) => privileged(all),
            _ => all,
        }
    };

    } };
}

pub(in crate::model::work_type) use scheduling_rows;
