//! The dump that the kernel makes as it ejects a scheduler, read off a tracefs instance of our own: the
//! tracepoint `sched_ext_dump` of the kernel's `include/trace/events/sched_ext.h`.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

const INSTANCES: &str = "/sys/kernel/tracing/instances";
/// How much of it is kept, in bytes.
const KEPT: usize = 48 * 1024;

/// An instance that takes nothing but dumps; it is removed with this.
pub(crate) struct Dump(PathBuf);

impl Dump {
    /// From now on; `None` where the kernel has no tracefs, or not this event.
    pub(crate) fn begin() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(INSTANCES).join(format!("ktstr-{}-{number}", std::process::id()));
        std::fs::create_dir(&path).ok()?;
        let dump = Self(path);
        std::fs::write(dump.0.join("events/sched_ext/sched_ext_dump/enable"), "1").ok()?;
        Some(dump)
    }

    /// The lines that have come, without what tracing puts before them.
    pub(crate) fn read(&self) -> Vec<u8> {
        let text = std::fs::read_to_string(self.0.join("trace")).unwrap_or_default();
        let mut lines = String::new();
        for line in text.lines().filter_map(|line| line.split_once("sched_ext_dump: ")) {
            if lines.len() + line.1.len() >= KEPT {
                break;
            }
            lines.push_str(line.1);
            lines.push('\n');
        }
        lines.into_bytes()
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        // An instance that stays has no effect on anybody.
        let _ = std::fs::remove_dir(&self.0);
    }
}
