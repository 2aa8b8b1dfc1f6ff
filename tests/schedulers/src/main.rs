//! Loads the scheduler and stays until it is ended: `scx_faulty [FAULT [AFTER_MS [CODE]]]`, where FAULT is
//! `none`, `stall`, `error`, `exit` (from its own code, with CODE), `cpu` (queues a task on a CPU that is not
//! there), `quit` (this program ends with CODE) or `refuse` (it ends before anything is loaded).

use libbpf_rs::{MapCore as _, ObjectBuilder};
use std::time::Duration;

static OBJECT: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/faulty.bpf.o"));
/// The faults of the kernel's half, by the numbers that it knows them by.
const FAULTS: [&str; 5] = ["none", "stall", "error", "exit", "cpu"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let fault = args.next().unwrap_or_else(|| "none".to_owned());
    let after_ms: u64 = args.next().map_or(Ok(0), |text| text.parse())?;
    let code: i64 = args.next().map_or(Ok(0), |text| text.parse())?;
    eprintln!("\u{1b}[1mscx_faulty\u{1b}[0m: asked for {fault} after {after_ms} ms");
    if fault == "refuse" {
        std::process::exit(3);
    }
    let what = FAULTS.iter().position(|name| *name == fault).unwrap_or(0) as u32;
    let mut ask = Vec::new();
    ask.extend(what.to_ne_bytes());
    ask.extend(std::process::id().to_ne_bytes());
    ask.extend((after_ms * 1_000_000).to_ne_bytes());
    ask.extend(code.to_ne_bytes());

    let mut open = ObjectBuilder::default().open_memory(OBJECT)?;
    let mut maps = open.maps_mut();
    let mut asked =
        maps.find(|map| map.name() == ".rodata.ask").ok_or("the object has no place for what is asked")?;
    asked.set_initial_value(&ask)?;
    drop(maps);
    let mut object = open.load()?;
    let mut ops =
        object.maps_mut().find(|map| map.name() == "faulty").ok_or("the object has no scheduler")?;
    let _link = ops.attach_struct_ops()?;
    eprintln!("scx_faulty: attached");
    if fault == "quit" {
        std::thread::sleep(Duration::from_millis(after_ms));
        std::process::exit(code as i32);
    }
    loop {
        std::thread::park();
    }
}
