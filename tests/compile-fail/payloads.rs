//! A wait for a payload that was never started.

use ktstr_core::prelude::*;

static LOAD: Payload = Payload::binary("load", "stress-ng");
const SCENARIO: Scenario = Scenario::new("payloads")
    .backdrop(Backdrop::new().push_payload(&LOAD))
    .steps(&[Step::new(&[Op::wait_payload("laod")], HoldSpec::FULL)]);
const _: () = SCENARIO.assert_valid();

fn main() {}
