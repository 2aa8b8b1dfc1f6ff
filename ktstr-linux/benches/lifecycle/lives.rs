//! The whole life of N cgroups with a sleeping worker each, beside the floor: time and system calls, as
//! ratios.

use crate::bare::Lives;
use crate::{done, spawn_as};
use ktstr_core::{Action, Backend as _, Controllers, GroupId};
use ktstr_linux::{LinuxBackend, Options};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How many cgroups.
const SIZES: [usize; 4] = [1, 10, 100, 1000];

/// Set for a process that only lives lives, so that its system calls can be counted.
const ROLE: &str = "KTSTR_BENCH_LIVES";

/// Set-up and teardown of a number of lives.
#[derive(Clone, Copy)]
struct Times {
    first_spawns: Duration,
    last_spawns: Duration,
    whole: Duration,
}

impl Times {
    fn least(self, other: Self) -> Self {
        Self {
            first_spawns: self.first_spawns.min(other.first_spawns),
            last_spawns: self.last_spawns.min(other.last_spawns),
            whole: self.whole.min(other.whole),
        }
    }
}

/// How many spawns at each end are looked at by themselves.
fn edge(count: usize) -> usize {
    (count / 10).max(1)
}

/// `spawn` is timed for each, `end` once.
fn time(count: usize, mut begin: impl FnMut(usize) -> Duration, end: impl FnOnce()) -> Times {
    let from = Instant::now();
    let spawns: Vec<Duration> = (0..count).map(&mut begin).collect();
    end();
    let whole = from.elapsed();
    let mean = |spawns: &[Duration]| spawns.iter().sum::<Duration>() / spawns.len().max(1) as u32;
    let edge = edge(count);
    Times { first_spawns: mean(&spawns[..edge]), last_spawns: mean(&spawns[count - edge..]), whole }
}

fn bare(parent: &Path, count: usize) -> Times {
    let lives = std::cell::RefCell::new(Lives::below(parent));
    let begin = |index| {
        let from = Instant::now();
        lives.borrow_mut().begin(index);
        from.elapsed()
    };
    time(count, begin, || lives.borrow_mut().end())
}

fn ours(backend: &mut LinuxBackend, count: usize) -> Times {
    let names: Vec<String> = (0..count).map(|index| format!("life-{index}")).collect();
    let backend = std::cell::RefCell::new(backend);
    let begin = |index: usize| {
        let backend = &mut backend.borrow_mut();
        let from = Instant::now();
        done(backend, Action::CreateCgroup { path: &names[index] });
        done(backend, spawn_as(GroupId(index as u32), 1, &names[index]));
        from.elapsed()
    };
    let end = || {
        let backend = &mut backend.borrow_mut();
        done(backend, Action::Start);
        (0..count as u32).for_each(|id| done(backend, Action::AskToStop { group: GroupId(id) }));
        (0..count as u32).for_each(|id| done(backend, Action::Stop { group: GroupId(id) }));
        for name in names.iter().rev() {
            backend.perform(&Action::KillRemaining { path: name }, &mut ());
            done(backend, Action::RemoveCgroup { path: name });
        }
    };
    time(count, begin, end)
}

/// Prints the table and the ratios.
pub(crate) fn show(backend: &mut LinuxBackend, parent: &Path) {
    let own = backend.run_directory().expect("a run");
    println!(
        "\n{:>6} {:>12} {:>12} {:>16} {:>16}  the best of each",
        "N", "bare", "ktstr", "spawn first", "spawn last"
    );
    for count in SIZES {
        let rounds = (1000 / count).clamp(3, 60);
        let (mut floor, mut life) = (bare(&own, count), ours(backend, count));
        for _ in 1..rounds {
            floor = floor.least(bare(&own, count));
            life = life.least(ours(backend, count));
        }
        let us = |time: Duration| time.as_nanos() as f64 / 1000.0;
        println!(
            "{count:>6} {:>9.0} us {:>9.0} us {:>7.0}/{:>5.0} us {:>7.0}/{:>5.0} us",
            us(floor.whole),
            us(life.whole),
            us(life.first_spawns),
            us(floor.first_spawns),
            us(life.last_spawns),
            us(floor.last_spawns)
        );
        println!("ratio life-{count} {:.2}", us(life.whole) / us(floor.whole));
        println!("ratio spawn-last-{count} {:.2}", us(life.last_spawns) / us(floor.last_spawns));
        println!("ratio spawn-growth-{count} {:.2}", us(life.last_spawns) / us(life.first_spawns));
    }
    match (calls(parent, "bare"), calls(parent, "ktstr")) {
        (Some(bare), Some(ours)) => {
            println!("calls for each cgroup: bare {bare:.1}, ktstr {ours:.1}");
            println!("ratio calls {:.2}", ours / bare);
        }
        _ => println!("SKIP: system calls are counted with strace"),
    }
}

/// What programs hold beside which a worker is spawned, in MiB.
const HELD: [usize; 3] = [0, 16, 1024];

/// Prints what a spawn costs in programs with more and more memory, and the ratio of the last to the one with
/// 16 MiB. The first spawn of each, in which a large program makes the process that forks for it, is apart.
pub(crate) fn show_memory(parent: &Path) {
    println!("\n{:>9} {:>12} {:>12} {:>12}  spawn of a worker", "held", "first", "median", "worst");
    let mut medians = Vec::new();
    for held in HELD {
        let memory = vec![1u8; held << 20];
        let options = Options { parent: Some(parent.into()), ..Options::default() };
        let mut backend = LinuxBackend::new(options).expect("a backend");
        done(&mut backend, Action::Prepare { controllers: Controllers::NONE });
        done(&mut backend, Action::CreateCgroup { path: "a" });
        let mut times: Vec<Duration> = (0..300)
            .map(|id| {
                let from = Instant::now();
                done(&mut backend, spawn_as(GroupId(id), 1, "a"));
                let took = from.elapsed();
                done(&mut backend, Action::Start);
                done(&mut backend, Action::Stop { group: GroupId(id) });
                took
            })
            .collect();
        done(&mut backend, Action::RemoveCgroup { path: "a" });
        done(&mut backend, Action::Finish);
        let us = |time: Duration| time.as_nanos() as f64 / 1000.0;
        let first = times.remove(0);
        times.sort_unstable();
        let (median, worst) = (us(times[times.len() / 2]), us(times[times.len() - 1]));
        println!("{held:>5} MiB {:>9.1} us {median:>9.1} us {worst:>9.1} us", us(first));
        medians.push(median);
        std::hint::black_box(memory);
    }
    println!("ratio spawn-with-1024-MiB {:.2}", medians[2] / medians[1]);
}

/// What a process does that was started to have its system calls counted; false for any other.
pub(crate) fn is_counted() -> bool {
    let Ok(role) = std::env::var(ROLE) else { return false };
    let mut words = role.split(' ');
    let (Some(what), Some(count), Some(parent)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let count = count.parse().expect("a number");
    let options = Options { parent: Some(parent.into()), ..Options::default() };
    let mut backend = LinuxBackend::new(options).expect("a backend");
    done(&mut backend, Action::Prepare { controllers: Controllers::NONE });
    if what == "bare" {
        bare(&backend.run_directory().expect("a run"), count);
    } else {
        ours(&mut backend, count);
    }
    done(&mut backend, Action::Finish);
    true
}

/// System calls for each cgroup, those of its process among them.
fn calls(parent: &Path, what: &str) -> Option<f64> {
    let total = |count: usize| -> Option<f64> {
        let file = std::env::temp_dir().join(format!("ktstr-calls-{}", std::process::id()));
        let status = Command::new("strace")
            .args(["-f", "-qq", "-c", "-U", "calls,name", "-o"])
            .arg(&file)
            .arg(std::env::current_exe().ok()?)
            .env(ROLE, format!("{what} {count} {}", parent.display()))
            .status()
            .ok()?;
        let text = std::fs::read_to_string(&file).ok()?;
        std::fs::remove_file(&file).ok()?;
        let total = text.lines().rev().find(|line| line.trim_end().ends_with("total"))?;
        status.success().then(|| total.split_whitespace().next()?.parse().ok())?
    };
    Some((total(110)? - total(10)?) / 100.0)
}
