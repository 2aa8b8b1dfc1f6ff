//! The scenario of a seed: a theme, and values drawn for it. Scenarios are short, for each takes its time in
//! a guest, and all fit a machine of two CPUs.

use super::compare::Tolerance;
use ktstr_core::Rng;
use std::fmt::Write as _;

/// What a scenario is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Theme {
    /// Weights of cgroups that share a CPU or two.
    Weights,
    /// `cpu.max`, alone and beside others.
    Quota,
    /// Nice values and policies within a cgroup.
    Nice,
    /// `SCHED_FIFO` and `SCHED_RR` beside others.
    Realtime,
    /// `SCHED_DEADLINE` beside others.
    Deadline,
    /// Forks at `pids.max`, here or above.
    Pids,
    /// Memory at `memory.max`, here or above.
    Memory,
    /// Cgroups that are frozen for a while.
    Freeze,
    /// Affinities and cpusets that change.
    Placing,
    /// Work that sleeps.
    Sleep,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Weights,
        Self::Quota,
        Self::Nice,
        Self::Realtime,
        Self::Deadline,
        Self::Pids,
        Self::Memory,
        Self::Freeze,
        Self::Placing,
        Self::Sleep,
    ];
}

/// What was drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What it is about.
    pub theme: Theme,
    /// It as a scenario file.
    pub text: String,
    /// How far the two sides may be apart.
    pub tolerance: Tolerance,
}

struct Draw {
    rng: Rng,
    text: String,
}

impl Draw {
    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.below(from.len() as u64) as usize]
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.rng.below(n) == 0
    }

    fn line(&mut self, line: &str) {
        _ = writeln!(self.text, "{line}");
    }

    /// A cgroup of the Backdrop with further lines.
    fn cgroup(&mut self, name: &str, lines: &[String]) {
        self.line(&format!("[[backdrop.cgroups]]\nname = \"{name}\""));
        lines.iter().for_each(|line| self.line(line));
    }

    fn hold(&mut self, ops: &str, ms: u64) {
        self.line(&format!("[[steps]]\nhold = \"{ms}ms\"\nops = [{ops}]"));
    }

    fn workers(&mut self, most: u64) -> String {
        format!("workers = {}", 1 + self.rng.below(most))
    }
}

/// The scenario of a seed: themes take turns.
#[must_use]
pub fn scenario(seed: u64) -> Drawn {
    let theme = Theme::ALL[(seed % Theme::ALL.len() as u64) as usize];
    let mut draw = Draw { rng: Rng::new(seed), text: String::new() };
    draw.line(&format!("name = \"{theme:?} {seed}\"\nduration = \"10s\"\ntopology = \"1x1x2x1\""));
    let tolerance = match theme {
        Theme::Weights => weights(&mut draw),
        Theme::Quota => quota(&mut draw),
        Theme::Nice => nice(&mut draw),
        Theme::Realtime => realtime(&mut draw),
        Theme::Deadline => deadline(&mut draw),
        Theme::Pids => pids(&mut draw),
        Theme::Memory => memory(&mut draw),
        Theme::Freeze => freeze(&mut draw),
        Theme::Placing => placing(&mut draw),
        Theme::Sleep => sleep(&mut draw),
    };
    Drawn { theme, text: draw.text, tolerance }
}

/// Cgroups on one CPU: on several, a kernel follows weights over seconds only.
fn weights(draw: &mut Draw) -> Tolerance {
    let cpus = draw.pick(&["0", "1"]);
    draw.cgroup("p", &[format!("works = []\ncpuset = \"{cpus}\"")]);
    for name in ["p/a", "p/b", "p/c"].iter().take(2 + draw.rng.below(2) as usize) {
        let weight = draw.pick(&[20, 50, 100, 100, 200, 300, 1000]);
        let workers = draw.workers(2);
        draw.cgroup(name, &[format!("cpu_weight = {weight}"), workers]);
    }
    draw.hold("", 400);
    Tolerance::ONE_CPU
}

/// Short periods: a window can meet one more of them than it is long.
fn quota(draw: &mut Draw) -> Tolerance {
    const WINDOW_MS: u64 = 400;
    let (percent, period) = (draw.pick(&[20, 30, 50, 80, 120, 150]), draw.pick(&[20, 40, 50]));
    let quota = percent * period / 100;
    let workers = draw.workers(3);
    draw.cgroup("q", &[format!("cpu_max = \"{quota}ms/{period}ms\""), workers]);
    draw.hold("", WINDOW_MS);
    let more = quota as f64 / WINDOW_MS as f64;
    // Which of several gets what is left of a period is chance, for some periods on end.
    let gap = Some([Tolerance::GAP_NS + 3e6 * period as f64, 0.65]);
    Tolerance { group: Tolerance::ONE_CPU.group + more, worker: None, gap, ..Tolerance::ONE_CPU }
}

fn nice(draw: &mut Draw) -> Tolerance {
    let other = draw.pick(&[
        "nice = 5",
        "nice = 10",
        "nice = -5",
        "sched_policy = \"idle\"",
        "sched_policy = \"batch\"",
        "nice = 1",
    ]);
    let cpus = draw.pick(&["0", "1"]);
    let works = format!("works = [{{ workers = 1 }}, {{ workers = 1, {other} }}]");
    draw.cgroup("n", &[format!("cpuset = \"{cpus}\""), works]);
    draw.hold("", 400);
    Tolerance::ONE_CPU
}

/// Two of different priority or the same, and fair tasks beside them or on the other CPU.
fn realtime(draw: &mut Draw) -> Tolerance {
    let policy = draw.pick(&["{ fifo = 50 }", "{ round_robin = 50 }"]);
    let (cpus, fair_cpus) = (draw.pick(&["0", "1"]), draw.pick(&["0", "1"]));
    let (rt, fair) = (draw.workers(2), draw.workers(2));
    let mut works = format!("{{ {rt}, sched_policy = {policy} }}");
    if draw.one_in(3) {
        works.push_str(", { workers = 1, sched_policy = { fifo = 10 } }");
    }
    draw.cgroup("rt", &[format!("cpuset = \"{cpus}\"\nworks = [{works}]")]);
    draw.cgroup("fair", &[format!("cpuset = \"{fair_cpus}\""), fair]);
    let length = draw.pick(&[400, 400, 1200]);
    draw.hold("", length);
    // Turns are 100 ms.
    let worker = if policy.contains("fifo") { Tolerance::ONE_CPU.worker } else { Some(0.3) };
    // Who asks them to stop may need their CPU, and is moved to another only after a while
    // (`balancing_takes_time`; 105 ms with seed 103 on Linux 6.12).
    Tolerance { worker, window_ns: 150e6, ..Tolerance::ONE_CPU }
}

/// On both CPUs, as it has to be; fair tasks are then moved about.
fn deadline(draw: &mut Draw) -> Tolerance {
    let (runtime, period) = draw.pick(&[(2, 10), (5, 10), (6, 20), (10, 100), (30, 100), (8, 10)]);
    let policy =
        format!("{{ runtime = \"{runtime}ms\", deadline = \"{period}ms\", period = \"{period}ms\" }}");
    draw.cgroup("dl", &[format!("works = [{{ workers = 1, sched_policy = {policy} }}]")]);
    draw.hold("", 400);
    // It overruns up to the next tick, and misses a period for that.
    Tolerance { gap: Some([Tolerance::GAP_NS + f64::from(period) * 1e6, 0.5]), ..Tolerance::ONE_CPU }
}

fn pids(draw: &mut Draw) -> Tolerance {
    let (inner, outer) = (draw.pick(&[1_u64, 2, 3, 4, 6]), draw.pick(&[3_u64, 4, 5, 8]));
    let above = draw.one_in(2);
    let workers = draw.rng.below(inner.min(2)) + 1;
    let beside = u64::from(above && draw.one_in(2));
    // Room for the child of one worker of two goes to whichever comes first, on each side to another.
    let settled = |limit: u64, others: u64| match limit.saturating_sub(workers + others) {
        room if room > 0 && room < workers => 2 * workers + others,
        _ => limit,
    };
    let (inner, outer) = (settled(inner, 0), settled(outer, beside));
    if above {
        draw.cgroup("p", &[format!("works = []\npids_max = {outer}")]);
    }
    let name = if above { "p/f" } else { "f" };
    draw.cgroup(name, &[format!("pids_max = {inner}\nworkers = {workers}\nwork_type = \"ForkExit\"")]);
    if beside > 0 {
        draw.cgroup("p/g", &["workers = 1".to_owned()]);
    }
    draw.hold("", 150);
    Tolerance::ENDS
}

fn memory(draw: &mut Draw) -> Tolerance {
    let mib = draw.pick(&[7, 8, 9]);
    let kib = draw.pick(&[1, 2, 12, 16]) * 1024;
    let (group, above) = (draw.one_in(2), draw.one_in(2));
    let limit = format!("memory_max = \"{mib}M\"\nmemory_swap_max = 0\nmemory_oom_group = {group}");
    let work = if draw.one_in(2) {
        format!("{{ type = \"CachePressure\", kib = {kib}, stride = 4096 }}")
    } else {
        format!("{{ type = \"PageFaultChurn\", kib = {kib} }}")
    };
    if above {
        draw.cgroup("p", &[format!("works = []\n{limit}")]);
        draw.cgroup("p/m", &[format!("workers = 1\nwork_type = {work}")]);
        draw.cgroup("p/idle", &["workers = 1".to_owned()]);
    } else {
        let workers = draw.workers(2);
        draw.cgroup("m", &[limit, workers, format!("work_type = {work}")]);
    }
    // An emulated machine takes up to 40 ms to touch a MiB.
    draw.hold("", if kib > mib * 1024 { 600 } else { 150 });
    Tolerance::ENDS
}

fn freeze(draw: &mut Draw) -> Tolerance {
    let (first, second) = (draw.workers(2), draw.workers(2));
    let cpus = draw.pick(&["0", "1"]);
    draw.cgroup("a", &[format!("cpuset = \"{cpus}\""), first]);
    draw.cgroup("b", &[format!("cpuset = \"{cpus}\""), second]);
    draw.hold("", 150);
    draw.hold("{ op = \"freeze_cgroup\", cgroup = \"a\" }", 200);
    draw.hold("{ op = \"unfreeze_cgroup\", cgroup = \"a\" }", 150);
    Tolerance::ONE_CPU
}

fn placing(draw: &mut Draw) -> Tolerance {
    let (first, second) = (draw.pick(&["0", "1"]), draw.pick(&["0", "1"]));
    let workers = draw.workers(2);
    draw.cgroup("a", &[format!("cpuset = \"{first}\""), workers]);
    draw.cgroup("b", &[format!("cpuset = \"{second}\"\nworkers = 1")]);
    draw.hold("", 200);
    let to = draw.pick(&["0", "1"]);
    let op = match draw.rng.below(3) {
        0 => format!("{{ op = \"set_cpuset\", cgroup = \"a\", cpuset = \"{to}\" }}"),
        1 => "{ op = \"swap_cpusets\", a = \"a\", b = \"b\" }".to_owned(),
        _ => "{ op = \"move_all_tasks\", from = \"b\", to = \"a\" }".to_owned(),
    };
    draw.hold(&op, 300);
    Tolerance::ONE_CPU
}

/// A sleeper beside others waits for its turn after each sleep, which makes its round longer.
fn sleep(draw: &mut Draw) -> Tolerance {
    let (burst, sleep) = draw.pick(&[(10, 15), (20, 20), (10, 30), (15, 40)]);
    let work = if draw.one_in(2) { "Bursty" } else { "IdleChurn" };
    let work = format!("{{ type = \"{work}\", burst = \"{burst}ms\", sleep = \"{sleep}ms\" }}");
    draw.cgroup("s", &[format!("cpuset = \"0\"\nworkers = 1\nwork_type = {work}")]);
    let (cpus, fair) = (draw.pick(&["0", "1"]), draw.workers(2));
    draw.cgroup("fair", &[format!("cpuset = \"{cpus}\""), fair]);
    draw.hold("", 300);
    // A burst ends by the clock, which goes on while virtual CPUs take turns: up to 2 ms too late.
    let group = if cpus == "0" { 0.25 } else { 0.10 };
    Tolerance { group, worker: Some(group), ..Tolerance::ONE_CPU }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::Topology;
    use ktstr_file::ScenarioFile;

    #[test]
    fn what_is_drawn_is_valid_and_short() {
        let machine = Topology::uniform(1, 1, 2, 1);
        for seed in 0..400 {
            let Drawn { theme, text, .. } = scenario(seed);
            let file: ScenarioFile = text.parse().unwrap_or_else(|problems| panic!("{problems}\n{text}"));
            file.judge(Some(&machine)).unwrap_or_else(|problems| panic!("{theme:?}: {problems}\n{text}"));
        }
    }
}
