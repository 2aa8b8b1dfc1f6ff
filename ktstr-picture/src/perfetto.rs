//! A run for Perfetto, in its native format (`protos/perfetto/trace/trace.proto`): a track for each CPU
//! with the slices of its tasks, and tracks of our own for steps, actions, schedulers and each cgroup.
//!
//! What is written are a dozen fields of four messages, so that the encoding (tag, length, bytes) is here
//! and no library is.

use crate::timeline::{Span, Timeline};
use crate::trace::{Owners, Trace};
use ktstr_file::report::RunReport;

/// Fields of `TracePacket`.
const PACKET: u32 = 1;
const TIMESTAMP: u32 = 8;
const SEQUENCE: u32 = 10;
const TRACK_EVENT: u32 = 11;
const SEQUENCE_FLAGS: u32 = 13;
const TRACK_DESCRIPTOR: u32 = 60;
/// Fields of `TrackDescriptor`.
const UUID: u32 = 1;
const NAME: u32 = 2;
const PARENT: u32 = 5;
/// Fields of `TrackEvent`, and the values of its type.
const TYPE: u32 = 9;
const TRACK: u32 = 11;
const CATEGORY: u32 = 22;
const EVENT_NAME: u32 = 23;
const BEGIN: u64 = 1;
const END: u64 = 2;
const INSTANT: u64 = 3;
/// `SEQ_INCREMENTAL_STATE_CLEARED`: nothing before it is needed to read the sequence.
const CLEARED: u64 = 1;

/// The trace as a file for <https://ui.perfetto.dev>; without a trace of the kernel it has our own tracks.
pub fn perfetto(report: &RunReport, trace: Option<&Trace>) -> Vec<u8> {
    let timeline = Timeline::of(report);
    let mut writer = Writer::default();
    if let Some(trace) = trace {
        writer.cpus(report, trace);
    }
    let run = writer.track("ktstr", None);
    writer.lane("steps", run, "step", &timeline.phases);
    writer.lane("schedulers", run, "scheduler", &timeline.schedulers);
    let actions = writer.track("actions", Some(run));
    for op in &timeline.ops {
        writer.event(actions, op.at_ns, INSTANT, Some(("action", &op.label)));
    }
    let noticed = writer.track("noticed", Some(run));
    for notice in &timeline.notices {
        writer.event(noticed, notice.at_ns, INSTANT, Some(("notice", &notice.label)));
    }
    for lanes in &timeline.cgroups {
        let name = if lanes.path.is_empty() { "(runner)" } else { &lanes.path };
        let cgroup = writer.track(&format!("cgroup {name}"), None);
        for (name, spans) in [
            ("there", &lanes.lives),
            ("workers", &lanes.running),
            ("frozen", &lanes.frozen),
            ("cpuset in force", &lanes.cpusets),
        ] {
            writer.lane(name, cgroup, "cgroup", spans);
        }
        for payload in &lanes.payloads {
            writer.lane("payload", cgroup, "payload", std::slice::from_ref(payload));
        }
        for (file, spans) in &lanes.limits {
            writer.lane(file, cgroup, "cgroup", spans);
        }
    }
    writer.out
}

#[derive(Default)]
struct Writer {
    out: Vec<u8>,
    tracks: u64,
}

impl Writer {
    /// A track of its own for each CPU.
    fn cpus(&mut self, report: &RunReport, trace: &Trace) {
        let owners = Owners::of(report, trace);
        let all = self.track("CPUs", None);
        let tracks: Vec<_> =
            (0..trace.cpus).map(|cpu| self.track(&format!("CPU {cpu}"), Some(all))).collect();
        // Times of the run begin at 0; what was before it is not shown before that.
        let at = |ns: i64| u64::try_from(ns).unwrap_or(0);
        for slice in trace.slices() {
            let Some(track) = tracks.get(slice.cpu as usize) else { continue };
            let cgroup = owners.at(slice.task.pid, slice.from_ns).unwrap_or("other");
            let name = format!("{} [{}] {cgroup}", slice.task.comm, slice.task.pid);
            self.event(*track, at(slice.from_ns), BEGIN, Some(("cpu", &name)));
            self.event(*track, at(slice.to_ns), END, None);
        }
    }

    /// A track with spans that do not overlap; none where there are no spans.
    fn lane(&mut self, name: &str, parent: u64, category: &str, spans: &[Span]) {
        if spans.is_empty() {
            return;
        }
        let track = self.track(name, Some(parent));
        for span in spans {
            self.event(track, span.from_ns, BEGIN, Some((category, &span.label)));
            self.event(track, span.to_ns, END, None);
        }
    }

    fn track(&mut self, name: &str, parent: Option<u64>) -> u64 {
        self.tracks += 1;
        let mut descriptor = Vec::new();
        number(&mut descriptor, UUID, self.tracks);
        bytes(&mut descriptor, NAME, name.as_bytes());
        if let Some(parent) = parent {
            number(&mut descriptor, PARENT, parent);
        }
        let mut packet = Vec::new();
        bytes(&mut packet, TRACK_DESCRIPTOR, &descriptor);
        self.packet(packet);
        self.tracks
    }

    fn event(&mut self, track: u64, at_ns: u64, kind: u64, what: Option<(&str, &str)>) {
        let mut event = Vec::new();
        number(&mut event, TYPE, kind);
        number(&mut event, TRACK, track);
        if let Some((category, name)) = what {
            bytes(&mut event, CATEGORY, category.as_bytes());
            bytes(&mut event, EVENT_NAME, name.as_bytes());
        }
        let mut packet = Vec::new();
        number(&mut packet, TIMESTAMP, at_ns);
        bytes(&mut packet, TRACK_EVENT, &event);
        self.packet(packet);
    }

    /// A packet of the one sequence that there is.
    fn packet(&mut self, mut packet: Vec<u8>) {
        number(&mut packet, SEQUENCE, 1);
        if self.out.is_empty() {
            number(&mut packet, SEQUENCE_FLAGS, CLEARED);
        }
        bytes(&mut self.out, PACKET, &packet);
    }
}

/// A number in groups of seven bits, the lowest first.
fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn number(out: &mut Vec<u8>, field: u32, value: u64) {
    varint(out, u64::from(field) << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    varint(out, u64::from(field) << 3 | 2);
    varint(out, value.len() as u64);
    out.extend(value);
}
