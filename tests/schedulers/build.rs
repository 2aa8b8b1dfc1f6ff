//! Compiles the kernel's half of the scheduler.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=src/faulty.bpf.c");
    println!("cargo:rerun-if-env-changed=BPF_CLANG");
    let out = std::env::var("OUT_DIR").expect("cargo says where");
    let clang = std::env::var("BPF_CLANG").unwrap_or_else(|_| "clang-19".to_owned());
    let object = Path::new(&out).join("faulty.bpf.o");
    let status = Command::new(&clang)
        .args(["-O2", "-g", "-target", "bpf", "-mcpu=v3", "-Wall", "-Werror", "-c", "src/faulty.bpf.c", "-o"])
        .arg(object)
        .status();
    match status {
        Ok(status) if status.success() => {}
        other => panic!("{clang} does not compile for bpf: {other:?}"),
    }
}
