//! What the guest program of these tests can be asked to do.

use super::contend::contend;
use ktstr_vm::Job;

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
        "detectors" => ["hung_task_panic", "panic_on_rcu_stall", "panic_on_oops"]
            .map(|name| std::fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default())
            .concat()
            .into_bytes(),
        "sysrq-panic" => {
            std::fs::write("/proc/sysrq-trigger", "c").expect("the kernel has sysrq");
            Vec::new()
        }
        "hang" => loop {
            std::hint::spin_loop();
        },
        "block" => loop {
            std::thread::park();
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
