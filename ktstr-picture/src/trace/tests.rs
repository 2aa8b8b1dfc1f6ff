//! A trace that is made here, byte by byte, and what is read of it; and what becomes of one that is cut or
//! garbled.

use super::*;

const SWITCH: &str = "name: sched_switch\nID: 314\nformat:\n\
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\
    \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n\
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\
    \tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n\
    \tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n\
    \tfield:int prev_prio;\toffset:28;\tsize:4;\tsigned:1;\n\
    \tfield:long prev_state;\toffset:32;\tsize:8;\tsigned:1;\n\
    \tfield:char next_comm[16];\toffset:40;\tsize:16;\tsigned:0;\n\
    \tfield:pid_t next_pid;\toffset:56;\tsize:4;\tsigned:1;\n\
    \tfield:int next_prio;\toffset:60;\tsize:4;\tsigned:1;\n";
const ATTACH: &str = "name: cgroup_attach_task\nID: 20\nformat:\n\
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n\
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n\
    \tfield:int pid;\toffset:8;\tsize:4;\tsigned:1;\n\
    \tfield:__data_loc char[] dst_path;\toffset:12;\tsize:4;\tsigned:0;\n";

fn entry(out: &mut Vec<u8>, name: &str, bytes: &[u8]) {
    out.extend((name.len() as u16).to_le_bytes());
    out.extend(name.as_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out.extend(bytes);
}

/// A record with the time since the one before it.
fn record(delta: u32, data: &[u8]) -> Vec<u8> {
    let mut out = (delta << 5).to_le_bytes().to_vec();
    let padded = data.len().next_multiple_of(4);
    out.extend((padded as u32 + 4).to_le_bytes());
    out.extend(data);
    out.resize(8 + padded, 0);
    out
}

fn switch(prev: (u32, &str), state: u64, next: (u32, &str)) -> Vec<u8> {
    let comm = |name: &str| {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(16, 0);
        bytes
    };
    let mut data = 314_u16.to_le_bytes().to_vec();
    data.extend([0, 0]);
    data.extend(prev.0.to_le_bytes());
    data.extend(comm(prev.1));
    data.extend(prev.0.to_le_bytes());
    data.extend(120_u32.to_le_bytes());
    data.extend(state.to_le_bytes());
    data.extend(comm(next.1));
    data.extend(next.0.to_le_bytes());
    data.extend(120_u32.to_le_bytes());
    data
}

fn page(at: u64, records: &[Vec<u8>]) -> Vec<u8> {
    let body = records.concat();
    let mut page = at.to_le_bytes().to_vec();
    page.extend((body.len() as u64).to_le_bytes());
    page.extend(body);
    page.resize(4096, 0);
    page
}

/// One CPU; a task runs twice, another one once.
pub(crate) fn sample() -> Vec<u8> {
    let mut attach = 20_u16.to_le_bytes().to_vec();
    attach.extend([0, 0]);
    attach.extend(1_u32.to_le_bytes());
    attach.extend(7_u32.to_le_bytes());
    attach.extend((16_u32 | 11 << 16).to_le_bytes());
    attach.extend(b"/run/a/web\0");
    // 2^27 * 3 + 5 nanoseconds, which no record has room for.
    let extend = [(5_u32 << 5 | 30).to_le_bytes(), 3_u32.to_le_bytes()].concat();
    let pages = [
        page(1000, &[record(0, &attach), record(50, &switch((0, "swapper"), 0, (7, "web")))]),
        page(
            1100,
            &[
                record(100, &switch((7, "web"), 0, (8, "batch"))),
                extend,
                record(0, &switch((8, "batch"), 1, (7, "web"))),
            ],
        ),
        page(402_655_000, &[record(0, &switch((7, "web"), 1, (0, "swapper")))]),
    ];
    let mut out = b"ktstr-trace 1\n".to_vec();
    entry(&mut out, "began_ns", b"1050");
    entry(&mut out, "events/sched/sched_switch/format", SWITCH.as_bytes());
    entry(&mut out, "events/cgroup/cgroup_attach_task/format", ATTACH.as_bytes());
    entry(&mut out, "cpu0/stats", b"entries: 5\noverrun: 0\ndropped events: 2\n");
    entry(&mut out, "cpu0/pages", &pages.concat());
    out
}

#[test]
fn a_trace_is_read_by_its_own_formats() {
    let trace = Trace::read(&sample()).expect("a trace");
    assert_eq!((trace.cpus, trace.lost, trace.records.len()), (1, 2, 5));
    assert_eq!(trace.records[0].what, What::Attach { pid: 7, path: "/run/a/web".to_owned() });
    assert_eq!((trace.records[0].at_ns, trace.records[1].at_ns), (-50, 0));
    let slices = trace.slices();
    let shown: Vec<_> = slices.iter().map(|s| (s.from_ns, s.to_ns, &*s.task.comm, s.waited_ns)).collect();
    let long = (3 << 27) + 5 + 150;
    assert_eq!(shown, [(0, 150, "web", 0), (150, long, "batch", 0), (long, 402_653_950, "web", long - 150)]);
    let table = timehist(&trace, &Owners::default(), Some(2));
    assert!(table.contains("web[7]") && table.ends_with("and 1 more\n3 slices, 2 records lost\n"), "{table}");
}

#[test]
fn no_cut_and_no_flipped_bit_is_a_panic() {
    let good = sample();
    for cut in 0..good.len() {
        drop(Trace::read(&good[..cut]).map(|trace| trace.slices()));
    }
    let mut bad = good.clone();
    for bit in (0..good.len() * 8).step_by(3) {
        bad[bit / 8] ^= 1 << (bit % 8);
        drop(Trace::read(&bad).map(|trace| (trace.slices(), trace.slowest_wakeups(3))));
        bad[bit / 8] ^= 1 << (bit % 8);
    }
    assert_eq!(Trace::read(b"no trace"), Err("it does not begin as a trace does".to_owned()));
}
