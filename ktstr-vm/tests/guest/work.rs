//! What the guest program of these tests can be told to do.

use ktstr_vm::Job;
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub(crate) fn run(job: &Job) -> Vec<u8> {
    let word = |at: usize| job.args.get(at).map_or("", String::as_str);
    let number = || word(1).parse::<u64>().unwrap_or(0);
    match word(0) {
        "echo" => format!("{} {} {}", job.scenario, job.seed, std::env::var("COLOUR").unwrap_or_default())
            .into_bytes(),
        "controllers" => {
            let mut text = std::fs::read_to_string("/sys/fs/cgroup/cgroup.controllers").unwrap_or_default();
            let boot = std::fs::read_dir("/boot").into_iter().flatten().flatten();
            boot.for_each(|entry| text += &entry.file_name().to_string_lossy());
            text.into_bytes()
        }
        "contend" => contend(number()).into_bytes(),
        "program" => {
            std::process::Command::new(word(1)).output().map(|output| output.stdout).unwrap_or_default()
        }
        "large" => (0..number()).map(|at| (at % 251) as u8).collect(),
        "sysrq-panic" => {
            std::fs::write("/proc/sysrq-trigger", "c").expect("the kernel has sysrq");
            Vec::new()
        }
        "hang" => loop {
            std::hint::spin_loop();
        },
        "eat-memory" => {
            let mut eaten = Vec::new();
            loop {
                eaten.push(vec![1u8; 1 << 20]);
            }
        }
        "panic" => panic!("these very words"),
        other => format!("unknown: {other}").into_bytes(),
    }
}

/// Twelve threads compute and sleep; each time one was off its CPU for more than half a millisecond is a line with the thread
/// and the time, in nanoseconds.
fn contend(ms: u64) -> String {
    let (log, begin) = (Mutex::new(String::new()), Instant::now());
    std::thread::scope(|scope| {
        for thread in 0..12u64 {
            let log = &log;
            scope.spawn(move || {
                let (mut value, mut last) = (thread, Instant::now());
                while begin.elapsed() < Duration::from_millis(ms) {
                    value = (0..500)
                        .fold(value, |value, step| value.wrapping_mul(6_364_136_223_846_793_005) ^ step);
                    if last.elapsed() > Duration::from_micros(500) {
                        writeln!(log.lock().unwrap(), "{thread} {}", begin.elapsed().as_nanos()).unwrap();
                    }
                    if value % 97 == 0 {
                        std::thread::sleep(Duration::from_micros(300));
                    }
                    last = Instant::now();
                }
            });
        }
    });
    log.into_inner().unwrap()
}
