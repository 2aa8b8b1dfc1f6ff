//! Values that control files take.

use super::*;
use crate::model::knob::{CpuMax, Knob, Limits, Setting};
use crate::validate::rules::ErrorKind::*;

const NO_WEIGHT: Op<'static> = Op::set_limits("a", &Limits::NONE.cpu_weight(0));
const WEIGHT: Op<'static> = Op::set_limits("a", &Limits::NONE.cpu_weight(1));
const ONE_TASK: Op<'static> = Op::set_limits("a", &Limits::NONE.pids_max(1));
const NO_TASK: Op<'static> = Op::set_limits("a", &Limits::NONE.pids_max(0));

fn one(def: CgroupDef<'static>) -> Scenario<'static> {
    defs(&[def])
}

fn bandwidth(quota_us: Option<u64>, period_us: u64) -> Scenario<'static> {
    one(def("a").cpu_max(CpuMax { quota_us, period_us }))
}

pub(super) fn rows() -> Vec<Row> {
    let at = FIRST_DEF;
    let a = def("a");
    let largest = 9_223_372_036_854_771_712;
    std::vec![
        row(CpuWeight, at, one(a.cpu_weight(0)), one(a.cpu_weight(1))),
        row(CpuWeight, at, one(a.cpu_weight(10_001)), one(a.cpu_weight(10_000))),
        row(CpuQuota, at, bandwidth(Some(999), 1_000), bandwidth(Some(1_000), 1_000)),
        row(CpuQuota, at, bandwidth(Some(1 << 44), 1_000), bandwidth(Some((1 << 44) - 1), 1_000)),
        row(CpuQuota, at, one(a.cpu_quota_pct(0)), one(a.cpu_quota_pct(1))),
        row(CpuPeriod, at, bandwidth(None, 999), bandwidth(None, 1_000)),
        row(CpuPeriod, at, bandwidth(Some(1_000), 1_000_001), bandwidth(Some(1_000), 1_000_000)),
        row(MemoryTooLarge, at, one(a.memory_max(largest + 1)), one(a.memory_max(largest))),
        row(MemoryTooLarge, at, one(a.memory_high(u64::MAX)), one(a.memory_unlimited())),
        row(MemoryTooLarge, at, one(a.memory_low(u64::MAX)), one(a.memory_low(0))),
        row(MemoryTooLarge, at, one(a.memory_swap_max(u64::MAX)), one(a.memory_swap_unlimited())),
        row(MemoryTooSmall, at, one(a.memory_max(4095)), one(a.memory_max(4096))),
        row(IoWeight, at, one(a.io_weight(0)), one(a.io_weight(10_000))),
        row(PidsRange, at, one(a.pids_max(4_194_305)), one(a.pids_max(4_194_304))),
        row(PidsTooFew, at, one(a.pids_max(0)), one(a.pids_max(1))),
        row(PidsTooFew, at, one(a.pids_max(3).workers(4)), one(a.pids_max(4).workers(4))),
        row(
            PidsTooFew,
            step_op(0, 1),
            steps(&[spin("a"), spin("a")]).backdrop(Backdrop::new().push_cgroup(a.pids_max(2))),
            steps(&[spin("a")]).backdrop(Backdrop::new().push_cgroup(a.pids_max(2))),
        ),
        row(CpuWeight, step_op(0, 1), steps(&[add("a"), NO_WEIGHT]), steps(&[add("a"), WEIGHT])),
        // A limit that is changed is that for what is started after it, however much is there.
        row(
            PidsTooFew,
            step_op(0, 3),
            steps(&[add("a"), spin("a"), ONE_TASK, spin("a")]),
            steps(&[add("a"), ONE_TASK, spin("a"), NO_TASK]),
        ),
    ]
}

#[test]
fn each_end_of_each_range_is_judged_by_the_rule_of_its_row() {
    for knob in Knob::ALL {
        for setting in knob.edges() {
            let Some(limits) = Limits::NONE.with(knob, setting) else { continue };
            if matches!(setting, Setting::Cpus(_) | Setting::Nodes(_)) {
                continue; // judged against the machine, see `cpusets`
            }
            let broken = knob.info().bounds.iter().zip(setting.numbers());
            let broken = broken.filter_map(|(bound, number)| bound.broken_by(number?)).next();
            let found = findings(&one(def("a").limits(limits)), None).first().copied();
            let reported = found.map(|invalid| (invalid.kind, invalid.site, invalid.other, invalid.limit));
            match (broken, reported) {
                (None, None) => {}
                // No tasks at all is legal for the file, but not with a worker.
                (None, Some((PidsTooFew, ..))) => assert_eq!(setting, Setting::Number(0)),
                (Some((kind, end)), reported) => {
                    assert_eq!(
                        reported,
                        Some((kind, FIRST_DEF, knob.key(), Value::Count(end))),
                        "{}",
                        knob.key()
                    );
                }
                (None, reported) => panic!("{} {setting:?}: {reported:?}", knob.key()),
            }
        }
    }
}
