//! What machine the guest's kernel shows in sysfs, counted.

use crate::frame::Machine;
use std::collections::BTreeSet;
use std::path::Path;

/// Counts CPUs, nodes, caches and cores; what sysfs does not show counts as 0.
pub(super) fn machine(release: String) -> Machine {
    let system = Path::new("/sys/devices/system");
    let cpus = members(&read(&system.join("cpu/online")));
    let cpu = |cpu: u32| system.join(format!("cpu/cpu{cpu}"));
    let distinct =
        |of: &dyn Fn(u32) -> String| cpus.iter().map(|&n| of(n)).collect::<BTreeSet<_>>().len() as u32;
    let memory = read(Path::new("/proc/meminfo"));
    let total = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
    Machine {
        release,
        cpus: cpus.len() as u32,
        nodes: members(&read(&system.join("node/online"))).len() as u32,
        llcs: distinct(&|n| last_cache(&cpu(n))),
        cores: distinct(&|n| read(&cpu(n).join("topology/core_cpus_list"))),
        memory_mib: total.map_or(0, |kib: u32| kib / 1024),
    }
}

/// The CPUs that share this CPU's highest cache; without cache information, those of its die.
fn last_cache(cpu: &Path) -> String {
    let entries = cpu.join("cache").read_dir().into_iter().flatten().flatten();
    let caches = entries.map(|entry| entry.path()).filter(|path| path.join("level").is_file());
    let level = |path: &std::path::PathBuf| read(&path.join("level")).parse::<u32>().unwrap_or(0);
    match caches.max_by_key(level) {
        Some(cache) => read(&cache.join("shared_cpu_list")),
        None => read(&cpu.join("topology/die_cpus_list")),
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The numbers in a kernel list like `0-3,5`.
pub(super) fn members(list: &str) -> Vec<u32> {
    list.split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn kernel_lists_are_read() {
        for (list, numbers) in [("0-3,5", &[0, 1, 2, 3, 5][..]), ("0", &[0]), ("", &[]), ("x", &[])] {
            assert_eq!(super::members(list), numbers, "{list:?}");
        }
    }
}
