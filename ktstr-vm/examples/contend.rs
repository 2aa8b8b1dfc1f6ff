//! Boots a guest in which twelve threads contend for the CPUs, and prints who ran when: the same seed prints the same
//! lines. Arguments: kernel, seed, milliseconds of guest time, CPUs, nodes, LLCs of each node, threads of each core.

use ktstr_core::topology::Uniform;
use ktstr_vm::{Cache, Image, Job, Vm, VmError, guest_main, is_guest_init, resolve};
use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

fn main() {
    if is_guest_init() {
        guest_main(|job| contend(job.args.first().and_then(|text| text.parse().ok()).unwrap_or(500)));
    }
    let mut args = std::env::args().skip(1);
    let kernel = args.next().unwrap_or_else(|| "6.12".to_owned());
    let mut number = |default: u64| args.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (seed, ms, cpus, nodes) = (number(1), number(500), number(4) as u16, number(1) as u16);
    let (llcs, threads) = (number(1) as u16, number(1) as u16);
    match run(&kernel, seed, ms, Uniform::new(nodes, llcs, cpus / nodes / llcs / threads, threads)) {
        Ok(text) => print!("{text}"),
        Err(error) => {
            eprintln!("{} {error}\n{}\n{}", error.code(), error.cure(), error.console().unwrap_or_default());
            std::process::exit(3);
        }
    }
}

fn run(kernel: &str, seed: u64, ms: u64, topology: Uniform) -> Result<String, VmError> {
    let kernel = resolve(kernel, &Cache::of_user())?;
    let program = std::env::current_exe().map_err(|source| VmError::Io {
        action: "find",
        path: "self".into(),
        source,
    })?;
    let image = Image::with_init(&program)?;
    let job = Job { seed, args: vec![ms.to_string()], ..Job::default() };
    let run = Vm::new(kernel).topology(topology).run_job(&job, &image)?;
    eprintln!("{:?} on {:?}, {} bytes", run.elapsed, run.machine, run.answer.len());
    Ok(String::from_utf8_lossy(&run.answer).into_owned())
}

/// Twelve threads compute and sleep; each time one was off its CPU for more than half a millisecond is a line.
fn contend(ms: u64) -> Vec<u8> {
    let (log, begin) = (Mutex::new(String::new()), Instant::now());
    std::thread::scope(|scope| {
        for thread in 0..12u64 {
            let log = &log;
            scope.spawn(move || {
                let (mut value, mut last) = (thread, Instant::now());
                while begin.elapsed() < Duration::from_millis(ms) {
                    value = (0..2000)
                        .fold(value, |value, step| value.wrapping_mul(6_364_136_223_846_793_005) ^ step);
                    if last.elapsed() > Duration::from_micros(500)
                        && let Ok(mut log) = log.lock()
                    {
                        // Writing to a string does not fail.
                        let _ = writeln!(
                            log,
                            "{thread} {} {}",
                            begin.elapsed().as_nanos(),
                            last.elapsed().as_nanos()
                        );
                    }
                    if value % 97 == 0 {
                        std::thread::sleep(Duration::from_micros(300));
                    }
                    last = Instant::now();
                }
            });
        }
    });
    log.into_inner().unwrap_or_default().into_bytes()
}
