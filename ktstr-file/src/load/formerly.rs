//! What users of `ktstr` 0.50 write for a work type, and what it is called here, so that the cure can say it.
//! `docs/moving.md` has the same rows.

/// Arguments by another name: the work types, the name there, the name here.
const ARGUMENTS: [(&[&str], &str, &str); 7] = [
    (&["Bursty", "IdleChurn"], "burst_duration", "burst"),
    (&["Bursty", "IdleChurn"], "sleep_duration", "sleep"),
    (&["IdleChurn"], "precise_timing", "precise"),
    (&["PipeIo"], "burst_iters", "iters"),
    (&["FutexPingPong"], "spin_iters", "iters"),
    (&["CachePressure", "CacheYield", "CachePipe"], "size_kib", "kib"),
    (&["PageFaultChurn"], "region_kib", "kib"),
];

/// Work types that are not there, and what to do instead.
const TYPES: [(&str, &str); 7] = [
    ("Custom", "run a program of your own as a payload"),
    ("Schbench", "use FanOutCompute, or run schbench as a payload"),
    ("Taobench", "run the benchmark as a payload"),
    ("NetTraffic", "run a program that sends as a payload"),
    ("IrqWake", "steer the interrupt with `steer_irq`, and run a program that waits for it as a payload"),
    ("CgroupChurn", "use `move_all_tasks` in a step that repeats"),
    ("CgroupAttachStorm", "run a program that does it as a payload"),
];

/// What an argument of this work type is called here.
pub(crate) fn argument(work_type: &str, key: &str) -> Option<&'static str> {
    let row = ARGUMENTS.iter().find(|(types, there, _)| types.contains(&work_type) && *there == key);
    row.map(|(_, _, here)| *here)
}

/// What to do instead of a work type that is not there.
pub(crate) fn instead(name: &str) -> Option<&'static str> {
    TYPES.iter().find(|(there, _)| *there == name).map(|(_, instead)| *instead)
}
