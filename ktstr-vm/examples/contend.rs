//! Boots a guest in which twelve threads contend for the CPUs, and prints who ran when: the same seed prints
//! the same lines. Arguments: kernel, seed, milliseconds of guest time, CPUs, nodes, LLCs of each node,
//! threads of each core.

use ktstr_core::Uniform;
use ktstr_vm::{Cache, Image, Job, Vm, VmError, guest_main, is_guest_init, resolve};

#[path = "../tests/guest/contend.rs"]
mod contend;

fn main() {
    if is_guest_init() {
        guest_main(|job| {
            let ms = job.args.first().and_then(|text| text.parse().ok()).unwrap_or(500);
            contend::contend(ms).into_bytes()
        });
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
    let answer = run
        .answer
        .map_err(|finding| VmError::Guest { reason: finding.to_string(), console: finding.console })?;
    eprintln!("{:?} on {:?}, {} bytes", run.elapsed, run.machine, answer.len());
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
