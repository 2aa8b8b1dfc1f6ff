//! The canned scenarios of `ktstr` 0.50, said anew, as functions of a context: each plays the file of its
//! name below `scenarios` on the context's machine, with what the attribute says. Where the machine is too
//! small for one, the report says skip.

use crate::ctx::Ctx;
use crate::error::Error;
use ktstr_file::ScenarioFile;
use ktstr_file::report::RunReport;

macro_rules! canned {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(
            #[doc = concat!("Plays `scenarios/", $file, ".toml`.")]
            ///
            /// # Errors
            /// As [`Ctx::play`].
            pub fn $name(ctx: &Ctx) -> Result<RunReport, Error> {
                play(ctx, $file, include_str!(concat!("../scenarios/", $file, ".toml")))
            }
        )*

        /// All of them, with their names.
        pub const ALL: &[(&str, Canned)] = &[$((stringify!($name), $name)),*];
    };
}

/// A canned scenario.
pub type Canned = fn(&Ctx) -> Result<RunReport, Error>;

fn play(ctx: &Ctx, name: &str, text: &str) -> Result<RunReport, Error> {
    let file = ScenarioFile::from_text(format!("{name}.toml"), text);
    ctx.play_file(&file.map_err(|problems| Error::problems(&problems))?)
}

canned! {
    add_load_imbalance = "add-load-imbalance",
    affinity_change = "affinity-change",
    affinity_pinned = "affinity-pinned",
    cache_pipe = "cache-pipe",
    cache_pressure = "cache-pressure",
    cache_yield_wake_affine = "cache-yield-wake-affine",
    cgroup_add = "cgroup-add",
    cgroup_remove = "cgroup-remove",
    cpuset_add_remove = "cpuset-add-remove",
    cpuset_apply = "cpuset-apply",
    cpuset_change_imbalance = "cpuset-change-imbalance",
    cpuset_clear = "cpuset-clear",
    cpuset_cross_llc_race = "cpuset-cross-llc-race",
    cpuset_imbalance = "cpuset-imbalance",
    cpuset_load_shift = "cpuset-load-shift",
    cpuset_multicpu_pin = "cpuset-multicpu-pin",
    cpuset_overlap_imbalance = "cpuset-overlap-imbalance",
    cpuset_resize = "cpuset-resize",
    cpuset_swap_disjoint = "cpuset-swap-disjoint",
    cpuset_workload_imbalance = "cpuset-workload-imbalance",
    cpuset_workload_variety = "cpuset-workload-variety",
    crash_light = "crash-light",
    dsq_contention = "dsq-contention",
    dynamic_add_during_imbalance = "dynamic-add-during-imbalance",
    dynamic_rapid_churn = "dynamic-rapid-churn",
    dynamic_workload_variety = "dynamic-workload-variety",
    exhaust_reuse = "exhaust-reuse",
    fan_out_compute = "fan-out-compute",
    fan_out_wake = "fan-out-wake",
    host_contention = "host-contention",
    imbalance_4way = "imbalance-4way",
    imbalance_mixed_workload = "imbalance-mixed-workload",
    io_compute = "io-compute",
    load_oscillation = "load-oscillation",
    mixed_workloads = "mixed-workloads",
    nested_cpuset = "nested-cpuset",
    nested_imbalance = "nested-imbalance",
    nested_no_ctrl = "nested-no-ctrl",
    nested_rapid_churn = "nested-rapid-churn",
    nested_steady = "nested-steady",
    nested_task_move = "nested-task-move",
    no_ctrl_cpuset_change = "no-ctrl-cpuset-change",
    no_ctrl_imbalance = "no-ctrl-imbalance",
    no_ctrl_load_imbalance = "no-ctrl-load-imbalance",
    no_ctrl_task_migration = "no-ctrl-task-migration",
    oversubscribed = "oversubscribed",
    per_cpu = "per-cpu",
    pipe_io = "pipe-io",
    sched_mixed = "sched-mixed",
    steady = "steady",
    steady_llc = "steady-llc",
}
