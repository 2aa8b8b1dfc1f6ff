//! A test program: functions that end in every way, and a folder with a file that is not valid. Run it as
//! cargo would: `cargo run -p ktstr-test --example harness -- --list`. Those that do not pass are ignored
//! unless they are asked for.

use ktstr_test::prelude::*;

#[ktstr_test(backend = "mock", topology = "1x2x4x1", duration = "200ms", workers = 2, seed = 3)]
fn is_given_what_the_attribute_says(ctx: &Ctx) {
    assert_eq!((ctx.backend(), ctx.seed, ctx.workers_per_cgroup), ("mock", 3, 2));
    assert_eq!((ctx.topo.cpus().len(), ctx.duration.as_millis()), (8, 200));
    let report = execute_steps(ctx, [Step::with_defs(&[ctx.cgroup_def("a")], HoldSpec::FULL)]);
    let report = report.expect("a run");
    assert_eq!((report.seed, report.groups.len()), (3, 1));
}

#[ktstr_test(backend = "mock", topology = "1x2x4x1")]
fn plays_what_is_canned(ctx: &Ctx) -> Result<RunReport, Error> {
    scenarios::steady_llc(ctx)
}

mod below {
    use ktstr_test::prelude::*;

    #[ktstr_test(backend = "mock", topology = "1x1x1x1")]
    fn is_skipped_where_the_machine_is_too_small(ctx: &Ctx) -> Result<RunReport, Error> {
        scenarios::steady_llc(ctx)
    }
}

#[ktstr_test(backend = "mock", checks = Checks::NONE.max_gap(std::time::Duration::from_micros(1)))]
#[ignore = "it fails"]
fn fails_by_a_check(ctx: &Ctx) -> Result<RunReport, Error> {
    execute_defs(ctx, [CgroupDef::named("a").workers(8)])
}

/// What was played counts where nothing is returned.
#[ktstr_test(backend = "mock", checks = Checks::NONE.max_gap(std::time::Duration::from_micros(1)))]
#[ignore = "it fails"]
fn fails_by_a_run_that_nobody_looked_at(ctx: &Ctx) -> Result<(), Error> {
    execute_defs(ctx, [CgroupDef::named("a").workers(8)])?;
    execute_defs(ctx, [CgroupDef::named("a")]).map(drop)
}

#[ktstr_test(backend = "mock")]
#[ignore = "it fails"]
fn fails_before_it_runs(ctx: &Ctx) -> Result<RunReport, Error> {
    execute_steps(ctx, vec![Step::new(&[Op::stop_cgroup("nobody")], HoldSpec::FULL)])
}

#[ktstr_test]
#[ignore = "the environment is asked"]
fn takes_what_the_environment_says(ctx: &Ctx) {
    assert_eq!((ctx.backend(), ctx.seed), ("mock", 7));
}

#[ktstr_test(backend = "vm", kernel = "0.1")]
#[ignore = "there is no such kernel"]
fn is_skipped_without_its_kernel(ctx: &Ctx) {
    unreachable!("{} has no kernel", ctx.backend());
}

#[ktstr_test(backend = "vm", duration = "100ms", watchdog = "300s")]
#[ignore = "it boots a kernel"]
fn runs_in_a_guest(ctx: &Ctx) -> Result<RunReport, Error> {
    let report = execute_defs(ctx, [ctx.cgroup_def("a").memory_max(64 << 20)])?;
    assert_eq!((report.backend.as_str(), report.vm.is_some()), ("vm", true));
    Ok(report)
}

ktstr_test::main!("tests/flawed", "tests/not-there");
