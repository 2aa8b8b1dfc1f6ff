//! A scenario that the compiler has checked, run on the mock.
//!
//! Make it wrong to see the compiler refuse it: swap two steps, misspell `bg_cell`, or ask for two full
//! holds.

use ktstr_core::execute_scenario;
use ktstr_core::prelude::*;
use ktstr_mock::MockBackend;
use std::process::ExitCode;

#[derive(Payload)]
#[payload(binary = "stress-ng")]
#[default_args("--cpu", "2")]
struct BgLoadPayload;

const NARROW: &[Op] = &[Op::set_cpuset("bg_cell", CpusetSpec::disjoint(0, 4))];

static SCENARIO: Scenario = Scenario::new("squeeze")
    .backdrop(
        Backdrop::new()
            .push_cgroup(CgroupDef::named("bg_cell").cpuset(CpusetSpec::disjoint(0, 2)).workers(2))
            .push_op(Op::add_cgroup("bg_overflow"))
            .push_payload(&BG_LOAD),
    )
    .steps(&[Step::hold(HoldSpec::frac(0.5)), Step::new(NARROW, HoldSpec::frac(0.5))])
    .checks(Checks::NONE.not_starved().isolation());

const MACHINE: Topology = Topology::uniform(1, 2, 4, 1);
const _: () = SCENARIO.assert_valid_on(&MACHINE);

fn main() -> ExitCode {
    match execute_scenario(&SCENARIO, &mut MockBackend::new(MACHINE), 1, &mut ()) {
        Ok(report) => {
            println!("{}: {} after {} actions", SCENARIO.name, report.verdict.name(), report.actions);
            ExitCode::from(u8::from(!report.verdict.is_good()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
