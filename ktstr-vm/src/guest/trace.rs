//! The kernel's trace of a run, taken in the guest: an instance of tracefs of our own with the events of the
//! scheduler and of cgroups, in buffers that are large enough to be read only at the end. What is handed
//! over are the kernel's own pages, with the formats that it gives for them; they are decoded on the host.
//!
//! Where a buffer is full the newest records are dropped and counted, so that the beginning is always there.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How what is handed over begins; then follow entries: length of the name (u16) and the name, length of the
/// bytes (u32) and the bytes, all little-endian.
pub(crate) const MAGIC: &[u8] = b"ktstr-trace 1\n";
const TRACEFS: &str = "/sys/kernel/tracing";
const INSTANCE: &str = "/sys/kernel/tracing/instances/ktstr";
/// Which events; a folder stands for all in it. What a kernel does not have is left out.
const EVENTS: [&str; 8] = [
    "sched/sched_switch",
    "sched/sched_wakeup",
    "sched/sched_wakeup_new",
    "sched/sched_migrate_task",
    "sched/sched_process_fork",
    "sched/sched_process_exit",
    "cgroup",
    "sched_ext",
];
/// The room for the records of all CPUs, in KiB, and the least and the most of one CPU.
const ROOM_KIB: usize = 12 << 10;
const CPU_KIB: (usize, usize) = (64, 4 << 10);
/// Bytes of a page of the ring buffer.
const PAGE: usize = 4096;

/// A trace that is being taken.
pub(crate) struct Tracing {
    instance: PathBuf,
    events: Vec<String>,
}

/// What was traced.
pub(crate) struct Traced {
    /// As [`MAGIC`] says.
    pub(crate) bytes: Vec<u8>,
    /// How many records the kernel dropped.
    pub(crate) lost: u64,
}

impl Tracing {
    /// Begins: from here on the kernel records.
    ///
    /// # Errors
    /// When this kernel has no tracefs, as a sentence.
    pub(crate) fn begin(cpus: usize) -> Result<Self, String> {
        let instance = PathBuf::from(INSTANCE);
        std::fs::create_dir(&instance).map_err(|error| format!("no tracing: {INSTANCE}: {error}"))?;
        let room = (ROOM_KIB / cpus.max(1)).clamp(CPU_KIB.0, CPU_KIB.1).to_string();
        for (file, value) in [
            ("tracing_on", "0"),
            ("trace_clock", "mono"),
            ("options/overwrite", "0"),
            ("buffer_size_kb", &*room),
        ] {
            write(&instance.join(file), value)?;
        }
        let mut events = Vec::new();
        for event in EVENTS {
            let enable = instance.join("events").join(event).join("enable");
            if enable.exists() {
                write(&enable, "1")?;
                events.extend(formats(event));
            }
        }
        write(&instance.join("tracing_on"), "1")?;
        Ok(Self { instance, events })
    }

    /// Ends: nothing is recorded any more, and all that was is read. `began_ns` is the time of the kernel's
    /// monotonic clock at which the run began.
    ///
    /// # Errors
    /// When it cannot be read, as a sentence.
    pub(crate) fn end(self, began_ns: u64) -> Result<Traced, String> {
        write(&self.instance.join("tracing_on"), "0")?;
        let mut traced = Traced { bytes: MAGIC.to_vec(), lost: 0 };
        traced.add("began_ns", began_ns.to_string().as_bytes());
        traced.add("events/header_page", &read(&Path::new(TRACEFS).join("events/header_page"))?);
        for event in &self.events {
            traced.add(
                &format!("events/{event}/format"),
                &read(&self.instance.join("events").join(event).join("format"))?,
            );
        }
        let per_cpu = self.instance.join("per_cpu");
        for cpu in 0.. {
            let folder = per_cpu.join(format!("cpu{cpu}"));
            if !folder.is_dir() {
                break;
            }
            let stats = read(&folder.join("stats"))?;
            traced.lost += lost(&String::from_utf8_lossy(&stats));
            traced.add(&format!("cpu{cpu}/stats"), &stats);
            traced.add(&format!("cpu{cpu}/pages"), &pages(&folder.join("trace_pipe_raw"))?);
        }
        drop(std::fs::remove_dir(&self.instance));
        Ok(traced)
    }
}

impl Traced {
    fn add(&mut self, name: &str, bytes: &[u8]) {
        self.bytes.extend((name.len() as u16).to_le_bytes());
        self.bytes.extend(name.as_bytes());
        self.bytes.extend((bytes.len() as u32).to_le_bytes());
        self.bytes.extend(bytes);
    }
}

/// Now, by the clock that records are stamped with.
pub(crate) fn now_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    now.tv_sec.unsigned_abs().saturating_mul(1_000_000_000).saturating_add(now.tv_nsec.unsigned_abs())
}

/// The events below a folder, or the one that it is of.
fn formats(event: &str) -> Vec<String> {
    let folder = Path::new(TRACEFS).join("events").join(event);
    if folder.join("format").exists() {
        return vec![event.to_owned()];
    }
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter(|entry| entry.path().join("format").exists())
        .map(|entry| format!("{event}/{}", entry.file_name().to_string_lossy()))
        .collect();
    names.sort();
    names
}

/// The records of which `per_cpu/cpuN/stats` says that they are not there.
fn lost(stats: &str) -> u64 {
    let of = |name: &str| {
        let line = stats.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|value| value.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    of("overrun") + of("commit overrun") + of("dropped events")
}

fn pages(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
        .open(path)
        .map_err(failed)?;
    let mut all = Vec::new();
    let mut page = [0; PAGE];
    loop {
        match file.read(&mut page) {
            Ok(0) => return Ok(all),
            Ok(length) => all.extend_from_slice(&page[..length]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return Ok(all),
            Err(error) => return Err(failed(error)),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|mut file| file.read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, value: &str) -> Result<(), String> {
    std::fs::write(path, value).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_lost_is_counted() {
        let stats =
            "entries: 12\noverrun: 3\ncommit overrun: 1\nbytes: 1820\ndropped events: 40\nread events: 0\n";
        assert_eq!((lost(stats), lost("entries: 12\n"), lost("")), (44, 0, 0));
    }
}
