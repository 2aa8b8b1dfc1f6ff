//! What one simulated worker has done, and the report it makes of it.

use super::shares::{Class, FAIR_SERVER, FAIR_SERVER_STALL_NS, Kind};
use crate::kernel::Pid;
use ktstr_core::{CpuSet, GroupPhase, Profile, WorkerEnd, WorkerReport, mix};

/// How long a fair task runs before another gets the CPU, in nanoseconds: a tick at 250 a second, for the
/// kernel's slice is shorter.
const SLICE_NS: f64 = 4e6;
/// The same for `SCHED_RR`: `sched_rr_timeslice_ms`.
const ROUND_ROBIN_NS: f64 = 100e6;
/// The fair server's period.
const SERVER_PERIOD_NS: f64 = 1e9;
/// The longest pause of a task that has a CPU to itself: interrupts and the like.
const NOISE_NS: u64 = 60_000;
/// Latencies are counted by powers of two of nanoseconds.
const BUCKETS: usize = 40;

/// A worker of a group.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    pub(crate) pid: Pid,
    /// How it has ended, once that is known.
    pub(crate) end: Option<WorkerEnd>,
    /// Whether a notice was given of its end.
    pub(crate) noticed: bool,
    /// Whether it has touched its memory.
    pub(crate) has_memory: bool,
    seed: u64,
    /// How much longer than usual its iterations take, up to 2 % more.
    slowness: f64,
    started_ns: Option<u64>,
    ended_ns: u64,
    cpu_ns: f64,
    /// How long it has had no CPU at all, up to now.
    starved_ns: f64,
    max_gap_ns: f64,
    /// The same since the phase of the run began.
    phase_gap_ns: f64,
    /// How long it has been left to the fair server.
    served_ns: f64,
    /// How long it has been at it, frozen time included.
    elapsed_ns: u64,
    gap_end_ns: u64,
    gap_cpu: usize,
    migrations: u64,
    cpu: Option<usize>,
    used: CpuSet,
    /// The CPUs it was seen on since somebody began to watch.
    pub(crate) watched: CpuSet,
    latencies: [u32; BUCKETS],
    latency_max_ns: u64,
    wakeups: f64,
}

impl Worker {
    pub(crate) fn new(pid: Pid, seed: u64) -> Self {
        Self {
            pid,
            end: None,
            noticed: false,
            has_memory: false,
            seed: mix(seed),
            slowness: 1.0 + (mix(!seed) % 2_000) as f64 / 100_000.0,
            started_ns: None,
            ended_ns: 0,
            cpu_ns: 0.0,
            starved_ns: 0.0,
            max_gap_ns: 0.0,
            phase_gap_ns: 0.0,
            served_ns: 0.0,
            elapsed_ns: 0,
            gap_end_ns: 0,
            gap_cpu: 0,
            migrations: 0,
            cpu: None,
            used: CpuSet::EMPTY,
            watched: CpuSet::EMPTY,
            latencies: [0; BUCKETS],
            latency_max_ns: 0,
            wakeups: 0.0,
        }
    }

    pub(crate) fn start(&mut self, now: u64) {
        self.started_ns.get_or_insert(now);
    }

    /// When it was started; now where that was never.
    pub(crate) fn started_at(&self) -> u64 {
        self.started_ns.unwrap_or(u64::MAX)
    }

    pub(crate) fn finish(&mut self, now: u64) {
        self.ended_ns = now;
    }

    /// Lets `length_ns` pass with what one of `kind` gets. Frozen time does not pass for a worker.
    pub(crate) fn run(&mut self, length_ns: u64, kind: &Kind, demand: &Profile) {
        let length = length_ns as f64;
        if kind.rate <= 0.0 {
            self.starve(length_ns);
            return;
        }
        let (cpu_ns, stall_ns) = match kind.beside_server {
            _ if kind.is_served => {
                let (run, stall) = self.be_served(length);
                (run * kind.rate / FAIR_SERVER, stall)
            }
            Some([before, beside]) => {
                let (served, _) = self.be_served(length);
                let stall = if beside <= 0.0 { served.min(FAIR_SERVER * SERVER_PERIOD_NS) } else { 0.0 };
                ((length - served) * before + served * beside, stall)
            }
            None => {
                self.served_ns = 0.0;
                (length * kind.rate, kind.stall_ns)
            }
        };
        if cpu_ns <= 0.0 {
            self.starve(length_ns);
            return;
        }
        self.cpu_ns += cpu_ns;
        let slice = if kind.class == Class::RoundRobin { ROUND_ROBIN_NS } else { SLICE_NS };
        let rate = kind.beside_server.map_or(kind.rate, |[before, _]| before);
        let wait = f64::max(slice * (demand.cap / rate - 1.0).max(0.0), stall_ns);
        self.note_cpus(length, kind.rate < demand.cap, &kind.cpus);
        self.note_gap(length, wait, demand);
        self.elapsed_ns += length_ns;
        if demand.wakeups > 0.0 {
            self.note_wakeups(cpu_ns / demand.cost_ns * demand.wakeups, wait);
        }
    }

    /// Waits for the fair server, which lets it run at the end of each second: how long it may run in this
    /// stretch, and how long it waits at the longest before it does.
    fn be_served(&mut self, length: f64) -> (f64, f64) {
        let by = |ns: f64| {
            let rest = (ns % SERVER_PERIOD_NS - FAIR_SERVER_STALL_NS).max(0.0);
            (ns / SERVER_PERIOD_NS).floor() * (SERVER_PERIOD_NS - FAIR_SERVER_STALL_NS) + rest
        };
        let before = self.served_ns;
        self.served_ns += length;
        let first = (FAIR_SERVER_STALL_NS - before % SERVER_PERIOD_NS).max(0.0);
        let stall = if first + SERVER_PERIOD_NS < length { FAIR_SERVER_STALL_NS } else { first };
        (by(self.served_ns) - by(before), stall)
    }

    /// Lets `length_ns` pass in which it cannot work, which is a gap.
    pub(crate) fn starve(&mut self, length_ns: u64) {
        let length = length_ns as f64;
        self.elapsed_ns += length_ns;
        self.starved_ns += length;
        self.raise_gap(self.starved_ns, self.elapsed_ns);
    }

    /// Lets `length_ns` pass in which it is frozen, which is no gap.
    pub(crate) const fn rest(&mut self, length_ns: u64) {
        self.elapsed_ns += length_ns;
    }

    fn raise_gap(&mut self, gap: f64, end_ns: u64) {
        self.phase_gap_ns = self.phase_gap_ns.max(gap);
        if gap > self.max_gap_ns {
            self.max_gap_ns = gap;
            self.gap_end_ns = end_ns;
            self.gap_cpu = self.cpu.unwrap_or_default();
        }
    }

    fn draw(&mut self) -> u64 {
        self.seed = mix(self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15));
        self.seed
    }

    /// `wait` is how long it is kept from a CPU at the longest.
    fn note_gap(&mut self, length: f64, wait: f64, demand: &Profile) {
        let noise = (self.draw() % NOISE_NS) as f64;
        let checkpoint = demand.cost_ns.min(1e6);
        let within = (wait + noise + checkpoint).min(length);
        let gap = self.starved_ns + within;
        self.starved_ns = 0.0;
        self.raise_gap(gap, self.elapsed_ns + within as u64);
    }

    fn note_cpus(&mut self, length: f64, shared: bool, cpus: &CpuSet) {
        let count = cpus.len() as u64;
        let stays = self.cpu.is_some_and(|cpu| cpus.contains(cpu));
        let moves = if shared { 1 + (length / 1e8) as u64 } else { (length / 1e9) as u64 };
        let draws = moves.min(count).max(u64::from(!stays));
        for _ in 0..draws {
            let Some(cpu) = cpus.nth((self.draw() % count.max(1)) as usize) else { return };
            if self.cpu != Some(cpu) {
                self.migrations += u64::from(self.cpu.is_some());
                self.cpu = Some(cpu);
            }
            self.used.insert(cpu);
            self.watched.insert(cpu);
        }
        if let Some(cpu) = self.cpu {
            self.used.insert(cpu);
            self.watched.insert(cpu);
        }
    }

    fn note_wakeups(&mut self, count: f64, wait: f64) {
        self.wakeups += count;
        let base = 2_000 + self.draw() % 6_000;
        let slow = base * 8 + wait.min(SLICE_NS * 1e4) as u64;
        let whole = count.min(1e9) as u32;
        let rare = whole / 50;
        self.count_latency(base, whole - rare);
        self.count_latency(slow, rare);
        if whole > 0 {
            self.latency_max_ns = self.latency_max_ns.max(slow + self.seed % 1_000);
        }
    }

    fn count_latency(&mut self, ns: u64, count: u32) {
        let bucket = (u64::BITS - ns.leading_zeros()) as usize;
        let bucket = &mut self.latencies[bucket.min(BUCKETS - 1)];
        *bucket = bucket.saturating_add(count);
    }

    /// Begins a new longest gap.
    pub(crate) fn begin_phase(&mut self) {
        self.phase_gap_ns = 0.0;
    }

    /// What it did since it was like `before`, or since its start. Run delay is not modelled.
    pub(crate) fn since(&self, before: Option<&Self>, demand: &Profile) -> GroupPhase {
        let report = self.report(demand);
        let was = before.map(|before| before.report(demand)).unwrap_or_default();
        let mut latencies = self.latencies;
        if let Some(before) = before {
            for (count, before) in latencies.iter_mut().zip(before.latencies) {
                *count = count.saturating_sub(before);
            }
        }
        GroupPhase {
            workers: 1,
            window_ns: 0,
            iterations: report.iterations - was.iterations,
            work_units: report.work_units.saturating_sub(was.work_units),
            cpu_ns: report.cpu_ns - was.cpu_ns,
            run_delay_ns: None,
            migrations: report.migrations - was.migrations,
            wakeups: report.wakeups - was.wakeups,
            wake_p50_ns: latency(&latencies, 500, self.latency_max_ns),
            wake_p99_ns: latency(&latencies, 990, self.latency_max_ns),
            max_gap_ns: self.phase_gap_ns as u64,
        }
    }

    /// The latency that `permille` of the wake-ups do not exceed: the upper end of its bucket.
    fn latency(&self, permille: u64) -> u64 {
        latency(&self.latencies, permille, self.latency_max_ns)
    }

    /// What it reports.
    pub(crate) fn report(&self, demand: &Profile) -> WorkerReport {
        let iterations = self.cpu_ns / (demand.cost_ns * self.slowness);
        WorkerReport {
            pid: self.pid,
            iterations: iterations as u64,
            work_units: (iterations * demand.units) as u64,
            cpu_ns: self.cpu_ns as u64,
            wall_ns: self.started_ns.map_or(0, |start| self.ended_ns.saturating_sub(start)),
            max_gap_ns: self.max_gap_ns as u64,
            gap_end_ns: self.gap_end_ns,
            gap_cpu: self.gap_cpu as u64,
            migrations: self.migrations,
            cpus_used: self.used,
            wakeups: self.wakeups as u64,
            wake_p50_ns: self.latency(500),
            wake_p99_ns: self.latency(990),
            wake_max_ns: self.latency_max_ns,
            end: self.end.unwrap_or(WorkerEnd::Stopped),
        }
    }
}

/// The latency that `permille` of the counted wake-ups do not exceed: the upper end of its bucket, at most
/// `most`.
fn latency(latencies: &[u32; BUCKETS], permille: u64, most: u64) -> u64 {
    let all: u64 = latencies.iter().map(|&count| u64::from(count)).sum();
    if all == 0 {
        return 0;
    }
    let rank = (all * permille).div_ceil(1000);
    let mut seen = 0;
    for (bucket, &count) in latencies.iter().enumerate() {
        seen += u64::from(count);
        if seen >= rank {
            return ((1u64 << bucket) - 1).min(most);
        }
    }
    most
}
