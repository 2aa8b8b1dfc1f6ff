//! Limits as people read them: quotas in CPUs, memory in its units; what limits nothing has no lane.

use crate::timeline::Span;

/// The spans of a limit with words for their values, without those that the kernel has anyway.
pub(super) fn shown(file: &str, spans: &[Span]) -> Vec<Span> {
    let limits = spans.iter().filter(|span| !is_default(file, &span.label));
    limits.map(|span| Span { label: words(file, &span.label), ..span.clone() }).collect()
}

fn is_default(file: &str, value: &str) -> bool {
    let first = value.split(' ').next().unwrap_or_default();
    first == "max" || (first == "0" && matches!(file, "memory.low" | "memory.min" | "memory.oom.group"))
}

fn words(file: &str, value: &str) -> String {
    let quota = || {
        let (quota, period) = value.split_once(' ')?;
        let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
        (period > 0.0).then(|| format!("{:.2} CPUs ({value})", quota / period))
    };
    let bytes = || value.parse::<u64>().ok().map(bytes);
    match file {
        "cpu.max" => quota(),
        _ if file.starts_with("memory.") && file != "memory.oom.group" => bytes(),
        _ => None,
    }
    .unwrap_or_else(|| value.to_owned())
}

/// Bytes in the largest unit that they are a whole number of.
fn bytes(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes > 0 && bytes.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", bytes / unit),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_well_and_what_limits_nothing_is_left_out() {
        for (file, value, shown_as) in [
            ("cpu.max", "20000 100000", Some("0.20 CPUs (20000 100000)")),
            ("cpu.max", "max 100000", None),
            ("cpu.max", "20000 0", Some("20000 0")),
            ("memory.max", "536870912", Some("512 MiB")),
            ("memory.max", "1000", Some("1000 bytes")),
            ("memory.low", "0", None),
            ("memory.oom.group", "1", Some("1")),
            ("cpu.weight", "100", Some("100")),
            ("pids.max", "7", Some("7")),
        ] {
            let span = Span { from_ns: 0, to_ns: 1, label: value.to_owned() };
            let labels: Vec<_> = shown(file, &[span]).into_iter().map(|span| span.label).collect();
            assert_eq!(labels, shown_as.into_iter().collect::<Vec<_>>(), "{file} {value}");
        }
    }
}
