//! Rows of work types whose workers wake each other, want the same lock, or wait for a time.

macro_rules! team_rows {
    ($($rows:tt)*) => { scheduling_rows! { $($rows)*

    /// Pairs pass a byte back and forth through two pipes, and each touches `burst_iters` lines of a buffer
    /// of its own before it sends: whether a waker and whom it wakes share a cache. A touched line is a
    /// unit, and so is a byte.
    CachePipe = cache_pipe(kib: u32, burst_iters: u32) {
        /// Size of the buffer in KiB.
        kib: u32 = 32, from 1..=u32::MAX;
        /// Lines of 64 bytes that are touched before a byte is sent.
        burst_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 2, wakes: true,
    profile: touching(kib, 64, waking(0.5, 3_000.0 + 2.0 * burst_iters as f64, 1.0 + burst_iters as f64));

    /// One spins and wakes all others through one futex, again and again: wake-ups that fan out. A unit of
    /// the first is one of spinning or a round, one of the others a wake-up; so are the iterations.
    FutexFanOut = futex_fan_out(fan_out: u32, spin_iters: u32) {
        /// How many are woken at once.
        fan_out: u32 = 4, from 1..=1023;
        /// Units of spinning before each wake-up.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: fan_out + 1, wakes: true,
    profile: {
        let members = fan_out as f64 + 1.0;
        let spun = spin_iters as f64 / members;
        waking(0.5, 1_000.0 + BURST_NS / 1024.0 * spun, 1.0 + spun)
    };

    /// One wakes all others, as a dispatcher its workers; each of them rests for a moment, multiplies
    /// matrices, and says that it has done. When all have, the first wakes them again. A unit is a
    /// multiplication of two numbers, for the first a round.
    FanOutCompute = fan_out_compute(fan_out: u32, cache_footprint_kib: u32, operations: u32, sleep_usec: u32) {
        /// How many are woken at once.
        fan_out: u32 = 4, from 1..=1023;
        /// KiB that two matrices and their product fill.
        cache_footprint_kib: u32 = 256, from 1..=u32::MAX;
        /// Multiplications of matrices in each round.
        operations: u32 = 5, from 1..=u32::MAX;
        /// Microseconds for which each rests before it computes.
        sleep_usec: u32 = 100, from 0..=u32::MAX;
    },
    team: fan_out + 1, wakes: true,
    profile: {
        let workers = fan_out as f64 / (fan_out as f64 + 1.0);
        let numbers = cache_footprint_kib as f64 * 128.0 / 3.0;
        let products = numbers * approximate_root(numbers) * operations as f64;
        let (busy, idle) = (10_000.0 + products, 10_000.0 + sleep_usec as f64 * 1e3);
        let cap = workers * busy / (busy + idle);
        let all = waking(cap, busy * workers, products * workers);
        touching(cache_footprint_kib, 64, Profile { wakeups: 2.0, ..all })
    };

    /// One wakes a whole herd of others at once by one futex, then rests while they lie down again. A
    /// wake-up is a unit and an iteration. After `batches` all rest until the end.
    ThunderingHerd = thundering_herd(waiters: u32, batches: u32, inter_batch_ms: u32) {
        /// How many there are in the herd.
        waiters: u32 = 7, from 1..=1023;
        /// How often they are woken.
        batches: u32 = 1000, from 1..=u32::MAX;
        /// Milliseconds between two times.
        inter_batch_ms: u32 = 5, from 0..=u32::MAX;
    },
    team: waiters + 1, wakes: true,
    profile: {
        let (busy, idle) = (10_000.0, inter_batch_ms as f64 * 1e6);
        waking(busy / (busy + idle), busy, 1.0)
    };

    /// All spin by themselves, then with a lock that only one can have: a common mutex, which is contended.
    /// A unit is one of spinning, or a turn with the lock.
    MutexContention = mutex_contention(contenders: u32, hold_iters: u32, work_iters: u32) {
        /// How many want the lock.
        contenders: u32 = 4, from 2..=1024;
        /// Units of spinning with the lock.
        hold_iters: u32 = 256, from 0..=u32::MAX;
        /// Units of spinning without it.
        work_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: contenders, wakes: true,
    profile: locking(contenders, hold_iters, work_iters, 500.0);

    /// As `MutexContention`, with a lock whose owner inherits the priority of those that wait for it
    /// (`FUTEX_LOCK_PI`): each contended turn goes through the kernel. A unit is one of spinning, or a turn
    /// with the lock.
    PiMutex = pi_mutex(contenders: u32, hold_iters: u32, work_iters: u32) {
        /// How many want the lock.
        contenders: u32 = 4, from 2..=1024;
        /// Units of spinning with the lock.
        hold_iters: u32 = 256, from 0..=u32::MAX;
        /// Units of spinning without it.
        work_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: contenders, wakes: true,
    profile: locking(contenders, hold_iters, work_iters, 3_000.0);

    /// Some put items into a queue at a rate of their own, others take them out and spin for each: a queue
    /// that fills, or consumers that wait. An item is a unit and an iteration, and a unit of spinning is one
    /// too.
    ProducerConsumerImbalance = producer_consumer_imbalance(
        producers: u32, consumers: u32, produce_rate_hz: u32, consume_iters: u32, queue_depth_target: u32,
    ) {
        /// How many put items in.
        producers: u32 = 2, from 1..=512;
        /// How many take them out.
        consumers: u32 = 1, from 1..=512;
        /// Items that each producer makes in a second.
        produce_rate_hz: u32 = 1000, from 1..=1_000_000;
        /// Units of spinning for each item.
        consume_iters: u32 = 4096, from 0..=u32::MAX;
        /// Items that the queue takes; those for which there is no room are dropped.
        queue_depth_target: u32 = 1024, from 1..=1_000_000_000;
    },
    team: producers + consumers, wakes: true,
    profile: {
        let members = (producers + consumers) as f64;
        let (made, spun) = (produce_rate_hz as f64 * producers as f64, consume_iters as f64);
        let spinning = 4_000.0 + BURST_NS / 1024.0 * spun;
        let most = consumers as f64 * 1e9 / spinning;
        let taken = if made < most { made } else { most };
        let rounds = made + taken;
        let busy = (made * 8_000.0 + taken * spinning) / rounds;
        let cap = busy * rounds / 1e9 / members;
        waking(if cap < 1.0 { cap } else { 1.0 }, busy, 1.0 + spun * taken / rounds)
    };

    /// A ring of workers: each waits for the one before it, works for a while and wakes the next, so that
    /// one is at work at a time: a pipeline of wake-ups. A turn is an iteration and a unit, and so is a unit
    /// of spinning.
    WakeChain = wake_chain(depth: u32, wake: WakeMechanism, work_per_hop: Duration) {
        /// How many there are in the ring.
        depth: u32 = 4, from 2..=1024;
        /// What each wakes the next one with.
        wake: WakeMechanism = WakeMechanism::Pipe;
        /// How long each works in its turn.
        work_per_hop: Duration = Duration::from_micros(100), from Duration::ZERO..=Duration::MAX;
    },
    team: depth, wakes: true,
    profile: {
        let work = work_per_hop.as_nanos() as f64;
        waking(1.0 / depth as f64, 3_000.0 + work, 1.0 + work / BURST_NS * 1024.0)
    };

    /// Pairs send `SIGUSR1` to each other, which both handle, and spin between. A unit is a signal or one of
    /// spinning.
    SignalStorm = signal_storm(signals_per_iter: u32, work_iters: u32) {
        /// Signals that each sends in an iteration.
        signals_per_iter: u32 = 16, from 1..=u32::MAX;
        /// Units of spinning between.
        work_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 2, wakes: false,
    profile: {
        let (signals, spun) = (signals_per_iter as f64, work_iters as f64);
        steady(1_000.0 * signals + BURST_NS / 1024.0 * spun, signals + spun)
    };

    /// Some write to an eventfd in bursts, others wait for it with epoll, of whom one is woken for each
    /// event; it spins a burst for what it finds. Producers rest for 100 us after a burst. An event is a
    /// unit, and so is a unit of spinning.
    EpollStorm = epoll_storm(producers: u32, consumers: u32, events_per_burst: u32) {
        /// How many write.
        producers: u32 = 1, from 1..=512;
        /// How many wait.
        consumers: u32 = 2, from 1..=512;
        /// Events in a burst.
        events_per_burst: u32 = 32, from 1..=u32::MAX;
    },
    team: producers + consumers, wakes: true,
    profile: {
        let events = events_per_burst as f64;
        let busy = 6_000.0 + events * 400.0;
        waking(busy / (busy + 100_000.0), busy, events + 1024.0)
    };

    /// Sleeps until each tick of a clock of its own and measures how late it wakes, as `cyclictest` does. A
    /// tick is a unit and an iteration; ticks that it sleeps through are left out.
    TimerLatency = timer_latency(interval_us: u32) {
        /// Microseconds between two ticks.
        interval_us: u32 = 1000, from 1..=u32::MAX;
    },
    team: 1, wakes: true,
    profile: {
        let (busy, idle) = (20_000.0, interval_us as f64 * 1e3);
        waking(busy / (busy + idle), busy, 1.0)
    };

    } };
}

pub(in crate::model::work_type) use team_rows;
