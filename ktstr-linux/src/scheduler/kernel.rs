//! What the kernel shows of sched_ext: the files of `/sys/kernel/sched_ext`, and its log. See the kernel's
//! `Documentation/scheduler/sched-ext.rst` and `Documentation/ABI/testing/dev-kmsg`.

use ktstr_core::SchedulerExit;
use rustix::fs::OFlags;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FILES: &str = "/sys/kernel/sched_ext";
/// The largest record of the log.
const RECORD: usize = 8192;
/// How much of the log is kept, in bytes: the first lines say why.
const KEPT: usize = 16 * 1024;

fn file(name: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(FILES).join(name)).ok().map(|text| text.trim().to_owned())
}

/// Whether the kernel has sched_ext.
pub(crate) fn is_there() -> bool {
    Path::new(FILES).is_dir()
}

/// Whether any scheduler is attached, or coming or going.
pub(crate) fn is_in_use() -> bool {
    file("state").is_some_and(|state| state != "disabled")
}

/// Whether one is enabled.
pub(crate) fn is_enabled() -> bool {
    file("state").as_deref() == Some("enabled")
}

/// How many schedulers have been enabled since the kernel was booted.
pub(crate) fn enabled_so_far() -> Option<u64> {
    file("enable_seq")?.parse().ok()
}

/// What the scheduler that is enabled calls itself.
pub(crate) fn name() -> Option<String> {
    file("root/ops").filter(|name| !name.is_empty())
}

/// The counters of the scheduler that is enabled; they go with it.
pub(crate) fn counters() -> String {
    file("root/events").map(|text| text + "\n").unwrap_or_default()
}

/// The kernel's log from one moment on, as far as it is about sched_ext.
pub(crate) struct Log {
    /// None where the kernel keeps no log, or does not show it.
    from: Option<File>,
    /// Lines about sched_ext.
    pub(crate) lines: String,
    /// Whether records were overwritten before they were read, or none could be.
    pub(crate) lost: bool,
}

impl Log {
    /// Its end.
    pub(crate) fn from_now_on() -> Self {
        let flags = OFlags::NONBLOCK.bits() as i32;
        let from = OpenOptions::new().read(true).custom_flags(flags).open("/dev/kmsg");
        let from = from.and_then(|mut file| file.seek(SeekFrom::End(0)).map(|_| file)).ok();
        Self { lost: from.is_none(), from, lines: String::new() }
    }

    /// Takes what has come since.
    pub(crate) fn read(&mut self) {
        let Some(from) = &mut self.from else { return };
        let mut record = vec![0; RECORD];
        loop {
            match from.read(&mut record) {
                Ok(len @ 1..) => {
                    let text = String::from_utf8_lossy(record.get(..len).unwrap_or(&[])).into_owned();
                    let said = text.split_once(';').map(|(_, said)| said.lines().next().unwrap_or(""));
                    if let Some(line) = said.filter(|line| line.starts_with("sched_ext: "))
                        && self.lines.len() < KEPT
                    {
                        self.lines.push_str(line);
                        self.lines.push('\n');
                    }
                }
                Err(error) if error.raw_os_error() == Some(Errno::PIPE.raw_os_error()) => self.lost = true,
                Err(error) if error.raw_os_error() == Some(Errno::INTR.raw_os_error()) => {}
                _ => return,
            }
        }
    }

    /// Why the scheduler of this name was disabled, and what the kernel says of it, if it has said so.
    pub(crate) fn farewell(&self, name: &str) -> Option<(Option<SchedulerExit>, String)> {
        farewell(&self.lines, name)
    }
}

fn farewell(lines: &str, name: &str) -> Option<(Option<SchedulerExit>, String)> {
    let disabled = format!("sched_ext: BPF scheduler \"{name}\" disabled (");
    let reason = lines.lines().find_map(|line| line.strip_prefix(&disabled))?;
    let said = format!("sched_ext: {name}: ");
    let message = lines.lines().find_map(|line| line.strip_prefix(&said)).unwrap_or_default();
    Some((SchedulerExit::from_reason(reason.trim_end_matches(')')), message.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_scheduler_is_read_off_the_log() {
        let stall = "sched_ext: BPF scheduler \"simple\" enabled\n\
            sched_ext: BPF scheduler \"simple\" disabled (runnable task stall)\n\
            sched_ext: simple: kworker/0:1[12] failed to run for 5.1s\n";
        let message = "kworker/0:1[12] failed to run for 5.1s".to_owned();
        assert_eq!(farewell(stall, "simple"), Some((Some(SchedulerExit::Stall), message)));
        assert_eq!(farewell(stall, "other"), None);
        let odd = "sched_ext: BPF scheduler \"a\" disabled (of a kind to come)\n";
        assert_eq!(farewell(odd, "a"), Some((None, String::new())));
    }
}
