//! Rows of work types that keep a CPU, its caches and its memory busy, each worker by itself.

macro_rules! cpu_rows {
    ($($rows:tt)*) => { team_rows! { $($rows)*

    /// Reads and writes a buffer with a stride, then calls `sched_yield`: a cache that is filled anew after
    /// each yield. One pass over the buffer is an iteration, a touched byte a unit.
    CacheYield = cache_yield(kib: u32, stride: u32) {
        /// Size of the buffer in KiB.
        kib: u32 = 32, from 1..=u32::MAX;
        /// Distance between touched bytes; at most the size of the buffer.
        stride: u32 = 64, from 1..=u32::MAX, at most kib as u64 * 1024;
    },
    team: 1, wakes: false,
    profile: {
        let touched = kib as f64 * 1024.0 / stride as f64;
        touching(kib, stride, steady(400.0 + touched * 2.0, touched))
    };

    /// Phases of dependent multiplications, which keep a CPU busy, and of touches of memory at random, which
    /// have it wait: how many instructions a cycle does changes all the time. `period_iters` of both are an
    /// iteration, a multiplication or a touch is a unit.
    IpcVariance = ipc_variance(hot_iters: u32, cold_iters: u32, period_iters: u32) {
        /// Multiplications in a hot phase.
        hot_iters: u32 = 100_000, from 1..=u32::MAX;
        /// Touches in a cold phase.
        cold_iters: u32 = 1024, from 1..=u32::MAX;
        /// Pairs of phases in an iteration.
        period_iters: u32 = 64, from 1..=u32::MAX;
    },
    team: 1, wakes: false,
    profile: {
        let (hot, cold, pairs) = (hot_iters as f64, cold_iters as f64, period_iters as f64);
        touching(512, 1, steady((hot * BURST_NS / 1024.0 + cold * 10.0) * pairs, (hot + cold) * pairs))
    };

    /// Chains of integer multiplications, each of which needs the one before, side by side in the lanes of a
    /// register: arithmetic units at work without rest, memory untouched. A step of all chains is a unit,
    /// 1,024 are an iteration.
    AluHot = alu_hot(width: AluWidth) {
        /// How wide the registers are.
        width: AluWidth = AluWidth::Widest;
    },
    team: 1, wakes: false, profile: steady(3_000.0, 1024.0);

    /// Pairs spin with the pause that spin loops have, each on one of two hardware threads of the same core,
    /// if there are such among the CPUs that they may use: two that share a core. A pause is a unit, 1,024
    /// are an iteration.
    SmtSiblingSpin = smt_sibling_spin(),
    team: 2, wakes: false, profile: steady(20_000.0, 1024.0);

    } };
}

pub(in crate::model::work_type) use cpu_rows;
