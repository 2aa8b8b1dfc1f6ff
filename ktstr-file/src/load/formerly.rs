//! What users of `ktstr` 0.50 write for a work type, and what it is called here, so that the cure can say it.
//! `docs/moving.md` shows these rows.

use std::fmt::Write as _;

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

/// The rows of arguments by another name as Markdown, a work type each.
pub(crate) fn arguments_table() -> String {
    let mut types: Vec<&str> = Vec::new();
    for name in ARGUMENTS.iter().flat_map(|(types, ..)| types.iter()) {
        if !types.contains(name) {
            types.push(name);
        }
    }
    let mut table = String::from("| there | here |\n| --- | --- |\n");
    for name in types {
        let rows = ARGUMENTS.iter().filter(|(types, ..)| types.contains(&name));
        let (there, here): (Vec<_>, Vec<_>) = rows.map(|(_, there, here)| (*there, *here)).unzip();
        let _ =
            writeln!(table, "| `{name} {{ {} }}` | `{name} {{ {} }}` |", there.join(", "), here.join(", "));
    }
    table
}

/// The rows of work types that are not there, as Markdown.
pub(crate) fn types_table() -> String {
    let rows = TYPES.iter().map(|(there, instead)| format!("| `{there}` | {instead} |\n"));
    format!("| there | what to do |\n| --- | --- |\n{}", rows.collect::<String>())
}
