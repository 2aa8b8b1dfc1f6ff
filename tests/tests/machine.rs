//! Long programs that grow by one operation at a time: validation is the reference, the mock is what is
//! tested. An operation that validation refuses is tried once, forced, and then left out, so that programs
//! grow long.

use ktstr_core::prelude::*;
use ktstr_gen::alphabet::{OPS, TOPOLOGY};
use ktstr_tests::search::theorem::{Court, Finding, judged};
use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence};
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::time::Duration;

/// Backdrop and two steps.
const SLOTS: usize = 3;

/// A program, slot by slot, as far as it has grown.
#[derive(Debug, Clone, Default)]
struct Program {
    slots: [Vec<Op<'static>>; SLOTS],
    /// Which slot grows.
    open: usize,
    /// Whether the last step repeats.
    looping: bool,
}

#[derive(Debug, Clone)]
enum Growth {
    /// One more operation of the alphabet.
    Op(usize),
    /// The next slot grows from now on.
    NextSlot,
}

impl Program {
    fn grown(&self, growth: &Growth) -> Self {
        let mut program = self.clone();
        match *growth {
            Growth::Op(letter) => program.slots[self.open].push(OPS[letter]),
            Growth::NextSlot => program.open = (self.open + 1).min(SLOTS - 1),
        }
        program
    }

    fn with_scenario<R>(&self, show: impl for<'a> FnOnce(&'a Scenario<'a>) -> R) -> R {
        let short = Duration::from_millis(10);
        let last = if self.looping { HoldSpec::loop_at(short) } else { HoldSpec::fixed(short) };
        let steps = [Step::new(&self.slots[1], HoldSpec::fixed(short)), Step::new(&self.slots[2], last)];
        let scenario = Scenario::new("grown")
            .duration(Duration::from_millis(40))
            .backdrop(Backdrop::new().lend_ops(&self.slots[0]))
            .steps(&steps)
            .checks(Checks::NONE.isolation());
        show(&scenario)
    }

    /// Whether an operation has to fail of which no rule says that it does.
    fn hopes(&self) -> bool {
        self.with_scenario(|scenario| scenario.check(Some(&TOPOLOGY)).is_ok_and(|needs| needs.unforetold > 0))
    }

    fn is_accepted(&self) -> bool {
        self.with_scenario(|scenario| judged(scenario).is_ok())
    }
}

/// Validation: a program is what it has accepted so far.
struct Validation;

impl ReferenceStateMachine for Validation {
    type State = Program;
    type Transition = Growth;

    fn init_state() -> BoxedStrategy<Program> {
        any::<bool>().prop_map(|looping| Program { looping, ..Program::default() }).boxed()
    }

    fn transitions(_: &Program) -> BoxedStrategy<Growth> {
        prop_oneof![12 => (0..OPS.len()).prop_map(Growth::Op), 1 => Just(Growth::NextSlot)].boxed()
    }

    fn apply(program: Program, growth: &Growth) -> Program {
        let grown = program.grown(growth);
        if grown.is_accepted() && !grown.hopes() { grown } else { program }
    }
}

/// The mock, and the program that it ran last.
struct Mock {
    court: Court,
    program: Program,
}

impl StateMachineTest for Mock {
    type SystemUnderTest = Self;
    type Reference = Validation;

    fn init_test(program: &Program) -> Self {
        Self { court: Court::new(), program: program.clone() }
    }

    fn apply(mut mock: Self, accepted: &Program, growth: Growth) -> Self {
        let grown = mock.program.grown(&growth);
        let found = grown.with_scenario(|scenario| mock.court.try_scenario(scenario));
        let found = found.unwrap_or_else(|why| panic!("{why}"));
        if grown.hopes() {
            return mock; // what comes of it, validation does not say
        }
        let grew = accepted.slots == grown.slots && accepted.open == grown.open;
        assert_eq!(found == Finding::Clean, grew, "the mock says {found:?}");
        mock.program = accepted.clone();
        mock
    }
}

/// Seeds of programs that have failed once. They are tried first; a new failure adds its line here, to be
/// committed.
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/regressions/machine.txt");

fn config() -> Config {
    let persistence = FileFailurePersistence::Direct(REGRESSIONS);
    Config { cases: 400, failure_persistence: Some(Box::new(persistence)), ..Config::default() }
}

#[test]
fn programs_that_have_failed_are_kept() {
    let seeds =
        config().failure_persistence.map(|kept| kept.load_persisted_failures2(None)).unwrap_or_default();
    assert!(seeds.len() >= 3, "{} seeds in {REGRESSIONS}", seeds.len());
}

prop_state_machine! {
    #![proptest_config(config())]

    #[test]
    fn the_mock_agrees_with_validation_on_long_programs(sequential 1..60 => Mock);
}
