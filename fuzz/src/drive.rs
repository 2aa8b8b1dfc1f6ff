//! Drives a fuzz target without libFuzzer: random changes of its seeds, for a time or a number of executions.
//!
//! `cargo run --release --bin drive -- <target>|all [--seconds N] [--runs N] [--seed N] [--max-len N]
//! [--exact-len N] [--failures N]`

use crate::mutate::Mutator;
use crate::{TARGETS, Target, corpus};
use ktstr_gen::shrink_bytes;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// An input that takes longer is shown.
const SLOW: Duration = Duration::from_millis(500);

struct Options {
    targets: Vec<Target>,
    time: Duration,
    runs: u64,
    seed: u64,
    longest: usize,
    /// Whether shorter inputs are filled up to the longest.
    exact: bool,
    failures: u64,
}

/// The program.
pub fn main() -> ExitCode {
    match drive() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

/// Drives each target; false when one has failed.
fn drive() -> Result<bool, Box<dyn Error>> {
    let options = options()?;
    let mut passed = true;
    for target in &options.targets {
        passed &= one(target, &options)?;
    }
    Ok(passed)
}

fn options() -> Result<Options, Box<dyn Error>> {
    let mut options = Options {
        targets: Vec::new(),
        time: Duration::from_secs(10),
        runs: u64::MAX,
        seed: 1,
        longest: 512,
        exact: false,
        failures: 1,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let mut number = || -> Result<u64, Box<dyn Error>> {
            Ok(args.next().ok_or_else(|| format!("{arg} needs a number"))?.parse()?)
        };
        match arg.as_str() {
            "--seconds" => options.time = Duration::from_secs(number()?),
            "--runs" => options.runs = number()?,
            "--seed" => options.seed = number()?,
            "--failures" => options.failures = number()?,
            "--max-len" => options.longest = usize::try_from(number()?)?,
            "--exact-len" => (options.longest, options.exact) = (usize::try_from(number()?)?, true),
            "all" => options.targets.extend(TARGETS),
            name => {
                let target = TARGETS.iter().find(|target| target.name == name);
                let names = TARGETS.map(|target| target.name).join(", ");
                options
                    .targets
                    .push(*target.ok_or_else(|| format!("no target `{name}`; there are: all, {names}"))?);
            }
        }
    }
    if options.targets.is_empty() {
        return Err("which target? Name one, or `all`".into());
    }
    Ok(options)
}

fn one(target: &Target, options: &Options) -> Result<bool, Box<dyn Error>> {
    let seeds = corpus::seeds(target.name)?;
    for seed in &seeds {
        if !survives(target, seed)? {
            return Ok(false);
        }
    }
    let tokens = corpus::dictionary(target.name)?;
    let mut mutator = Mutator::new(options.seed, seeds, tokens, options.longest).exact(options.exact);
    let (start, cpu) = (Instant::now(), cpu_time());
    let (mut runs, mut bytes) = (0_u64, 0_u64);
    let mut failures = 0;
    let mut slowest = (Duration::ZERO, Vec::new());
    while runs < options.runs && (runs % 64 != 0 || start.elapsed() < options.time) {
        let input = mutator.next_input();
        (runs, bytes) = (runs + 1, bytes + input.len() as u64);
        let before = Instant::now();
        if !survives(target, input)? {
            failures += 1;
            if failures >= options.failures {
                return Ok(false);
            }
        }
        if before.elapsed() > slowest.0 {
            slowest = (before.elapsed(), input.to_vec());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = runs as f64 / seconds.max(1e-9);
    let of_cpu = match (cpu, cpu_time()) {
        (Some(before), Some(now)) if now > before => {
            format!("{:.0}", runs as f64 / (now - before).as_secs_f64())
        }
        _ => "?".to_owned(),
    };
    let mean = bytes / runs.max(1);
    println!(
        "{:<14} {runs:>10} executions in {seconds:.1} s, {rate:.0} a second, {of_cpu} a second of CPU time, {mean} bytes on average",
        target.name
    );
    // Once more, in case it was only the machine that was busy.
    let again = Instant::now();
    if slowest.0 > SLOW && survives(target, &slowest.1)? && again.elapsed() > SLOW {
        println!("{}\nthe slowest took {:?}", (target.show)(&slowest.1), again.elapsed());
    }
    Ok(failures == 0)
}

/// How long this thread has been on a CPU: what the driver can do where it has one to itself.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Runs one input. What makes the target panic is made shorter, shown, and kept in a file.
fn survives(target: &Target, input: &[u8]) -> Result<bool, Box<dyn Error>> {
    let panics = |input: &[u8]| catch_unwind(AssertUnwindSafe(|| (target.run)(input))).is_err();
    if !panics(input) {
        return Ok(true);
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let input = shrink_bytes(input, panics);
    std::panic::set_hook(hook);
    let _ = panics(&input);
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(target.name);
    std::fs::create_dir_all(&directory)?;
    let file = format!("crash-{:08x}", ktstr_core::wire::crc32(&[&input]));
    std::fs::write(directory.join(&file), &input)?;
    eprintln!(
        "{}\n{} fails on {} bytes, kept in artifacts/{}/{file}",
        (target.show)(&input),
        target.name,
        input.len(),
        target.name
    );
    Ok(false)
}
