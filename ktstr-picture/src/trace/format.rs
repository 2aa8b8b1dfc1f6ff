//! The format of one kind of record, as `events/*/*/format` of tracefs describes it (the kernel's
//! `Documentation/trace/events.rst`, "Event Formats"), and what becomes of a record by it.

use super::{Task, What};

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) id: u16,
    name: String,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Field {
    name: String,
    offset: usize,
    size: usize,
    signed: bool,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    /// Characters of a fixed length.
    Chars,
    /// Where characters are: their place in the low half of a number, their length in the high one.
    CharsAt,
}

impl Format {
    pub(super) fn read(text: &str) -> Option<Self> {
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let fields = text.lines().filter_map(|line| Field::read(line.trim()));
        Some(Self {
            id: line("ID")?.trim().parse().ok()?,
            name: line("name")?.trim().to_owned(),
            fields: fields.collect(),
        })
    }

    /// How many bytes a record has at least.
    pub(super) fn size(&self) -> usize {
        self.fields.iter().map(|field| field.offset.saturating_add(field.size)).max().unwrap_or(0)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    pub(super) fn number(&self, data: &[u8], name: &str) -> Option<i64> {
        self.field(name)?.number(data)
    }

    fn text(&self, data: &[u8], name: &str) -> String {
        self.field(name).and_then(|field| field.text(data)).unwrap_or_default()
    }

    fn task(&self, data: &[u8], pid: &str, comm: &str) -> Task {
        Task { pid: self.number(data, pid).unwrap_or(0) as u32, comm: self.text(data, comm) }
    }

    /// What a record says.
    pub(super) fn what(&self, data: &[u8]) -> What {
        let number = |name: &str| self.number(data, name).unwrap_or(0);
        match self.name.as_str() {
            "sched_switch" => What::Switch {
                prev: self.task(data, "prev_pid", "prev_comm"),
                // TASK_RUNNING is 0; TASK_REPORT_MAX, that it was preempted, is above all states of sleep.
                prev_runs: number("prev_state") & 0xff == 0,
                next: self.task(data, "next_pid", "next_comm"),
            },
            "sched_wakeup" | "sched_wakeup_new" => {
                What::Wakeup { task: self.task(data, "pid", "comm"), cpu: number("target_cpu") as u32 }
            }
            "sched_migrate_task" => What::Migrate {
                task: self.task(data, "pid", "comm"),
                from: number("orig_cpu") as u32,
                to: number("dest_cpu") as u32,
            },
            "sched_process_fork" => What::Fork {
                parent: number("parent_pid") as u32,
                child: self.task(data, "child_pid", "child_comm"),
            },
            "sched_process_exit" => What::Exit { task: self.task(data, "pid", "comm") },
            "cgroup_attach_task" => {
                What::Attach { pid: number("pid") as u32, path: self.text(data, "dst_path") }
            }
            name => What::Other { name: name.to_owned(), words: self.words(data) },
        }
    }

    /// All fields of its own, with their names.
    fn words(&self, data: &[u8]) -> String {
        let own = self.fields.iter().filter(|field| !field.name.starts_with("common_"));
        let words = own.filter_map(|field| {
            let value = match field.kind {
                Kind::Number => field.number(data)?.to_string(),
                Kind::Chars | Kind::CharsAt => field.text(data)?,
            };
            Some(format!("{} {value}", field.name))
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl Field {
    /// A line such as `field:char prev_comm[16]; offset:8; size:16; signed:0;`.
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix("field:")?.split(';').map(str::trim);
        let declared = parts.next()?;
        let (mut offset, mut size, mut signed) = (None, None, false);
        for part in parts {
            match part.split_once(':') {
                Some(("offset", value)) => offset = value.parse().ok(),
                Some(("size", value)) => size = value.parse().ok(),
                Some(("signed", value)) => signed = value == "1",
                _ => {}
            }
        }
        let (kind, name) = declared.rsplit_once(' ')?;
        let is_array = name.contains('[') || kind.ends_with(']');
        let name = name.split('[').next().unwrap_or(name).trim_start_matches('*').to_owned();
        let kind = match () {
            () if kind.starts_with("__data_loc") => Kind::CharsAt,
            () if is_array && kind.contains("char") => Kind::Chars,
            () => Kind::Number,
        };
        Some(Self { name, offset: offset?, size: size?, signed, kind })
    }

    fn bytes<'d>(&self, data: &'d [u8]) -> Option<&'d [u8]> {
        data.get(self.offset..self.offset.checked_add(self.size)?)
    }

    fn number(&self, data: &[u8]) -> Option<i64> {
        let bytes = self.bytes(data).filter(|bytes| (1..=8).contains(&bytes.len()))?;
        let value = bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        let unused = 64 - 8 * bytes.len() as u32;
        Some(if self.signed { (value << unused).cast_signed() >> unused } else { value.cast_signed() })
    }

    fn text(&self, data: &[u8]) -> Option<String> {
        let bytes = match self.kind {
            Kind::Number => return None,
            Kind::Chars => self.bytes(data)?,
            Kind::CharsAt => {
                let place = self.bytes(data)?.first_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes))?;
                let (from, length) = ((place & 0xffff) as usize, (place >> 16) as usize);
                data.get(from..from.checked_add(length)?)?
            }
        };
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
}
