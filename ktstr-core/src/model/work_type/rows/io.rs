//! Rows of work types that read, write, hold memory, or wait in ways of their own.

macro_rules! io_rows {
    ($($rows:tt)*) => { work_types! { $($rows)*

    /// Writes 16 blocks of 4 KiB to a file without a name, each of which is on the device before the next
    /// one, and flushes: how a task waits for a device. A block is a unit, a round an iteration.
    IoSyncWrite = io_sync_write(),
    team: 1, wakes: false, profile: by_device(16.0 * 100_000.0, 16.0);

    /// Reads a block of 4 KiB at a random place of a file of 1 MiB without a name, past the page cache where
    /// the file system can. A block is a unit and an iteration.
    IoRandRead = io_rand_read(),
    team: 1, wakes: false, profile: by_device(60_000.0, 1.0);

    /// Writes blocks of 4 KiB in order and reads others at random, past the page cache where the file system
    /// can, and flushes now and then, for which both wait. A block is a unit, a pair an iteration.
    IoConvoy = io_convoy(),
    team: 1, wakes: false, profile: by_device(120_000.0, 2.0);

    /// Writes a file of 1 MiB without a name into the page cache, then reads it, in blocks: memory that is
    /// charged to the cgroup as file pages, and writeback. 4 KiB are a unit, once through the file is an
    /// iteration.
    BufferedIo = buffered_io(block_kib: u32) {
        /// KiB of a block.
        block_kib: u32 = 64, from 4..=1024;
    },
    team: 1, wakes: false, profile: touching(1024, 1, steady(256.0 * 400.0, 256.0));

    /// As `BufferedIo`, past the page cache (`O_DIRECT`): it is refused where the file system cannot. 4 KiB
    /// are a unit, once through the file is an iteration.
    DirectIo = direct_io(block_kib: u32) {
        /// KiB of a block.
        block_kib: u32 = 64, from 4..=1024;
    },
    team: 1, wakes: false, profile: by_device(256.0 * 2_500.0, 256.0);

    /// Holds memory: touches each page of it once, then rests; or touches all of it again and again. A page
    /// that is touched is a unit, a rest an iteration.
    MemoryHold = memory_hold(mib: u32) {
        /// How much, in MiB.
        mib: u32 = 64, from 1..=1_048_576;
        /// Milliseconds between the beginnings of two times in which all of it is touched; 0 to leave it
        /// alone.
        touch_ms: u32 = 0, from 0..=u32::MAX;
    },
    team: 1, wakes: true,
    profile: {
        let pages = mib as f64 * 256.0;
        let held = if touch_ms == 0 {
            // The first touch costs most; a second of rests has its share of it.
            let busy = 10_000.0 + pages * 34.0;
            waking(busy / (busy + 1e7), busy, 1.0 + pages / 100.0)
        } else {
            let busy = 10_000.0 + pages * 20.0;
            waking(busy / (busy + touch_ms as f64 * 1e6), busy, pages)
        };
        touching(if mib < 1_048_576 { mib * 1024 } else { u32::MAX }, 1, held)
    };

    /// Touches its memory all the time, and has it moved to the next node now and then, of those that it may
    /// use: pages that migrate. On one node nothing is moved. A page that is touched is a unit, once through
    /// all is an iteration.
    NumaWorkingSetSweep = numa_working_set_sweep(region_kib: u32, sweep_period_ms: u32) {
        /// KiB of memory.
        region_kib: u32 = 4096, from 4..=u32::MAX;
        /// Milliseconds on each node.
        sweep_period_ms: u32 = 100, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: {
        let pages = region_kib as f64 / 4.0;
        touching(region_kib, 1, steady(200.0 + pages * 12.0, pages))
    };

    /// Sleeps in the state D, in which only a signal that kills ends a sleep, as a parent does from `vfork`
    /// until its child ends: tasks that count for the load and that nothing wakes. Such a sleep is a unit
    /// and an iteration. It has a child, which sleeps as well.
    UninterruptibleSleep = uninterruptible_sleep(sleep_ms: u32) {
        /// Milliseconds of each sleep.
        sleep_ms: u32 = 20, from 1..=u32::MAX;
    },
    team: 1, wakes: true,
    profile: {
        let (busy, idle) = (100_000.0, sleep_ms as f64 * 1e6);
        forking(waking(busy / (busy + idle), busy, 1.0))
    };

    /// Starts a thread that spins and ends, and waits for it: tasks of one process that come and go. A
    /// thread is a unit and an iteration, and a unit of spinning is a unit.
    ThreadChurn = thread_churn(spin_iters: u32) {
        /// Units of spinning of each thread.
        spin_iters: u32 = 1024, from 0..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: {
        let spun = spin_iters as f64;
        forking(Profile { cap: 0.8, ..steady(12_000.0 + BURST_NS / 1024.0 * spun, 1.0 + spun) })
    };

    /// A server waits with epoll for its clients, spins for each request and answers; a client thinks, asks
    /// and waits: an event loop. A request is a unit and an iteration, and a unit of spinning is a unit.
    EpollServer = epoll_server(clients: u32, think_us: u32, serve_iters: u32) {
        /// How many ask.
        clients: u32 = 3, from 1..=255;
        /// Microseconds for which a client thinks before it asks.
        think_us: u32 = 1000, from 0..=u32::MAX;
        /// Units of spinning for a request.
        serve_iters: u32 = 16_384, from 0..=u32::MAX;
    },
    team: clients + 1, wakes: true,
    profile: {
        let members = clients as f64 + 1.0;
        let served = BURST_NS / 1024.0 * serve_iters as f64 + 10_000.0;
        let round = served * clients as f64 + think_us as f64 * 1e3;
        let round = if round > served * clients as f64 { round } else { served * clients as f64 };
        let each = clients as f64 * (served + 10_000.0) / members;
        let units = clients as f64 * (serve_iters as f64 + 2.0) / members;
        let cap = each / round;
        Profile { wakeups: 2.0, ..waking(if cap < 1.0 { cap } else { 1.0 }, each, units) }
    };

    /// Up to four phases, one after the other, again and again: a task that changes what it does. What a
    /// unit is goes by the phase: of spinning, a multiplication, a yield, a block of 4 KiB that is on the
    /// device. Once through all is an iteration.
    Sequence = sequence(first: WorkPhase, first_us: u32, second: WorkPhase, second_us: u32) {
        /// What it does first.
        first: WorkPhase = WorkPhase::Spin;
        /// For how many microseconds.
        first_us: u32 = 10_000, from 1..=u32::MAX;
        /// What it does then.
        second: WorkPhase = WorkPhase::Sleep;
        /// For how many microseconds.
        second_us: u32 = 10_000, from 1..=u32::MAX;
        /// What it does as the third.
        third: WorkPhase = WorkPhase::Nothing;
        /// For how many microseconds.
        third_us: u32 = 10_000, from 1..=u32::MAX;
        /// What it does last.
        fourth: WorkPhase = WorkPhase::Nothing;
        /// For how many microseconds.
        fourth_us: u32 = 10_000, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: sequence(&[(first, first_us), (second, second_us), (third, third_us), (fourth, fourth_us)]);

    } };
}

pub(in crate::model::work_type) use io_rows;
